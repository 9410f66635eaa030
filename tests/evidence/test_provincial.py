"""The provincial log holds everybody's checkpoints: whoever shows a log in two ways is found there."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lienmach.engines.ledger.authors import leaf_sign
from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.disclosure import disclosure_parse
from lienmach.engines.ledger.errors import Malformed, Rejected
from lienmach.engines.ledger.keys import KeyType, SigningKey, vkey_parse
from lienmach.engines.ledger.leaf import Batch, hash_of, leaf_parse
from lienmach.engines.ledger.merkle import Frontier
from lienmach.engines.ledger.notes import note_parse, note_verify
from lienmach.engines.ledger.policy import policy_parse
from lienmach.engines.ledger.tiles import TiledLog
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.log.files import VKEY, LogFiles, files_of
from lienmach.kernel.evidence.log.findings import Kind
from lienmach.kernel.evidence.log.gathered import GatheredCheckpoint
from lienmach.kernel.evidence.log.health import log_health_list
from lienmach.kernel.evidence.log.keys import Purpose, key_kept
from lienmach.kernel.evidence.log.proofs import event_proof
from lienmach.kernel.evidence.log.provincial import checkpoints_gather
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.log.resume import log_resume
from lienmach.kernel.evidence.models import Leaf, Log, LogCheckpoint, Segment
from lienmach.kernel.evidence.platform_log import PLATFORM
from lienmach.kernel.evidence.queries import EventNotFound
from lienmach.kernel.evidence.segments.seal import segments_seal
from lienmach.kernel.scope import SystemScope

from .conftest import Platform
from .test_tampering import head_of, resealed, rewrite, signed

SYSTEM = SystemScope()


@pytest.fixture
def gathered(platform: Platform, world: Any) -> Platform:
    """Two firms whose checkpoints stand in the provincial log."""
    other = Platform(world)
    other.move(1)
    other.settle()
    assert checkpoints_gather(at=world.at) == 2
    platform.settle()
    return platform


def province() -> Log:
    return Log.objects.get(organisation=PLATFORM)


@pytest.mark.django_db
def test_it_holds_the_newest_checkpoint_of_every_log_verbatim(gathered: Platform, world: Any) -> None:
    """An outsider who reads its files sees whose heads they are, and their signatures hold."""
    files = files_of(province().origin)
    tree = TiledLog(files.read, province().released)
    notes = [note_parse(entry) for entry in map(tree.entry, range(tree.size)) if not entry.startswith(b"{")]
    heads = {checkpoint_parse(note.body).origin: note for note in notes}
    assert set(heads) == set(Log.objects.exclude(organisation=PLATFORM).values_list("origin", flat=True))
    for origin, note in heads.items():
        assert note_verify(note, [vkey_parse((files_of(origin).read(VKEY) or b"").decode().strip())])
    assert checkpoints_gather(at=world.at) == 0
    gathered.move(5)
    gathered.settle()
    assert checkpoints_gather(at=world.at) == 1
    gathered.settle()
    assert audit(SYSTEM).findings == []


def resealed_log(platform: Platform) -> None:
    """Rewrite an event and everything after it: bodies, leaf, batch, head, checkpoints, all well signed."""
    leaf, data = resealed(platform, 1)
    rewrite(leaf, data)
    key = key_kept(platform.organisation.id, Purpose.AUTHOR)
    hashes: list[bytes] = []
    for row in Leaf.objects.of(platform.log):
        header = leaf_parse(bytes(row.data))
        if header.batch is not None:
            batch = Batch(len(hashes), Frontier().extend(hashes).root())
            Leaf.objects.filter(place=row.place).update(
                data=leaf_sign(replace(header, batch=batch), key).to_bytes()
            )
            hashes = []
        else:
            hashes.append(hash_of(bytes(row.data)))
    head = head_of(platform)
    Log.objects.filter(id=platform.log.id).update(frontier=head.to_bytes())
    leaves = [hash_of(bytes(row.data)) for row in Leaf.objects.of(platform.log)]
    for kept in LogCheckpoint.objects.filter(log=platform.log):
        root = Frontier().extend(leaves[: kept.size]).root()
        LogCheckpoint.objects.filter(id=kept.id).update(root=root, note=signed(platform, kept.size, root))
    shutil.rmtree(platform.folder / "tile")
    (platform.folder / "checkpoint").unlink()
    Publisher().publish(Log.objects.get(id=platform.log.id), at=platform.world.at)


@pytest.mark.django_db
def test_a_rewritten_log_contradicts_it(gathered: Platform, tmp_path: Path) -> None:
    """Database, files and checkpoints rewritten with the log's own key: the provincial log remembers."""
    place = Leaf.objects.get(event_id=GatheredCheckpoint.objects.get(log=gathered.log).leaf).index
    with gathered.tampering(tmp_path / "kept"):
        resealed_log(gathered)
        found = {(one.log, one.index, one.kind) for one in audit(SYSTEM).findings}
        assert found == {(province().origin, place, Kind.HISTORY_REWRITTEN)}  # nothing else could tell
    with gathered.tampering(tmp_path / "kept"):
        LogCheckpoint.objects.filter(log=gathered.log).delete()
        found = {(one.log, one.index) for one in audit(SYSTEM).findings if one.kind is Kind.ROLLED_BACK}
        assert (province().origin, place) in found
    with gathered.tampering(tmp_path / "kept"):
        Leaf.objects.of(province()).filter(place__gte=0).update(data=b"x\n")
        assert {one.index for one in audit(SYSTEM).findings if one.kind is Kind.LEAF_CHANGED} >= {0, 1, 2}
    with gathered.tampering(tmp_path / "kept"):
        GatheredCheckpoint.objects.all().delete()
        assert Kind.LEAF_CHANGED in {one.kind for one in audit(SYSTEM).findings}
    assert audit(SYSTEM).findings == []


