"""The order of a log: each sequenced event gets the next index of its organisation's log.

Part of the sequencer's transaction. The head of every log moves by compare-and-swap: two sequencers cannot
fork a log, and a pass that dies leaves it as it was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from lienmach.engines.ledger.authors import BATCH_KIND, leaf_sign
from lienmach.engines.ledger.leaf import Author, Batch, hash_of, time_text
from lienmach.engines.ledger.leaf import Leaf as Header
from lienmach.engines.ledger.merkle import Frontier
from lienmach.kernel.evidence.log.keys import Purpose, author_id, key_of
from lienmach.kernel.evidence.models import AuthorKey, HeldLeaf, Leaf, Log
from lienmach.kernel.evidence.rows import StoredId, rows_insert, stored_form
from lienmach.kernel.ids import uuid7

CHUNK = 500
_registered: set[tuple[int, str]] = set()
"""Logs and author keys of which this process knows that their row is committed."""


class Contended(Exception):
    """Another sequencer moved a head first; this pass was rolled back and nothing is lost."""


@dataclass(frozen=True)
class _Grown:
    """A log as it will be: the rows to write, and the head after them."""

    log: Log
    rows: list[tuple[int, StoredId, bytes]]
    after: Frontier


def append(leaves: Iterable[tuple[StoredId, StoredId, bytes]], *, at: datetime) -> None:
    """Append leaves (event id, organisation, bytes), in their order, each to its organisation's log.

    Leaves of a log that is held (after a restore) are put aside: `append_waiting` brings it up to date.
    """
    by_organisation: dict[StoredId, list[tuple[StoredId, bytes]]] = {}
    for event, organisation, data in leaves:
        by_organisation.setdefault(organisation, []).append((event, data))
    logs = _logs_of([UUID(str(organisation)) for organisation in by_organisation], at)
    aside: list[tuple[StoredId, StoredId, bytes]] = []
    grown = []
    for organisation, its in by_organisation.items():
        log = logs[UUID(str(organisation))]
        if log.held:
            aside += [(event, organisation, data) for event, data in its]
        else:
            grown.append(_grown(log, its, at))
    _write(grown)
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


def leaves_append(log: Log, leaves: Sequence[tuple[StoredId, bytes]], *, at: datetime) -> None:
    """Append leaves to one log, and the leaf in which the hosted author signs them; move the head.

    Identifiers come as the database holds them: nothing is converted for a row that only moves.

    Raises
    ------
    Contended
    """
    _write([_grown(log, leaves, at)])


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


def _grown(log: Log, leaves: Sequence[tuple[StoredId, bytes]], at: datetime) -> _Grown:
    hashes = [hash_of(data) for _, data in leaves]
    event, data = _batch_signed(log, hashes, at)
    hashes.append(hash_of(data))
    after = Frontier.from_bytes(log.size, bytes(log.frontier)).extend(hashes)
    signed = [*leaves, (stored_form()(event), data)]
    first = Leaf.place_of(log.id, log.size)
    return _Grown(log, [(place, *leaf) for place, leaf in enumerate(signed, start=first)], after)


def _write(grown: Sequence[_Grown]) -> None:
    """Write the rows and move the heads, each from where it was read and nowhere else."""
    if not grown:
        return
    with connection.cursor() as cursor:
        rows = [row for each in grown for row in each.rows]
        rows_insert(cursor, "evidence_leaf", ("place", "event_id", "data"), rows)
        cursor.executemany(
            "UPDATE evidence_log SET size = %s, frontier = %s WHERE id = %s AND size = %s",
            [(each.after.size, each.after.to_bytes(), each.log.id, each.log.size) for each in grown],
        )
        moved = cursor.rowcount
    if moved != len(grown):
        raise Contended(f"The heads of {len(grown) - moved} logs moved while leaves were being appended.")
    for each in grown:
        each.log.size, each.log.frontier = each.after.size, each.after.to_bytes()


def _batch_signed(log: Log, hashes: Sequence[bytes], at: datetime) -> tuple[UUID, bytes]:
    """Return id and bytes of the leaf in which the hosted author signs the leaves with these hashes."""
    key = key_of(log.organisation, Purpose.AUTHOR)
    author = author_id(log.organisation)
    known = (log.id, author)
    if known not in _registered:
        AuthorKey.objects.get_or_create(
            key_id=author, log=log, defaults={"vkey": key.verifier.text, "tier": "hosted", "since": at}
        )
        transaction.on_commit(lambda: _registered.add(known))
    event = uuid7(at)
    header = Header(
        event=str(event),
        kind=BATCH_KIND,
        time=time_text(at),
        author=Author(author),
        batch=Batch(len(hashes), Frontier().extend(hashes).root()),
    )
    return event, leaf_sign(header, key).to_bytes()
