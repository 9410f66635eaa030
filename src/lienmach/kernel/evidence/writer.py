"""`record()` and `record_many()`: the one way evidence comes into being."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from lienmach.kernel.evidence.envelope import Event, EventBody, Origin
from lienmach.kernel.evidence.log.leaves import leaf_of
from lienmach.kernel.evidence.models import EventRecord
from lienmach.kernel.evidence.rows import rows_insert, stored_form
from lienmach.kernel.evidence.types import EventType, type_of
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import Scope, organisation_of

EVENT_COLUMNS = (
    "event_id", "type", "version", "time", "recorded_at", "organisation", "subject", "actor", "origin",
    "corrects", "retract", "body",
)  # fmt: skip
LONGEST_SUBJECT, LONGEST_ACTOR = 200, 64
CHUNK = 1000


class OutsideTransaction(Exception):
    """`record()` was called outside the transaction of the change it tells of."""


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """What the author of an event says; `record()` explains the fields."""

    body: EventBody
    subject: str
    time: datetime
    origin: Origin = Origin.SELF_REPORTED
    corrects: UUID | None = None
    retract: bool = False


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
    django.core.exceptions.ValidationError
        For a subject that is empty or too long.
    """
    new = NewEvent(
        body=body, subject=subject, time=time, origin=origin, corrects=corrects, retract=retract
    )  # fmt: skip
    return record_many(scope, [new], at=at, organisation=organisation)[0]


def record_many(
    scope: Scope, events: Sequence[NewEvent], *, at: datetime, organisation: UUID | None = None
) -> list[Event]:
    """Write events of one organisation, in their order, in the caller's transaction; much faster than singly.

    Raises
    ------
    as `record`
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("Record evidence inside the transaction that makes the change.")
    log = organisation_of(scope, organisation)
    # Identifiers of one moment are random beyond their millisecond; sorted, they keep the order given.
    ids = sorted(uuid7(at) for _ in events)
    written: list[Event] = []
    for start in range(0, len(events), CHUNK):
        part = slice(start, start + CHUNK)
        written += _record(scope, events[part], ids[part], at, log)
    return written


def _record(
    scope: Scope, events: Sequence[NewEvent], ids: Sequence[UUID], at: datetime, log: UUID
) -> list[Event]:
    rows = []
    for event_id, new in zip(ids, events, strict=True):
        declared = type_of(new.body)
        row = EventRecord(
            event_id=event_id,
            type=declared.name,
            version=declared.version,
            time=new.time,
            recorded_at=at,
            organisation=log,
            subject=new.subject,
            actor=scope.actor,
            origin=new.origin.value,
            corrects=new.corrects,
            retract=new.retract,
            body=new.body.model_dump_json(),
        )
        if not (0 < len(row.subject) <= LONGEST_SUBJECT and 0 < len(row.actor) <= LONGEST_ACTOR):
            row.clean_fields(exclude=["body"])  # raises, in the words every form uses
        rows.append((row, declared))
    events_write(rows)
    return [
        Event(
            event_id=row.event_id,
            type=row.type,
            version=row.version,
            time=row.time,
            recorded_at=at,
            organisation=log,
            subject=row.subject,
            actor=row.actor,
            origin=new.origin,
            corrects=row.corrects,
            retract=row.retract,
            body=new.body.model_dump(mode="json"),
        )
        for (row, _), new in zip(rows, events, strict=True)
    ]


def events_write(rows: Sequence[tuple[EventRecord, EventType]]) -> None:
    """Write events, what opens their leaves, and the leaves into the outbox, in the caller's transaction."""
    stored, moment = stored_form(), connection.ops.adapt_datetimefield_value
    events, openings, waiting = [], [], []
    for row, declared in rows:
        event_id, organisation = stored(row.event_id), stored(row.organisation)
        leaf, groups = leaf_of(row, declared)
        corrects = None if row.corrects is None else stored(row.corrects)
        events.append(
            (
                event_id, row.type, row.version, moment(row.time), moment(row.recorded_at), organisation,
                row.subject, row.actor, row.origin, corrects, row.retract, row.body,
            )
        )  # fmt: skip
        openings += [(event_id, name, opened.salt, opened.body) for name, opened in groups.items()]
        waiting.append((event_id, organisation, leaf))
    with connection.cursor() as cursor:
        rows_insert(cursor, "evidence_eventrecord", EVENT_COLUMNS, events)
        rows_insert(cursor, "evidence_opening", ("event_id", "group", "salt", "body"), openings)
        rows_insert(cursor, "evidence_outboxentry", ("event_id", "organisation", "data"), waiting)
