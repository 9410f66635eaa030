"""Runs compiled questions in DuckDB and answers with cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from lienmach.engines.indicators.compile import CELL_COLUMNS, Question, compiled, schema_key
from lienmach.engines.indicators.declaration import Indicator
from lienmach.engines.indicators.names import Origins
from lienmach.engines.indicators.periods import VIETNAM, Calendar, Period
from lienmach.engines.indicators.relations import asked_load
from lienmach.engines.indicators.schema import EventSchema, Register

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Coverage:
    """Firms registered at the period's last instant, and those among them with evidence in the period."""

    registered: int
    with_evidence: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One number, with everything needed to judge and to repeat it.

    ``denominator`` is ``None`` for a count. ``contributors`` counts distinct firms in this cell and adds up
    over nothing. ``origins`` counts the evidence by who vouches for it; what is missing to ``evidence`` is
    unknown.
    """

    indicator: str
    version: int
    rule_hash: str
    level: str
    unit: str
    period: str
    mode: str
    known_before: datetime
    numerator: int
    denominator: int | None
    contributors: int
    evidence: int
    origins: Mapping[str, int]
    coverage: Coverage

    @property
    def value(self) -> float | None:
        """The ratio, divided here and nowhere earlier; ``None`` when nothing was measured."""
        if self.denominator is None:
            return float(self.numerator)
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as a level counts it: in which unit and period, and what it adds to each part."""

    unit: str
    period: str
    event_id: str
    organisation: str
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class TracedEvent:
    """An event behind a cell, and what it adds to each part."""

    event_id: str
    organisation: str
    numerator: int
    denominator: int


def compute(
    connection: duckdb.DuckDBPyConnection,
    *,
    indicator: Indicator,
    register: Register,
    schemas: Mapping[str, EventSchema],
    asked: Sequence[Period],
    levels: Sequence[str],
    known_before: datetime,
    map_day: date | None = None,
    calendar: Calendar = VIETNAM,
    only: frozenset[str] | None = None,
) -> list[Cell]:
    """All cells of an indicator over the asked periods and levels, sorted by level, unit and period.

    Parameters
    ----------
    connection
        Holds the event tables of every type the indicator and the register name, and ``location_units``
        as known at ``known_before``.
    map_day
        ``None`` = each fact on the map of its day; a date = the map in force on that date.
    only
        Count these events only.
    """
    asked_load(connection, asked=asked, calendar=calendar, known_before=known_before, only=only or ())
    key = schema_key(schemas)
    found: list[Cell] = []
    for level in levels:
        question = Question(indicator, register, level, map_day, calendar, only is not None)
        for row in connection.execute(compiled(question, key, "cells")).fetchall():
            found.append(_cell(question, known_before, dict(zip(CELL_COLUMNS, row, strict=True))))
    return sorted(found, key=lambda cell: (levels.index(cell.level), cell.unit, cell.period))


def facts(
    connection: duckdb.DuckDBPyConnection,
    *,
    indicator: Indicator,
    register: Register,
    schemas: Mapping[str, EventSchema],
    asked: Sequence[Period],
    level: str,
    known_before: datetime,
    map_day: date | None = None,
    calendar: Calendar = VIETNAM,
) -> list[Fact]:
    """The events behind all cells of a level, sorted by unit, period and event: what drill-down keeps."""
    asked_load(connection, asked=asked, calendar=calendar, known_before=known_before)
    question = Question(indicator, register, level, map_day, calendar)
    rows = compiled(question, schema_key(schemas), "traced")
    columns = "unit, period, event_id, organisation, numerator, denominator"
    query = f"SELECT {columns} FROM ({rows}) ORDER BY unit, period, event_id"  # noqa: S608
    return [
        Fact(unit, period, event_id, organisation, int(numerator), int(denominator))
        for unit, period, event_id, organisation, numerator, denominator in connection.execute(
            query
        ).fetchall()
    ]


def trace(
    connection: duckdb.DuckDBPyConnection,
    cell: Cell,
    *,
    indicator: Indicator,
    register: Register,
    schemas: Mapping[str, EventSchema],
    period: Period,
    calendar: Calendar = VIETNAM,
) -> list[TracedEvent]:
    """The events behind a cell: summing their shares, or recomputing from them alone, gives the cell
    again."""
    asked_load(connection, asked=[period], calendar=calendar, known_before=cell.known_before)
    question = Question(indicator, register, cell.level, map_day_of(cell.mode), calendar)
    rows = compiled(question, schema_key(schemas), "traced")
    found = [
        TracedEvent(event_id, organisation, int(numerator), int(denominator))
        for event_id, organisation, numerator, denominator in connection.execute(
            "SELECT event_id, organisation, numerator, denominator "  # noqa: S608 - compiled from checked parts
            f"FROM ({rows}) WHERE unit = ? AND period = ?",
            [cell.unit, cell.period],
        ).fetchall()
    ]
    return sorted(found, key=lambda event: event.event_id)


def quarantined(
    connection: duckdb.DuckDBPyConnection,
    *,
    indicator: Indicator,
    register: Register,
    schemas: Mapping[str, EventSchema],
    known_before: datetime,
) -> int:
    """Deliveries put aside because their id already stands for another content."""
    asked_load(connection, asked=[], calendar=VIETNAM, known_before=known_before)
    question, key = Question(indicator, register, ""), schema_key(schemas)
    types = sorted(indicator.event_types() | register.event_types())
    queries = [compiled(question, key, f"quarantined:{type_}") for type_ in types]
    return sum(int(connection.execute(query).fetchall()[0][0]) for query in queries)


def mode_name(map_day: date | None) -> str:
    return "as_was" if map_day is None else f"restated:{map_day.isoformat()}"


def map_day_of(mode: str) -> date | None:
    return None if mode == "as_was" else date.fromisoformat(mode.removeprefix("restated:"))


def _cell(question: Question, known_before: datetime, row: Mapping[str, object]) -> Cell:
    def whole(name: str) -> int:
        return int(str(row[name]))

    indicator = question.indicator
    return Cell(
        indicator=indicator.id,
        version=indicator.version,
        rule_hash=indicator.content_hash,
        level=question.level,
        unit=str(row["unit"]),
        period=str(row["period"]),
        mode=mode_name(question.map_day),
        known_before=known_before,
        numerator=whole("numerator"),
        denominator=None if indicator.denominator is None else whole("denominator"),
        contributors=whole("contributors"),
        evidence=whole("evidence"),
        origins={origin: whole(column) for column, origin in Origins.COLUMNS.items()},
        coverage=Coverage(whole("registered"), whole("with_evidence")),
    )
