"""Every event has a leaf that commits to all of it, in a log of its organisation that nobody can change."""

import json
import os

import pytest
from django.db import DatabaseError, connection, transaction

from lienmach.engines.ledger.authors import batch_check, batch_proof
from lienmach.engines.ledger.errors import Malformed
from lienmach.engines.ledger.keys import vkey_parse
from lienmach.engines.ledger.leaf import hash_of, leaf_parse
from lienmach.engines.ledger.merkle import Frontier
from lienmach.kernel.evidence import EventBody, event_type, partner, public, record
from lienmach.kernel.evidence.log import append
from lienmach.kernel.evidence.log.append import append_waiting
from lienmach.kernel.evidence.log.batches import batch_close
from lienmach.kernel.evidence.log.held import Held
from lienmach.kernel.evidence.log.keys import Purpose, drafts_remove, key_of
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.models import AuthorKey, Leaf, Log, Opening, OutboxEntry
from lienmach.kernel.evidence.sequencer import sequence


@event_type("evidence.crate_packed", version=1)
class CratePacked(EventBody):
    """A crate was packed (only in tests)."""

    lane: str = public()
    pieces: int = partner()
    weight: float = partner()
    packer: str = ""


def pack(world, organisation, pieces=3):
    with transaction.atomic():
        return record(
            world.scope(organisation),
            CratePacked(lane="A", pieces=pieces, weight=1.5, packer="NV-07 Đặng"),
            subject="crate:7",
            time=world.at,
            at=world.at,
        )


def entries(log):
    rows = Leaf.objects.of(log)
    assert [leaf.index for leaf in rows] == list(range(log.size))
    return [bytes(leaf.data) for leaf in rows]


def test_a_leaf_commits_to_three_groups_and_says_nothing_guessable(world):
    event = pack(world, world.organisation())
    data = bytes(OutboxEntry.objects.get(event=event.event_id).data)
    leaf = leaf_parse(data)
    assert (leaf.event, leaf.kind) == (str(event.event_id), "evidence.crate_packed")
    opened = {each.group: each for each in Opening.objects.filter(event_id=event.event_id)}
    bodies = {group: json.loads(bytes(each.body)) for group, each in opened.items()}
    assert bodies["public"]["body"] == {"lane": "A"}
    assert bodies["partner"] == {"subject": "crate:7", "body": {"pieces": 3, "weight": 1.5}}
    assert bodies["private"]["actor"] == event.actor
    assert bodies["private"]["body"] == {"packer": "NV-07 Đặng"}
    from lienmach.engines.ledger.commitments import commit

    for group, each in opened.items():
        assert commit(bytes(each.salt), bytes(each.body)) == leaf.commitments[group]
    for word in (b"crate:7", b"NV-07", event.actor.encode()):
        assert word not in data


def test_equal_bodies_have_unequal_commitments(world):
    """Salts are random: whoever sees two leaves cannot tell that they say the same."""
    organisation = world.organisation()
    one, other = (pack(world, organisation).event_id for _ in range(2))
    first, second = (leaf_parse(bytes(OutboxEntry.objects.get(event=each).data)) for each in (one, other))
    assert not set(first.commitments.values()) & set(second.commitments.values())


def test_each_organisation_has_a_log_of_its_own_without_gaps(world):
    ours, theirs = world.organisation(), world.organisation()
    for number in range(4):
        pack(world, ours if number % 2 else theirs, number)
        sequence(limit=3)
    while sequence():
        pass
    logs = list(Log.objects.filter(organisation__in=[ours.id, theirs.id]))
    assert len({log.origin for log in logs}) == 2
    for log in logs:
        entries(log)
        assert log.signed == 0
        log = batch_close(log, at=world.at)
        frontier = Frontier().extend(hash_of(data) for data in entries(log))
        assert (log.size, log.signed, bytes(log.frontier)) == (
            frontier.size, frontier.size, frontier.to_bytes(),
        )  # fmt: skip
        assert ours.slug not in log.origin


def test_the_hosted_author_signs_every_batch(world):
    organisation = world.organisation()
    for number in range(5):
        pack(world, organisation, number)
    while sequence():
        pass
    log = batch_close(Log.objects.get(organisation=organisation.id), at=world.at)
    leaves = entries(log)
    signing = leaf_parse(leaves[-1])
    assert signing.batch is not None
    batch = leaves[-1 - signing.batch.count : -1]
    key = vkey_parse(AuthorKey.objects.get(log=log, key_id=signing.author.key_id).vkey)
    assert len(batch) == len(leaves) - 1 >= 5
    for index, data in enumerate(batch):
        batch_check(data, batch_proof(batch, index, leaves[-1]), key)
    assert batch_close(log, at=world.at).size == log.size  # nothing new, nothing to sign


