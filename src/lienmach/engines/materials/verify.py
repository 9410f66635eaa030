"""Does the plan of materials add up? Checked without any of the planner's own reckoning.

Every need is what the problem says (demands, safety stocks, components of the planned orders), is served in
full, and not before its supply is there; no supply gives more than it has; lots keep their rules; and the
stock of every item, with receipts before issues at the same moment, never falls below zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from lienmach.engines.materials.collecting import without_collecting
from lienmach.engines.materials.problem import Item, Lot, MaterialsProblem
from lienmach.engines.materials.solution import MaterialsPlan, NeedKind, PlannedOrder, SupplyKind


class FaultKind(StrEnum):
    """Which rule is broken."""

    NEEDS = "needs"
    SERVED = "served"
    OVERDRAWN = "overdrawn"
    TOO_EARLY = "too early"
    LOT = "lot"
    ORDER = "order"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: which, where, and how."""

    kind: FaultKind
    place: str
    message: str


def verify(problem: MaterialsProblem, plan: MaterialsPlan) -> tuple[Fault, ...]:
    """Every fault of a plan, in a fixed order; empty when it adds up."""
    items = {item.id: item for item in problem.items}
    with without_collecting():
        return (
            *_needs(problem, plan),
            *_orders(items, plan),
            *_pegs(problem, plan),
            *_balances(problem, plan),
        )


def _needs(problem: MaterialsProblem, plan: MaterialsPlan) -> Iterator[Fault]:
    """The needs are exactly those of the demands, the safety stocks and the planned orders."""
    items = {item.id: item for item in problem.items}
    expected: dict[tuple[NeedKind, str, str, str], Decimal] = {}
    for demand in problem.demands:
        expected[NeedKind.DEMAND, demand.id, demand.item, ""] = demand.quantity
    for item in problem.items:
        if item.safety_stock:
            expected[NeedKind.SAFETY_STOCK, item.id, item.id, ""] = item.safety_stock
    lines = defaultdict(list)
    for line in problem.components:
        lines[line.parent].append(line)
    for order in plan.orders:
        for line in lines[order.item]:
            step = items[line.child].resolution
            exact = Fraction(order.start_quantity) * Fraction(line.quantity) * (1 + Fraction(line.waste))
            quantity = ceil(exact / Fraction(step)) * step
            expected[NeedKind.COMPONENT, order.id, line.child, line.operation] = quantity
    found = {(need.kind, need.owner, need.item, need.operation): need.quantity for need in plan.needs}
    if len(found) != len(plan.needs):
        yield Fault(FaultKind.NEEDS, "plan", "The same need is listed twice.")
    for key in expected.keys() | found.keys():
        if expected.get(key) != found.get(key):
            yield Fault(
                FaultKind.NEEDS,
                key[1],
                f"{key[0]} of {key[1]} for {key[2]}: {found.get(key)} planned, {expected.get(key)} needed.",
            )


def _orders(items: dict[str, Item], plan: MaterialsPlan) -> Iterator[Fault]:
    for order in plan.orders:
        item = items.get(order.item)
        if item is None or (order.kind is SupplyKind.MAKE) != item.made:
            yield Fault(FaultKind.ORDER, order.id, f"{order.id}: {order.item} is not an item of that kind.")
            continue
        least = Fraction(order.quantity) / (1 - Fraction(item.scrap))
        if order.start_quantity != ceil(least / Fraction(item.resolution)) * item.resolution:
            yield Fault(
                FaultKind.ORDER,
                order.id,
                f"{order.id}: {order.start_quantity} do not yield {order.quantity}.",
            )
        if order.available < order.need:
            yield Fault(FaultKind.ORDER, order.id, f"{order.id}: is there before it is needed.")
        rule = _broken_lot(item, order)
        if rule:
            yield Fault(FaultKind.LOT, order.id, f"{order.id}: {order.quantity} {rule}.")


def _broken_lot(item: Item, order: PlannedOrder) -> str:
    lot = item.lot
    if order.quantity % item.resolution:
        return f"is not a whole multiple of the resolution {item.resolution}"
    if lot.kind is Lot.FIXED:
        return f"is not a whole number of lots of {lot.fixed}" if order.quantity % (lot.fixed or 1) else ""
    if order.quantity < lot.minimum:
        return f"is less than the minimum {lot.minimum}"
    if lot.multiple is not None and order.quantity % lot.multiple:
        return f"is not a multiple of {lot.multiple}"
    return ""


def _supplies(
    problem: MaterialsProblem, plan: MaterialsPlan
) -> dict[tuple[SupplyKind, str], tuple[str, Decimal, int]]:
    """(item, quantity, available from) of every supply."""
    found = {(SupplyKind.STOCK, item.id): (item.id, item.on_hand, problem.start) for item in problem.items}
    for receipt in problem.receipts:
        arrival = max(receipt.at, problem.start)
        found[SupplyKind.RECEIPT, receipt.id] = (receipt.item, receipt.quantity, arrival)
    for order in plan.orders:
        found[order.kind, order.id] = (order.item, order.quantity, order.available)
    return found


def _pegs(problem: MaterialsProblem, plan: MaterialsPlan) -> Iterator[Fault]:
    supplies = _supplies(problem, plan)
    needs = {need.id: need for need in plan.needs}
    served: dict[str, Decimal] = defaultdict(Decimal)
    given: dict[tuple[SupplyKind, str], Decimal] = defaultdict(Decimal)
    for peg in plan.pegs:
        need, supply = needs.get(peg.need), supplies.get((peg.kind, peg.supply))
        if need is None or supply is None or supply[0] != need.item or peg.quantity <= 0:
            yield Fault(FaultKind.SERVED, peg.need, f"{peg.supply} cannot serve {peg.need}.")
            continue
        served[peg.need] += peg.quantity
        given[peg.kind, peg.supply] += peg.quantity
        if need.ready < supply[2]:
            yield Fault(
                FaultKind.TOO_EARLY,
                need.id,
                f"{need.id} is ready at {need.ready}, before {peg.supply} is there at {supply[2]}.",
            )
    for need in plan.needs:
        if served[need.id] != need.quantity:
            yield Fault(
                FaultKind.SERVED, need.id, f"{need.id}: {served[need.id]} of {need.quantity} are served."
            )
        if need.ready < need.at:
            yield Fault(FaultKind.TOO_EARLY, need.id, f"{need.id}: is served before it is wanted.")
    for key, quantity in given.items():
        if quantity > supplies[key][1]:
            yield Fault(
                FaultKind.OVERDRAWN, key[1], f"{key[1]} gives {quantity}, but has only {supplies[key][1]}."
            )


def _balances(problem: MaterialsProblem, plan: MaterialsPlan) -> Iterator[Fault]:
    """Stock through time; what is kept as safety stock is not issued."""
    steps: dict[str, list[tuple[int, int, Decimal]]] = defaultdict(list)
    for (kind, _), (supplied, quantity, at) in _supplies(problem, plan).items():
        if kind is not SupplyKind.STOCK:
            steps[supplied].append((at, 0, quantity))
    for need in plan.needs:
        if need.kind is not NeedKind.SAFETY_STOCK:
            steps[need.item].append((need.ready, 1, -need.quantity))
    for item in problem.items:
        balance = item.on_hand
        for at, _, change in sorted(steps[item.id]):
            balance += change
            if balance < 0:
                yield Fault(FaultKind.BALANCE, item.id, f"Stock of {item.id} falls to {balance} at {at}.")
                break
