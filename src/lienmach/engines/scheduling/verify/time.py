"""Open time, counted in the verifier's own way."""

from __future__ import annotations

from bisect import bisect_right

from lienmach.engines.scheduling.problem import Window


class OpenTime:
    """Open time of one machine or pool, counted by walking the cumulated intervals."""

    def __init__(self, windows: tuple[Window, ...] | None) -> None:
        self.windows = windows
        self._ends: list[int] = []
        self._total: list[int] = [0]
        for start, end in windows or ():
            self._ends.append(end)
            self._total.append(self._total[-1] + end - start)

    def until(self, t: int) -> int:
        """Open seconds before `t`."""
        if self.windows is None:
            return t
        whole = bisect_right(self._ends, t)
        partial = max(0, t - self.windows[whole][0]) if whole < len(self.windows) else 0
        return self._total[whole] + partial

    def between(self, a: int, b: int) -> int:
        """Open seconds from `a` to `b`."""
        return self.until(b) - self.until(a)

    def in_one_interval(self, a: int, b: int) -> bool:
        """Whether all of [a, b) lies in one open interval."""
        return self.between(a, b) == b - a

    def is_open(self, t: int) -> bool:
        """Whether the second that begins at `t` is open."""
        return self.between(t, t + 1) == 1


def shared(times: list[OpenTime]) -> OpenTime:
    """The time when all are open, by sweeping over all boundaries."""
    limited = [time.windows for time in times if time.windows is not None]
    if not limited:
        return OpenTime(None)
    steps = sorted(
        (instant, change)
        for windows in limited
        for start, end in windows
        for instant, change in ((start, 1), (end, -1))
    )
    result: list[Window] = []
    count, since = 0, 0
    for instant, change in steps:
        if count == len(limited) and instant > since:
            result.append((since, instant))
        count += change
        since = instant
    return OpenTime(tuple(result))
