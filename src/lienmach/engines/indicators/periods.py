"""Periods with local edges: a month begins at local midnight, wherever UTC is by then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum


class Grain(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open; ``opens`` and ``closes`` are local days."""

    label: str
    opens: date
    closes: date

    @property
    def last_day(self) -> date:
        """The day of the last instant: the day on which a state at the period's end is taken."""
        return self.closes - timedelta(days=1)


def periods(*, first: date, last: date, grain: Grain = Grain.MONTH) -> list[Period]:
    """The periods of a grain that hold any day from ``first`` to ``last``, both included."""
    if last < first:
        raise ValueError(f"The last day {last} lies before the first {first}.")
    step = _MONTHS[grain]
    opens = date(first.year, (first.month - 1) // step * step + 1, 1)
    found = []
    while opens <= last:
        months = opens.year * 12 + opens.month - 1 + step
        closes = date(months // 12, months % 12 + 1, 1)
        found.append(Period(_label(opens, grain), opens, closes))
        opens = closes
    return found


def _label(opens: date, grain: Grain) -> str:
    if grain is Grain.YEAR:
        return f"{opens.year:04d}"
    if grain is Grain.QUARTER:
        return f"{opens.year:04d}-Q{(opens.month - 1) // 3 + 1}"
    return f"{opens.year:04d}-{opens.month:02d}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The zone that period edges follow. Asia/Ho_Chi_Minh: seven hours ahead of UTC, no daylight saving."""

    zone: str = "Asia/Ho_Chi_Minh"
    utc_offset: timedelta = timedelta(hours=7)

    def midnight(self, day: date) -> datetime:
        """Local midnight as local wall time, without a zone."""
        return datetime.combine(day, time())


VIETNAM = Calendar()
