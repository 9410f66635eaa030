"""What somebody with the database, the disk or a stolen key can do is found, with the first index it touches.

Each mutation is made on a sound log, audited and undone. The index is that of the first leaf concerned.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from lienmach.engines.ledger.checkpoints import Checkpoint, checkpoint_parse
from lienmach.engines.ledger.commitments import commit
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.leaf import hash_of, leaf_parse
from lienmach.engines.ledger.merkle import Frontier
from lienmach.engines.ledger.notes import Note, note_parse
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.log.findings import Kind
from lienmach.kernel.evidence.log.keys import Purpose, key_kept
from lienmach.kernel.evidence.models import (
    AuthorKey,
    Erasure,
    EventRecord,
    HeldLeaf,
    Leaf,
    Log,
    LogCheckpoint,
    Opening,
    OutboxEntry,
    SequencedEvent,
)
from lienmach.kernel.scope import SystemScope

from .conftest import Platform

OTHER = SigningKey("localhost:8000/log/other", KeyType.ED25519, bytes(range(32)))
Mutation = Callable[[Platform], int | None]
CATALOGUE: dict[str, tuple[Mutation, set[Kind]]] = {}


def mutation(name: str, *kinds: Kind) -> Callable[[Mutation], Mutation]:
    """Put a mutation into the catalogue; it returns the first index it touches."""

    def keep(function: Mutation) -> Mutation:
        CATALOGUE[name] = (function, set(kinds))
        return function

    return keep


def at(platform: Platform, number: int) -> Leaf:
    """Where the event recorded as the `number`-th stands."""
    return Leaf.objects.get(event_id=platform.events[number].event_id)


def rewrite(leaf: Leaf, data: bytes) -> None:
    Leaf.objects.filter(event_id=leaf.event_id).update(data=data)


def event_column(name: str, column: str, value: Any) -> None:
    def change(platform: Platform) -> int:
        EventRecord.objects.filter(event_id=platform.events[2].event_id).update(**{column: value})
        return at(platform, 2).index

    CATALOGUE[name] = (change, {Kind.EVENT_CHANGED})


event_column("an event's subject is edited", "subject", "pallet:2")
event_column("an event's actor is edited", "actor", "somebody")
event_column("an event's origin is promoted", "origin", "instrument")
event_column("an event's version is edited", "version", 2)
event_column("an event's type is edited", "type", "evidence.pallet_lost")
event_column("an event is moved to another organisation", "organisation", UUID(int=8))
event_column("an event is made a retraction", "corrects", UUID(int=5))
event_column("an event's body is no JSON", "body", "{")
event_column("an event's body gets a field", "body", '{"lane":"L1","pieces":2,"driver":"tài xế Bảy","x":1}')
event_column("an event's quantity is edited", "body", '{"lane":"L1","pieces":9,"driver":"tài xế Bảy"}')
event_column("an event loses a field", "body", '{"lane":"L1","pieces":2}')
event_column("an event's body hides a group", "body", '{"lane":"L1","pieces":2,"$erased":["private"]}')


@mutation("an event is back-dated", Kind.EVENT_CHANGED)
def _(platform: Platform) -> int:
    row = EventRecord.objects.get(event_id=platform.events[2].event_id)
    earlier = row.time.replace(year=2020)
    EventRecord.objects.filter(event_id=row.event_id).update(time=earlier)
    return at(platform, 2).index


@mutation("an event's knowledge date moves by a microsecond", Kind.EVENT_CHANGED)
def _(platform: Platform) -> int:
    row = EventRecord.objects.get(event_id=platform.events[3].event_id)
    EventRecord.objects.filter(event_id=row.event_id).update(
        recorded_at=row.recorded_at.replace(microsecond=1)
    )
    return at(platform, 3).index


@mutation("a correction no longer corrects", Kind.EVENT_CHANGED)
def _(platform: Platform) -> int:
    EventRecord.objects.filter(event_id=platform.events[6].event_id).update(corrects=None)
    return at(platform, 6).index


@mutation("an event's row is deleted", Kind.EVENT_MISSING)
def _(platform: Platform) -> int:
    SequencedEvent.objects.filter(event=platform.events[1].event_id).delete()
    EventRecord.objects.filter(event_id=platform.events[1].event_id).delete()
    return at(platform, 1).index


@mutation("an event is slipped in past its log", Kind.EVENT_UNLOGGED)
def _(platform: Platform) -> None:
    row = EventRecord.objects.get(event_id=platform.events[1].event_id)
    row.pk = UUID(int=row.event_id.int + 1)
    row.save(force_insert=True)
    data = bytes(at(platform, 1).data)
    OutboxEntry.objects.create(event=row, organisation=row.organisation, data=data)


@mutation("a leaf is in no log", Kind.EVENT_UNLOGGED)
def _(platform: Platform) -> None:
    HeldLeaf.objects.create(
        event_id=UUID(int=9), organisation=platform.organisation.id, data=bytes(at(platform, 0).data)
    )


@mutation("a byte of a leaf is flipped", Kind.LEAF_CHANGED)
def _(platform: Platform) -> int:
    leaf = at(platform, 4)
    data = bytearray(leaf.data)
    data[40] ^= 1
    rewrite(leaf, bytes(data))
    return leaf.index


def resealed(platform: Platform, number: int, group: str = "partner") -> tuple[Leaf, bytes]:
    """Leaf and opening of an event rewritten so that they agree with each other."""
    opening = Opening.objects.get(event_id=platform.events[number].event_id, group=group)
    body = bytes(opening.body).replace(b'"pieces":', b'"pieces":1')
    leaf = at(platform, number)
    header = leaf_parse(bytes(leaf.data))
    commitments = {**header.commitments, group: commit(bytes(opening.salt), body)}
    Opening.objects.filter(event_id=leaf.event_id, group=group).update(body=body)
    row = EventRecord.objects.get(event_id=leaf.event_id)
    changed = row.body.replace('"pieces":', '"pieces":1')
    EventRecord.objects.filter(event_id=leaf.event_id).update(body=changed)
    return leaf, replace(header, commitments=commitments).to_bytes()


@mutation("row, body and leaf are rewritten together", Kind.LEAF_CHANGED)
def _(platform: Platform) -> int:
    leaf, data = resealed(platform, 1)
    rewrite(leaf, data)
    return leaf.index


def head_of(platform: Platform) -> Frontier:
    return Frontier().extend(hash_of(bytes(leaf.data)) for leaf in Leaf.objects.of(platform.log))


def move_head(platform: Platform) -> None:
    """Let the head say what the leaves give now."""
    head = head_of(platform)
    Log.objects.filter(id=platform.log.id).update(size=head.size, signed=head.size, frontier=head.to_bytes())


@mutation("… and the head with them", Kind.LEAF_CHANGED)
def _(platform: Platform) -> int:
    leaf, data = resealed(platform, 1)
    rewrite(leaf, data)
    Log.objects.filter(id=platform.log.id).update(frontier=head_of(platform).to_bytes())
    return leaf.index


def signed(platform: Platform, size: int, root: bytes) -> bytes:
    body = Checkpoint(platform.log.origin, size, root).body
    return Note(body).signed(key_kept(platform.organisation.id, Purpose.LOG)).to_bytes()


@mutation("… and a new checkpoint by a thief of the log's key", Kind.LEAF_CHANGED, Kind.HISTORY_REWRITTEN)
def _(platform: Platform) -> int:
    leaf, data = resealed(platform, 1)
    rewrite(leaf, data)
    head = head_of(platform)
    Log.objects.filter(id=platform.log.id).update(frontier=head.to_bytes())
    LogCheckpoint.objects.filter(log=platform.log, size=head.size).update(
        root=head.root(), note=signed(platform, head.size, head.root())
    )
    return leaf.index


@mutation("two leaves change places", Kind.LEAF_CHANGED)
def _(platform: Platform) -> int:
    one, other = at(platform, 3), at(platform, 4)
    Leaf.objects.filter(place=one.place).update(place=one.place + 10_000)
    Leaf.objects.filter(place=other.place).update(place=one.place)
    Leaf.objects.filter(place=one.place + 10_000).update(place=other.place)
    return one.index


@mutation("a leaf's index is deleted", Kind.LEAF_MISSING)
def _(platform: Platform) -> int:
    leaf = at(platform, 2)
    Leaf.objects.filter(place=leaf.place).delete()
    return leaf.index


@mutation("the first leaf's index is deleted", Kind.LEAF_MISSING)
def _(platform: Platform) -> int:
    Leaf.objects.span(platform.log, 0, 1).delete()
    return 0


@mutation("the last leaves are cut off", Kind.ROLLED_BACK)
def _(platform: Platform) -> int:
    cut = platform.log.size - 2
    Leaf.objects.span(platform.log, cut, platform.log.size).delete()
    move_head(platform)
    return cut


@mutation("… with their checkpoint", Kind.ROLLED_BACK)
def _(platform: Platform) -> int:
    first = LogCheckpoint.objects.filter(log=platform.log).order_by("size")[0].size
    Leaf.objects.span(platform.log, first, platform.log.size).delete()
    LogCheckpoint.objects.filter(log=platform.log, size__gt=first).delete()
    move_head(platform)
    return first


def add_leaf(platform: Platform) -> int:
    """Put a leaf of no event behind the last one."""
    size = platform.log.size
    event = UUID(int=77)
    header = replace(leaf_parse(bytes(at(platform, 0).data)), event=str(event))
    place = Leaf.place_of(platform.log.id, size)
    Leaf.objects.create(place=place, event_id=event, data=header.to_bytes())
    return size


@mutation("a leaf is added without its author", Kind.SIGNATURE_MISSING)
def _(platform: Platform) -> int:
    size = add_leaf(platform)
    move_head(platform)
    return size


@mutation("a leaf of no event is added for the author to sign", Kind.EVENT_MISSING)
def _(platform: Platform) -> int:
    size = add_leaf(platform)
    Log.objects.filter(id=platform.log.id).update(size=size + 1)
    return size


@mutation("the head says that less is signed", Kind.HEAD_CHANGED)
def _(platform: Platform) -> None:
    Log.objects.filter(id=platform.log.id).update(signed=0, frontier=b"")


@mutation("a leaf is kept for another event", Kind.LEAF_CHANGED)
def _(platform: Platform) -> int:
    leaf = at(platform, 5)
    rewrite(leaf, bytes(at(platform, 4).data))
    return leaf.index


@mutation("a batch's signature is replaced", Kind.LEAF_CHANGED)
def _(platform: Platform) -> int:
    index = at(platform, 2).index + 1
    leaf = Leaf.objects.at(platform.log, index)
    header = leaf_parse(bytes(leaf.data))
    rewrite(leaf, replace(header, signature=bytes(64)).to_bytes())
    return index


@mutation("the head's size is raised", Kind.LEAF_MISSING)
def _(platform: Platform) -> int:
    size = platform.log.size
    Log.objects.filter(id=platform.log.id).update(size=size + 1)
    return size


@mutation("the head's size is lowered", Kind.LEAF_ADDED)
def _(platform: Platform) -> int:
    size = platform.log.size
    Log.objects.filter(id=platform.log.id).update(size=size - 1)
    return size - 1


@mutation("the head's hashes are replaced", Kind.HEAD_CHANGED)
def _(platform: Platform) -> None:
    log = platform.log
    Log.objects.filter(id=log.id).update(frontier=bytes(len(bytes(log.frontier))))


@mutation("a body is edited", Kind.BODY_CHANGED)
def _(platform: Platform) -> int:
    Opening.objects.filter(event_id=platform.events[3].event_id, group="partner").update(body=b"{}")
    return at(platform, 3).index


@mutation("a salt is edited", Kind.BODY_CHANGED)
def _(platform: Platform) -> int:
    Opening.objects.filter(event_id=platform.events[3].event_id, group="public").update(salt=bytes(32))
    return at(platform, 3).index


@mutation("a body is deleted without a reason", Kind.BODY_MISSING)
def _(platform: Platform) -> int:
    Opening.objects.filter(event_id=platform.events[5].event_id, group="private").delete()
    return at(platform, 5).index


@mutation("all bodies of an event are deleted", Kind.BODY_MISSING)
def _(platform: Platform) -> int:
    Opening.objects.filter(event_id=platform.events[5].event_id).delete()
    return at(platform, 5).index


@mutation("an erasure is claimed that nobody logged", Kind.ERASURE_UNLOGGED)
def _(platform: Platform) -> int:
    event = platform.events[5].event_id
    Opening.objects.filter(event_id=event, group="private").delete()
    Erasure.objects.create(event_id=event, group="private", by=UUID(int=3), at=platform.world.at)
    return at(platform, 5).index


@mutation("an erased body is there again", Kind.NOT_ERASED)
def _(platform: Platform) -> int:
    event = platform.events[5].event_id
    Erasure.objects.create(event_id=event, group="private", by=UUID(int=3), at=platform.world.at)
    return at(platform, 5).index


@mutation("two bodies are exchanged between events", Kind.BODY_CHANGED)
def _(platform: Platform) -> int:
    one, other = (
        Opening.objects.get(event_id=platform.events[number].event_id, group="partner") for number in (1, 2)
    )
    for here, there in ((one, other), (other, one)):
        Opening.objects.filter(event_id=here.event_id, group="partner").update(
            salt=there.salt, body=there.body
        )
    return at(platform, 1).index


@mutation("an author's key is replaced", Kind.KEY_UNKNOWN, Kind.LEAF_CHANGED)
def _(platform: Platform) -> None:
    AuthorKey.objects.filter(log=platform.log).update(vkey=OTHER.verifier.text)


@mutation("an author's key is deleted", Kind.KEY_UNKNOWN)
def _(platform: Platform) -> int:
    AuthorKey.objects.filter(log=platform.log).delete()
    return at(platform, 2).index + 1


@mutation("a checkpoint's root is edited", Kind.CHECKPOINT_CHANGED)
def _(platform: Platform) -> int:
    row = LogCheckpoint.objects.filter(log=platform.log).order_by("size")[0]
    LogCheckpoint.objects.filter(id=row.id).update(root=bytes(32))
    return row.size


@mutation("a checkpoint is signed by another key", Kind.CHECKPOINT_CHANGED)
def _(platform: Platform) -> int:
    row = LogCheckpoint.objects.filter(log=platform.log).order_by("size")[0]
    note = Note(note_parse(bytes(row.note)).body).signed(OTHER)
    LogCheckpoint.objects.filter(id=row.id).update(note=note.to_bytes())
    return row.size


@mutation("a checkpoint is no note", Kind.CHECKPOINT_CHANGED)
def _(platform: Platform) -> int:
    row = LogCheckpoint.objects.filter(log=platform.log).order_by("size")[0]
    LogCheckpoint.objects.filter(id=row.id).update(note=b"x")
    return row.size


@mutation("a checkpoint of another tree is signed with the log's own key", Kind.HISTORY_REWRITTEN)
def _(platform: Platform) -> int:
    row = LogCheckpoint.objects.filter(log=platform.log).order_by("size")[0]
    LogCheckpoint.objects.filter(id=row.id).update(root=bytes(32), note=signed(platform, row.size, bytes(32)))
    return 0


@mutation("a position of the platform's sequence is deleted", Kind.SEQUENCE_BROKEN)
def _(platform: Platform) -> None:
    SequencedEvent.objects.filter(event=platform.events[1].event_id).delete()


def file_mutation(name: str, path: str, change: Callable[[bytes], bytes | None], *kinds: Kind) -> None:
    def mutate(platform: Platform) -> None:
        (file,) = platform.folder.glob(path.replace("SIZE", str(platform.log.size)))
        data = change(file.read_bytes())
        if data is None:
            file.unlink()
        else:
            file.write_bytes(data)

    CATALOGUE[name] = (mutate, set(kinds))


def flipped(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 0x20
    return bytes(changed)


file_mutation(
    "a published entry is edited", "tile/entries/*.p/SIZE", lambda d: flipped(d, 60), Kind.FILE_DAMAGED
)
file_mutation("a bundle is cut off", "tile/entries/*.p/SIZE", lambda d: d[:-3], Kind.FILE_DAMAGED)
file_mutation("a bundle is deleted", "tile/entries/*.p/SIZE", lambda d: None, Kind.FILE_DAMAGED)
file_mutation("a tile's hash is edited", "tile/0/*.p/SIZE", lambda d: flipped(d, 64), Kind.FILE_DAMAGED)
file_mutation("a tile is cut off", "tile/0/*.p/SIZE", lambda d: d[:32], Kind.FILE_DAMAGED)
file_mutation("a tile is deleted", "tile/0/*.p/SIZE", lambda d: None, Kind.FILE_DAMAGED)
file_mutation("the published checkpoint is deleted", "checkpoint", lambda d: None, Kind.FILE_DAMAGED)
file_mutation(
    "the published checkpoint is edited", "checkpoint", lambda d: flipped(d, 60), Kind.CHECKPOINT_CHANGED
)
file_mutation(
    "the published checkpoint loses its signature", "checkpoint",
    lambda d: d.split(b"\n\n")[0] + b"\n\n", Kind.CHECKPOINT_CHANGED,
)  # fmt: skip


@mutation("a larger checkpoint than the log is published", Kind.ROLLED_BACK)
def _(platform: Platform) -> int:
    size = platform.log.size
    (platform.folder / "checkpoint").write_bytes(signed(platform, size + 3, bytes(32)))
    return size


@mutation("a fork of the same size is published", Kind.HISTORY_REWRITTEN)
def _(platform: Platform) -> None:
    (platform.folder / "checkpoint").write_bytes(signed(platform, platform.log.size, bytes(32)))


def test_the_catalogue_is_long_enough() -> None:
    assert len(CATALOGUE) >= 50


@pytest.mark.django_db
def test_every_mutation_is_found_with_its_first_index(platform: Platform, tmp_path: Any) -> None:
    """One hundred per cent, and the sound log in between raises no alarm."""
    missed = []
    for name, (mutate, kinds) in CATALOGUE.items():
        with platform.tampering(tmp_path / "kept"):
            index = mutate(platform)
            report = audit(SystemScope())
        found = {one.kind for one in report.findings}
        indices = (one.index for one in report.first.values() if one.index is not None)
        first = min(indices, default=None)
        if not kinds <= found or (index is not None and first != index):
            missed.append(
                (name, index, first, [(one.kind.value, one.index, one.what) for one in report.findings])
            )
    assert not missed, json.dumps(missed, indent=None).replace("[[", "\n[[")
    assert audit(SystemScope()).findings == []


@pytest.mark.django_db
def test_a_sound_log_raises_no_alarm(platform: Platform) -> None:
    report = audit(SystemScope())
    assert report.findings == []
    assert (report.logs, report.leaves) == (1, platform.log.size)
    assert report.unwitnessed == [platform.log.origin]
    head = checkpoint_parse(note_parse((platform.folder / "checkpoint").read_bytes()).body)
    assert head.size == platform.log.size
