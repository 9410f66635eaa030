"""The order of a log: each sequenced event gets the next index of its organisation's log.

Part of the sequencer's transaction, and no more of it than order needs: the tree is what a checkpoint stands
on, so it is made where checkpoints are (`batches`). The head of every log moves by compare-and-swap: two
sequencers cannot fork a log, and a pass that dies leaves it as it was.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import connection

from lienmach.kernel.evidence.log.batches import MOST, Contended, LeavesMissing, batch_sign
from lienmach.kernel.evidence.log.keys import Purpose, key_of
from lienmach.kernel.evidence.models import HeldLeaf, Leaf, Log
from lienmach.kernel.evidence.rows import StoredId, rows_insert, stored_form

CHUNK = 500
Waiting = Sequence[tuple[StoredId, bytes]]
"""Leaves without an index: event id as the database holds it, and bytes."""


def append(leaves: Iterable[tuple[StoredId, StoredId, bytes]], *, at: datetime) -> None:
    """Append leaves (event id, organisation, bytes), in their order, each to its organisation's log.

    Leaves of a log that is held (after a restore) are put aside: `append_waiting` brings it up to date.
    """
    by_organisation: dict[StoredId, list[tuple[StoredId, bytes]]] = {}
    for event, organisation, data in leaves:
        by_organisation.setdefault(organisation, []).append((event, data))
    logs = _logs_of([UUID(str(organisation)) for organisation in by_organisation], at)
    aside: list[tuple[StoredId, StoredId, bytes]] = []
    grown: list[tuple[Log, Waiting]] = []
    for organisation, its in by_organisation.items():
        log = logs[UUID(str(organisation))]
        if log.held:
            aside += [(event, organisation, data) for event, data in its]
        else:
            grown.append((log, its))
    _write(grown, at)
    with connection.cursor() as cursor:
        rows_insert(cursor, "evidence_heldleaf", ("event_id", "organisation", "data"), aside)


def append_waiting(log: Log, *, at: datetime, limit: int = 5000) -> int:
    """Append what was put aside while the log was held, at most `limit` leaves; return how many."""
    stored = stored_form()
    aside = HeldLeaf.objects.filter(organisation=log.organisation).order_by("event_id")
    rows = list(aside[:limit])
    if rows:
        leaves_append(log, [(stored(row.event_id), bytes(row.data)) for row in rows], at=at)
        aside.filter(event_id__lte=rows[-1].event_id).delete()
    return len(rows)


def leaves_append(log: Log, leaves: Waiting, *, at: datetime) -> None:
    """Append leaves to one log and move its head.

    Identifiers come as the database holds them: nothing is converted for a row that only moves.

    Raises
    ------
    Contended
    """
    _write([(log, leaves)], at)


def log_of(organisation: UUID, *, at: datetime) -> Log:
    """Return the organisation's log, locked until the transaction ends; it begins when first asked for."""
    return _logs_of([organisation], at)[organisation]


def _logs_of(organisations: Sequence[UUID], at: datetime) -> dict[UUID, Log]:
    logs: dict[UUID, Log] = {}
    for start in range(0, len(organisations), CHUNK):
        rows = Log.objects.select_for_update().filter(organisation__in=organisations[start : start + CHUNK])
        logs |= {log.organisation: log for log in rows.order_by("id")}
    for organisation in organisations:
        if organisation not in logs:
            origin = key_of(organisation, Purpose.LOG).name
            logs[organisation], _ = Log.objects.get_or_create(
                organisation=organisation, defaults={"origin": origin, "created_at": at}
            )
    return logs


def _write(grown: Sequence[tuple[Log, Waiting]], at: datetime) -> None:
    """Write the rows and move the heads, each from where it was read and nowhere else."""
    if not grown:
        return
    rows = [
        (place, *leaf)
        for log, leaves in grown
        for place, leaf in enumerate(leaves, start=Leaf.place_of(log.id, log.size))
    ]
    with connection.cursor() as cursor:
        rows_insert(cursor, "evidence_leaf", ("place", "event_id", "data"), rows)
        cursor.executemany(
            "UPDATE evidence_log SET size = %s WHERE id = %s AND size = %s",
            [(log.size + len(leaves), log.id, log.size) for log, leaves in grown],
        )
        moved = cursor.rowcount
    if moved != len(grown):
        raise Contended(f"The heads of {len(grown) - moved} logs moved while leaves were being appended.")
    for log, leaves in grown:
        log.size += len(leaves)
        if log.size - log.signed >= MOST:
            with suppress(LeavesMissing):  # the publisher holds this log, and this one only
                batch_sign(log, at=at)
