"""The sequencer: gives committed events their place in the platform's sequence and in their log.

Business transactions never touch a counter (it would serialise them) and readers never rely on
identifiers being in commit order (they are not). The lock is for speed; the compare-and-swap on the
head is for correctness.
"""

from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from lienmach.kernel.evidence.log.append import Contended, append
from lienmach.kernel.evidence.models import OutboxEntry, SequenceHead
from lienmach.kernel.evidence.rows import StoredId, rows_insert

BATCH = 5000
WAITING = """
    SELECT o.event_id, o.organisation, o.data, l.place FROM evidence_outboxentry o
    LEFT JOIN evidence_leaf l ON l.event_id = o.event_id ORDER BY o.event_id LIMIT %s
"""
"""What waits. A leaf that has its place already was fetched back from the log's files after a restore."""
_LOCK = 0x6C69656E

__all__ = ["BATCH", "Contended", "sequence"]


def sequence(limit: int = BATCH, *, at: datetime | None = None) -> int:
    """Sequence at most `limit` waiting events in one transaction; return how many.

    Events of one pass are ordered by identifier, hence by the time they were recorded. Each log that gets
    leaves gets one more, in which the hosted author signs them; `at` is its time, by default now.

    Raises
    ------
    Contended
        When another sequencer was faster. Call again.
    """
    if not OutboxEntry.objects.exists():
        return 0  # an idle worker takes no write lock
    with transaction.atomic(), connection.cursor() as cursor:
        if not _lock():
            return 0
        head = SequenceHead.objects.get_or_create(id=1)[0].position
        cursor.execute(WAITING, [limit])
        waiting = cursor.fetchall()
        if not waiting:
            return 0
        ids = [event for event, *_ in waiting]
        positions = list(enumerate(ids, start=head + 1))
        rows_insert(cursor, "evidence_sequencedevent", ("position", "event_id"), positions)
        append(
            [(event, whose, bytes(data)) for event, whose, data, place in waiting if place is None],
            at=at or datetime.now(UTC),
        )
        _forget(cursor, ids)
        moved = SequenceHead.objects.filter(id=1, position=head).update(position=head + len(ids))
        if moved != 1:
            raise Contended(f"The head moved from {head} while {len(ids)} events were being sequenced.")
        return len(ids)


def _forget(cursor: CursorWrapper, ids: list[StoredId]) -> None:
    """Take these events out of the outbox; they are the first of it."""
    if connection.vendor == "sqlite":
        # Nobody else writes meanwhile: whatever stands up to the last one is what was read.
        cursor.execute("DELETE FROM evidence_outboxentry WHERE event_id <= %s", [ids[-1]])
    else:
        cursor.execute("DELETE FROM evidence_outboxentry WHERE event_id = ANY(%s)", [ids])


def _lock() -> bool:
    """Take the writer lock of this transaction. SQLite's IMMEDIATE transaction already is one."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
