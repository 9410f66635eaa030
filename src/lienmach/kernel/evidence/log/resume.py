"""A held log signs again: once it agrees with everybody who has seen it, or an operator's logged decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.leaf import hash_of, leaf_parse
from lienmach.engines.ledger.merkle import Frontier
from lienmach.engines.ledger.notes import note_parse, note_verify
from lienmach.engines.ledger.standing import Position
from lienmach.engines.ledger.tiles import TiledLog
from lienmach.engines.ledger.tree import Tree
from lienmach.kernel.evidence.events import LogResumed
from lienmach.kernel.evidence.log.append import append_waiting
from lienmach.kernel.evidence.log.files import CHECKPOINT, LogFiles, files_of
from lienmach.kernel.evidence.log.keys import Purpose, key_kept
from lienmach.kernel.evidence.log.policy import policy_of
from lienmach.kernel.evidence.log.provincial import regathered
from lienmach.kernel.evidence.log.publish import PUBLISHED, standing_of
from lienmach.kernel.evidence.models import HeldLeaf, Leaf, Log
from lienmach.kernel.evidence.writer import record
from lienmach.kernel.scope import SystemScope


class CannotResume(LedgerError):
    """The log stays held; the message says against whom it stands how, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """How many leaves were fetched back, how many waited, and who agrees with the log now."""

    origin: str
    fetched: int
    appended: int
    agreeing: tuple[str, ...]


def log_resume(
    scope: SystemScope, *, log: Log, at: datetime, source: LogFiles | None = None, reason: str = ""
) -> Resumed:
    """Let a held log work again.

    Parameters
    ----------
    source
        A newer copy of the log's files (a mirror, the old server's folder): leaves the database has not are
        taken from it, checked against its signed checkpoint.
    reason
        Why an operator decides although nobody can be asked. It is logged. It never overrides somebody who
        has seen more, or otherwise.

    Raises
    ------
    CannotResume
    """
    if not log.held:
        raise CannotResume(f"{log.origin} is not held.")
    key = key_kept(log.organisation, Purpose.LOG)
    with transaction.atomic():
        fetched = sum(_fetch(log, files, at) for files in (files_of(log.origin), source) if files is not None)
        tree = _tree(log)
        try:
            where = standing_of(log, key, policy_of(key.verifier), files_of(log.origin), tree.node)
        except LedgerError as error:
            if not reason:
                raise CannotResume(
                    f"{error} With --reason TEXT you may decide without; it is logged."
                ) from error
            positions: dict[str, Position] = {}
        else:
            positions = dict(where.positions)
        against = {who: position for who, position in positions.items() if position is not Position.LEVEL}
        if against:
            raise CannotResume(_remedy(log, against))
        witnesses = [who for who in positions if who != PUBLISHED]
        if not witnesses and not reason:
            raise CannotResume(
                f"{log.origin}: no witness can say that {log.size} leaves are all there were. "
                "With --reason TEXT you decide that they are; it is logged."
            )
        Log.objects.filter(id=log.id).update(held="")
        appended = append_waiting(log, at=at)
        while appended and (more := append_waiting(log, at=at)):
            appended += more
        agreeing = tuple(sorted(positions))
        record(
            scope,
            LogResumed(size=log.size, standing=", ".join(agreeing) or "nobody asked", reason=reason),
            subject="log:own", time=at, at=at, organisation=log.organisation,
        )  # fmt: skip
    return Resumed(origin=log.origin, fetched=fetched, appended=appended, agreeing=agreeing)


def _remedy(log: Log, against: Mapping[str, Position]) -> str:
    who = "; ".join(f"{name}: {position}" for name, position in against.items())
    if Position.FORKED in against.values():
        return (
            f"{log.origin} is another history than others have seen ({who}). Restore a newer backup; "
            "this one cannot be continued."
        )
    return (
        f"{log.origin} has {log.size} leaves and others have seen more ({who}). Bring the missing leaves "
        "with --from DIR (a copy of the log's files: the old server's logs folder, or a mirror), or restore "
        "a newer backup."
    )


def _tree(log: Log) -> Tree:
    rows = Leaf.objects.of(log).values_list("data", flat=True)
    return Tree(hash_of(bytes(data)) for data in rows.iterator(chunk_size=2000))


def _fetch(log: Log, files: LogFiles, at: datetime) -> int:
    """Take the leaves that a signed copy of the log's files holds and the database does not; return how many.

    Their headers come back, not their events: what the leaves commit to is in no public file.
    """
    data = files.read(CHECKPOINT)
    if data is None:
        return 0
    note = note_parse(data)
    note_verify(note, [key_kept(log.organisation, Purpose.LOG).verifier])
    head = checkpoint_parse(note.body)
    if head.origin != log.origin or head.size <= log.size:
        return 0
    theirs = TiledLog(files.read, head.size)
    entries = [theirs.entry(index) for index in range(log.size, head.size)]
    ours = Leaf.objects.span(log, log.signed, log.size).values_list("data", flat=True)
    hashes = [hash_of(entry) for entry in (*map(bytes, ours), *entries)]
    after = Frontier.from_bytes(log.signed, bytes(log.frontier)).extend(hashes)
    if after.root() != head.root:
        raise CannotResume(f"The files in {files.folder} do not continue the {log.size} leaves held here.")
    for index, entry in enumerate(entries, start=log.size):
        event = UUID(leaf_parse(entry).event) if entry.startswith(b"{") else regathered(entry, at=at)
        Leaf.objects.create(place=Leaf.place_of(log.id, index), event_id=event, data=entry)
        HeldLeaf.objects.filter(event_id=event).delete()
    log.size = log.signed = after.size
    log.frontier = after.to_bytes()
    Log.objects.filter(id=log.id).update(size=log.size, signed=log.signed, frontier=log.frontier)
    return len(entries)
