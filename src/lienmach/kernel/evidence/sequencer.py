"""The sequencer: gives committed events their place in the platform's sequence and in their log.

Business transactions never touch a counter (it would serialise them) and readers never rely on
identifiers being in commit order (they are not). The lock is for speed; the compare-and-swap on the
head is for correctness.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from lienmach.kernel.evidence.log.append import Contended, append
from lienmach.kernel.evidence.models import Leaf, OutboxEntry, SequenceHead
from lienmach.kernel.evidence.rows import rows_insert, stored_form

BATCH = 5000
CHUNK = 500
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
    with transaction.atomic():
        if not _lock():
            return 0
        head = SequenceHead.objects.get_or_create(id=1)[0].position
        waiting = list(
            OutboxEntry.objects.order_by("event_id").values_list("event_id", "organisation", "data")[:limit]
        )
        if not waiting:
            return 0
        ids = [event for event, _, _ in waiting]
        stored = stored_form()
        with connection.cursor() as cursor:
            rows_insert(
                cursor,
                "evidence_sequencedevent",
                ("position", "event_id"),
                [(position, stored(event)) for position, event in enumerate(ids, start=head + 1)],
            )
        logged = _logged(ids)
        append(
            [
                (event, organisation, bytes(data))
                for event, organisation, data in waiting
                if event not in logged
            ],
            at=at or datetime.now(UTC),
        )
        for start in range(0, len(ids), CHUNK):
            OutboxEntry.objects.filter(event_id__in=ids[start : start + CHUNK]).delete()
        moved = SequenceHead.objects.filter(id=1, position=head).update(position=head + len(waiting))
        if moved != 1:
            raise Contended(f"The head moved from {head} while {len(waiting)} events were being sequenced.")
        return len(waiting)


def _logged(events: Sequence[UUID]) -> set[UUID]:
    """Return those that have their index already: after a restore, fetched back from the log's files."""
    known: set[UUID] = set()
    for start in range(0, len(events), CHUNK):
        rows = Leaf.objects.filter(event_id__in=events[start : start + CHUNK])
        known.update(rows.values_list("event_id", flat=True))
    return known


def _lock() -> bool:
    """Take the writer lock of this transaction. SQLite's IMMEDIATE transaction already is one."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
