"""Lead times in a supplier's open time."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from lienmach.engines.materials.problem import Window


class WorkTime:
    """Open time with prefix sums; before the first and after the last window every second counts as open.

    A supplier's calendar is usually known for some months only, and a lead time may reach beyond them.
    """

    def __init__(self, windows: tuple[Window, ...] | None) -> None:
        self._windows = windows or ()
        self._starts = [start for start, _ in self._windows]
        self._before = list(accumulate((end - start for start, end in self._windows), initial=0))

    def _passed(self, t: int) -> int:
        """Open seconds from the first window's start to `t`; negative before it."""
        if not self._windows or t <= self._starts[0]:
            return t - (self._starts[0] if self._windows else 0)
        i = bisect_right(self._starts, t) - 1
        start, end = self._windows[i]
        passed = self._before[i] + min(t, end) - start
        return passed + (t - end if i == len(self._windows) - 1 and t > end else 0)

    def _at(self, passed: int) -> int:
        """The earliest instant when so many open seconds have passed."""
        if not self._windows:
            return passed
        if passed <= 0:
            return self._starts[0] + passed
        if passed > self._before[-1]:
            return self._windows[-1][1] + passed - self._before[-1]
        i = bisect_right(self._before, passed - 1) - 1
        return self._starts[i] + passed - self._before[i]

    def later(self, t: int, lead_time: int) -> int:
        """When something ordered at `t` arrives."""
        return t if not lead_time else self._at(self._passed(t) + lead_time)

    def earlier(self, t: int, lead_time: int) -> int:
        """The latest open instant at which something that has to arrive at `t` must be ordered."""
        if not lead_time:
            return t
        target = self._passed(t) - lead_time
        if not self._windows or target < 0 or target >= self._before[-1]:
            return self._at(target)
        i = bisect_right(self._before, target) - 1
        return self._starts[i] + target - self._before[i]
