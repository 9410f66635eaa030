"""Where an event stands in its log, and the file that proves it to somebody without us."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lienmach.engines.ledger.authors import batch_proof
from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.commitments import Opening as Opened
from lienmach.engines.ledger.disclosure import Authorship, Disclosure, Gathered
from lienmach.engines.ledger.errors import LedgerError, Rejected
from lienmach.engines.ledger.keys import VerifierKey, vkey_parse
from lienmach.engines.ledger.leaf import leaf_parse
from lienmach.engines.ledger.notes import note_parse
from lienmach.engines.ledger.policy import NONE, Party, Policy
from lienmach.engines.ledger.proofs import Proof
from lienmach.engines.ledger.tiles import TiledLog
from lienmach.kernel.evidence.envelope import Disclosure as Group
from lienmach.kernel.evidence.log.files import CHECKPOINT, VKEY, LogFiles, files_of
from lienmach.kernel.evidence.log.gathered import GatheredCheckpoint
from lienmach.kernel.evidence.log.policy import asked, policy_of
from lienmach.kernel.evidence.models import (
    AuthorKey,
    Cosignature,
    Erasure,
    EventRecord,
    HeldLeaf,
    Leaf,
    Log,
    LogCheckpoint,
    Opening,
    OutboxEntry,
)
from lienmach.kernel.evidence.queries import EventNotFound
from lienmach.kernel.scope import LinkScope, OrganisationScope, Scope, SystemScope

EVERY_GROUP = tuple(group.value for group in Group)


class NotProvable(LedgerError):
    """There is no proof of the event yet; the message says what is missing."""


class Stage(StrEnum):
    """How far an event has come. Each stage includes those before it."""

    PENDING = "pending"
    SEQUENCED = "sequenced"
    CHECKPOINTED = "checkpointed"
    WITNESSED = "witnessed"


@dataclass(frozen=True, kw_only=True)
class Witness:
    """Who cosigned a checkpoint, and when we had the answer."""

    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an event stands.

    `size` is that of the smallest checkpoint that covers it and, at stage witnessed, bears a cosignature.
    `tier` says who holds the author's key: hosted, device or own box; empty while that is not known.
    """

    event_id: UUID
    origin: str
    stage: Stage
    index: int | None = None
    size: int | None = None
    witnesses: tuple[Witness, ...] = ()
    author: str = ""
    tier: str = ""
    erased: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundLeaf:
    """A leaf wherever it stands: in its log, or without an index in front of it."""

    event_id: UUID
    organisation: UUID
    data: bytes
    index: int | None = None


def event_place(scope: Scope, *, event_id: UUID) -> Place:
    """Return where an event within the scope stands in its log, or raise `EventNotFound`."""
    leaf = leaf_find(scope, event_id)
    log = Log.objects.filter(organisation=leaf.organisation).first()
    header = leaf_parse(leaf.data)
    erased = tuple(Erasure.objects.filter(event_id=event_id).values_list("group", flat=True))
    if log is None:
        return Place(event_id=event_id, origin="", stage=Stage.PENDING, erased=erased)
    author = AuthorKey.objects.filter(log=log, key_id=header.author.key_id).first()
    index = leaf.index
    stage, size, witnesses = (Stage.PENDING, None, ()) if index is None else _covered(log, index)
    return Place(
        event_id=event_id,
        origin=log.origin,
        stage=stage,
        index=index,
        size=size,
        witnesses=witnesses,
        author=header.author.key_id,
        tier=author.tier if author else "",
        erased=erased,
    )


def _covered(log: Log, index: int) -> tuple[Stage, int | None, tuple[Witness, ...]]:
    covering = LogCheckpoint.objects.filter(log=log, size__gt=index).order_by("size")
    witnessed = covering.filter(cosignatures__isnull=False).first()
    kept = witnessed or covering.first()
    if kept is None:
        return Stage.SEQUENCED, None, ()
    names = Cosignature.objects.filter(checkpoint=kept).order_by("witness")
    witnesses = tuple(Witness(name=each.witness, at=each.at) for each in names)
    return (Stage.WITNESSED if witnesses else Stage.CHECKPOINTED), kept.size, witnesses


def event_proof(
    scope: Scope,
    *,
    event_id: UUID,
    disclose: tuple[str, ...] = (Group.PUBLIC.value,),
    province: bool = False,
) -> Disclosure:
    """Return the proof of an event within the scope, with these groups opened.

    The proof leads to the checkpoint that is published now, with the cosignatures it bears; with `province`
    it also shows that this checkpoint stands in the provincial log.

    Raises
    ------
    EventNotFound
    NotProvable
        While the event is not in a published checkpoint, or when a group to be opened was erased.
    """
    leaf = leaf_find(scope, event_id)
    if isinstance(scope, LinkScope) and Group.PRIVATE.value in disclose:
        raise NotProvable("The private group is shown by the organisation itself only.")
    log = Log.objects.filter(organisation=leaf.organisation).first()
    index = leaf.index
    published = files_of(log.origin).read(CHECKPOINT) if log else None
    if log is None or index is None or published is None:
        raise NotProvable("The event is not in a published checkpoint yet; that takes a second or two.")
    files = files_of(log.origin)
    head = checkpoint_parse(note_parse(published).body)
    if index >= head.size:
        raise NotProvable("The event is not in a published checkpoint yet; that takes a second or two.")
    path = tuple(TiledLog(files.read, head.size).inclusion_proof(index))
    gathered, its_log = _gathered(log, head.size) if province else (None, ())
    policy = _policy(files)
    policy = replace(policy, logs=(*policy.logs, *its_log))
    return Disclosure(
        leaf=leaf.data,
        proof=Proof(index, path, published),
        policy=_as_witnessed(policy, published, *([gathered.proof.checkpoint] if gathered else [])),
        opened=_opened(leaf, disclose),
        author=_authorship(log, leaf, index),
        province=gathered,
    )


