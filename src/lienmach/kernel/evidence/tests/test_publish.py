"""A published log: files in order, checkpoints that only grow, proofs that hold without us."""

from uuid import UUID

import pytest
from django.db import connection, transaction

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.disclosure import disclosure_parse
from lienmach.engines.ledger.errors import Rejected
from lienmach.engines.ledger.notes import note_parse
from lienmach.engines.ledger.verify import main as verify_alone
from lienmach.kernel.evidence import EventBody, event_type, partner, public, record
from lienmach.kernel.evidence.log.files import CHECKPOINT, files_of
from lienmach.kernel.evidence.log.held import Held
from lienmach.kernel.evidence.log.proofs import NotProvable, Stage, event_place, event_proof
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.models import Log, LogCheckpoint
from lienmach.kernel.evidence.queries import EventNotFound
from lienmach.kernel.evidence.sequencer import sequence


@event_type("evidence.box_closed", version=1)
class BoxClosed(EventBody):
    """A box was closed (only in tests)."""

    lane: str = public()
    pieces: int = partner()


def close(world, organisation, pieces=1):
    with transaction.atomic():
        return record(
            world.scope(organisation), BoxClosed(lane="B", pieces=pieces), subject="box:1",
            time=world.at, at=world.at,
        )  # fmt: skip


def settle(world):
    while sequence(at=world.at):
        pass
    return Publisher().publish_all(at=world.at)


def published_size(log):
    return checkpoint_parse(note_parse(files_of(log.origin).read(CHECKPOINT)).body).size


def test_an_event_comes_from_pending_to_checkpointed(world):
    organisation = world.organisation()
    event = close(world, organisation)
    scope = world.scope(organisation)
    assert event_place(scope, event_id=event.event_id).stage is Stage.PENDING
    sequence(at=world.at)
    assert event_place(scope, event_id=event.event_id).stage is Stage.SEQUENCED
    with pytest.raises(NotProvable, match="not in a published checkpoint"):
        event_proof(scope, event_id=event.event_id)
    settle(world)
    place = event_place(scope, event_id=event.event_id)
    assert (place.stage, place.tier, place.witnesses) == (Stage.CHECKPOINTED, "hosted", ())
    assert place.index is not None and place.size > place.index
    with pytest.raises(EventNotFound):
        event_place(world.scope(world.organisation()), event_id=event.event_id)


def test_a_proof_opens_what_was_asked_for_and_says_who_signed(world, tmp_path):
    organisation = world.organisation()
    event = close(world, organisation, 41)
    close(world, organisation)
    settle(world)
    scope = world.scope(organisation)
    data = event_proof(scope, event_id=event.event_id, disclose=("public", "partner")).to_bytes()
    shown = disclosure_parse(data).verify()
    assert shown.groups["partner"] == {"subject": "box:1", "body": {"pieces": 41}}
    assert shown.closed == ("private",)
    assert shown.author is not None
    file = tmp_path / "event.proof"
    file.write_bytes(data)
    assert verify_alone([str(file)]) == 0
    file.write_bytes(data.replace(b"41", b"42"))
    assert verify_alone([str(file)]) == 1


def test_growing_over_tiles_and_publishing_again_changes_nothing(world):
    organisation = world.organisation()
    for count in (1, 250, 7, 270):
        for _ in range(count):
            close(world, organisation)
        settle(world)
    log = Log.objects.get(organisation=organisation.id)
    assert published_size(log) == log.size > 512
    assert verify_alone([str(files_of(log.origin).folder)]) == 0
    assert settle(world) == 0


def test_missing_files_are_written_again(world):
    """Tiles come from the database; losing the folder loses nothing but the published checkpoint's file."""
    import shutil

    organisation = world.organisation()
    for _ in range(5):
        close(world, organisation)
    settle(world)
    log = Log.objects.get(organisation=organisation.id)
    shutil.rmtree(files_of(log.origin).folder)
    close(world, organisation)
    assert settle(world) == 1
    assert verify_alone([str(files_of(log.origin).folder)]) == 0


def test_a_log_behind_its_published_checkpoint_signs_nothing(world):
    """A database from yesterday that went on signing would fork the log."""
    organisation = world.organisation()
    close(world, organisation)
    settle(world)
    log = Log.objects.get(organisation=organisation.id)
    yesterday = (log.size, bytes(log.frontier))
    close(world, organisation)
    settle(world)
    newest = published_size(log)
    with pytest.raises(Held, match="resume"), transaction.atomic():
        size, frontier = yesterday
        Log.objects.filter(id=log.id).update(size=size, signed=size, frontier=frontier)
        Publisher().publish(Log.objects.get(id=log.id), at=world.at)
    assert published_size(log) == newest


def test_a_second_history_is_not_signed(world):
    organisation = world.organisation()
    close(world, organisation)
    settle(world)
    close(world, organisation)
    sequence(at=world.at)
    log = Log.objects.get(organisation=organisation.id)
    frontier = bytes(log.frontier)
    Log.objects.filter(id=log.id).update(frontier=bytes(32) + frontier[32:])
    with pytest.raises(Rejected, match="root to be signed"):
        Publisher().publish(log, at=world.at)
    assert LogCheckpoint.objects.filter(log=log).count() == 1


def test_ten_thousand_quiet_logs_cost_one_query(world, django_assert_num_queries):
    publisher = Publisher()
    close(world, world.organisation())
    while sequence(at=world.at):
        pass
    publisher.publish_all(at=world.at)
    Log.objects.bulk_create(
        Log(organisation=UUID(int=n), origin=f"log.example/{n}", size=n, released=n, created_at=world.at)
        for n in range(1, 10_001)
    )
    with django_assert_num_queries(1) as asked:
        assert publisher.publish_all(at=world.at) == 0
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked.captured_queries[0]['sql']}")
            assert "log_to_publish" in str(cursor.fetchall())


def test_a_lost_checkpoint_file_is_put_back_by_the_next_process(world):
    organisation = world.organisation()
    close(world, organisation)
    settle(world)
    log = Log.objects.get(organisation=organisation.id)
    path = files_of(log.origin).folder / CHECKPOINT
    data = path.read_bytes()
    path.unlink()
    assert settle(world) == 1
    assert path.read_bytes() == data
