"""Batches: the hosted author signs what a log has gained, and the tree grows by it.

A batch is closed before each checkpoint, and when it has become large. Its signature is a leaf of its own
behind the leaves it signs; head and tree of a log are always those of closed batches. Until then a leaf has
its index and nothing vouches for it: to be vouched for is what the checkpoint is for, a second later.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from lienmach.engines.ledger.authors import BATCH_KIND, leaf_sign
from lienmach.engines.ledger.errors import Rejected
from lienmach.engines.ledger.leaf import Author, Batch, time_text
from lienmach.engines.ledger.leaf import Leaf as Header
from lienmach.engines.ledger.merkle import Frontier, leaf_hash
from lienmach.kernel.evidence.log.keys import Purpose, author_id, key_of
from lienmach.kernel.evidence.models import AuthorKey, Leaf, Log
from lienmach.kernel.evidence.rows import rows_insert, stored_form
from lienmach.kernel.ids import uuid7

MOST = 4096
"""A batch is closed when it has so many leaves: whoever proves one of them reads all."""


class Contended(Exception):
    """Somebody else moved a head first; this transaction was rolled back and nothing is lost."""


class LeavesMissing(Rejected):
    """A log has fewer leaves than its head says: nothing of it is signed any more."""


@transaction.atomic
def batch_close(log: Log, *, at: datetime) -> Log:
    """Have every leaf of the log signed; return the log as it stands then, with nothing behind its tree.

    Raises
    ------
    LeavesMissing
    """
    now = Log.objects.select_for_update().get(id=log.id)
    if now.signed < now.size and not now.held:
        batch_sign(now, at=at)
    return now


def batch_sign(log: Log, *, at: datetime) -> None:
    """Append the leaf in which the hosted author signs those since the last batch; grow the tree by them all.

    For a log that the caller has locked.

    Raises
    ------
    Contended, LeavesMissing
    """
    hashes = [leaf_hash(data) for data in _members(log)]
    if len(hashes) != log.size - log.signed:
        raise LeavesMissing(f"Leaves are missing between {log.signed} and {log.size}.")
    event, data = _signature(log, hashes, at)
    after = Frontier.from_bytes(log.signed, bytes(log.frontier)).extend([*hashes, leaf_hash(data)])
    row = (Leaf.place_of(log.id, log.size), stored_form()(event), data)
    with connection.cursor() as cursor:
        rows_insert(cursor, "evidence_leaf", ("place", "event_id", "data"), [row])
        cursor.execute(
            "UPDATE evidence_log SET size = %s, signed = %s, frontier = %s WHERE id = %s AND size = %s",
            [after.size, after.size, after.to_bytes(), log.id, log.size],
        )
        if cursor.rowcount != 1:
            raise Contended(f"The head of {log.origin} moved while its leaves were being signed.")
    log.size, log.signed, log.frontier = after.size, after.size, after.to_bytes()


def _members(log: Log) -> Iterator[bytes]:
    """Yield the leaves behind the last batch."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data FROM evidence_leaf WHERE place >= %s AND place < %s ORDER BY place",
            [Leaf.place_of(log.id, log.signed), Leaf.place_of(log.id, log.size)],
        )
        yield from (bytes(data) for (data,) in cursor.fetchall())


def _signature(log: Log, hashes: Sequence[bytes], at: datetime) -> tuple[UUID, bytes]:
    """Return id and bytes of the leaf in which the hosted author signs the leaves with these hashes."""
    key = key_of(log.organisation, Purpose.AUTHOR)
    author = author_id(log.organisation)
    AuthorKey.objects.get_or_create(
        key_id=author, log=log, defaults={"vkey": key.verifier.text, "tier": "hosted", "since": at}
    )
    event = uuid7(at)
    header = Header(
        event=str(event),
        kind=BATCH_KIND,
        time=time_text(at),
        author=Author(author),
        batch=Batch(len(hashes), Frontier().extend(hashes).root()),
    )
    return event, leaf_sign(header, key).to_bytes()
