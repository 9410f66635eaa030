"""What a workshop is: items, steps, machines, hours, stock and orders, as plain frozen facts.

Times of day and dates are local to ``Factory.zone``; durations are seconds; quantities are exact decimals in
the item's own unit. Every fact carries where it came from (``Factory.source_of``): a fact that nobody gave is
assumed and every result says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"


class Source(StrEnum):
    """Where a value came from."""

    GIVEN = "given"
    ASSUMED = "assumed"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class Fact:
    """The address of one value: what kind of thing, which one, which property.

    An empty ``code`` means every thing of the kind.
    """

    kind: str
    code: str
    field: str


@dataclass(frozen=True, slots=True)
class Shift:
    """An open interval that repeats on some weekdays (Monday = 0).

    ``end`` at or before ``start`` runs past midnight and belongs to the day it starts.
    """

    weekdays: frozenset[int]
    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= set(range(7)):
            raise ValueError("A shift needs weekdays between 0 (Monday) and 6 (Sunday).")


@dataclass(frozen=True, slots=True)
class Closure:
    """A dated interval in which one machine, or with ``machine`` None the whole workshop, stands still."""

    start: datetime
    end: datetime
    reason: str = ""
    machine: str | None = None

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("A closure must end after it starts.")


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine. ``batch_capacity`` pieces of one recipe run together when it is above zero (a furnace)."""

    code: str
    group: str
    calendar: str = ""
    name: str = ""
    efficiency: Decimal = Decimal(1)
    batch_capacity: int = 0

    def __post_init__(self) -> None:
        if self.efficiency <= 0:
            raise ValueError("efficiency must be above 0.")
        if self.batch_capacity < 0:
            raise ValueError("batch_capacity must be 0 (no batching) or more.")


@dataclass(frozen=True, slots=True)
class Component:
    """What one piece of the parent consumes; ``waste`` is a share (0.02 = 2 % more is taken)."""

    item: str
    quantity_per: Decimal
    waste: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.quantity_per <= 0:
            raise ValueError("quantity_per must be above 0.")
        if not 0 <= self.waste < 1:
            raise ValueError("waste must be a share from 0 to below 1.")


@dataclass(frozen=True, slots=True)
class Alternative:
    """A machine that can do a step, at its own speed; ``fixed_seconds`` is added whatever the quantity."""

    machine: str
    seconds_per_piece: Decimal
    fixed_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a routing.

    Either ``group`` (every machine of the group, at ``seconds_per_piece``) or ``alternatives`` (named
    machines, each at its speed) or ``outsourced_days`` above zero (no machine, a lead time) says where it is
    done.
    ``setup_seconds`` is paid when the machine's last family differs from ``family``. ``cycle_seconds`` above
    zero is the time of one furnace load, whatever it holds. ``skill`` names the operators the step needs.
    """

    code: str
    group: str = ""
    seconds_per_piece: Decimal = Decimal(0)
    alternatives: tuple[Alternative, ...] = ()
    setup_seconds: int = 0
    family: str = ""
    cycle_seconds: int = 0
    skill: str = ""
    outsourced_days: Decimal = Decimal(0)
    components: tuple[Component, ...] = ()
    resumable: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """Something made (it has steps) or bought (it has none); a lead time of None was not given."""

    code: str
    name: str = ""
    unit: str = ""
    steps: tuple[Step, ...] = ()
    lead_time_days: Decimal | None = None
    supplier: str = ""
    lot_minimum: Decimal = Decimal(0)
    lot_multiple: Decimal = Decimal(0)
    safety_stock: Decimal = Decimal(0)
    scrap: Decimal = Decimal(0)

    @property
    def made(self) -> bool:
        """Whether the workshop makes it."""
        return bool(self.steps)


@dataclass(frozen=True, slots=True)
class Receipt:
    """An open purchase order: ``quantity`` of ``item`` is expected on the morning of ``due``."""

    code: str
    item: str
    quantity: Decimal
    due: date


@dataclass(frozen=True, slots=True)
class Order:
    """A customer order. ``due`` is an instant (a bare date means the end of that day)."""

    code: str
    item: str
    quantity: Decimal
    due: datetime
    customer: str = ""
    weight: int = 1
    earliest: datetime | None = None

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise ValueError("quantity must be above 0.")
        if self.weight < 1:
            raise ValueError("weight must be 1 or more.")


@dataclass(frozen=True, slots=True)
class Changeover:
    """Setup of a machine group from one family to another (both in the sheet's words)."""

    group: str
    before: str
    after: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Factory:
    """A whole workshop, ready to be planned once ``assumptions.assume`` has filled what is missing."""

    items: Mapping[str, Item]
    machines: Mapping[str, Machine]
    orders: tuple[Order, ...]
    calendars: Mapping[str, tuple[Shift, ...]] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()
    stock: Mapping[str, Decimal] = field(default_factory=dict)
    receipts: tuple[Receipt, ...] = ()
    changeovers: tuple[Changeover, ...] = ()
    operators: Mapping[str, int] = field(default_factory=dict)
    name: str = ""
    zone: str = DEFAULT_ZONE
    sources: Mapping[Fact, Source] = field(default_factory=dict)

    def source_of(self, kind: str, code: str, field_name: str) -> Source:
        """Return where a value came from; what no one marked was given."""
        for fact in (Fact(kind, code, field_name), Fact(kind, "", field_name)):
            if fact in self.sources:
                return self.sources[fact]
        return Source.GIVEN

    def group_machines(self, group: str) -> tuple[Machine, ...]:
        """Return the machines of a group in the order they were listed."""
        return tuple(machine for machine in self.machines.values() if machine.group == group)
