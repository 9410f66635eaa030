"""Working time: how long work takes when the shop closes at night.

A calendar is a sorted list of open intervals with the open seconds before each of them, so that every
question is one or two bisections, however many years the calendar spans. Instants that are never reached are
`NEVER`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

from lienmach.engines.scheduling.problem import Window

NEVER = 1 << 60
"""An instant after every other: the calendar has ended."""


class Calendar:
    """Open intervals of one machine or pool.

    Parameters
    ----------
    windows
        Sorted, disjoint, not touching; as in `problem`.
    """

    __slots__ = ("_before", "_ends", "_longest_from", "_starts")

    def __init__(self, windows: Iterable[Window]) -> None:
        listed = list(windows)
        self._starts = [start for start, _ in listed]
        self._ends = [end for _, end in listed]
        lengths = [end - start for start, end in listed]
        self._before = list(accumulate(lengths, initial=0))
        # Longest interval from index i on: an operation that fits nowhere is found out at once.
        self._longest_from = [0, *accumulate(reversed(lengths), max)][::-1]

    @property
    def windows(self) -> list[Window]:
        """The open intervals."""
        return list(zip(self._starts, self._ends, strict=True))

    def next_open(self, t: int) -> int:
        """The first open instant at or after `t`."""
        i = bisect_right(self._ends, t)
        if i == len(self._ends):
            return NEVER
        start = self._starts[i]
        return t if t > start else start

    def opening(self, t: int) -> int:
        """The start of the open interval that holds the open instant `t`."""
        return self._starts[bisect_right(self._starts, t) - 1]

    def closing(self, t: int) -> int:
        """The end of the open interval that holds the open instant `t`."""
        return self._ends[bisect_right(self._ends, t)]

    def advance(self, t: int, work: int) -> int:
        """The instant when `work` seconds of open time have passed since `t`; `t` itself for no work."""
        if work <= 0:
            return t
        ends = self._ends
        i = bisect_right(ends, t)
        if i == len(ends):
            return NEVER
        start = self._starts[i]
        if t > start:
            start = t
        if start + work <= ends[i]:
            return start + work
        before = self._before
        target = before[i + 1] - (ends[i] - start) + work
        j = bisect_left(before, target, i + 1)
        if j == len(before):
            return NEVER
        return ends[j - 1] - (before[j] - target)

    def retreat(self, t: int, work: int) -> int:
        """The latest instant from which `work` seconds of open time pass until `t`; -NEVER when none does."""
        if work <= 0:
            return t
        target = self._passed(t) - work
        if target < 0:
            return -NEVER
        i = bisect_right(self._before, target) - 1
        return self._starts[i] + target - self._before[i]

    def work_between(self, a: int, b: int) -> int:
        """Open seconds in `a <= t < b`."""
        return self._passed(b) - self._passed(a) if b > a else 0

    def fit(self, t: int, work: int) -> int:
        """The earliest start at or after `t` from which `work` seconds fit into one open interval."""
        starts, ends, longest = self._starts, self._ends, self._longest_from
        i = bisect_right(ends, t)
        while longest[i] >= work and i < len(ends):
            start = starts[i]
            if t > start:
                start = t
            if start + work <= ends[i]:
                return start
            i += 1
        return NEVER

    def _passed(self, t: int) -> int:
        i = bisect_right(self._starts, t) - 1
        if i < 0:
            return 0
        end = self._ends[i]
        return self._before[i] + (t if t < end else end) - self._starts[i]


class AlwaysOpen(Calendar):
    """The calendar without closed time; the same questions, answered without looking anything up."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__([(-NEVER, NEVER)])

    def next_open(self, t: int) -> int:
        """`t` itself."""
        return t

    def advance(self, t: int, work: int) -> int:
        """`work` seconds after `t`."""
        return t + work

    def retreat(self, t: int, work: int) -> int:
        """`work` seconds before `t`."""
        return t - work

    def work_between(self, a: int, b: int) -> int:
        """The seconds from `a` to `b`."""
        return b - a if b > a else 0

    def fit(self, t: int, work: int) -> int:
        """`t` itself."""
        return t


ALWAYS_OPEN = AlwaysOpen()


def calendar(windows: Iterable[Window] | None) -> Calendar:
    """The calendar of a machine or pool: `None` is always open."""
    return ALWAYS_OPEN if windows is None else Calendar(windows)


def common(calendars: Iterable[Calendar]) -> Calendar:
    """The time when all the calendars are open."""
    limited = [each for each in calendars if each is not ALWAYS_OPEN]
    if not limited:
        return ALWAYS_OPEN
    if len(limited) == 1:
        return limited[0]
    windows = limited[0].windows
    for other in limited[1:]:
        windows = _intersect(windows, other.windows)
    return Calendar(windows)


def _intersect(left: list[Window], right: list[Window]) -> list[Window]:
    result = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            result.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return result
