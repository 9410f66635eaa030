"""What is erased is gone from every file; every proof, old and new, still verifies."""

import os
import sqlite3
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from lienmach.engines.ledger.disclosure import disclosure_parse
from lienmach.kernel.evidence import EventBody, event_type, partner, public, record
from lienmach.kernel.evidence.erasure import body_erase, free_pages
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.log.proofs import NotProvable, event_place, event_proof
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.models import EventRecord, Opening
from lienmach.kernel.evidence.queries import EventNotFound, event_get
from lienmach.kernel.evidence.sequencer import sequence
from lienmach.kernel.scope import Denied, SystemScope


@event_type("evidence.door_opened", version=1)
class DoorOpened(EventBody):
    """A door was opened (only in tests)."""

    hall: str = public()
    partner_code: str = partner()
    person: str = ""


def open_door(world, scope, person):
    with transaction.atomic():
        return record(
            scope, DoorOpened(hall="H1", partner_code="KH-1", person=person), subject="door:1",
            time=world.at, at=world.at,
        )  # fmt: skip


def settle(world):
    while sequence(at=world.at):
        pass
    Publisher().publish_all(at=world.at)


def erase(world, scope, *events, groups=("private",)):
    return body_erase(
        scope, events=[event.event_id for event in events], groups=groups,
        ground="Law 91/2025/QH15, request of the person", requester="employee", at=world.later(hours=1),
    )  # fmt: skip


def test_content_goes_and_every_proof_stays(world):
    scope = world.scope(world.organisation())
    event = open_door(world, scope, "Nguyễn Thị Hoa")
    kept = open_door(world, scope, "Trần Văn Bình")
    settle(world)
    before = event_proof(scope, event_id=event.event_id, disclose=("public", "partner", "private"))
    erase(world, scope, event)
    settle(world)
    assert disclosure_parse(before.to_bytes()).verify().groups["private"]["body"]["person"]
    after = event_proof(scope, event_id=event.event_id, disclose=("public", "partner"))
    assert after.verify().closed == ("private",)
    with pytest.raises(NotProvable, match="erased"):
        event_proof(scope, event_id=event.event_id, disclose=("private",))
    assert event_place(scope, event_id=event.event_id).erased == ("private",)
    read = event_get(scope, event_id=event.event_id)
    assert read.body == {"hall": "H1", "partner_code": "KH-1"}
    assert (read.withheld, read.actor) == (("person",), "erased")
    assert event_get(scope, event_id=kept.event_id).body["person"] == "Trần Văn Bình"
    report = audit(SystemScope())
    assert (report.findings, report.erased) == ([], 1)


def test_only_the_erased_group_may_go(world):
    """The licence is for one group of one event; the database refuses everything else."""
    scope = world.scope(world.organisation())
    event, other = open_door(world, scope, "A"), open_door(world, scope, "B")
    erase(world, scope, event)
    for change in (
        lambda: Opening.objects.filter(event_id=event.event_id).delete(),
        lambda: Opening.objects.filter(event_id=other.event_id, group="private").delete(),
        lambda: EventRecord.objects.filter(event_id=other.event_id).update(body="{}"),
        lambda: EventRecord.objects.filter(event_id=event.event_id).update(origin="instrument"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_an_erasure_needs_a_reason_a_permission_and_ones_own_events(world):
    scope = world.scope(world.organisation())
    event = open_door(world, scope, "A")
    with pytest.raises(ValueError, match="legal ground"):
        body_erase(scope, events=[event.event_id], groups=["private"], ground=" ", requester="", at=world.at)
    with pytest.raises(EventNotFound):
        erase(world, world.scope(world.organisation()), event)
    with pytest.raises(Denied):
        erase(world, world.scope(world.organisation(), "planner"), event)


@pytest.mark.django_db(transaction=True)
def test_no_file_of_the_data_folder_holds_a_copy(world, tmp_path, settings):
    """A byte search of database, write-ahead log and published files."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's files are searched by the test below")
    scope = world.scope(world.organisation())
    secret = "Phạm Thị Không Còn Nữa"
    events = [open_door(world, scope, f"{secret} {number}") for number in range(40)]
    settle(world)
    erase(world, scope, *events)
    free_pages()
    copy = tmp_path / "copy.sqlite3"
    with sqlite3.connect(copy) as target:
        connection.connection.backup(target)
    target.close()
    files = [copy, *(path for path in Path(settings.DATA).rglob("*") if path.is_file())]
    name = Path(str(connection.settings_dict["NAME"]))
    files += [path for path in name.parent.glob(f"{name.name}*") if path.is_file()] if name.exists() else []
    needle = secret.encode()
    assert [path.name for path in files if needle in path.read_bytes()] == []
    settle(world)
    assert audit(SystemScope()).findings == []


@pytest.mark.django_db(transaction=True)
def test_no_file_of_postgresql_holds_a_copy(world, settings):
    """Tables and indices are written anew; its WAL keeps older records until recycled, as documented."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's files are searched by the test above")
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        folder = Path(cursor.fetchone()[0])
    if not os.access(folder / "base", os.R_OK | os.X_OK):
        pytest.skip(f"{folder} is not readable here: the server's files cannot be searched")
    scope = world.scope(world.organisation())
    secret = "Phạm Thị Không Còn Nữa"
    needle = secret.encode()
    events = [open_door(world, scope, f"{secret} {number}") for number in range(40)]
    settle(world)

    def copies():
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        files = [*(folder / "base").rglob("*"), *Path(settings.DATA).rglob("*")]
        return [path for path in files if path.is_file() and needle in path.read_bytes()]

    assert copies()  # the search finds what is there
    erase(world, scope, *events)
    free_pages()
    assert copies() == []
    settle(world)
    assert audit(SystemScope()).findings == []
