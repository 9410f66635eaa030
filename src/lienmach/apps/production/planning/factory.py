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

from lienmach.engines.scheduling.problem import During

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

    ``end`` at or before ``start`` runs past midnight and belongs to the day it starts. Work in an
    ``overtime`` shift costs more (``Rates.overtime_percent``).
    """

    weekdays: frozenset[int]
    start: time
    end: time
    overtime: bool = False

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
    """One machine. ``batch_capacity`` pieces of one recipe run together when it is above zero (a furnace).

    ``initial_family`` is what it is set up for now; empty means that the first setup costs nothing. On an
    ``unlimited`` one any number of jobs run at once (a bench, a drying yard): only its hours count.
    """

    code: str
    group: str
    calendar: str = ""
    name: str = ""
    efficiency: Decimal = Decimal(1)
    batch_capacity: int = 0
    initial_family: str = ""
    rate_per_hour: Decimal = Decimal(0)
    unlimited: bool = False

    def __post_init__(self) -> None:
        if self.unlimited and (self.batch_capacity or self.initial_family):
            raise ValueError("An unlimited machine has neither loads nor setups.")
        if self.efficiency <= 0:
            raise ValueError("efficiency must be above 0.")
        if self.batch_capacity < 0:
            raise ValueError("batch_capacity must be 0 (no batching) or more.")
        if self.rate_per_hour < 0:
            raise ValueError("rate_per_hour must not be negative.")


@dataclass(frozen=True, slots=True)
class OperatorGroup:
    """``count`` people with the same skills and shifts; without a calendar they work the first one given."""

    code: str
    skills: tuple[str, ...]
    count: int = 1
    calendar: str = ""
    rate_per_hour: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if not self.skills:
            raise ValueError("A group of operators needs at least one skill.")
        if self.count < 1:
            raise ValueError("count must be 1 or more.")


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

    Attributes
    ----------
    group, alternatives, outsourced_days
        Where it is done: on every machine of the group at ``seconds_per_piece``, on named machines each at
        its own speed, or elsewhere within a lead time (no machine of ours).
    fixed_seconds
        Added once per job on a machine of the group, whatever the quantity.
    setup_seconds
        Paid when the machine's last family differs from ``family``.
    cycle_seconds
        Above zero: the time of one furnace load, whatever it holds.
    recipe
        Jobs with the same recipe may share a furnace load; empty means the family, or the item's own step.
    skill, operator_count, operator_during
        How many people of which skill it needs, for the whole step or for its setup only.
    min_wait_seconds, max_wait_seconds
        Clock time between the end of this step and the start of the next (cooling; before it rusts).
    transfer_quantity
        Pieces after which the next step may already begin; 0 means the whole quantity must be done.
    supplier, outsourced_price
        Who does an outsourced step, and the price of one piece done elsewhere; a step of ours may have the
        price too: what somebody else would take for it.
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
    fixed_seconds: int = 0
    recipe: str = ""
    operator_count: int = 1
    operator_during: During = During.WHOLE
    min_wait_seconds: int = 0
    max_wait_seconds: int | None = None
    transfer_quantity: int = 0
    supplier: str = ""
    outsourced_price: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.max_wait_seconds is not None and self.max_wait_seconds < self.min_wait_seconds:
            raise ValueError("max_wait_seconds must not be less than min_wait_seconds.")


@dataclass(frozen=True, slots=True)
class Item:
    """Something made (it has steps) or bought (it has none); a lead time of None was not given.

    A made item with a ``lot_maximum`` above zero is made in jobs of at most that many pieces.
    ``expedite_surcharge`` is what one delivery of a bought item costs more when it comes early; 0: not given.
    """

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
    price: Decimal = Decimal(0)
    lot_maximum: Decimal = Decimal(0)
    expedite_surcharge: Decimal = Decimal(0)

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
    lateness_per_day: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise ValueError("quantity must be above 0.")
        if self.weight < 1:
            raise ValueError("weight must be 1 or more.")


@dataclass(frozen=True, slots=True)
class WorkInProgress:
    """A lot on the floor: ``quantity`` pieces that have every step before ``step`` behind them.

    With a ``machine`` the step runs there now, and its material has been taken; ``done`` pieces of it are
    finished. Without one the lot waits (``done`` pieces may have been finished before it was put aside).
    ``started`` is when the running step began (or when the lot was sent out, for an outsourced step).
    ``order`` reserves the lot for one customer order; otherwise it serves whoever needs it first.
    """

    code: str
    item: str
    quantity: int
    step: str
    done: int = 0
    machine: str = ""
    order: str = ""
    started: datetime | None = None

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError("quantity must be 1 or more.")
        if not 0 <= self.done < self.quantity:
            raise ValueError("done must be at least 0 and less than quantity.")

    @property
    def remaining(self) -> int:
        """Pieces still to be done at ``step``."""
        return self.quantity - self.done


@dataclass(frozen=True, slots=True)
class Rates:
    """Money where the owner wants it, in đồng: what overtime costs, and a late day of an order.

    ``overtime_percent`` is of the ordinary hourly rate: 150 means half as much again.
    """

    overtime_percent: Decimal = Decimal(150)
    lateness_per_day: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.overtime_percent < 100:
            raise ValueError("overtime_percent must be 100 or more.")


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
    operators: tuple[OperatorGroup, ...] = ()
    in_progress: tuple[WorkInProgress, ...] = ()
    rates: Rates | None = None
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
