"""Reading one's own log, one leaf of it, its health; and what a partner's link shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.log import explorer, leaf_record
from lienmach.kernel.evidence.log.health import LogHealth, log_health
from lienmach.kernel.evidence.log.leaf_record import LeafRecord as KernelRecord
from lienmach.kernel.evidence.log.proofs import event_proof
from lienmach.kernel.evidence.queries import EventNotFound, event_get, event_list
from lienmach.kernel.identity.queries import organisation_get
from lienmach.kernel.scope import LinkScope, OrganisationScope, PublicScope

GROUPS = ("public", "partner", "private")
FOR_PARTNERS = ("public", "partner")
MOST_OF_SUBJECT = 100


@dataclass(frozen=True, kw_only=True)
class LeafRecord:
    """A leaf with its event, if it stands for one, and the events about the same thing.

    `names` are events whose leaves this one names by their hash, `named_by` those that name this one:
    a receipt names its shipment.
    """

    leaf: KernelRecord
    event: Event | None
    others: tuple[Event, ...] = ()
    names: tuple[Event, ...] = ()
    named_by: tuple[Event, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Health:
    """The state of the organisation's log."""

    log: LogHealth
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SubjectLeaf:
    """An event about the subject of a link, as its holder may see it, and how far it has come."""

    event: Event
    standing: explorer.Standing


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a partner's link shows: who shows it, and every event about one thing."""

    organisation: str
    leaves: tuple[SubjectLeaf, ...]


def leaves(
    scope: OrganisationScope, *, kind: str = "", stage: str = "", offset: int = 0, limit: int = 50
) -> explorer.LeafPage:
    """Return leaves of the organisation's log, newest first."""
    scope.require("proof.log_read")
    return explorer.leaf_list(scope, kind=kind, stage=stage, offset=offset, limit=limit)


def leaf(scope: OrganisationScope, *, leaf: UUID) -> LeafRecord:
    """Return one leaf of the organisation's log or raise `EventNotFound`."""
    scope.require("proof.log_read")
    record = leaf_record.leaf_get(scope, leaf=leaf)
    try:
        event = event_get(scope, event_id=leaf)
    except EventNotFound:
        return LeafRecord(leaf=record, event=None)  # a leaf of the log's own: it signs a batch
    others = [
        each
        for each in event_list(scope, subject=event.subject, limit=MOST_OF_SUBJECT)
        if each.event_id != leaf
    ]
    hashes = explorer.hashes_of(scope, events=[each.event_id for each in others])
    return LeafRecord(
        leaf=record,
        event=event,
        others=tuple(others),
        names=tuple(each for each in others if _names(event, hashes.get(each.event_id))),
        named_by=tuple(each for each in others if _names(each, record.hash)),
    )


def _names(event: Event, hash: str | None) -> bool:
    """Whether a field of the event is a reference to the leaf with this hash."""
    return hash is not None and any(
        isinstance(value, str) and value.endswith(f"#{hash}") for value in event.body.values()
    )


def leaf_of_anybody(scope: PublicScope, *, leaf: UUID) -> KernelRecord:
    """Return the public side of a leaf that is in a published checkpoint, or raise `EventNotFound`."""
    scope.require("proof.file_verify")
    return leaf_record.leaf_get(scope, leaf=leaf)


def proof_file(
    scope: OrganisationScope | LinkScope, *, leaf: UUID, groups: Sequence[str], province: bool = False
) -> bytes:
    """Return the offline proof of a leaf with these groups opened.

    With `province` it also shows that the provincial log holds the checkpoint.

    Raises
    ------
    EventNotFound
    NotProvable
        While it is in no published checkpoint, or for a group that was erased or the reader may not have.
    """
    if isinstance(scope, LinkScope):
        scope.require("proof.subject_read")
    else:
        scope.require("proof.file_download")
    return event_proof(scope, event_id=leaf, disclose=tuple(groups), province=province).to_bytes()


def subject(scope: LinkScope) -> Subject:
    """Return everything recorded about the link's subject, without the private part, newest first."""
    scope.require("proof.subject_read")
    events = event_list(scope, limit=MOST_OF_SUBJECT)
    stood = explorer.standings(scope, events=[event.event_id for event in events])
    return Subject(
        organisation=organisation_get(scope, organisation=scope.organisation).name,
        leaves=tuple(
            SubjectLeaf(event=event, standing=stood.get(event.event_id, explorer.Standing()))
            for event in events
        ),
    )


def health(scope: OrganisationScope, *, at: datetime) -> Health:
    """Return how the organisation's log is doing."""
    scope.require("proof.health_read")
    return Health(log=log_health(scope, at=at), at=at)
