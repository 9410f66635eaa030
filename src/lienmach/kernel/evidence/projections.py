"""What apps derive from events, declared so that an audit can derive it again and compare.

*Rows*: one row of a table per event, by a pure function of the event. *Recomputed*: anything else an app can
compute a second time, and say where it differs from what is stored. Apps declare theirs in `projections.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from django.db import connection, models

from lienmach.kernel.apps import installed
from lienmach.kernel.evidence.envelope import Event, Origin
from lienmach.kernel.evidence.log.findings import Finding, Kind, Report
from lienmach.kernel.evidence.log.pages import moment_sql
from lienmach.kernel.evidence.models import (
    EventRecord,
    Leaf,
    Log,
    SequencedEvent,
    SequenceHead,
    SubscriberCursor,
)
from lienmach.kernel.evidence.queries import event_from
from lienmach.kernel.scope import SystemScope

CHUNK = 2000
SHOWN = 100
Row = Mapping[str, Any]
Derive = Callable[[Event, Any], Row | None]
Recompute = Callable[[SystemScope], Iterator[str]]


@dataclass(frozen=True)
class RowProjection:
    """A table with at most one row per event.

    `derive(event, context)` gives the columns of the event's row, None for an event that has none; `context`
    is made once per audit. Rows are due for events up to the cursor of `subscriber`, which writes them.
    """

    name: str
    table: type[models.Model]
    reads: Mapping[str, Sequence[str]]
    subscriber: str
    key: str
    context: Callable[[], Any]
    derive: Derive


_rows: dict[str, RowProjection] = {}
_recomputed: dict[str, Recompute] = {}


def row_projection(
    name: str,
    *,
    table: type[models.Model],
    reads: Mapping[str, Sequence[str]],
    subscriber: str,
    key: str = "event",
    context: Callable[[], Any] = lambda: None,
) -> Callable[[Derive], Derive]:
    """Declare the decorated function as what makes the rows of `table` of events of the types in `reads`."""

    def declare(derive: Derive) -> Derive:
        _rows[name] = RowProjection(name, table, reads, subscriber, key, context, derive)
        return derive

    return declare


def recomputed(name: str) -> Callable[[Recompute], Recompute]:
    """Declare the decorated function as one that computes again and yields, in words, each difference."""

    def declare(recompute: Recompute) -> Recompute:
        _recomputed[name] = recompute
        return recompute

    return declare


def projections_audit(scope: SystemScope, report: Report) -> Iterator[Finding]:
    """Yield what is otherwise in derived tables than the events give."""
    for config in installed():
        if find_spec(f"{config.name}.projections") is not None:
            import_module(f"{config.name}.projections")
    for name in sorted(_rows):
        yield from _audit_rows(_rows[name], report)
    for name in sorted(_recomputed):
        for what in _recomputed[name](scope):
            yield Finding(log="", index=None, kind=Kind.PROJECTION_CHANGED, what=f"{name}: {what}")


def _audit_rows(declared: RowProjection, report: Report) -> Iterator[Finding]:
    context, low, reached = declared.context(), 0, _reached(declared)
    while events := _events(declared, low, reached):
        first, low = events[0].position or 0, events[-1].position or 0
        expected = {event.event_id: declared.derive(event, context) for event in events}
        columns = sorted({name for row in expected.values() if row is not None for name in row})
        stored = _stored(declared, columns, first, low)
        report.projected += len(events)
        for event_id, row in expected.items():
            ours = None if row is None else tuple(_form(row[name]) for name in columns)
            theirs = stored.get(_form(event_id))
            if ours != theirs:
                yield _found(declared, event_id, _difference(columns, ours, theirs))
    known = SequencedEvent.objects.filter(event__type__in=list(declared.reads)).values("event")
    strange = declared.table._default_manager.exclude(**{f"{declared.key}__in": known})
    for event_id in strange.values_list(declared.key, flat=True)[:SHOWN]:
        yield _found(declared, event_id, "a row of an event that gives none")


def _reached(declared: RowProjection) -> int:
    if declared.subscriber:
        cursors = SubscriberCursor.objects.filter(subscriber=declared.subscriber)
        return cursors.values_list("position", flat=True).first() or 0
    return SequenceHead.objects.filter(id=1).values_list("position", flat=True).first() or 0


def _events(declared: RowProjection, low: int, reached: int) -> list[Event]:
    """Return the next events, without their bodies when the projection reads none of them."""
    if any(declared.reads.values()):
        rows = SequencedEvent.objects.filter(
            event__type__in=list(declared.reads), position__gt=low, position__lte=reached
        )
        chosen = rows.select_related("event").order_by("position")[:CHUNK]
        return [event_from(row.event, position=row.position) for row in chosen]
    types = list(declared.reads)
    with connection.cursor() as cursor:
        times = {"time": moment_sql("e.time"), "recorded": moment_sql("e.recorded_at")}
        marks = ", ".join(["%s"] * len(types))
        cursor.execute(_HEADERS.format(types=marks, **times), [low, reached, *types, CHUNK])
        return [_header(*row) for row in cursor.fetchall()]


_HEADERS = """
    SELECT s.position, e.event_id, e.type, e.version, {time}, {recorded}, e.organisation, e.subject, e.actor,
           e.origin, e.corrects, e.retract
    FROM evidence_sequencedevent s JOIN evidence_eventrecord e ON e.event_id = s.event_id
    WHERE s.position > %s AND s.position <= %s AND e.type IN ({types}) ORDER BY s.position LIMIT %s
