"""The sequencer: gives committed events their place in the platform's sequence and in their log.

Business transactions never touch a counter (it would serialise them) and readers never rely on
identifiers being in commit order (they are not). The lock is for speed; the compare-and-swap on the
head is for correctness.
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from threading import Event as Flag

from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.backends.utils import CursorWrapper

from lienmach.kernel.evidence.changes import Changes
from lienmach.kernel.evidence.log.batches import Contended
from lienmach.kernel.evidence.log.keys import drafts_remove
from lienmach.kernel.evidence.models import SequenceHead
from lienmach.kernel.evidence.moving import outbox_move

BATCH = 5000
_LOCK = 0x6C69656E

POLL_S, QUIET_POLL_S = 0.03, 0.1
QUIET_AFTER_S = 5.0
LONGEST_PAUSE_S = 0.1
SHARE = 5
"""One part in so many of the time is a pass's, writers have the rest; each pass then takes more events."""
RETRY_S = 0.2
LONGEST_REST_S = 1.0

logger = logging.getLogger(__name__)

__all__ = ["BATCH", "Contended", "run_sequencer", "sequence"]


def sequence(limit: int = BATCH, *, at: datetime | None = None) -> int:
    """Sequence at most `limit` waiting events in one transaction; return how many.

    Events of one pass are ordered by identifier, hence by the time they were recorded. `at` is the time of
    what a pass does besides (a log begins, a long batch is signed), by default now.

    Raises
    ------
    Contended
        When another sequencer was faster. Call again.
    """
    if not _waits():
        return 0  # an idle worker takes no write lock
    with transaction.atomic(), connection.cursor() as cursor:
        if not _lock():
            return 0
        head = _head(cursor)
        done = outbox_move(cursor, head, limit, at=at or datetime.now(UTC))
        cursor.execute(
            "UPDATE evidence_sequencehead SET position = %s WHERE id = 1 AND position = %s",
            [head + done, head],
        )
        if cursor.rowcount != 1:
            raise Contended(f"The head moved from {head} while {done} events were being sequenced.")
        return done


def _head(cursor: CursorWrapper) -> int:
    cursor.execute("SELECT position FROM evidence_sequencehead WHERE id = 1")
    row = cursor.fetchone()
    return SequenceHead.objects.get_or_create(id=1)[0].position if row is None else int(row[0])


def _waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM evidence_outboxentry LIMIT 1")
        return cursor.fetchone() is not None


def _lock() -> bool:
    """Take the writer lock of this transaction. SQLite's IMMEDIATE transaction already is one."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        # A pass lost with the machine's power is done again: its events are still in the outbox. What relies
        # on places (checkpoints, effects of subscribers) commits durably, and with it all that came before.
        cursor.execute("SET LOCAL synchronous_commit TO off")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def run_sequencer(stop: Flag, *, turn: AbstractContextManager[object], sequenced: Callable[[], None]) -> None:
    """Sequence whatever is committed, soon after it is, until the event `stop` is set.

    The body of the worker's sequencing thread: a subscriber that takes its time holds up nobody's place.

    Parameters
    ----------
    turn
        Held while a pass writes: the threads of one process wait for each other there and not, blindly, for
        SQLite's lock.
    sequenced
        Called after each pass that gave out places.
    """
    drafts_remove()
    changes, last = Changes(), time.monotonic()
    while not stop.is_set():
        try:
            changes.any()
            with turn:
                started = time.monotonic()
                done = sequence()
            if done:
                sequenced()
                last = time.monotonic()
                took = last - started
                stop.wait(0.0 if done == BATCH else min(max(POLL_S, took * (SHARE - 1)), LONGEST_PAUSE_S))
            else:
                quiet = time.monotonic() - last > QUIET_AFTER_S
                _rest(stop, changes, QUIET_POLL_S if quiet else POLL_S)
        except (Contended, OperationalError, InterfaceError) as error:
            logger.warning("The database was busy (%s); sequencing again in a moment", error)
            close_old_connections()
            stop.wait(RETRY_S)
    connection.close()


def _rest(stop: Flag, changes: Changes, poll_s: float) -> None:
    """Wait until something was committed."""
    until = time.monotonic() + LONGEST_REST_S
    while not stop.is_set() and time.monotonic() < until:
        time.sleep(poll_s)
        if changes.any():
            return
