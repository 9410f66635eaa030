"""The types of evidence an indicator may be declared over, and the events that say where a firm is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class FieldType(StrEnum):
    """Types of a field. Any field may be absent from an event; absent means unknown."""

    ID = "id"
    TEXT = "text"
    INT = "int"
    DECIMAL = "decimal"
    BOOL = "bool"
    DATE = "date"
    TIMESTAMP = "timestamp"


ORDERED = frozenset({FieldType.INT, FieldType.DECIMAL, FieldType.DATE, FieldType.TIMESTAMP})
NUMERIC = frozenset({FieldType.INT, FieldType.DECIMAL})
MOMENTS = frozenset({FieldType.DATE, FieldType.TIMESTAMP})

# Fields of the envelope that a filter may name, beside those of the body.
ENVELOPE: Mapping[str, FieldType] = MappingProxyType(
    {"time": FieldType.TIMESTAMP, "origin": FieldType.TEXT, "subject": FieldType.TEXT}
)


@dataclass(frozen=True)
class EventSchema:
    """One registered event type: the union of the fields of all its versions."""

    type: str
    fields: Mapping[str, FieldType]

    def type_of(self, name: str) -> FieldType | None:
        return self.fields.get(name) or ENVELOPE.get(name)


@dataclass(frozen=True)
class Assertion:
    """Events of ``event`` say that ``value`` holds for ``entity`` from the local midnight of ``valid_from``.

    All three are names of body fields; ``valid_from`` is a date.
    """

    event: str
    entity: str
    value: str
    valid_from: str


@dataclass(frozen=True)
class Exit:
    """Events of ``event`` say that the entity named by the body field ``entity`` has left, at their time."""

    event: str
    entity: str


@dataclass(frozen=True)
class Register:
    """How evidence finds its place: log -> enterprise -> location. The last step is the map's.

    Parameters
    ----------
    claims
        Events that link an organisation's log (entity) to a registered enterprise (value).
    locations
        Events that put an enterprise (entity) at a location (value).
    exits
        Events after which an enterprise is registered no more.
    """

    claims: tuple[Assertion, ...]
    locations: tuple[Assertion, ...]
    exits: tuple[Exit, ...] = field(default=())

    def event_types(self) -> frozenset[str]:
        assertions = frozenset(each.event for each in (*self.claims, *self.locations))
        return assertions | frozenset(each.event for each in self.exits)