def _gathered(log: Log, size: int) -> tuple[Gathered, tuple[Party, ...]]:
    """Return what shows that a checkpoint stands in the provincial log, and that log's key."""
    row = GatheredCheckpoint.objects.filter(log=log, size=size).first()
    leaf = None if row is None else Leaf.objects.filter(event_id=row.leaf).first()
    files = files_of(Log.objects.get(id=leaf.log_id).origin) if leaf else None
    published = files.read(CHECKPOINT) if files else None
    if leaf is None or files is None or published is None:
        raise NotProvable("The log's newest checkpoint is not in the provincial log yet; wait some seconds.")
    head = checkpoint_parse(note_parse(published).body)
    if leaf.index >= head.size:
        raise NotProvable("The log's newest checkpoint is not in the provincial log yet; wait some seconds.")
    path = tuple(TiledLog(files.read, head.size).inclusion_proof(leaf.index))
    key = vkey_parse((files.read(VKEY) or b"").decode().strip())
    return Gathered(bytes(leaf.data), Proof(leaf.index, path, published)), (Party(key),)


def _policy(files: LogFiles) -> Policy:
    key: VerifierKey = vkey_parse((files.read(VKEY) or b"").decode().strip())
    policy = policy_of(key)
    return replace(policy, witnesses=asked(policy))  # a receiver is not told of former witnesses


def _as_witnessed(policy: Policy, *checkpoints: bytes) -> Policy:
    """The policy, without its quorum while one of the checkpoints does not satisfy it.

    Witnesses may have been named after a checkpoint was published. A file that asks for more than it shows
    would be refused; one that asks nobody is told to be unwitnessed.
    """
    try:
        for checkpoint in checkpoints:
            policy.evaluate(note_parse(checkpoint))
    except Rejected:
        return replace(policy, quorum=NONE)
    return policy


def _opened(leaf: FoundLeaf, disclose: tuple[str, ...]) -> dict[str, Opened]:
    committed = leaf_parse(leaf.data).commitments
    opened = {
        each.group: Opened(bytes(each.salt), bytes(each.body))
        for each in Opening.objects.filter(event_id=leaf.event_id, group__in=disclose)
    }
    for group in disclose:
        if group in committed and group not in opened:
            raise NotProvable(f"The {group} group of the event was erased; it can be proved without it.")
    return opened


def _authorship(log: Log, leaf: FoundLeaf, index: int) -> Authorship | None:
    """Who signed the leaf: itself, or the batch that the next signing leaf of this log covers it by."""
    header = leaf_parse(leaf.data)
    known = AuthorKey.objects.filter(log=log, key_id=header.author.key_id).first()
    if known is None:
        return None
    key = vkey_parse(known.vkey)
    if header.signature is not None:
        return Authorship(key)
    following = Leaf.objects.span(log, index + 1, log.size)
    following = following.exclude(event_id__in=EventRecord.objects.values("event_id"))
    for signing in following.exclude(event_id__in=GatheredCheckpoint.objects.values("leaf"))[:20]:
        at, data = signing.index, bytes(signing.data)
        batch = leaf_parse(data).batch if data.startswith(b"{") else None
        if batch is None or not at - batch.count <= index < at:
            continue
        members = Leaf.objects.span(log, at - batch.count, at).values_list("data", flat=True)
        leaves = [bytes(each) for each in members]
        return Authorship(key, batch_proof(leaves, index - (at - batch.count), data))
    return None


def leaf_find(scope: Scope, event_id: UUID) -> FoundLeaf:
    """Return a leaf within the scope, wherever it stands, or raise `EventNotFound`."""
    leaf = _found(event_id)
    visible = leaf is not None and (
        isinstance(scope, SystemScope)
        or (isinstance(scope, OrganisationScope) and scope.organisation == leaf.organisation)
        or (
            isinstance(scope, LinkScope)
            and EventRecord.objects.filter(
                event_id=event_id, organisation=scope.organisation, subject=scope.subject
            ).exists()
        )
    )
    if leaf is None or not visible or not leaf.data.startswith(b"{"):
        raise EventNotFound(f"No event {event_id} that you may see.")
    return leaf


def _found(event_id: UUID) -> FoundLeaf | None:
    leaf = Leaf.objects.filter(event_id=event_id).first()
    if leaf is not None:
        organisation = Log.objects.values_list("organisation", flat=True).get(id=leaf.log_id)
        return FoundLeaf(event_id, organisation, bytes(leaf.data), leaf.index)
    waiting = (
        OutboxEntry.objects.filter(event_id=event_id).first()
        or HeldLeaf.objects.filter(event_id=event_id).first()
    )
    return None if waiting is None else FoundLeaf(event_id, waiting.organisation, bytes(waiting.data))
