"""How many people of a pool are held, over all time."""

from __future__ import annotations

from bisect import bisect_right

from lienmach.engines.scheduling.calendar import NEVER


class People:
    """One pool as a step function: `_used[i]` people are held from `_times[i]` until the next time."""

    __slots__ = ("_times", "_used", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self._times = [-NEVER]
        self._used = [0]

    def hold(self, start: int, end: int, count: int) -> None:
        """Hold `count` people in `start <= t < end`; a negative count gives them back."""
        if end <= start:
            return
        first = self._cut(start)
        for i in range(first, self._cut(end)):
            self._used[i] += count

    def free_from(self, start: int, end: int, count: int) -> int:
        """`start` when `count` people are free until `end`; else when the first shortage is over."""
        if end <= start:
            return start
        times, used = self._times, self._used
        most = self.size - count
        i = bisect_right(times, start) - 1
        while i < len(times) and times[i] < end:
            if used[i] > most:
                while i < len(used) and used[i] > most:
                    i += 1
                return times[i] if i < len(times) else NEVER
            i += 1
        return start

    def _cut(self, t: int) -> int:
        """The number of the step that begins at `t`, made if there is none."""
        i = bisect_right(self._times, t) - 1
        if self._times[i] == t:
            return i
        self._times.insert(i + 1, t)
        self._used.insert(i + 1, self._used[i])
        return i + 1