def test_a_long_batch_is_closed_before_the_checkpoint(world, monkeypatch):
    """Whoever proves a leaf reads its batch."""
    monkeypatch.setattr(append, "MOST", 4)
    organisation = world.organisation()
    for number in range(9):
        pack(world, organisation, number)
        while sequence(limit=1):
            pass
    log = Log.objects.get(organisation=organisation.id)
    batches = [batch.count for data in entries(log) if (batch := leaf_parse(data).batch)]
    assert len(batches) >= 2
    assert set(batches) == {4}
    assert log.signed == 5 * len(batches) <= log.size


def test_a_log_whose_head_was_damaged_holds_up_no_other(world, monkeypatch):
    monkeypatch.setattr(append, "MOST", 2)
    ours, theirs = world.organisation(), world.organisation()
    pack(world, ours)
    sequence()
    log = Log.objects.get(organisation=ours.id)
    Log.objects.filter(id=log.id).update(frontier=b"not a hash")
    for organisation in (ours, ours, ours, theirs):
        pack(world, organisation)
    while sequence():
        pass
    assert Log.objects.get(organisation=theirs.id).size
    with pytest.raises(Malformed):
        Publisher().publish(Log.objects.get(id=log.id), at=world.at)


def test_a_log_with_a_leaf_too_few_holds_up_no_other(world, monkeypatch):
    monkeypatch.setattr(append, "MOST", 2)
    ours, theirs = world.organisation(), world.organisation()
    pack(world, ours)
    while sequence():
        pass
    log = Log.objects.get(organisation=ours.id)
    Log.objects.filter(id=log.id).update(size=log.size + 5)
    pack(world, ours)
    pack(world, theirs)
    while sequence():
        pass
    assert Log.objects.get(organisation=theirs.id).size
    with pytest.raises(Held, match="missing"):
        Publisher().publish(Log.objects.get(id=log.id), at=world.at)
    assert Log.objects.get(id=log.id).held


@pytest.mark.parametrize(
    "verb",
    [
        "UPDATE evidence_leaf SET data=data",
        "DELETE FROM evidence_leaf",
        "UPDATE evidence_leaf SET place=place+1",
        "DELETE FROM evidence_opening",
        "UPDATE evidence_opening SET salt=salt",
    ],
)
def test_the_database_refuses_to_change_a_log(world, verb):
    pack(world, world.organisation())
    sequence()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb)


def test_a_held_log_takes_no_leaves_and_loses_none(world):
    """After a restore events go on being recorded and delivered; the log waits, and catches up."""
    organisation = world.organisation()
    pack(world, organisation)
    while sequence():
        pass
    log = Log.objects.get(organisation=organisation.id)
    Log.objects.filter(id=log.id).update(held="restored")
    event = pack(world, organisation)
    assert sequence() > 0
    assert Log.objects.get(id=log.id).size == log.size
    Log.objects.filter(id=log.id).update(held="")
    assert append_waiting(Log.objects.get(id=log.id), at=world.at) > 0
    assert Leaf.objects.get(event_id=event.event_id).index >= log.size
    entries(Log.objects.get(id=log.id))


def test_keys_are_files_that_only_their_owner_reads(world, settings):
    organisation = world.organisation()
    author, log = (key_of(organisation.id, purpose) for purpose in (Purpose.AUTHOR, Purpose.LOG))
    assert author.seed != log.seed
    for purpose in (Purpose.AUTHOR, Purpose.LOG):
        path = settings.DATA / "keys" / f"{organisation.id}.{purpose}.key"
        assert path.stat().st_mode & 0o077 == 0
        assert not list(path.parent.glob("*.new"))


def test_what_a_dead_process_left_of_a_key_is_removed(world, settings):
    organisation = world.organisation()
    key_of(organisation.id, Purpose.LOG)
    folder = settings.DATA / "keys"
    old, young = folder / "a.log.key.1.new", folder / "a.log.key.2.new"
    for draft in (old, young):
        draft.write_text("unfinished")
    os.utime(old, (0, 0))
    drafts_remove()
    assert not old.exists()
    assert young.exists()
    young.unlink()
