"""Orders → what has to be made and bought, each pegged to the orders it is for.

Netting and pegging are the materials engine's; here the workshop is put into its words, its answer is checked
by its verifier, and turned into the jobs of the schedule. Netting estimates when a part is needed; the
schedule does not keep to that estimate but starts a job as soon as what is pegged to it can be there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from lienmach.apps.production.planning.factory import Factory, Item
from lienmach.apps.production.planning.operations import DAY_S, Make
from lienmach.apps.production.planning.timeline import Timeline
from lienmach.engines.materials.problem import (
    Component,
    Demand,
    LotRule,
    MaterialsProblem,
    Receipt,
)
from lienmach.engines.materials.problem import Item as MaterialItem
from lienmach.engines.materials.solution import (
    MaterialsPlan,
    MessageKind,
    Need,
    NeedKind,
    PlannedOrder,
    SupplyKind,
)
from lienmach.engines.materials.solve import plan_materials
from lienmach.engines.materials.verify import verify
from lienmach.engines.scheduling.problem import MaterialReady

Peg = tuple[str, str]
"""A job and one of its steps: who consumes."""

QUEUE_S_PER_STEP = DAY_S // 2
CLOCK_PER_WORK = 3
FINEST_DIGITS = 3


class NettingError(Exception):
    """The materials plan does not add up: a fault in this software, never in the input."""


@dataclass(frozen=True, slots=True)
class Buy:
    """A purchase to place: at the earliest it is there at second ``arrives``."""

    item: str
    quantity: Decimal
    arrives: int
    orders: tuple[str, ...]
    used_by: tuple[Peg, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything that has to be made and bought, and open purchases that should have come before now."""

    makes: tuple[Make, ...]
    buys: tuple[Buy, ...]
    overdue: tuple[str, ...] = ()


def break_down(factory: Factory, timeline: Timeline) -> Needs:
    """Return what has to be made and bought, netted against stock and open purchases.

    Raises
    ------
    NettingError
        When the materials plan fails its own verifier.
    lienmach.engines.materials.problem.MaterialsError
        When items and bills do not fit together; lists every fault.
    """
    problem = _materials_problem(factory, timeline)
    plan = plan_materials(problem)
    faults = verify(problem, plan)
    if faults:
        raise NettingError("\n".join(str(fault) for fault in faults[:20]))
    return _Reading(factory, timeline, problem, plan).needs()


class _Reading:
    """Reads jobs and purchases out of a materials plan."""

    def __init__(
        self, factory: Factory, timeline: Timeline, problem: MaterialsProblem, plan: MaterialsPlan
    ) -> None:
        self._factory = factory
        self._timeline = timeline
        self._plan = plan
        self._orders = {order.code: order for order in factory.orders}
        self._arrival = {receipt.id: max(0, receipt.at) for receipt in problem.receipts}
        self._served: dict[str, list[Need]] = defaultdict(list)
        for peg in plan.pegs:
            if peg.kind in (SupplyKind.MAKE, SupplyKind.PURCHASE):
                self._served[peg.supply].append(plan.need[peg.need])
        self._jobs = dict(self._job_names())

    def needs(self) -> Needs:
        made = [order for order in self._plan.orders if order.kind is SupplyKind.MAKE]
        bought = [order for order in self._plan.orders if order.kind is SupplyKind.PURCHASE]
        overdue = [m.subject for m in self._plan.messages if m.kind is MessageKind.OVERDUE]
        return Needs(
            tuple(self._make(order) for order in made),
            tuple(self._buy(order) for order in bought),
            tuple(overdue),
        )

    def _job_names(self) -> Iterator[tuple[str, str]]:
        """A job that serves one customer order alone has its code; others add the item and a number."""
        used: Counter[str] = Counter()
        for order in self._plan.orders:
            if order.kind is not SupplyKind.MAKE:
                continue
            direct = self._demands(order)
            name = direct[0] if len(direct) == 1 else ""
            if not name:
                name = f"{order.holds_up[0]}/{order.item}" if order.holds_up else order.item
            used[name] += 1
            yield order.id, name if used[name] == 1 else f"{name}~{used[name]}"

    def _demands(self, order: PlannedOrder) -> list[str]:
        """The customer orders that are delivered from a make, without a further step."""
        needs = self._served[order.id]
        return list(dict.fromkeys(need.owner for need in needs if need.kind is NeedKind.DEMAND))

    def _make(self, order: PlannedOrder) -> Make:
        served = [self._orders[code] for code in self._demands(order)]
        for_orders = [self._orders[code] for code in order.holds_up]
        releases = [self._timeline.second_of(o.earliest) for o in served if o.earliest is not None]
        return Make(
            job=self._jobs[order.id],
            item=order.item,
            quantity=int(order.start_quantity),
            orders=tuple(order.holds_up),
            due=min((self._timeline.second_of(o.due) for o in served), default=None),
            weight=max((o.weight for o in served or for_orders), default=1),
            release=max([0, *releases]),
            material=self._material(order),
            feeds=tuple(
                (self._jobs[need.owner], need.operation)
                for need in self._served[order.id]
                if need.kind is NeedKind.COMPONENT
            ),
        )

    def _material(self, order: PlannedOrder) -> Mapping[str, tuple[MaterialReady, ...]]:
        """Per step, when what it consumes can be there at the earliest, and what that is."""
        ready: dict[str, list[MaterialReady]] = defaultdict(list)
        for need in self._plan.needs_of.get(order.id, ()):
            for peg in self._plan.pegs_of_need[need.id]:
                if peg.kind is SupplyKind.PURCHASE:
                    ready[need.operation].append(MaterialReady(self._earliest(need.item), need.item))
                elif peg.kind is SupplyKind.RECEIPT and self._arrival[peg.supply]:
                    reason = f"{need.item} ({peg.supply})"
                    ready[need.operation].append(MaterialReady(self._arrival[peg.supply], reason))
        return {step: tuple(found) for step, found in ready.items()}

    def _buy(self, order: PlannedOrder) -> Buy:
        users = [need for need in self._served[order.id] if need.kind is NeedKind.COMPONENT]
        return Buy(
            item=order.item,
            quantity=order.quantity,
            arrives=self._earliest(order.item),
            orders=tuple(order.holds_up),
            used_by=tuple((self._jobs[need.owner], need.operation) for need in users),
        )

    def _earliest(self, item: str) -> int:
        return lead_seconds(self._factory.items[item])


