"""One computation: events out of the platform, through the engine, into cells and facts. Runs in a job."""

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lienmach.apps.targets.declarations import event_schemas, register
from lienmach.engines.indicators import Cell, Fact, Indicator, compute, facts, periods, quarantined, relations
from lienmach.engines.indicators.schema import EventSchema
from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.queries import head_position
from lienmach.kernel.evidence.segments.reading import sealed_source, tail_events
from lienmach.kernel.places.queries import location_memberships
from lienmach.kernel.scope import SystemScope

LEVELS = ("province", "commune")
MONTHS = 13
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

Progress = Callable[[float | None, str], object]


@dataclass(frozen=True)
class Computed:
    """What one computation found, for both readings of the map."""

    position: int
    map_day: date
    cells: dict[str, list[Cell]]
    facts: dict[str, dict[str, list[Fact]]]
    quarantined: int
    cpu_ms: int


def compute_indicator(
    scope: SystemScope, indicator: Indicator, *, at: datetime, report: Progress, up_to: int | None = None
) -> Computed:
    """Compute an indicator's cells of the running month and the twelve before it, as known before `at`.

    Of the platform's sequence up to position `up_to`, by default all of it.
    """
    started = time.process_time()
    position = head_position(scope) if up_to is None else up_to
    today = at.astimezone(ZONE).date()
    types = sorted(indicator.event_types() | register().event_types())
    schemas = [schema for schema in event_schemas() if schema.type in types]
    by_type = relations.schemas_by_type(schemas)
    asked = periods(first=_months_before(today, MONTHS - 1), last=today)
    connection = relations.connect()
    report(0.1, "events")
    events_load(scope, connection, schemas, up_to=position)
    report(0.3, "places")
    relations.memberships_load(
        connection,
        [
            (row.location, row.level, row.unit, row.valid.start, row.valid.end)
            for row in location_memberships(scope, levels=LEVELS, known_before=at)
        ],
    )
    cells: dict[str, list[Cell]] = {}
    behind: dict[str, dict[str, list[Fact]]] = {}
    for number, (mode, map_day) in enumerate((("restated", today), ("as_was", None))):
        report(0.4 + 0.3 * number, mode)
        cells[mode] = compute(
            connection,
            indicator=indicator,
            register=register(),
            schemas=by_type,
            asked=asked,
            levels=LEVELS,
            known_before=at,
            map_day=map_day,
        )
        behind[mode] = {
            level: facts(
                connection,
                indicator=indicator,
                register=register(),
                schemas=by_type,
                asked=asked,
                level=level,
                known_before=at,
                map_day=map_day,
            )
            for level in LEVELS
        }
    aside = quarantined(
        connection, indicator=indicator, register=register(), schemas=by_type, known_before=at
    )
    connection.close()
    spent = int((time.process_time() - started) * 1000)
    return Computed(position, today, cells, behind, aside, spent)


def events_load(scope: SystemScope, connection: Any, schemas: Sequence[EventSchema], *, up_to: int) -> None:
    """Load events up to a position: sealed files that the log vouches for, and the tail from the tables.

    Raises
    ------
    lienmach.kernel.evidence.segments.reading.SegmentDamaged
    """
    by_type = relations.schemas_by_type(schemas)
    source = sealed_source(scope, types=list(by_type), up_to=up_to)
    for each in source.files:
        relations.events_from_sealed(
            connection, by_type[each.type], each.path, columns=each.columns, absent=each.absent
        )
    with tempfile.TemporaryDirectory() as folder:
        spool = Path(folder) / "events.ndjson"
        write_events(tail_events(scope, types=list(by_type), first=source.tail_from, up_to=up_to), spool)
        relations.events_from_ndjson(connection, schemas, spool)


def write_events(events: Iterable[Event], path: Path) -> int:
    """Write events as JSON lines for the engine; return how many."""
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for event in events:
            file.write(json.dumps(_line(event), ensure_ascii=False, sort_keys=True) + "\n")
            written += 1
    return written


def organisations_behind(found: dict[str, list[Fact]]) -> dict[tuple[str, str, str], frozenset[str]]:
    """Return, for each (level, unit, period), the organisations whose events it counts."""
    behind: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for level, rows in found.items():
        for row in rows:
            behind[level, row.unit, row.period].add(row.organisation)
    return {key: frozenset(value) for key, value in behind.items()}


def _line(event: Event) -> dict[str, object]:
    return {
        "event_id": str(event.event_id),
        "type": event.type,
        "time": event.time.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "organisation": str(event.organisation),
        "subject": None,  # it can be erased, so no number may hang on it: a sealed file does not hold it
        "origin": event.origin.value,
        "corrects": str(event.corrects) if event.corrects else None,
        "retract": event.retract,
        "body": event.body,
    }


def _months_before(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)
