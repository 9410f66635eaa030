"""One leaf whole: what it commits to, what of that is open or erased, and its way to the published root."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.commitments import commit
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.leaf import leaf_parse
from lienmach.engines.ledger.merkle import check_inclusion, leaf_hash
from lienmach.engines.ledger.notes import note_parse
from lienmach.engines.ledger.tiles import TiledLog
from lienmach.kernel.evidence.envelope import Disclosure as Group
from lienmach.kernel.evidence.log.explorer import LeafLine, line_of
from lienmach.kernel.evidence.log.files import CHECKPOINT, files_of
from lienmach.kernel.evidence.log.proofs import FoundLeaf, leaf_find
from lienmach.kernel.evidence.log.standing_of_log import cover_of
from lienmach.kernel.evidence.models import AuthorKey, Cosignature, Erasure, Leaf, Log, Opening
from lienmach.kernel.evidence.queries import EventNotFound
from lienmach.kernel.scope import LinkScope, PublicScope, Scope


@dataclass(frozen=True, kw_only=True)
class GroupState:
    """One commitment of a leaf.

    `state` is open, erased, closed (not for this reader), missing (neither content nor an erasure: alarm)
    or altered (the content is not what the leaf commits to: alarm).
    """

    group: str
    commitment: str
    state: str
    content: Mapping[str, Any] | None = None
    erased_at: datetime | None = None
    erased_by: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Cosigned:
    """From when on a witness vouches for a leaf: its first cosignature over it that we know."""

    witness: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """The way from the leaf to the root of the published checkpoint, computed from the published files.

    `problem` says why it does not lead there; then something was changed.
    """

    size: int
    root: str
    path: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class LeafRecord:
    """A leaf, as far as the reader may see it."""

    line: LeafLine
    log: str
    size: int
    text: str
    hash: str
    author_key: str
    author_id: str
    counter: int | None
    batch: int | None
    groups: tuple[GroupState, ...]
    cosigned: tuple[Cosigned, ...]
    asked: tuple[str, ...]
    inclusion: Inclusion | None
    held: str


def leaf_get(scope: Scope, *, leaf: UUID) -> LeafRecord:
    """Return a leaf within the scope.

    Anybody (`PublicScope`) is shown what stands in the published files anyway: header, place and way to the
    root of a leaf that is in a published checkpoint, and no content. A link shows no private group.

    Raises
    ------
    EventNotFound
    """
    found = _published(leaf) if isinstance(scope, PublicScope) else leaf_find(scope, leaf)
    log = Log.objects.filter(organisation=found.organisation).first()
    cover, header = cover_of(log), leaf_parse(found.data)
    line = line_of(found, log, cover)
    key = AuthorKey.objects.filter(log=log, key_id=header.author.key_id).first() if log else None
    return LeafRecord(
        line=line,
        log=log.origin if log else "",
        size=log.size if log else 0,
        text=found.data.decode("ascii"),
        hash=leaf_hash(found.data).hex(),
        author_key=key.vkey if key else "",
        author_id=header.author.key_id,
        counter=header.author.counter,
        batch=header.batch.count if header.batch else None,
        groups=_groups(scope, leaf, header.commitments),
        cosigned=_cosigned(log, found.index, line.witnesses),
        asked=cover.asked,
        inclusion=_inclusion(log, found),
        held=log.held if log else "",
    )


def _published(leaf: UUID) -> FoundLeaf:
    row = Leaf.objects.filter(event_id=leaf).first()
    log = Log.objects.filter(id=row.log_id).first() if row else None
    head = files_of(log.origin).read(CHECKPOINT) if log else None
    if (
        row is None
        or log is None
        or head is None
        or checkpoint_parse(note_parse(head).body).size <= row.index
    ):
        raise EventNotFound(f"No published leaf {leaf}.")
    found = FoundLeaf(leaf, log.organisation, bytes(row.data), row.index)
    try:
        leaf_parse(found.data)
    except LedgerError as error:
        raise EventNotFound(f"{leaf} is a checkpoint in the provincial log, not a leaf.") from error
    return found


def _groups(scope: Scope, leaf: UUID, commitments: Mapping[str, bytes]) -> tuple[GroupState, ...]:
    closed = _closed_to(scope)
    opened = {each.group: each for each in Opening.objects.filter(event_id=leaf)}
    erased = {each.group: each for each in Erasure.objects.filter(event_id=leaf)}
    return tuple(
        _group(name.value, commitments[name.value].hex(), name in closed, opened, erased)
        for name in (Group.PUBLIC, Group.PARTNER, Group.PRIVATE)
        if name.value in commitments
    )


def _closed_to(scope: Scope) -> frozenset[Group]:
    if isinstance(scope, PublicScope):
        return frozenset(Group)
    return frozenset({Group.PRIVATE}) if isinstance(scope, LinkScope) else frozenset()


def _group(
    name: str, commitment: str, closed: bool, opened: Mapping[str, Opening], erased: Mapping[str, Erasure]
) -> GroupState:
    gone, kept = erased.get(name), opened.get(name)
    if gone is not None and kept is None:
        return GroupState(
            group=name, commitment=commitment, state="erased", erased_at=gone.at, erased_by=gone.by
        )
    if closed:
        return GroupState(group=name, commitment=commitment, state="closed")
    if kept is None:
        return GroupState(group=name, commitment=commitment, state="missing")
    body = bytes(kept.body)
    if commit(bytes(kept.salt), body).hex() != commitment:
        return GroupState(group=name, commitment=commitment, state="altered")
    return GroupState(group=name, commitment=commitment, state="open", content=json.loads(body))


def _cosigned(log: Log | None, index: int | None, witnesses: tuple[str, ...]) -> tuple[Cosigned, ...]:
    if log is None or index is None:
        return ()
    found = []
    for name in witnesses:
        rows = Cosignature.objects.filter(checkpoint__log=log, witness=name, checkpoint__size__gt=index)
        at = rows.order_by("checkpoint__size", "at").values_list("at", flat=True).first()
        if at is not None:
            found.append(Cosigned(witness=name, at=at))
    return tuple(found)


def _inclusion(log: Log | None, found: FoundLeaf) -> Inclusion | None:
    published = files_of(log.origin).read(CHECKPOINT) if log else None
    if log is None or found.index is None or published is None:
        return None
    try:
        head = checkpoint_parse(note_parse(published).body)
        if found.index >= head.size:
            return None
        path = TiledLog(files_of(log.origin).read, head.size).inclusion_proof(found.index)
        root = head.root.hex()
        check_inclusion(found.index, head.size, leaf_hash(found.data), path, head.root)
    except LedgerError as error:
        return Inclusion(size=log.size, root="", path=(), problem=str(error))
    return Inclusion(size=head.size, root=root, path=tuple(each.hex() for each in path))
