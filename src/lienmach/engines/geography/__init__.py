"""Territories in time: units with intervals, their parents, their successors, and where a location lies when.

All intervals are half-open: ``[valid_from, valid_to)``; ``None`` as an end means "still".
A unit id is opaque and never reused; the official code is an attribute that changes hands.
"""

from lienmach.engines.geography.atlas import Atlas, MapProblem
from lienmach.engines.geography.interval import Interval
from lienmach.engines.geography.placing import (
    UNALLOCATED,
    AsWas,
    BoundaryMode,
    FlatMembership,
    Restated,
    flatten,
    place,
)
from lienmach.engines.geography.records import Change, Membership, Parent, Relation, UnitVersion
from lienmach.engines.geography.succession import carry

__all__ = [
    "UNALLOCATED",
    "AsWas",
    "Atlas",
    "BoundaryMode",
    "Change",
    "FlatMembership",
    "Interval",
    "MapProblem",
    "Membership",
    "Parent",
    "Relation",
    "Restated",
    "UnitVersion",
    "carry",
    "flatten",
    "place",
]