@pytest.mark.django_db
def test_a_proof_may_carry_it(gathered: Platform) -> None:
    """The file then also shows that the checkpoint stands where everybody watches, offline."""
    plain = event_proof(gathered.scope, event_id=gathered.events[2].event_id)
    file = event_proof(gathered.scope, event_id=gathered.events[2].event_id, province=True)
    shown = disclosure_parse(file.to_bytes()).verify()
    assert shown.province is not None and shown.province.checkpoint.origin == province().origin
    assert plain.verify().province is None
    alone = policy_parse(f"log {(gathered.folder / 'log.vkey').read_text()}quorum none\n".encode())
    with pytest.raises(Rejected, match="knows no log"):
        file.verify(alone)
    document = json.loads(file.to_bytes())
    for change in (
        {"entry": document["province"]["entry"].replace("\n10\n", "\n9\n")},
        {"proof": document["province"]["proof"].replace("index 0", "index 1")},
        {"proof": document["province"]["proof"].replace("index 1", "index 0")},
        {"more": 1},
    ):
        touched = {**document, "province": {**document["province"], **change}}
        if touched == document:
            continue
        data = (json.dumps(touched, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
        with pytest.raises((Rejected, Malformed)):
            disclosure_parse(data).verify()


@pytest.mark.django_db
def test_a_checkpoint_of_the_log_by_a_stranger_does_not_count(gathered: Platform) -> None:
    """What stands in the provincial log has to bear the log's own signature."""
    file = event_proof(gathered.scope, event_id=gathered.events[2].event_id, province=True)
    stranger = SigningKey("localhost:8000/log/other", KeyType.ED25519, bytes(range(32)))
    own = policy_parse(
        f"log {stranger.verifier.text}\nlog {(files_of(province().origin).read(VKEY) or b'').decode()}"
        "quorum none\n".encode()
    )
    with pytest.raises(Rejected):
        file.verify(own)


@pytest.mark.django_db
def test_yesterdays_provincial_log_catches_up_from_its_files(gathered: Platform, tmp_path: Path) -> None:
    """A restored platform brings back the gathered checkpoints that only the published files still hold."""
    newer = tmp_path / "newer"
    with gathered.tampering(tmp_path / "kept"):
        gathered.move(11)
        gathered.settle()
        assert checkpoints_gather(at=gathered.world.at) == 1
        gathered.settle()
        shutil.copytree(files_of(province().origin).folder, newer)
        size = province().size
    gathered.events.pop()
    shutil.rmtree(files_of(province().origin).folder)
    Log.objects.filter(organisation=PLATFORM).update(held="restored", released=0)
    done = log_resume(
        SYSTEM, log=province(), at=gathered.world.later(minutes=1), source=LogFiles(newer), reason="a copy"
    )
    assert done.fetched > 0
    assert GatheredCheckpoint.objects.count() == 3
    gathered.settle()
    assert province().released >= size
    # The firm's own log stands behind what was gathered of it: that is said, not hidden.
    assert {one.kind for one in audit(SYSTEM).findings} == {Kind.ROLLED_BACK}


@pytest.mark.django_db
def test_what_the_platform_says_of_itself_is_proved_like_anything_else(gathered: Platform) -> None:
    """Its events stand among the checkpoints, and the author's batch covers both."""
    segments_seal(SYSTEM, at=gathered.world.at)
    gathered.settle()
    assert checkpoints_gather(at=gathered.world.at) >= 0
    gathered.settle()
    event = Segment.objects.get().event
    assert event_proof(SYSTEM, event_id=event).verify().author is not None
    leaf = GatheredCheckpoint.objects.all()[0].leaf
    with pytest.raises(EventNotFound):
        event_proof(SYSTEM, event_id=leaf)
    gathered.move(12)
    gathered.settle()
    assert checkpoints_gather(at=gathered.world.at) == 1
    assert log_health_list(SYSTEM, at=gathered.world.at)  # with checkpoints that are not signed for yet
