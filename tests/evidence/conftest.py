"""A small log with everything in it: several batches, a correction, checkpoints, a published folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from lienmach.kernel.evidence import EventBody, Origin, append_only, event_type, partner, public, record
from lienmach.kernel.evidence.log.batches import batch_close
from lienmach.kernel.evidence.log.files import files_of
from lienmach.kernel.evidence.log.keys import Purpose, key_of
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.models import Log
from lienmach.kernel.evidence.platform_log import PLATFORM
from lienmach.kernel.evidence.sequencer import sequence


@event_type("evidence.pallet_moved", version=1)
class PalletMoved(EventBody):
    """A pallet was moved (only in tests)."""

    lane: str = public()
    pieces: int = partner()
    driver: str = ""


class Platform:
    """One organisation, its log, and what somebody with the database's password can do to it."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.organisation = world.organisation()
        self.scope = world.scope(self.organisation)
        self.events: list[Any] = []

    def move(self, pieces: int, **fields: Any) -> Any:
        """Record one event."""
        with transaction.atomic():
            event = record(
                self.scope, PalletMoved(lane="L1", pieces=pieces, driver="tài xế Bảy"),
                subject="pallet:1", time=self.world.at, at=self.world.later(milliseconds=5), **fields,
            )  # fmt: skip
        self.events.append(event)
        return event

    def settle(self) -> None:
        """Sequence and publish."""
        while sequence(at=self.world.at):
            pass
        Publisher().publish_all(at=self.world.at)

    @property
    def log(self) -> Log:
        """The organisation's log as it stands now."""
        return Log.objects.get(organisation=self.organisation.id)

    @property
    def folder(self) -> Path:
        """Where it is published."""
        return files_of(self.log.origin).folder

    @contextmanager
    def tampering(self, keep: Path) -> Iterator[Any]:
        """Let the body do anything to database and files; undo all of it."""
        if keep.exists():
            shutil.rmtree(keep)
        shutil.copytree(self.folder, keep)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for table in append_only.TABLES:
                    for statement in append_only._remove_statements(connection.vendor, table):
                        cursor.execute(statement)
                yield cursor
                transaction.set_rollback(True)
        finally:
            shutil.rmtree(self.folder)
            shutil.copytree(keep, self.folder)


@pytest.fixture(autouse=True)
def platforms_own_log_begins_anew() -> Iterator[None]:
    """Its key outlives a test that is rolled back; what was published under it must not."""
    yield
    shutil.rmtree(files_of(key_of(PLATFORM, Purpose.LOG).name).folder, ignore_errors=True)


@pytest.fixture
def platform(world: Any) -> Platform:
    """Return a platform whose log holds three batches, the last two of them under one checkpoint."""
    made = Platform(world)
    for number in range(3):
        made.move(number)
    made.settle()
    for number in range(3, 6):
        made.move(number, origin=Origin.CONFIRMED)
    while sequence(at=world.at):
        pass
    batch_close(made.log, at=world.at)
    made.move(7, corrects=made.events[4].event_id)
    made.settle()
    return made
