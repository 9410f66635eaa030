"""From demands to orders: explode, net and peg, level by level; then dates from the bottom up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from lienmach.engines.materials.collecting import without_collecting
from lienmach.engines.materials.lots import ceil_div
from lienmach.engines.materials.netting import LotUnits, net
from lienmach.engines.materials.pegging import Source, Want, peg
from lienmach.engines.materials.problem import Component, Item, MaterialsProblem, Receipt, SafetyStock
from lienmach.engines.materials.solution import (
    MaterialsPlan,
    Message,
    MessageKind,
    Need,
    NeedKind,
    Peg,
    PlannedOrder,
    SupplyKind,
)
from lienmach.engines.materials.structure import low_level_codes
from lienmach.engines.materials.worktime import WorkTime

_LEAST_IMPORTANT = 1 << 60


def plan_materials(problem: MaterialsProblem) -> MaterialsPlan:
    """Net and peg everything.

    Demands are served by weight (highest first), then due date, then id; components inherit the importance
    of the most important demand their order serves. Items are netted by low-level code, each once, in time
    order.

    Returns
    -------
    MaterialsPlan
        Stock never falls below zero when every need is served at its `ready` time; `verify` checks that.
    """
    with without_collecting():
        return _Planner(problem).plan()


@dataclass(slots=True)
class _Need:
    """A need while planning; quantities in units of the item's resolution."""

    kind: NeedKind
    owner: str
    item: str
    quantity: int
    at: int
    importance: int
    demands: int
    """Bit set of the demands behind it."""
    operation: str = ""
    offset: int = 0
    ready: int = 0
    sources: list[tuple[_Order | Receipt | None, int]] = field(default_factory=list)

    @property
    def id(self) -> str:
        if self.kind is not NeedKind.COMPONENT:
            return f"{self.kind} {self.owner}"
        if self.operation:
            return f"{self.owner}: {self.item} for {self.operation}"
        return f"{self.owner}: {self.item}"


@dataclass(slots=True)
class _Order:
    """A planned order while planning."""

    item: Item
    quantity: int
    start_quantity: int
    need: int
    available: int
    lead: int = 0
    order_by: int = 0
    id: str = ""
    used: bool = False
    demands: int = 0
    importance: int = _LEAST_IMPORTANT
    components: list[_Need] = field(default_factory=list)


