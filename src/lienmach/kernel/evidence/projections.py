"""What apps derive from events, declared so that an audit can derive it again and compare.

*Rows*: one row of a table per event, by a pure function of the event. *Recomputed*: anything else an app can
compute a second time, and say where it differs from what is stored. Apps declare theirs in `projections.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from django.db import models

from lienmach.kernel.apps import installed
from lienmach.kernel.evidence.envelope import Event, Origin
from lienmach.kernel.evidence.log.findings import Finding, Kind, Report
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

CHUNK = 500
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
    context, low = declared.context(), 0
    reached = _reached(declared)
    while True:
        events = _events(declared, low, reached)
        if not events:
            break
        low = events[-1].position or 0
        expected = {event.event_id: declared.derive(event, context) for event in events}
        stored = _stored(declared, expected)
        for event in events:
            report.projected += 1
            ours, theirs = expected[event.event_id], stored.get(event.event_id)
            if ours != theirs:
                yield _found(declared, event.event_id, _difference(ours, theirs))
    known = SequencedEvent.objects.filter(event__type__in=list(declared.reads)).values("event")
    strange = declared.table._default_manager.exclude(**{f"{declared.key}__in": known})
    for event_id in strange.values_list(declared.key, flat=True)[:SHOWN]:
        yield _found(declared, event_id, "a row of an event that gives none")


def _reached(declared: RowProjection) -> int:
    if declared.subscriber:
        rows = SubscriberCursor.objects.filter(subscriber=declared.subscriber)
    else:
        rows = SequenceHead.objects.filter(id=1)  # type: ignore[assignment]
    return rows.values_list("position", flat=True).first() or 0


def _events(declared: RowProjection, low: int, reached: int) -> list[Event]:
    rows = SequencedEvent.objects.filter(
        event__type__in=list(declared.reads), position__gt=low, position__lte=reached
    ).order_by("position")
    if any(declared.reads.values()):
        return [event_from(row.event, position=row.position) for row in rows.select_related("event")[:CHUNK]]
    names = [f"event__{name}" for name in _HEADER]
    return [_header(position, *values) for position, *values in rows.values_list("position", *names)[:CHUNK]]


_HEADER = ("event_id", "type", "version", "time", "recorded_at", "organisation", "subject", "actor", "origin",
           "corrects", "retract")  # fmt: skip


def _header(position: int, *values: Any) -> Event:
    """Return an event without its body, for a projection that reads none of it."""
    columns = dict(zip(_HEADER, values, strict=True))
    columns["origin"] = Origin(columns["origin"])
    for name in ("time", "recorded_at"):
        columns[name] = columns[name].astimezone(UTC)
    return Event(**columns, body={}, position=position)


def _stored(declared: RowProjection, expected: Mapping[UUID, Row | None]) -> dict[UUID, Row]:
    columns = sorted({name for row in expected.values() if row is not None for name in row})
    rows = declared.table._default_manager.filter(**{f"{declared.key}__in": list(expected)})
    return {
        row[declared.key]: {name: row[name] for name in columns}
        for row in rows.values(declared.key, *(name for name in columns if name != declared.key))
    }


def _difference(ours: Row | None, theirs: Row | None) -> str:
    if theirs is None:
        return "its row is missing"
    if ours is None:
        return "a row of an event that gives none"
    return "column " + ", ".join(name for name in ours if ours[name] != theirs[name])


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