"""
_ORIGINS = {origin.value: origin for origin in Origin}


def _header(
    position: int, event_id: Any, type_: str, version: int, time: str, recorded: str, organisation: Any,
    subject: str, actor: str, origin: str, corrects: Any, retract: Any,
) -> Event:  # fmt: skip
    return Event(
        event_id=_uuid(event_id),
        type=type_,
        version=version,
        time=datetime.fromisoformat(time).replace(tzinfo=UTC),
        recorded_at=datetime.fromisoformat(recorded).replace(tzinfo=UTC),
        organisation=_known(organisation),
        subject=subject,
        actor=actor,
        origin=_ORIGINS[origin],
        corrects=None if corrects is None else _uuid(corrects),
        retract=bool(retract),
        body={},
        position=position,
    )


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(int=int(value, 16))


_known = lru_cache(maxsize=10_000)(_uuid)


def _stored(
    declared: RowProjection, columns: Sequence[str], first: int, last: int
) -> dict[Any, tuple[Any, ...]]:
    """Return the rows of events between two positions, as the database holds their values."""
    fields = {field.attname: field for field in declared.table._meta.fields}
    key = fields[declared.key].column
    selected = ", ".join(
        moment_sql(f't."{fields[name].column}"')
        if isinstance(fields[name], models.DateTimeField)
        else f't."{fields[name].column}"'
        for name in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT t."{key}", {selected or "1"} FROM {declared.table._meta.db_table} t '  # noqa: S608
            f'JOIN evidence_sequencedevent s ON s.event_id = t."{key}" WHERE s.position BETWEEN %s AND %s',
            [first, last],
        )
        return {row[0]: tuple(row[1:]) for row in cursor.fetchall()}


def _form(value: Any) -> Any:
    """Return a value as `_stored` gives it."""
    if isinstance(value, datetime):
        text = value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
        return text if connection.vendor != "postgresql" or "." in text else f"{text}.000000"
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def _difference(columns: Sequence[str], ours: tuple[Any, ...] | None, theirs: tuple[Any, ...] | None) -> str:
    if theirs is None:
        return "its row is missing"
    if ours is None:
        return "a row of an event that gives none"
    pairs = zip(columns, ours, theirs, strict=True)
    return "column " + ", ".join(name for name, one, other in pairs if one != other)


def _found(declared: RowProjection, event_id: UUID, what: str) -> Finding:
    leaf = Leaf.objects.filter(event_id=event_id).first()
    origin = "" if leaf is None else Log.objects.values_list("origin", flat=True).get(id=leaf.log_id)
    type_ = EventRecord.objects.filter(event_id=event_id).values_list("type", flat=True).first() or "unknown"
    return Finding(
        log=origin,
        index=None if leaf is None else leaf.index,
        kind=Kind.PROJECTION_CHANGED,
        what=f"{declared.name}, event {event_id} ({type_}): {what}.",
    )