def lead_seconds(item: Item) -> int:
    """Return the time from order to receipt of a bought item."""
    return int((item.lead_time_days or Decimal(0)) * DAY_S)


def _materials_problem(factory: Factory, timeline: Timeline) -> MaterialsProblem:
    digits = _digits(factory)
    return MaterialsProblem(
        items=tuple(
            _item(item, factory.stock.get(item.code, Decimal(0)), digits[item.code])
            for item in factory.items.values()
        ),
        components=tuple(_components(factory)),
        receipts=tuple(
            Receipt(name, receipt.item, receipt.quantity, timeline.morning_of(receipt.due))
            for name, receipt in zip(_receipt_names(factory), factory.receipts, strict=True)
            if receipt.item in factory.items
        ),
        demands=tuple(
            Demand(order.code, order.item, order.quantity, timeline.second_of(order.due), order.weight)
            for order in factory.orders
        ),
    )


def _item(item: Item, on_hand: Decimal, digits: int) -> MaterialItem:
    resolution = Decimal(1).scaleb(-digits)
    work = sum((step.seconds_per_piece for step in item.steps), Decimal(0))
    return MaterialItem(
        id=item.code,
        made=item.made,
        resolution=resolution,
        on_hand=_floor(on_hand, resolution),
        safety_stock=_floor(item.safety_stock, resolution),
        lead_time=QUEUE_S_PER_STEP * len(item.steps) if item.made else lead_seconds(item),
        run_time=work * CLOCK_PER_WORK if item.made else Decimal(0),
        scrap=item.scrap if item.made else Decimal(0),
        lot=LotRule(
            minimum=_ceiling(item.lot_minimum, resolution),
            multiple=_ceiling(item.lot_multiple, resolution) if item.lot_multiple else None,
        ),
    )


def _components(factory: Factory) -> Iterator[Component]:
    """One line per parent, child and step; lines given twice are added up."""
    for item in factory.items.values():
        for step in item.steps:
            wanted: dict[str, Decimal] = defaultdict(Decimal)
            for part in step.components:
                wanted[part.item] += part.quantity_per * (1 + part.waste)
            for child, quantity in wanted.items():
                yield Component(item.code, child, quantity, operation=step.code)


def _receipt_names(factory: Factory) -> Iterator[str]:
    """One purchase order may have several lines: number those after the first."""
    used: Counter[str] = Counter()
    for receipt in factory.receipts:
        used[receipt.code] += 1
        yield receipt.code if used[receipt.code] == 1 else f"{receipt.code}/{used[receipt.code]}"


def _digits(factory: Factory) -> dict[str, int]:
    """How finely each item is counted: made ones in pieces, bought ones as finely as anything says."""
    amounts: dict[str, list[Decimal]] = {code: [] for code in factory.items}
    for code, item in factory.items.items():
        amounts[code] += [item.safety_stock, item.lot_minimum, item.lot_multiple]
        for step in item.steps:
            for part in step.components:
                amounts[part.item].append(part.quantity_per)
    for code, quantity in [*factory.stock.items(), *((r.item, r.quantity) for r in factory.receipts)]:
        if code in amounts:
            amounts[code].append(quantity)
    return {code: 0 if factory.items[code].made else _decimals(found) for code, found in amounts.items()}


def _decimals(amounts: Iterable[Decimal]) -> int:
    digits = max((-int(amount.normalize().as_tuple().exponent) for amount in amounts), default=0)
    return max(digits, FINEST_DIGITS) if digits > 0 else 0


def _floor(amount: Decimal, resolution: Decimal) -> Decimal:
    return (amount / resolution).to_integral_value(ROUND_FLOOR) * resolution


def _ceiling(amount: Decimal, resolution: Decimal) -> Decimal:
    return (amount / resolution).to_integral_value(ROUND_CEILING) * resolution
