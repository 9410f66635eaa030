"""The order of a log: each sequenced event gets the next index of its organisation's log.

Part of the sequencer's transaction, and no more of it than order needs: the tree is what a checkpoint stands
on, so it is made where checkpoints are (`batches`). The head of every log moves by compare-and-swap: two
sequencers cannot fork a log, and a pass that dies leaves it as it was.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import connection

from lienmach.engines.ledger.errors import LedgerError
from lienmach.kernel.evidence.log.batches import MOST, Contended, batch_sign
from lienmach.kernel.evidence.log.keys import Purpose, key_of
from lienmach.kernel.evidence.models import HeldLeaf, Leaf, Log
from lienmach.kernel.evidence.rows import StoredId, rows_insert, stored_form

Waiting = Sequence[tuple[StoredId, bytes]]
"""Leaves without an index: event id as the database holds it, and bytes."""


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
    rows = [(place, *leaf) for place, leaf in enumerate(leaves, start=Leaf.place_of(log.id, log.size))]
    with connection.cursor() as cursor:
        rows_insert(cursor, "evidence_leaf", ("place", "event_id", "data"), rows)
    heads_move([(log, len(rows))], at=at)


def heads_move(grown: Sequence[tuple[Log, int]], *, at: datetime) -> None:
    """Move the heads of logs that got so many leaves, each from where it was read and nowhere else.

    Raises
    ------
    Contended
    """
    with connection.cursor() as cursor:
        moved = 0
        for log, count in grown:
            cursor.execute(
                "UPDATE evidence_log SET size = %s WHERE id = %s AND size = %s",
                [log.size + count, log.id, log.size],
            )
            moved += cursor.rowcount
    if moved != len(grown):
        raise Contended(f"The heads of {len(grown) - moved} logs moved while leaves were being appended.")
    for log, count in grown:
        log.size += count
        if log.size - log.signed >= MOST:
            with suppress(LedgerError):  # the publisher says what is wrong with this log; others go on
                batch_sign(log, at=at)


def log_of(organisation: UUID, *, at: datetime) -> Log:
    """Return the organisation's log, locked until the transaction ends; it begins when first asked for."""
    log = Log.objects.select_for_update().filter(organisation=organisation).first()
    if log is None:
        origin = key_of(organisation, Purpose.LOG).name
        log, _ = Log.objects.get_or_create(
            organisation=organisation, defaults={"origin": origin, "created_at": at}
        )
    return log