class _Planner:
    def __init__(self, problem: MaterialsProblem) -> None:
        self.problem = problem
        self.safety_first = problem.safety_stock is SafetyStock.FIRST
        self.item = {item.id: item for item in problem.items}
        codes = low_level_codes(self.item, ((line.parent, line.child) for line in problem.components))
        self.by_level = sorted(problem.items, key=lambda item: codes[item.id])
        self.lines: dict[str, list[tuple[Component, int, int]]] = defaultdict(list)
        for line in problem.components:
            self.lines[line.parent].append((line, *self._per_unit(line)))
        self.receipts: dict[str, list[Receipt]] = defaultdict(list)
        for receipt in problem.receipts:
            self.receipts[receipt.item].append(receipt)
        self.needs: dict[str, list[_Need]] = defaultdict(list)
        self.all_needs: list[_Need] = []
        self.orders: list[_Order] = []
        # Exact fractions are worked out once per item, as whole numbers: they are needed for every order.
        self.seconds_per_unit = {
            item.id: (Fraction(item.run_time) * Fraction(item.resolution)).as_integer_ratio()
            for item in problem.items
        }
        self.supplier_time: dict[object, WorkTime] = {}
        self.soonest: dict[str, int] = {}
        demands = sorted(problem.demands, key=lambda demand: (-demand.weight, demand.due, demand.id))
        self.demand_ids = [demand.id for demand in demands]
        for rank, demand in enumerate(demands):
            quantity = self._units(demand.item, demand.quantity)
            self.needs[demand.item].append(
                _Need(NeedKind.DEMAND, demand.id, demand.item, quantity, demand.due, rank, 1 << rank)
            )

    def _per_unit(self, line: Component) -> tuple[int, int]:
        """Child units per parent unit, waste included, as an exact fraction of whole numbers."""
        parent, child = self.item[line.parent].resolution, self.item[line.child].resolution
        exact = Fraction(line.quantity) * (1 + Fraction(line.waste)) * Fraction(parent) / Fraction(child)
        return exact.numerator, exact.denominator

    def _units(self, item: str, quantity: Decimal) -> int:
        return int(quantity / self.item[item].resolution)

    def plan(self) -> MaterialsPlan:
        for item in self.by_level:
            self._plan_item(item)
        self._settle_dates()
        return self._result()

    # -- one item ----------------------------------------------------------------------------------------

    def _plan_item(self, item: Item) -> None:
        needs = self.needs[item.id]
        if item.safety_stock:
            importance = -1 if self.safety_first else _LEAST_IMPORTANT
            quantity = self._units(item.id, item.safety_stock)
            needs.append(
                _Need(NeedKind.SAFETY_STOCK, item.id, item.id, quantity, self.problem.start, importance, 0)
            )
        if not needs:
            return
        # What should always be there comes first in time; then by date, the more important first.
        needs.sort(key=lambda need: (need.kind is not NeedKind.SAFETY_STOCK, need.at, need.importance))
        receipts = sorted(self.receipts[item.id], key=lambda receipt: (self._arrival(receipt), receipt.id))
        orders, causes = self._net(item, needs, receipts)
        self._peg(item, needs, receipts, orders, causes)
        number = 0
        for order in orders:
            if not order.used:
                # Other supply turned out to be enough: a lot for one need left enough for this one too.
                continue
            number += 1
            order.id = f"{'make' if item.made else 'buy'} {item.id} {number}"
            self.orders.append(order)
            self._explode(order)
        self.all_needs.extend(needs)

    def _arrival(self, receipt: Receipt) -> int:
        """An overdue receipt has not come; the best guess is that it comes now."""
        return max(receipt.at, self.problem.start)

    def _lead(self, item: Item, quantity: int) -> int:
        """Estimated clock seconds that making `quantity` units takes."""
        numerator, denominator = self.seconds_per_unit[item.id]
        return item.lead_time + ceil_div(numerator * quantity, denominator)

    def _earliest(self, item: Item, quantity: int) -> int:
        """When an order released now would be there."""
        if item.made:
            return self.problem.start + self._lead(item, quantity)
        if item.id not in self.soonest:
            self.soonest[item.id] = self._supplier(item).later(self.problem.start, item.lead_time)
        return self.soonest[item.id]

    def _supplier(self, item: Item) -> WorkTime:
        if item.supplier_open not in self.supplier_time:
            self.supplier_time[item.supplier_open] = WorkTime(item.supplier_open)
        return self.supplier_time[item.supplier_open]

    def _net(
        self, item: Item, needs: list[_Need], receipts: list[Receipt]
    ) -> tuple[list[_Order], dict[int, int]]:
        """Planned orders, and for each need (by number) the order that was planned because of it."""
        rule = item.lot

        def units(quantity: Decimal | None) -> int | None:
            return None if quantity is None else self._units(item.id, quantity)

        lot = LotUnits(
            rule.kind, units(rule.minimum) or 0, units(rule.multiple), units(rule.fixed), rule.period
        )
        start = self.problem.start
        requirements = [(need.at if need.at > start else start, need.quantity) for need in needs]
        expected = [(self._arrival(each), self._units(item.id, each.quantity)) for each in receipts]
        on_hand = self._units(item.id, item.on_hand)
        planned = net(requirements, on_hand, expected, lot, lambda quantity: self._earliest(item, quantity))
        good, started = (1 - Fraction(item.scrap)).as_integer_ratio()
        orders = []
        for entry in planned:
            start_quantity = ceil_div(entry.quantity * started, good)
            need = needs[entry.cause].at
            available = max(need, self._earliest(item, start_quantity))
            orders.append(_Order(item, entry.quantity, start_quantity, need, available))
        return orders, {entry.cause: number for number, entry in enumerate(planned)}

    def _peg(
        self,
        item: Item,
        needs: list[_Need],
        receipts: list[Receipt],
        orders: list[_Order],
        causes: dict[int, int],
    ) -> None:
        supplies: list[_Order | Receipt | None] = [None, *receipts, *orders]
        sources = [Source(self.problem.start, self._units(item.id, item.on_hand), True)]
        sources += [
            Source(self._arrival(each), self._units(item.id, each.quantity), True) for each in receipts
        ]
        sources += [Source(order.available, order.quantity, False) for order in orders]
        offset = 1 + len(receipts)
        start = self.problem.start
        wants = [
            Want(
                need.at if need.at > start else start,
                need.quantity,
                causes.get(number, -1 - offset) + offset,
            )
            for number, need in enumerate(needs)
        ]
        importance = sorted(range(len(needs)), key=lambda number: (needs[number].importance, number))
        earliest_need: dict[int, int] = {}
        for number, source, quantity in peg(wants, importance, sources):
            need, supply = needs[number], supplies[source]
            need.sources.append((supply, quantity))
            if isinstance(supply, _Order):
                supply.used = True
                supply.demands |= need.demands
                if need.kind is not NeedKind.SAFETY_STOCK:
                    supply.importance = min(supply.importance, need.importance)
                if need.kind is not NeedKind.SAFETY_STOCK or self.safety_first:
                    earliest_need[source] = min(earliest_need.get(source, need.at), need.at)
        for source, at in earliest_need.items():
            order = supplies[source]
            if isinstance(order, _Order):
                order.need = at
        for order in orders:
            self._date(order)

    def _date(self, order: _Order) -> None:
        """Just in time: as late as the earliest need allows, as early as now."""
        if order.item.made:
            order.lead = self._lead(order.item, order.start_quantity)
            order.order_by = order.need - order.lead
        else:
            order.order_by = self._supplier(order.item).earlier(order.need, order.item.lead_time)
        order.available = max(order.need, self._earliest(order.item, order.start_quantity))

    def _explode(self, order: _Order) -> None:
        """The order's components become needs of the next levels."""
        release = max(order.order_by, self.problem.start)
        for line, numerator, denominator in self.lines.get(order.item.id, ()):
            need = _Need(
                NeedKind.COMPONENT,
                order.id,
                line.child,
                ceil_div(order.start_quantity * numerator, denominator),
                release + line.offset,
                order.importance,
                order.demands,
                line.operation,
                line.offset,
            )
            order.components.append(need)
            self.needs[line.child].append(need)

    # -- all together ------------------------------------------------------------------------------------

    def _settle_dates(self) -> None:
        """From the bottom up: a made order is ready when its latest component and its work allow."""
        start = self.problem.start
        for need in self.all_needs:
            need.ready = need.at if need.at > start else start
        of_item: dict[str, list[_Order]] = defaultdict(list)
        for order in self.orders:
            of_item[order.item.id].append(order)
        for item in reversed(self.by_level):
            for order in of_item[item.id]:
                released = max((need.ready - need.offset for need in order.components), default=0)
                if order.item.made:
                    order.available = max(order.available, released + order.lead)
            for need in self.needs[item.id]:
                for supply, _ in need.sources:
                    if supply is None:
                        continue
                    at = supply.available if isinstance(supply, _Order) else self._arrival(supply)
                    if at > need.ready:
                        need.ready = at

    def _result(self) -> MaterialsPlan:
        def amount(item: str, units: int) -> Decimal:
            return units * self.item[item].resolution

        needs, pegs = [], []
        late_receipts: dict[str, int] = {}
        for need in self.all_needs:
            name, item = need.id, self.item[need.item]
            step, planned = item.resolution, SupplyKind.MAKE if item.made else SupplyKind.PURCHASE
            quantity = need.quantity * step
            needs.append(
                Need(name, need.kind, need.owner, item.id, quantity, need.at, need.ready, need.operation)
            )
            for supply, units in need.sources:
                if supply is None:
                    pegs.append(Peg(name, SupplyKind.STOCK, item.id, units * step))
                elif isinstance(supply, _Order):
                    pegs.append(Peg(name, planned, supply.id, units * step))
                else:
                    pegs.append(Peg(name, SupplyKind.RECEIPT, supply.id, units * step))
                    if need.at < supply.at:
                        late_receipts[supply.id] = min(late_receipts.get(supply.id, need.at), need.at)
        orders = [
            PlannedOrder(
                order.id,
                SupplyKind.MAKE if order.item.made else SupplyKind.PURCHASE,
                order.item.id,
                amount(order.item.id, order.quantity),
                amount(order.item.id, order.start_quantity),
                order.need,
                order.order_by,
                order.available,
                self._demands(order.demands),
            )
            for order in self.orders
        ]
        return MaterialsPlan(
            tuple(orders), tuple(needs), tuple(pegs), tuple(self._messages(orders, late_receipts))
        )

    def _demands(self, bits: int) -> tuple[str, ...]:
        """The ids behind a bit set, most important first."""
        found = []
        while bits:
            lowest = bits & -bits
            found.append(self.demand_ids[lowest.bit_length() - 1])
            bits ^= lowest
        return tuple(found)

    def _messages(self, orders: list[PlannedOrder], late_receipts: dict[str, int]) -> list[Message]:
        start = self.problem.start
        found = [
            Message(MessageKind.EXPEDITE, order.id, order.item, order.available, order.need)
            for order in orders
            if order.order_by < start
        ]
        for receipt in self.problem.receipts:
            if receipt.at < start:
                found.append(Message(MessageKind.OVERDUE, receipt.id, receipt.item, start, receipt.at))
            elif receipt.id in late_receipts:
                found.append(
                    Message(
                        MessageKind.RESCHEDULE_IN,
                        receipt.id,
                        receipt.item,
                        receipt.at,
                        late_receipts[receipt.id],
                    )
                )
        return found
