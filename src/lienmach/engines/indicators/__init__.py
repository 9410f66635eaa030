"""Declared indicators over evidence: the same events, rule, map and knowledge date give the same number."""

from lienmach.engines.indicators.compute import (
    Cell,
    Coverage,
    Fact,
    TracedEvent,
    compute,
    facts,
    map_day_of,
    mode_name,
    quarantined,
    trace,
)
from lienmach.engines.indicators.declaration import Indicator, Measure, load
from lienmach.engines.indicators.names import COUNTRY, UNALLOCATED
from lienmach.engines.indicators.periods import Calendar, Grain, Period, periods
from lienmach.engines.indicators.problems import DeclarationError, Problem
from lienmach.engines.indicators.schema import Assertion, EventSchema, Exit, FieldType, Register

__all__ = [
    "COUNTRY",
    "UNALLOCATED",
    "Assertion",
    "Calendar",
    "Cell",
    "Coverage",
    "DeclarationError",
    "EventSchema",
    "Exit",
    "Fact",
    "FieldType",
    "Grain",
    "Indicator",
    "Measure",
    "Period",
    "Problem",
    "Register",
    "TracedEvent",
    "compute",
    "facts",
    "load",
    "map_day_of",
    "mode_name",
    "periods",
    "quarantined",
    "trace",
]
