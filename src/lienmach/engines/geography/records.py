"""The four kinds of row a map in time is made of.

Every row carries two clocks: the days it is valid for, and when it became known. ``recorded_from`` is the
instant the row entered the record (``None`` = before anything else), ``recorded_to`` the instant it was
withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lienmach.engines.geography.interval import Interval


def known(recorded_from: datetime | None, recorded_to: datetime | None, as_of: datetime | None) -> bool:
    """Whether a row belongs to the record as it stood just before ``as_of`` (``None`` = today's record)."""
    if as_of is None:
        return recorded_to is None
    return (recorded_from is None or recorded_from < as_of) and (recorded_to is None or recorded_to >= as_of)


@dataclass(frozen=True, slots=True)
class UnitVersion:
    """What a unit was called, and by which code, over some days. A wider territory is another unit."""

    unit: str
    level: str
    code: str
    name: str
    valid: Interval
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """``unit`` belonged to ``parent`` over some days."""

    unit: str
    parent: str
    valid: Interval
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """The location lay in ``unit`` over some days. A location is an address or site: it never moves.

    ``unit`` may be of any level: a location of which only the province is known is a member of the province,
    and is unallocated at every finer level.
    """

    location: str
    unit: str
    valid: Interval
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None


class Relation(StrEnum):
    WHOLE = "whole"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Change:
    """On ``effective`` the territory of ``from_unit`` went, whole or in part, to ``to_unit``."""

    act: str
    effective: date
    from_unit: str
    to_unit: str
    relation: Relation
