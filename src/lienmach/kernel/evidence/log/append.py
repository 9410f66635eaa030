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
from lienmach.kernel.evidence.log.keys import Purpose, key_of, verifier_of
from lienmach.kernel.evidence.models import AuthorKey, HeldLeaf, Leaf, Log
from lienmach.kernel.evidence.rows import rows_insert, stored_form
from lienmach.kernel.ids import uuid7

_registered: set[tuple[int, bytes]] = set()
"""Logs and author keys of which this process knows that their row is committed."""


class Contended(Exception):
    """Another sequencer moved a head first; this pass was rolled back and nothing is lost."""


def append(leaves: Iterable[tuple[UUID, UUID, bytes]], *, at: datetime) -> None:
    """Append leaves (event id, organisation, bytes), in their order, each to its organisation's log.

    Leaves of a log that is held (after a restore) are put aside: `append_waiting` brings it up to date.
    """
    by_organisation: dict[UUID, list[tuple[UUID, bytes]]] = {}
    for event, organisation, data in leaves:
        by_organisation.setdefault(organisation, []).append((event, data))
    for organisation, its in by_organisation.items():
        log = log_of(organisation, at=at)
        if log.held:
            HeldLeaf.objects.bulk_create(
                HeldLeaf(event_id=event, organisation=organisation, data=data) for event, data in its
            )
        else:
            leaves_append(log, its, at=at)


def append_waiting(log: Log, *, at: datetime, limit: int = 5000) -> int:
    """Append what was put aside while the log was held, at most `limit` leaves; return how many."""
    aside = HeldLeaf.objects.filter(organisation=log.organisation).order_by("event_id")
    leaves = [(row.event_id, bytes(row.data)) for row in aside[:limit]]
    if leaves:
        leaves_append(log, leaves, at=at)
        aside.filter(event_id__lte=leaves[-1][0]).delete()
    return len(leaves)


def log_of(organisation: UUID, *, at: datetime) -> Log:
    """Return the organisation's log, locked until the transaction ends; it begins when first asked for."""
    log = Log.objects.select_for_update().filter(organisation=organisation).first()
    if log is None:
        origin = key_of(organisation, Purpose.LOG).name
        log = Log.objects.get_or_create(
            organisation=organisation, defaults={"origin": origin, "created_at": at}
        )[0]
    return log


def leaves_append(log: Log, leaves: Sequence[tuple[UUID, bytes]], *, at: datetime) -> None:
    """Append leaves to one log, and the leaf in which the hosted author signs them; move the head.

    Raises
    ------
    Contended
    """
    hashes = [hash_of(data) for _, data in leaves]
    event, data = _batch_signed(log, hashes, at)
    hashes.append(hash_of(data))
    after = Frontier.from_bytes(log.size, bytes(log.frontier)).extend(hashes)
    stored = stored_form()
    places = enumerate([*leaves, (event, data)], start=Leaf.place_of(log.id, log.size))
    with connection.cursor() as cursor:
        rows_insert(
            cursor,
            "evidence_leaf",
            ("place", "event_id", "data"),
            [(place, stored(each), leaf) for place, (each, leaf) in places],
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
    author = verifier_of(key)
    known = (log.id, author.id)
    if known not in _registered:
        AuthorKey.objects.get_or_create(
            key_id=author.id.hex(), log=log, defaults={"vkey": author.text, "tier": "hosted", "since": at}
        )
        transaction.on_commit(lambda: _registered.add(known))
    event = uuid7(at)
    header = Header(
        event=str(event),
        kind=BATCH_KIND,
        time=time_text(at),
        author=Author(author.id.hex()),
        batch=Batch(len(hashes), Frontier().extend(hashes).root()),
    )
    return event, leaf_sign(header, key).to_bytes()
