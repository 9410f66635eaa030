"""Calendars of dated buckets with priorities → weekly shifts and closed days.

A bucket holds on its weekdays, between its times of day, between its dates; of those that hold, the one with
the lowest priority number decides; where none holds, the calendar's default. Whatever value is above 0 is
open. The most frequent week from the plan's now on becomes the shifts; days that have less become closures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from lienmach.apps.production.importers.frepple.tables import WEEKDAYS
from lienmach.apps.production.planning.factory import Shift
from lienmach.kernel.sheets import Row

DAYS_AHEAD = 2 * 366
DAY_S = 86_400
Spans = tuple[tuple[int, int], ...]
"""Seconds of a day, [start, end)."""


class Varies(Exception):
    """The calendar has days with more than its usual hours; the message is the first such day."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One row of the sheet calendar bucket."""

    start: date
    end: date
    weekdays: frozenset[int]
    begins: int
    ends: int
    priority: Decimal
    value: Decimal

    def holds(self, day: date) -> bool:
        """Whether it says anything about a day."""
        return self.start <= day < self.end and day.weekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class Hours:
    """What a calendar comes to: shifts every week, and closed stretches."""

    shifts: tuple[Shift, ...]
    closed: tuple[tuple[datetime, datetime], ...]


def read_buckets(rows: Iterable[Row]) -> dict[str, list[Bucket]]:
    """Return the buckets of each calendar."""
    found: dict[str, list[Bucket]] = {}
    for row in rows:
        named = [row[day] for day in WEEKDAYS]
        weekdays = frozenset(index for index, on in enumerate(named) if on or on is None)
        ends = row["end_time"] or time(23, 59, 59)
        start, end = row["start_date"], row["end_date"]
        found.setdefault(row["calendar"], []).append(
            Bucket(
                start.date() if start else date.min,
                end.date() if end else date.max,
                weekdays,
                _second(row["start_time"] or time()),
                _second(ends) + 1 if ends != time() else DAY_S,
                row["priority"] or Decimal(0),
                row["value"] if row["value"] is not None else Decimal(0),
            )
        )
    return found


def values(buckets: Sequence[Bucket], default: Decimal, now: date) -> set[Decimal]:
    """Return every value that the calendar takes from now on."""
    found: set[Decimal] = set()
    for day in _days(now):
        found.update(value for _, _, value in _of_day(buckets, default, day))
    return found


def hours(buckets: Sequence[Bucket], default: Decimal, now: date) -> Hours:
    """Return shifts and closures from ``now`` on.

    Raises
    ------
    Varies
        When some day has more hours than the usual week.
    """
    days = {day: _open(_of_day(buckets, default, day)) for day in _days(now)}
    usual: dict[int, Spans] = {}
    for weekday in range(7):
        seen = Counter(spans for day, spans in days.items() if day.weekday() == weekday)
        most = max(seen.values())
        usual[weekday] = max((spans for spans, count in seen.items() if count == most), key=_length)
    closed: list[tuple[datetime, datetime]] = []
    for day, spans in days.items():
        week = usual[day.weekday()]
        if spans == week:
            continue
        if _length(_without(spans, week)):
            raise Varies(day.isoformat())
        start = datetime.combine(day, time())
        for begins, ends in _without(week, spans):
            closed.append((start + timedelta(seconds=begins), start + timedelta(seconds=ends)))
    return Hours(_shifts(usual), tuple(_joined(closed, usual)))


def _shifts(usual: Mapping[int, Spans]) -> tuple[Shift, ...]:
    by_span: dict[tuple[int, int], set[int]] = {}
    for weekday, spans in usual.items():
        for span in spans:
            by_span.setdefault(span, set()).add(weekday)
    return tuple(
        Shift(frozenset(weekdays), _time(start), _time(end))
        for (start, end), weekdays in sorted(by_span.items())
    )


def _joined(
    closed: Sequence[tuple[datetime, datetime]], usual: Mapping[int, Spans]
) -> Iterable[tuple[datetime, datetime]]:
    """Closed stretches with no usual opening between them are one."""
    current: tuple[datetime, datetime] | None = None
    for start, end in closed:
        if current is not None and not _opens_between(current[1], start, usual):
            current = (current[0], end)
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def _opens_between(start: datetime, end: datetime, usual: Mapping[int, Spans]) -> bool:
    day = start.date()
    while day <= end.date():
        morning = datetime.combine(day, time())
        for begins, ends in usual[day.weekday()]:
            opened, shut = morning + timedelta(seconds=begins), morning + timedelta(seconds=ends)
            if opened < end and shut > start:
                return True
        day += timedelta(days=1)
    return False


def _days(now: date) -> Iterable[date]:
    return (now + timedelta(days=offset) for offset in range(DAYS_AHEAD))


def _of_day(buckets: Sequence[Bucket], default: Decimal, day: date) -> list[tuple[int, int, Decimal]]:
    """The values of a day from midnight to midnight, each over a stretch."""
    holding = sorted((b for b in buckets if b.holds(day)), key=lambda bucket: bucket.priority)
    cuts = sorted({0, DAY_S, *(b.begins for b in holding), *(b.ends for b in holding)})
    return [
        (start, end, next((b.value for b in holding if b.begins <= start and end <= b.ends), default))
        for start, end in pairwise(cuts)
    ]


def _open(stretches: Iterable[tuple[int, int, Decimal]]) -> Spans:
    spans: list[tuple[int, int]] = []
    for start, end, value in stretches:
        if value <= 0:
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)


def _without(spans: Spans, taken: Spans) -> Spans:
    left: list[tuple[int, int]] = []
    for start, end in spans:
        at = start
        for begins, ends in taken:
            if ends <= at or begins >= end:
                continue
            if begins > at:
                left.append((at, begins))
            at = max(at, ends)
        if at < end:
            left.append((at, end))
    return tuple(left)


def _length(spans: Spans) -> int:
    return sum(end - start for start, end in spans)


def _second(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _time(second: int) -> time:
    second %= DAY_S
    return time(second // 3600, second // 60 % 60, second % 60)
