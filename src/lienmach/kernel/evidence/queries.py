"""Reading evidence: one event, a subject's history, an organisation's latest, as far as the scope may see."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from lienmach.kernel.evidence.envelope import ERASED, Disclosure, Event, Origin, disclosure_of
from lienmach.kernel.evidence.models import (
    EventRecord,
    OutboxEntry,
    ReadRecord,
    SequenceHead,
    SubscriberCursor,
)
from lienmach.kernel.evidence.types import UnknownType, type_named
from lienmach.kernel.scope import LinkScope, OrganisationScope, Scope, SystemScope

EVERYTHING = frozenset(Disclosure)
FOR_PARTNERS = frozenset({Disclosure.PUBLIC, Disclosure.PARTNER})
FOR_ANYBODY = frozenset({Disclosure.PUBLIC})


class EventNotFound(LookupError):
    """There is no such event within the scope."""


def event_from(
    row: EventRecord, *, groups: frozenset[Disclosure] = EVERYTHING, position: int | None = None
) -> Event:
    """Return the row as an `Event` whose body holds only the fields of the given disclosure groups.

    Fields that the row's version did not have yet are filled with their defaults, so that readers see the
    union of all versions; erased ones are not, they are listed as withheld. A type that no installed app
    declares is shown to its own organisation as written.
    """
    written: dict[str, Any] = json.loads(row.body)
    erased = set(written.pop(ERASED, ()))
    try:
        declared = type_named(row.type)
    except UnknownType:
        body, visible = written, frozenset(written) if groups == EVERYTHING else frozenset()
        gone = set()
    else:
        missing = {
            name: info.get_default(call_default_factory=True)
            for name, info in declared.body.model_fields.items()
            if name not in written
            and not info.is_required()
            and (not erased or disclosure_of(info).value not in erased)
        }
        body, visible = {**missing, **written}, declared.fields_for(groups)
        gone = {
            name for name, info in declared.body.model_fields.items() if disclosure_of(info).value in erased
        }
    return Event(
        event_id=row.event_id,
        type=row.type,
        version=row.version,
        time=row.time.astimezone(UTC),
        recorded_at=row.recorded_at.astimezone(UTC),
        organisation=row.organisation,
        subject=row.subject,
        actor=row.actor,
        origin=Origin(row.origin),
        corrects=row.corrects,
        retract=row.retract,
        body={name: value for name, value in body.items() if name in visible},
        withheld=tuple(sorted({*(set(body) - visible), *gone})),
        position=position,
    )


def event_list(
    scope: Scope,
    *,
    type: str | None = None,
    subject: str | None = None,
    before: datetime | None = None,
    limit: int = 100,
) -> list[Event]:
    """Return the newest events within the scope, newest first.

    Members see their own organisation's, the holder of a link those about its subject, the platform all.
    """
    rows, groups = _visible(scope)
    if type is not None:
        rows = rows.filter(type=type)
    if subject is not None:
        rows = rows.filter(subject=subject)
    if before is not None:
        rows = rows.filter(recorded_at__lt=before)
    rows = rows.select_related("sequenced").order_by("-recorded_at", "-event_id")[:limit]
    return [event_from(row, groups=groups, position=_position(row)) for row in rows]


def event_get(scope: Scope, *, event_id: UUID) -> Event:
    """Return one event within the scope or raise `EventNotFound`."""
    rows, groups = _visible(scope)
    row = rows.select_related("sequenced").filter(event_id=event_id).first()
    if row is None:
        raise EventNotFound(f"No event {event_id} that you may see.")
    return event_from(row, groups=groups, position=_position(row))


def events_named(scope: Scope, *, events: Sequence[UUID]) -> list[Event]:
    """Return these events as far as they are within the scope, newest first."""
    rows, groups = _visible(scope)
    rows = rows.filter(event_id__in=list(events)).select_related("sequenced")
    return [
        event_from(row, groups=groups, position=_position(row))
        for row in rows.order_by("-recorded_at", "-event_id")
    ]


def origin_counts(scope: Scope, *, events: Sequence[UUID]) -> dict[Origin, int]:
    """Return on whose word these events within the scope are: how many of each origin."""
    rows, _ = _visible(scope)
    counted = rows.filter(event_id__in=list(events)).values_list("origin").annotate(Count("event_id"))
    return {Origin(origin): count for origin, count in counted.order_by("origin")}


def event_get_across(scope: Scope, *, event_id: UUID, groups: frozenset[Disclosure] = FOR_ANYBODY) -> Event:
    """Return an event of any organisation with the fields of `groups` only.

    The caller has checked that a consent or a public rule covers the read, and records it with
    `access.read_record`.
    """
    row = EventRecord.objects.select_related("sequenced").filter(event_id=event_id).first()
    if row is None:
        raise EventNotFound(f"No event {event_id}.")
    return event_from(row, groups=groups, position=_position(row))


def head_position(scope: Scope) -> int:
    """Return the last position of the platform's sequence, 0 when there is none."""
    return SequenceHead.objects.filter(id=1).values_list("position", flat=True).first() or 0


@dataclass(frozen=True)
class SubscriberHealth:
    """How far one subscriber is behind, and what stops it."""

    subscriber: str
    position: int
    behind: int
    failures: int
    failed_position: int | None
    error: str


@dataclass(frozen=True)
class SequenceHealth:
    """The state of the sequence: its head, what waits in the outbox, and each subscriber."""

    head: int
    waiting: int
    subscribers: tuple[SubscriberHealth, ...]


def sequence_health(scope: Scope) -> SequenceHealth:
    """Return how the sequencer and the subscribers are doing."""
    head = head_position(scope)
    return SequenceHealth(
        head=head,
        waiting=OutboxEntry.objects.count(),
        subscribers=tuple(
            SubscriberHealth(
                c.subscriber, c.position, head - c.position, c.failures, c.failed_position, c.error
            )
            for c in SubscriberCursor.objects.order_by("subscriber")
        ),
    )


@dataclass(frozen=True)
class ReadOfOurData:
    """One read of an organisation's data by another."""

    at: datetime
    reader: UUID
    actor: str
    what: str
    ground: str


def read_list(scope: OrganisationScope, *, limit: int = 200) -> list[ReadOfOurData]:
    """Return who read this organisation's data, newest first."""
    rows = ReadRecord.objects.filter(owner=scope.organisation).order_by("-at")[:limit]
    return [ReadOfOurData(r.at, r.reader, r.actor, r.what, r.ground) for r in rows]


def _visible(scope: Scope) -> tuple[QuerySet[EventRecord], frozenset[Disclosure]]:
    rows = EventRecord.objects.all()
    if isinstance(scope, SystemScope):
        return rows, EVERYTHING
    if isinstance(scope, OrganisationScope):
        return rows.filter(organisation=scope.organisation), EVERYTHING
    if isinstance(scope, LinkScope):
        return rows.filter(organisation=scope.organisation, subject=scope.subject), FOR_PARTNERS
    return rows.none(), frozenset()


def _position(row: EventRecord) -> int | None:
    sequenced = getattr(row, "sequenced", None)
    return None if sequenced is None else sequenced.position
