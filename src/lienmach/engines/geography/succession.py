"""What a change of map says about a location that nobody has looked at again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from lienmach.engines.geography.atlas import Atlas
from lienmach.engines.geography.interval import Interval
from lienmach.engines.geography.records import Change, Membership, Relation


def carry(memberships: Iterable[Membership], changes: Iterable[Change], atlas: Atlas) -> list[Membership]:
    """Extend memberships over changes of the map, forward and back, only as far as the change decides.

    Forward: a unit that went *whole* to one other carries its locations along. Backward: a unit made of
    exactly one whole unit does so too. Where the change leaves several candidates, the location belongs to
    the finest unit that contains all of them (the province, when all lie in one) or to none; never to a
    guessed default.

    Parameters
    ----------
    memberships
        What is known. A membership ends, at the latest, where its unit ends.
    changes
        Succession edges.

    Returns
    -------
    list of Membership
        The given rows, clipped to their unit's days, and the carried ones.
    """
    forward: dict[str, list[Change]] = defaultdict(list)
    backward: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        forward[change.from_unit].append(change)
        backward[change.to_unit].append(change)
    known: list[Membership] = list(memberships)
    by_location: dict[str, list[Membership]] = defaultdict(list)
    for row in known:
        by_location[row.location].append(row)
    result: list[Membership] = []
    for rows in by_location.values():
        rows.sort(key=lambda row: row.valid.start)
        result.extend(_carry_one(rows, forward, backward, atlas))
    return result


def _carry_one(
    rows: list[Membership],
    forward: dict[str, list[Change]],
    backward: dict[str, list[Change]],
    atlas: Atlas,
) -> list[Membership]:
    result: list[Membership] = []
    for index, row in enumerate(rows):
        limit = rows[index + 1].valid.start if index + 1 < len(rows) else None
        row = _clip(row, atlas)
        result.append(row)
        result.extend(_walk_forward(row, limit, forward, atlas))
    result.extend(_walk_back(result[0], backward, atlas))
    return sorted(result, key=lambda row: row.valid.start)


def _clip(row: Membership, atlas: Atlas) -> Membership:
    """A membership cannot outlive its unit."""
    end = _last_day(row.unit, row.valid.start, atlas)
    if end is None or (row.valid.end is not None and row.valid.end <= end):
        return row
    if end <= row.valid.start:
        raise LookupError(f"Location {row.location}: unit {row.unit} does not exist on {row.valid.start}.")
    return Membership(
        row.location, row.unit, Interval(row.valid.start, end), row.recorded_from, row.recorded_to
    )


def _walk_forward(
    row: Membership, limit: date | None, forward: dict[str, list[Change]], atlas: Atlas
) -> list[Membership]:
    found: list[Membership] = []
    at = row
    while at.valid.end is not None and (limit is None or at.valid.end < limit):
        day = at.valid.end
        edges = [edge for edge in forward.get(at.unit, ()) if edge.effective == day]
        whole = [edge for edge in edges if edge.relation is Relation.WHOLE]
        targets = [whole[0].to_unit] if len(whole) == 1 else [edge.to_unit for edge in edges]
        unit = _common(targets, day, atlas)
        if unit is None:
            break
        end = _last_day(unit, day, atlas)
        end = end if limit is None else (limit if end is None else min(end, limit))
        at = Membership(row.location, unit, Interval(day, end), row.recorded_from, row.recorded_to)
        found.append(at)
    return found


def _walk_back(row: Membership, backward: dict[str, list[Change]], atlas: Atlas) -> list[Membership]:
    found: list[Membership] = []
    at = row
    while True:
        day = at.valid.start
        edges = [edge for edge in backward.get(at.unit, ()) if edge.effective == day]
        unit = _common([edge.from_unit for edge in edges], day - timedelta(days=1), atlas)
        if unit is None:
            return found
        start = _first_day(unit, day - timedelta(days=1), atlas)
        at = Membership(row.location, unit, Interval(start, day), row.recorded_from, row.recorded_to)
        found.append(at)


def _common(units: list[str], on: date, atlas: Atlas) -> str | None:
    """The finest unit that contains all of ``units`` on a day."""
    if not units:
        return None
    paths = [[version.unit for version in atlas.path(unit, on)] for unit in units]
    return next((unit for unit in paths[0] if all(unit in path for path in paths)), None)


def _last_day(unit: str, on: date, atlas: Atlas) -> date | None:
    end: date | None = on
    while end is not None:
        version = atlas.version(unit, end)
        if version is None:
            return end
        end = version.valid.end
    return None


def _first_day(unit: str, on: date, atlas: Atlas) -> date:
    start = on
    while (version := atlas.version(unit, start)) is not None:
        start = version.valid.start
        if atlas.version(unit, start - timedelta(days=1)) is None:
            return start
        start -= timedelta(days=1)
    raise LookupError(f"Unit {unit} does not exist on {on}.")
