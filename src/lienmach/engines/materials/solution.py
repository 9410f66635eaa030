"""What to make and buy, which supply serves which demand, and what is urgent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property


class SupplyKind(StrEnum):
    """Where material comes from."""

    STOCK = "stock"
    RECEIPT = "receipt"
    PURCHASE = "purchase"
    MAKE = "make"


class NeedKind(StrEnum):
    """What material is for."""

    DEMAND = "demand"
    """An order line; `owner` is the demand."""
    COMPONENT = "component"
    """A component of a planned order; `owner` is that order."""
    SAFETY_STOCK = "safety stock"
    """The stock that should always be there; `owner` is the item."""


@dataclass(frozen=True, slots=True)
class Need:
    """A gross requirement: `quantity` of `item`, wanted at `at`.

    Parameters
    ----------
    ready
        When all supply pegged to it is there: not before `at`, later when something comes late.
    operation
        The routing step of the owner that uses the component.
    """

    id: str
    kind: NeedKind
    owner: str
    item: str
    quantity: Decimal
    at: int
    ready: int
    operation: str = ""


@dataclass(frozen=True, slots=True)
class Peg:
    """`quantity` of one supply serves one need. `supply` is the item for stock, otherwise the order's id."""

    need: str
    kind: SupplyKind
    supply: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order to place (bought) or to release (made).

    Parameters
    ----------
    quantity
        Good pieces that come out.
    start_quantity
        Pieces to start, scrap included; the quantity itself for bought items.
    need
        When it is wanted: the earliest need that it serves.
    order_by
        Latest moment to order or release for that; before the plan's start means too late.
    available
        When it can be there: `need`, or later when ordered or released too late.
    holds_up
        Demands that wait for it, through all levels.
    """

    id: str
    kind: SupplyKind
    item: str
    quantity: Decimal
    start_quantity: Decimal
    need: int
    order_by: int
    available: int
    holds_up: tuple[str, ...] = ()


class MessageKind(StrEnum):
    """What somebody has to act on."""

    EXPEDITE = "expedite"
    """A planned order should have been placed before now."""
    RESCHEDULE_IN = "reschedule in"
    """An open receipt comes after it is needed, and a new order would not come earlier."""
    OVERDUE = "overdue"
    """An open receipt should have come before now; it is taken to come now."""


@dataclass(frozen=True, slots=True)
class Message:
    """One exception: which order or receipt, when it is planned, when it is needed."""

    kind: MessageKind
    subject: str
    item: str
    planned: int
    needed: int


@dataclass(frozen=True)
class MaterialsPlan:
    """The answer of netting. Orders, needs and pegs stand in the order in which they were planned."""

    orders: tuple[PlannedOrder, ...]
    needs: tuple[Need, ...]
    pegs: tuple[Peg, ...]
    messages: tuple[Message, ...]

    @property
    def purchases(self) -> tuple[PlannedOrder, ...]:
        """What to buy, the most urgent first."""
        bought = [order for order in self.orders if order.kind is SupplyKind.PURCHASE]
        return tuple(sorted(bought, key=lambda order: (order.order_by, order.id)))

    @cached_property
    def order(self) -> dict[str, PlannedOrder]:
        """Planned orders by id."""
        return {order.id: order for order in self.orders}

    @cached_property
    def need(self) -> dict[str, Need]:
        """Needs by id."""
        return {need.id: need for need in self.needs}

    @cached_property
    def pegs_of_need(self) -> dict[str, tuple[Peg, ...]]:
        """The supplies of each need."""
        found: dict[str, list[Peg]] = {need.id: [] for need in self.needs}
        for peg in self.pegs:
            found[peg.need].append(peg)
        return {name: tuple(pegs) for name, pegs in found.items()}

    @cached_property
    def needs_of(self) -> dict[str, tuple[Need, ...]]:
        """The needs of each owner: of a demand, or of a planned order."""
        found: dict[str, list[Need]] = {}
        for need in self.needs:
            if need.kind is not NeedKind.SAFETY_STOCK:
                found.setdefault(need.owner, []).append(need)
        return {name: tuple(needs) for name, needs in found.items()}
