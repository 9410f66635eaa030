"""Orders → what has to be made and bought, each pegged to the orders it is for.

Orders are served by weight, then due date, then code; each takes stock first (above the safety stock), then
open purchases, then what is bought or made for it. Quantities are exact and rounded up once, to whole pieces
when made and to the supplier's lot when bought.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from lienmach.apps.production.planning.factory import Factory, Item, Order
from lienmach.apps.production.planning.operations import DAY_S, Make
from lienmach.apps.production.planning.timeline import Timeline
from lienmach.engines.scheduling.problem import MaterialReady

Peg = tuple[str, str]
"""A job and one of its steps: who consumes."""


@dataclass(frozen=True, slots=True)
class Buy:
    """A purchase to place: at the earliest it is there at second ``arrives``."""

    item: str
    quantity: Decimal
    arrives: int
    orders: tuple[str, ...]
    used_by: tuple[Peg, ...]
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything that has to be made and bought."""

    makes: tuple[Make, ...]
    buys: tuple[Buy, ...]


@dataclass(slots=True)
class _Supply:
    """A quantity that is there from a second on; ``source`` says what it is for the reader."""

    quantity: Decimal
    ready: int
    source: str


@dataclass(slots=True)
class _Purchase:
    """What is bought of one item, while orders still add to it."""

    quantity: Decimal
    arrives: int
    orders: dict[str, None]
    used_by: dict[Peg, None]


def break_down(factory: Factory, timeline: Timeline) -> Needs:
    """Return makes (an order's own before its parts) and purchases, netted against stock and receipts."""
    walk = _Walk(factory, timeline)
    for order in sorted(factory.orders, key=lambda order: (-order.weight, order.due, order.code)):
        walk.serve(order)
    return walk.needs()


class _Walk:
    def __init__(self, factory: Factory, timeline: Timeline) -> None:
        self._factory = factory
        self._timeline = timeline
        self._supplies = _supplies(factory, timeline)
        self._purchases: dict[str, _Purchase] = {}
        self._makes: list[Make] = []

    def needs(self) -> Needs:
        buys = tuple(
            Buy(item, bought.quantity, bought.arrives, tuple(bought.orders), tuple(bought.used_by))
            for item, bought in self._purchases.items()
        )
        return Needs(tuple(self._makes), buys)

    def serve(self, order: Order) -> None:
        item = self._factory.items[order.item]
        left = self._take(order.item, order.quantity)[0]
        if left <= 0:
            return
        release = self._timeline.second_of(order.earliest) if order.earliest else 0
        due = self._timeline.second_of(order.due)
        self._make(item, left, order, order.code, release=max(0, release), due=due, feeds=())

    def _take(self, item: str, wanted: Decimal) -> tuple[Decimal, int, str]:
        """Take what is there, earliest first; return what is left wanted, when the last is there, and why."""
        ready, source = 0, ""
        for supply in self._supplies[item]:
            part = min(wanted, supply.quantity)
            if part <= 0:
                continue
            supply.quantity -= part
            wanted -= part
            if supply.ready > ready:
                ready, source = supply.ready, supply.source
        return wanted, ready, source

    def _make(
        self,
        item: Item,
        wanted: Decimal,
        order: Order,
        job: str,
        *,
        release: int,
        due: int | None,
        feeds: tuple[Peg, ...],
    ) -> None:
        quantity = int((wanted / (1 - item.scrap)).to_integral_value(ROUND_CEILING))
        index = len(self._makes)
        self._makes.append(Make(job, item.code, quantity, (order.code,)))
        material: dict[str, tuple[MaterialReady, ...]] = {}
        used: dict[str, int] = defaultdict(int)
        for step in item.steps:
            ready = []
            for part in step.components:
                needed = quantity * part.quantity_per * (1 + part.waste)
                used[part.item] += 1
                suffix = f"~{used[part.item]}" if used[part.item] > 1 else ""
                found = self._provide(
                    part.item, needed, order, (job, step.code), f"{job}/{part.item}{suffix}"
                )
                if found is not None:
                    ready.append(found)
            material[step.code] = tuple(ready)
        self._makes[index] = Make(
            job, item.code, quantity, (order.code,), due, order.weight, release, material, feeds
        )

    def _provide(self, code: str, needed: Decimal, order: Order, user: Peg, job: str) -> MaterialReady | None:
        """Reserve, buy or make ``needed`` of an item; return from when on it is there, None when at once."""
        item = self._factory.items[code]
        left, ready, source = self._take(code, needed)
        if left > 0 and item.made:
            self._make(item, left, order, job, release=0, due=None, feeds=(user,))
        elif left > 0:
            bought = self._buy(item, left, order, user)
            if bought.arrives > ready:
                ready, source = bought.arrives, code
        return MaterialReady(ready, source or code) if ready > 0 else None

    def _buy(self, item: Item, wanted: Decimal, order: Order, user: Peg) -> _Purchase:
        arrives = int(item.lead_time_days * DAY_S)
        bought = self._purchases.setdefault(item.code, _Purchase(Decimal(0), arrives, {}, {}))
        lot = _lot(item, bought.quantity + wanted) - bought.quantity
        bought.quantity += lot
        bought.orders[order.code] = None
        bought.used_by[user] = None
        if lot > wanted:
            self._supplies[item.code].append(_Supply(lot - wanted, arrives, item.code))
        return bought


def _lot(item: Item, quantity: Decimal) -> Decimal:
    """Round a purchase up to the supplier's minimum and multiple."""
    quantity = max(quantity, item.lot_minimum)
    if item.lot_multiple > 0:
        quantity = (quantity / item.lot_multiple).to_integral_value(ROUND_CEILING) * item.lot_multiple
    return quantity


def _supplies(factory: Factory, timeline: Timeline) -> dict[str, list[_Supply]]:
    """Stock above the safety stock, then open purchases by date; an overdue one is counted from tomorrow."""
    supplies: dict[str, list[_Supply]] = defaultdict(list)
    for code, quantity in factory.stock.items():
        item = factory.items.get(code)
        free = quantity - (item.safety_stock if item else Decimal(0))
        supplies[code].append(_Supply(max(Decimal(0), free), 0, ""))
    for receipt in sorted(factory.receipts, key=lambda receipt: (receipt.due, receipt.code)):
        ready = timeline.morning_of(receipt.due)
        if ready < 0:
            ready = DAY_S
        supplies[receipt.item].append(_Supply(receipt.quantity, ready, f"{receipt.item} ({receipt.code})"))
    return supplies
