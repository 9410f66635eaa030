"""`record()`: the one way evidence comes into being."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lienmach.kernel.evidence.envelope import Event, EventBody, Origin
from lienmach.kernel.evidence.log.leaves import leaf_of
from lienmach.kernel.evidence.models import EventRecord, Opening, OutboxEntry
from lienmach.kernel.evidence.types import EventType, type_of
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import Scope, organisation_of


class OutsideTransaction(Exception):
    """`record()` was called outside the transaction of the change it tells of."""


def record(
    scope: Scope,
    body: EventBody,
    *,
    subject: str,
    time: datetime,
    at: datetime,
    origin: Origin = Origin.SELF_REPORTED,
    organisation: UUID | None = None,
    corrects: UUID | None = None,
    retract: bool = False,
) -> Event:
    """Write one event and its leaf in the caller's transaction; it is sequenced soon after the commit.

    Parameters
    ----------
    scope
        Who acts. Its pseudonym becomes the event's actor.
    body
        A body declared with `@event_type`.
    subject
        What it is about, as `<noun>:<identifier>`.
    time, at
        When it happened, and now: when we learn of it. Aware.
    origin
        Who vouches for it.
    organisation
        Whose log; only the platform's own scope names it, others write to their own.
    corrects, retract
        The event this one replaces; with `retract`, by nothing.

    Raises
    ------
    OutsideTransaction, scope.NoOrganisation, scope.Denied, types.UnknownType
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("Record evidence inside the transaction that makes the change.")
    log = organisation_of(scope, organisation)
    declared = type_of(body)
    row = EventRecord(
        event_id=uuid7(at),
        type=declared.name,
        version=declared.version,
        time=time,
        recorded_at=at,
        organisation=log,
        subject=subject,
        actor=scope.actor,
        origin=origin.value,
        corrects=corrects,
        retract=retract,
        body=body.model_dump_json(),
    )
    row.clean_fields(exclude=["body"])
    events_write([(row, declared)])
    return Event(
        event_id=row.event_id,
        type=row.type,
        version=row.version,
        time=time,
        recorded_at=at,
        organisation=log,
        subject=subject,
        actor=row.actor,
        origin=origin,
        corrects=corrects,
        retract=retract,
        body=body.model_dump(mode="json"),
    )


def events_write(rows: Sequence[tuple[EventRecord, EventType]]) -> None:
    """Write events, what opens their leaves, and the leaves into the outbox, in the caller's transaction."""
    EventRecord.objects.bulk_create(row for row, _ in rows)
    openings, waiting = [], []
    for row, declared in rows:
        leaf, groups = leaf_of(row, declared)
        waiting.append(OutboxEntry(event=row, organisation=row.organisation, data=leaf))
        openings += [
            Opening(event_id=row.event_id, group=name, salt=opened.salt, body=opened.body)
            for name, opened in groups.items()
        ]
    Opening.objects.bulk_create(openings)
    OutboxEntry.objects.bulk_create(waiting)
