"""Between the workshop's wall clock and the plan's integer seconds since its epoch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lienmach.apps.production.planning.factory import Closure, Shift

Interval = tuple[int, int]
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Timeline:
    """Seconds since ``epoch`` (an aware instant: the plan's "now"), shown in ``zone``."""

    epoch: datetime
    zone: str

    def __post_init__(self) -> None:
        if self.epoch.tzinfo is None:
            raise ValueError("The epoch must carry a time zone.")

    def second_of(self, moment: datetime) -> int:
        """Return the plan second of a moment; a naive one is wall-clock time of the workshop."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.zone))
        return int((aware.astimezone(UTC) - self.epoch.astimezone(UTC)).total_seconds())

    def moment(self, second: int) -> datetime:
        """Return the aware local moment of a plan second."""
        return (self.epoch.astimezone(UTC) + timedelta(seconds=second)).astimezone(ZoneInfo(self.zone))

    def day(self, second: int) -> date:
        """Return the local day of a plan second."""
        return self.moment(second).date()

    def morning_of(self, day: date) -> int:
        """Return the plan second at which a local day begins."""
        return self.second_of(datetime.combine(day, time()))

    def end_of(self, day: date) -> int:
        """Return the plan second at which a local day ends."""
        return self.morning_of(day + timedelta(days=1))


def open_intervals(
    timeline: Timeline, shifts: Sequence[Shift], closures: Iterable[Closure], horizon_days: int
) -> tuple[Interval, ...]:
    """Return the disjoint, ascending intervals in which work is possible, from the epoch on.

    A shift that runs past midnight belongs to the day it starts, so the day before the epoch counts too.
    """
    first = timeline.day(0) - timedelta(days=1)
    spans: list[Interval] = []
    for offset in range(horizon_days + 1):
        day = first + timedelta(days=offset)
        for shift in shifts:
            if day.weekday() in shift.weekdays:
                spans.append(_span(timeline, day, shift))
    blocked = sorted((timeline.second_of(item.start), timeline.second_of(item.end)) for item in closures)
    return tuple(_without(merged((max(0, a), b) for a, b in spans if b > 0), merged(blocked)))


def _span(timeline: Timeline, day: date, shift: Shift) -> Interval:
    last = day if shift.end > shift.start else day + timedelta(days=1)
    return (
        timeline.second_of(datetime.combine(day, shift.start)),
        timeline.second_of(datetime.combine(last, shift.end)),
    )


def merged(spans: Iterable[Interval]) -> list[Interval]:
    """Return spans as disjoint ones, ascending."""
    result: list[Interval] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif end > start:
            result.append((start, end))
    return result


def _without(spans: list[Interval], blocked: list[Interval]) -> Iterable[Interval]:
    """Yield the parts of ``spans`` outside ``blocked``; both are disjoint and ascending."""
    index = 0
    for span_start, span_end in spans:
        start = span_start
        while index < len(blocked) and blocked[index][1] <= start:
            index += 1
        probe = index
        while probe < len(blocked) and blocked[probe][0] < span_end:
            if blocked[probe][0] > start:
                yield start, blocked[probe][0]
            start = max(start, blocked[probe][1])
            probe += 1
        if start < span_end:
            yield start, span_end
