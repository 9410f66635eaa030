"""One half-open stretch of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Interval:
    """Days from ``start`` (included) to ``end`` (excluded; ``None`` = still open)."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"Interval must end after it starts: [{self.start}, {self.end}) holds no day.")

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def meet(self, other: Interval) -> Interval | None:
        """The days both intervals share, or ``None``."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends) if ends else None
        return Interval(start, end) if end is None or start < end else None

    def overlaps(self, other: Interval) -> bool:
        return self.meet(other) is not None
