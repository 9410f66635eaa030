"""The order of a log: each sequenced event gets the next index of its organisation's log.

Part of the sequencer's transaction. The head of every log moves by compare-and-swap: two sequencers cannot
fork a log, and a pass that dies leaves it as it was.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from lienmach.engines.ledger.authors import BATCH_KIND, leaf_sign
from lienmach.engines.ledger.leaf import Author, Batch, hash_of, time_text
from lienmach.engines.ledger.leaf import Leaf as Header
from lienmach.engines.ledger.merkle import Frontier
from lienmach.kernel.evidence.log.keys import Purpose, key_of, verifier_of
from lienmach.kernel.evidence.models import AuthorKey, Leaf, Log
from lienmach.kernel.ids import uuid7

CHUNK = 500
_registered: set[tuple[int, bytes]] = set()
"""Logs and author keys of which this process knows that their row is committed."""


class Contended(Exception):
    """Another sequencer moved a head first; this pass was rolled back and nothing is lost."""


def append(events: Sequence[UUID], *, at: datetime) -> None:
    """Append the leaves of these events, in their order, each to its organisation's log.

    Logs that are held (after a restore) are left alone: `append_waiting` brings them up to date.
    """
    by_organisation: dict[UUID, list[tuple[UUID, bytes]]] = {}
    for start in range(0, len(events), CHUNK):
        chunk = events[start : start + CHUNK]
        # After a restore a leaf may have its index already, fetched back from the log's files.
        rows = Leaf.objects.filter(event_id__in=chunk, position__isnull=True).order_by("event_id")
        for event, organisation, data in rows.values_list("event_id", "organisation", "data"):
            by_organisation.setdefault(organisation, []).append((event, bytes(data)))
    for organisation, leaves in by_organisation.items():
        log = log_of(organisation, at=at)
        if not log.held:
            _append(log, leaves, at)


def append_waiting(log: Log, *, at: datetime, limit: int = 5000) -> int:
    """Append what the log has no index for yet, at most `limit` leaves; return how many."""
    rows = Leaf.objects.filter(organisation=log.organisation, position__isnull=True).order_by("event_id")
    leaves = [(event, bytes(data)) for event, data in rows.values_list("event_id", "data")[:limit]]
    if leaves:
        _append(log, leaves, at)
    return len(leaves)


def log_of(organisation: UUID, *, at: datetime) -> Log:
    """Return the organisation's log; it begins, empty, when first asked for."""
    log = Log.objects.filter(organisation=organisation).first()
    if log is None:
        origin = key_of(organisation, Purpose.LOG).name
        log = Log.objects.get_or_create(
            organisation=organisation, defaults={"origin": origin, "created_at": at}
        )[0]
    return log


def _append(log: Log, leaves: list[tuple[UUID, bytes]], at: datetime) -> None:
    hashes = [hash_of(data) for _, data in leaves]
    event, data = _batch_signed(log, hashes, at)
    after = Frontier.from_bytes(log.size, bytes(log.frontier)).extend([*hashes, hash_of(data)])
    rows = [
        (stored(each), log.id, index)
        for index, each in enumerate([*(each for each, _ in leaves), event], start=log.size)
    ]
    with connection.cursor() as cursor:
        # Written directly: objects for every row would double the time of a batch.
        cursor.executemany(
            'INSERT INTO evidence_leafposition (leaf_id, log_id, "index") VALUES (%s, %s, %s)', rows
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
    """Write the leaf in which the hosted author signs these leaves; return its id and bytes."""
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
    data = leaf_sign(header, key).to_bytes()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO evidence_leaf (event_id, organisation, data) VALUES (%s, %s, %s)",
            [stored(event), stored(log.organisation), data],
        )
    return event, data


def stored(identifier: UUID) -> UUID | str:
    """Return an identifier as the database's own columns hold it."""
    return identifier if connection.features.has_native_uuid_field else identifier.hex
