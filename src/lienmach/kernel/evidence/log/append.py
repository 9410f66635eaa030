"""The order of a log: each sequenced event gets the next index of its organisation's log.

Part of the sequencer's transaction. The head of every log moves by compare-and-swap: two sequencers cannot
fork a log, and a pass that dies leaves it as it was.
"""

from collections.abc import Iterable, Sequence
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

_registered: set[tuple[int, str]] = set()
"""Logs and author keys of which this process knows that their row is committed."""


class Contended(Exception):
    """Another sequencer moved a head first; this pass was rolled back and nothing is lost."""


def append(leaves: Iterable[tuple[StoredId, StoredId, bytes]], *, at: datetime) -> None:
    """Append leaves (event id, organisation, bytes), in their order, each to its organisation's log.

    Leaves of a log that is held (after a restore) are put aside: `append_waiting` brings it up to date.
    """
    by_organisation: dict[StoredId, list[tuple[StoredId, bytes]]] = {}
    for event, organisation, data in leaves:
        by_organisation.setdefault(organisation, []).append((event, data))
    for organisation, its in by_organisation.items():
        log = log_of(UUID(str(organisation)), at=at)
        if not log.held:
            leaves_append(log, its, at=at)
            continue
        with connection.cursor() as cursor:
            aside = [(event, organisation, data) for event, data in its]
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


def log_of(organisation: UUID, *, at: datetime) -> Log:
    """Return the organisation's log, locked until the transaction ends; it begins when first asked for."""
    log = Log.objects.select_for_update().filter(organisation=organisation).first()
    if log is None:
        origin = key_of(organisation, Purpose.LOG).name
        log = Log.objects.get_or_create(
            organisation=organisation, defaults={"origin": origin, "created_at": at}
        )[0]
    return log


def leaves_append(log: Log, leaves: Sequence[tuple[StoredId, bytes]], *, at: datetime) -> None:
    """Append leaves to one log, and the leaf in which the hosted author signs them; move the head.

    Identifiers come as the database holds them: nothing is converted for a row that only moves.

    Raises
    ------
    Contended
    """
    hashes = [hash_of(data) for _, data in leaves]
    event, data = _batch_signed(log, hashes, at)
    hashes.append(hash_of(data))
    after = Frontier.from_bytes(log.size, bytes(log.frontier)).extend(hashes)
    rows = [*leaves, (stored_form()(event), data)]
    first = Leaf.place_of(log.id, log.size)
    with connection.cursor() as cursor:
        rows_insert(
            cursor,
            "evidence_leaf",
            ("place", "event_id", "data"),
            [(place, each, leaf) for place, (each, leaf) in enumerate(rows, start=first)],
        )
        cursor.execute(
            "UPDATE evidence_log SET size = %s, frontier = %s WHERE id = %s AND size = %s",
            [after.size, after.to_bytes(), log.id, log.size],
        )
        moved = cursor.rowcount
    if moved != 1:
        raise Contended(f"The head of {log.origin} moved from {log.size} while leaves were being appended.")
    log.size, log.frontier = after.size, after.to_bytes()


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
