"""Every map there ever was, indexed for two questions: what is this unit on that day, and what is above
it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from lienmach.engines.geography.records import Parent, UnitVersion, known


@dataclass(frozen=True, slots=True)
class MapProblem:
    """Something in the rows that would make an answer ambiguous; ``unit`` says where, ``reason`` what."""

    unit: str
    reason: str


class Atlas:
    """Immutable after construction.

    Parameters
    ----------
    versions, parents
        The rows, in any order.
    as_of
        Knowledge instant: only rows recorded before it exist. ``None`` takes the record as it stands.
    """

    def __init__(
        self, versions: Iterable[UnitVersion], parents: Iterable[Parent], *, as_of: datetime | None = None
    ) -> None:
        self._versions: dict[str, list[UnitVersion]] = defaultdict(list)
        self._parents: dict[str, list[Parent]] = defaultdict(list)
        for version in versions:
            if known(version.recorded_from, version.recorded_to, as_of):
                self._versions[version.unit].append(version)
        for parent in parents:
            if known(parent.recorded_from, parent.recorded_to, as_of):
                self._parents[parent.unit].append(parent)
        for version_rows in self._versions.values():
            version_rows.sort(key=lambda row: row.valid.start)
        for parent_rows in self._parents.values():
            parent_rows.sort(key=lambda row: row.valid.start)

    def units(self) -> list[str]:
        return sorted(self._versions)

    def version(self, unit: str, on: date) -> UnitVersion | None:
        """The unit as it was on a day; ``None`` when it did not exist then."""
        return next((row for row in self._versions.get(unit, ()) if on in row.valid), None)

    def parent(self, unit: str, on: date) -> str | None:
        return next((row.parent for row in self._parents.get(unit, ()) if on in row.valid), None)

    def path(self, unit: str, on: date) -> list[UnitVersion]:
        """The unit and everything above it on that day, finest first; empty when it did not exist."""
        found: list[UnitVersion] = []
        seen: set[str] = set()
        at: str | None = unit
        while at is not None and at not in seen:
            version = self.version(at, on)
            if version is None:
                break
            seen.add(at)
            found.append(version)
            at = self.parent(at, on)
        return found

    def at_level(self, unit: str, level: str, on: date) -> str | None:
        """The ancestor (or the unit itself) at a level on a day; ``None`` when there is none."""
        return next((version.unit for version in self.path(unit, on) if version.level == level), None)

    def find(self, level: str, code: str, on: date) -> str | None:
        """The unit that bore a code on a day. The only place where a code may be joined: with its date."""
        matches = [
            row.unit
            for rows in self._versions.values()
            for row in rows
            if row.level == level and row.code == code and on in row.valid
        ]
        return matches[0] if len(matches) == 1 else None

    def breaks(self, unit: str) -> list[date]:
        """The days on which anything about the unit or its parents' rows changes."""
        days: set[date] = set()
        waiting, seen = [unit], set()
        while waiting:
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            for version in self._versions.get(at, ()):
                days.add(version.valid.start)
                if version.valid.end is not None:
                    days.add(version.valid.end)
            for row in self._parents.get(at, ()):
                days.add(row.valid.start)
                if row.valid.end is not None:
                    days.add(row.valid.end)
                waiting.append(row.parent)
        return sorted(days)

    def problems(self) -> list[MapProblem]:
        """Everything that would make an answer ambiguous, all at once."""
        found: list[MapProblem] = []
        for unit, rows in sorted(self._versions.items()):
            for first, second in itertools.pairwise(rows):
                if first.valid.overlaps(second.valid):
                    found.append(MapProblem(unit, f"two versions hold on {second.valid.start}"))
                if first.level != second.level:
                    found.append(MapProblem(unit, f"changes level from {first.level} to {second.level}"))
        for unit, links in sorted(self._parents.items()):
            for one, other in itertools.pairwise(links):
                if one.valid.overlaps(other.valid):
                    found.append(MapProblem(unit, f"has two parents on {other.valid.start}"))
            for link in links:
                if self.version(link.parent, link.valid.start) is None:
                    found.append(
                        MapProblem(unit, f"its parent {link.parent} does not exist on {link.valid.start}")
                    )
                if link.parent == unit:
                    found.append(MapProblem(unit, "is its own parent"))
        return found
