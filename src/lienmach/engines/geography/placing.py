"""Boundary modes: on which map is a fact counted.

`AsWas` takes the map in force when the fact happened. `Restated` takes, for the **same location**, the map in
force on another day, earlier or later; never the place the firm holds on that day, for a firm that moved
would take its history along. What a map cannot place is `UNALLOCATED` at that level: shown, counted, never
dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lienmach.engines.geography.atlas import Atlas
from lienmach.engines.geography.interval import Interval
from lienmach.engines.geography.records import Membership, known

UNALLOCATED = "unallocated"


@dataclass(frozen=True, slots=True)
class AsWas:
    """Count a fact on the map of its own day."""

    def map_day(self, fact_day: date) -> date:
        return fact_day

    def __str__(self) -> str:
        return "as_was"


@dataclass(frozen=True, slots=True)
class Restated:
    """Count every fact on the map in force on ``on``."""

    on: date

    def map_day(self, fact_day: date) -> date:
        return self.on

    def __str__(self) -> str:
        return f"restated:{self.on.isoformat()}"


BoundaryMode = AsWas | Restated


def place(
    memberships: Iterable[Membership], atlas: Atlas, *, level: str, fact_day: date, mode: BoundaryMode
) -> str:
    """The unit at ``level`` that counts a fact of one location.

    Parameters
    ----------
    memberships
        Rows of this one location.
    fact_day
        Local day on which the fact happened.

    Returns
    -------
    str
        A unit id, or `UNALLOCATED`.
    """
    day = mode.map_day(fact_day)
    for row in memberships:
        if day in row.valid:
            return atlas.at_level(row.unit, level, day) or UNALLOCATED
    return UNALLOCATED


@dataclass(frozen=True, slots=True)
class FlatMembership:
    """Location, level, unit and days: what a query engine joins on."""

    location: str
    level: str
    unit: str
    valid: Interval


def flatten(
    memberships: Iterable[Membership],
    atlas: Atlas,
    *,
    levels: Sequence[str],
    as_of: datetime | None = None,
) -> list[FlatMembership]:
    """Memberships resolved to every level, cut wherever the map above the location changes.

    For each location and level the rows do not overlap; days they leave out are unallocated. Adjacent rows
    with the same unit are joined.
    """
    spans: dict[str, list[tuple[date, date | None, tuple[str | None, ...]]]] = {}
    flat: list[FlatMembership] = []
    rows = sorted(
        (row for row in memberships if known(row.recorded_from, row.recorded_to, as_of)),
        key=lambda row: (row.location, row.valid.start),
    )
    open_row: dict[tuple[str, str], FlatMembership] = {}
    for row in rows:
        if row.unit not in spans:
            spans[row.unit] = _spans(atlas, row.unit, levels)
        for start, end, units in spans[row.unit]:
            shared = row.valid.meet(Interval(start, end))
            if shared is None:
                continue
            for level, unit in zip(levels, units, strict=True):
                if unit is None:
                    continue
                key = (row.location, level)
                last = open_row.get(key)
                if last is not None and last.unit == unit and last.valid.end == shared.start:
                    open_row[key] = FlatMembership(*key, unit, Interval(last.valid.start, shared.end))
                    continue
                if last is not None:
                    flat.append(last)
                open_row[key] = FlatMembership(*key, unit, shared)
    flat.extend(open_row.values())
    return sorted(flat, key=lambda row: (row.location, row.level, row.valid.start))


def _spans(
    atlas: Atlas, unit: str, levels: Sequence[str]
) -> list[tuple[date, date | None, tuple[str | None, ...]]]:
    days = atlas.breaks(unit)
    ends: list[date | None] = [*days[1:], None]
    return [
        (start, end, tuple(atlas.at_level(unit, level, start) for level in levels))
        for start, end in zip(days, ends, strict=True)
    ]
