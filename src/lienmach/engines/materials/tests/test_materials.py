"""Netting and pegging against slow obvious oracles, and against the verifier."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.materials.lots import economic_order_quantity, lot_size
from lienmach.engines.materials.problem import (
    Component,
    Demand,
    Item,
    Lot,
    LotRule,
    MaterialsError,
    MaterialsProblem,
    Receipt,
    SafetyStock,
)
from lienmach.engines.materials.solution import MaterialsPlan, MessageKind, NeedKind, SupplyKind
from lienmach.engines.materials.solve import plan_materials
from lienmach.engines.materials.structure import low_level_codes
from lienmach.engines.materials.tests.bills import random_bills
from lienmach.engines.materials.tracing import step_materials, thread
from lienmach.engines.materials.verify import FaultKind, verify
from lienmach.engines.materials.worktime import WorkTime

DAY = 86_400
numbers = st.integers(0, 10_000_000)


@settings(max_examples=200, deadline=None)
@given(numbers)
def test_every_plan_adds_up(seed: int) -> None:
    """Stock never below zero, needs served in full and not too early, lots and scrap as the rules say."""
    problem = random_bills(seed)
    assert verify(problem, plan_materials(problem)) == ()


@settings(max_examples=60, deadline=None)
@given(numbers)
def test_the_same_input_gives_the_same_plan(seed: int) -> None:
    """Deterministic, and independent of the order in which stock movements are listed."""
    problem = random_bills(seed)
    plan = plan_materials(problem)
    assert plan_materials(random_bills(seed)) == plan
    turned = replace(problem, receipts=problem.receipts[::-1], demands=problem.demands[::-1])
    assert {(order.item, order.quantity) for order in plan_materials(turned).orders} == {
        (order.item, order.quantity) for order in plan.orders
    }


def oracle(problem: MaterialsProblem) -> dict[str, Fraction]:
    """Total planned per item, the slow way: recursion over demands in fractions, when time is no matter.

    With everything in time and lots exact, an item's orders are what its requirements (in time order) leave
    uncovered one after the other.
    """
    items = {item.id: item for item in problem.items}
    plans: dict[str, list[tuple[int, Fraction]]] = {}

    def orders_of(name: str) -> list[tuple[int, Fraction]]:
        if name in plans:
            return plans[name]
        item = items[name]
        wanted = [(problem.start, Fraction(item.safety_stock))]
        later = [(demand.due, Fraction(demand.quantity)) for demand in problem.demands if demand.item == name]
        for line in problem.components:
            if line.child != name:
                continue
            for need, quantity in orders_of(line.parent):
                parent = items[line.parent]
                step = Fraction(parent.resolution)
                started = ceil(quantity / (1 - Fraction(parent.scrap)) / step) * step
                used = started * Fraction(line.quantity) * (1 + Fraction(line.waste))
                child_step = Fraction(item.resolution)
                time = parent.lead_time + ceil(Fraction(parent.run_time) * started)
                later.append((max(problem.start, need - time), ceil(used / child_step) * child_step))
        have = Fraction(item.on_hand)
        have += sum(Fraction(receipt.quantity) for receipt in problem.receipts if receipt.item == name)
        result = []
        for at, quantity in wanted + sorted(later):
            have -= quantity
            if have < 0:
                result.append((at, -have))
                have = Fraction(0)
        plans[name] = result
        return result

    return {name: sum((quantity for _, quantity in orders_of(name)), Fraction(0)) for name in items}


@settings(max_examples=200, deadline=None)
@given(numbers)
def test_net_requirements_equal_the_oracle(seed: int) -> None:
    """Quantities to plan per item, on random bills of several levels with scrap, waste and odd units."""
    problem = replace(random_bills(seed, simple=True), safety_stock=SafetyStock.FIRST)
    planned: dict[str, Fraction] = defaultdict(Fraction)
    for order in plan_materials(problem).orders:
        planned[order.item] += Fraction(order.quantity)
    assert {name: quantity for name, quantity in oracle(problem).items() if quantity} == planned


@settings(max_examples=100, deadline=None)
@given(numbers)
def test_low_level_codes_are_longest_paths(seed: int) -> None:
    """An item comes after everything that uses it."""
    problem = random_bills(seed)
    lines = [(line.parent, line.child) for line in problem.components]

    def depth(name: str) -> int:
        return max((depth(parent) + 1 for parent, child in lines if child == name), default=0)

    codes = low_level_codes([item.id for item in problem.items], lines)
    assert codes == {item.id: depth(item.id) for item in problem.items}


@given(st.integers(1, 500), st.integers(0, 100), st.integers(1, 30))
def test_lot_sizes_cover_the_need_and_are_the_smallest_that_keep_the_rule(
    net: int, minimum: int, multiple: int
) -> None:
    """Enough, allowed, and one lot less would not do."""
    size = lot_size(net, Lot.EXACT, minimum, multiple, None)
    assert size >= max(net, minimum)
    assert size % multiple == 0
    assert size - multiple < max(net, minimum)
    fixed = lot_size(net, Lot.FIXED, 0, None, multiple)
    assert fixed % multiple == 0
    assert net <= fixed < net + multiple


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=6),
    st.integers(-20, 120),
    st.integers(1, 30),
)
def test_lead_times_count_open_time(pairs: list[tuple[int, int]], t: int, lead: int) -> None:
    """Counting every second gives the same arrival; ordering at the latest moment arrives just in time."""
    windows, at = [], 0
    for gap, length in pairs:
        windows.append((at + gap, at + gap + length))
        at += gap + length
    first, last = windows[0][0], windows[-1][1]

    def is_open(second: int) -> bool:
        return second < first or second >= last or any(a <= second < b for a, b in windows)

    work = WorkTime(tuple(windows))
    left, now = lead, t
    while left:
        left -= is_open(now)
        now += 1
    assert work.later(t, lead) == now
    order_by = work.earlier(t, lead)
    assert sum(is_open(second) for second in range(order_by, t)) == lead
    assert is_open(order_by)


# -- by hand -----------------------------------------------------------------------------------------------


def test_a_bearing_by_hand() -> None:
    """Three levels with scrap, waste and stock, worked out on paper."""
    problem = MaterialsProblem(
        items=(
            Item("bearing", made=True, lead_time=2 * DAY, on_hand=10),
            Item("ring", made=True, lead_time=3 * DAY, scrap=Decimal("0.02")),
            Item("steel", resolution=Decimal("0.1"), lead_time=5 * DAY, lot=LotRule(multiple=Decimal(50))),
            Item("balls", on_hand=Decimal(500), lead_time=DAY),
        ),
        components=(
            Component("bearing", "ring", Decimal(2), operation="assemble"),
            Component("bearing", "balls", Decimal(8), waste=Decimal("0.01"), operation="assemble"),
            Component("ring", "steel", Decimal("0.35"), operation="saw"),
        ),
        demands=(Demand("SO-1", "bearing", Decimal(110), due=20 * DAY),),
    )
    plan = plan_materials(problem)
    got = [
        (order.item, order.quantity, order.start_quantity, order.need, order.order_by)
        for order in plan.orders
    ]
    assert got == [
        ("bearing", 100, 100, 20 * DAY, 18 * DAY),
        ("ring", 200, 205, 18 * DAY, 15 * DAY),
        ("balls", 308, 308, 18 * DAY, 17 * DAY),
        ("steel", 100, 100, 15 * DAY, 10 * DAY),
    ]
    assert plan.messages == ()
    assert [purchase.item for purchase in plan.purchases] == ["steel", "balls"]
    assert plan.purchases[0].holds_up == ("SO-1",)
    steps = {(step.owner, step.operation): step for step in step_materials(problem, plan)}
    assembly = steps["make bearing 1", "assemble"]
    assert assembly.made == ("make ring 1",)
    assert [(each.kind, each.at) for each in assembly.external] == [
        (SupplyKind.PURCHASE, 18 * DAY),
        (SupplyKind.STOCK, 0),
    ]
    assert {peg.supply for peg in thread(plan, "SO-1")} == {
        "bearing",
        "make bearing 1",
        "make ring 1",
        "balls",
        "buy balls 1",
        "buy steel 1",
    }


def buy(
    *, demands: tuple[Demand, ...], receipts: tuple[Receipt, ...] = (), start: int = 0, **item: Any
) -> MaterialsPlan:
    problem = MaterialsProblem((Item("X", **item),), (), receipts, demands, start)
    plan = plan_materials(problem)
    assert verify(problem, plan) == ()
    return plan


def test_the_important_order_gets_the_stock_when_the_rest_comes_late() -> None:
    """Pegging decides lateness, so its order is fixed: weight, then due date, then id."""
    plan = buy(
        on_hand=10,
        lead_time=30 * DAY,
        demands=(Demand("small", "X", 10, 2 * DAY, weight=1), Demand("large", "X", 10, 4 * DAY, weight=5)),
    )
    ready = {need.owner: need.ready for need in plan.needs}
    assert ready == {"large": 4 * DAY, "small": 30 * DAY}
    assert [message.kind for message in plan.messages] == [MessageKind.EXPEDITE]
    assert plan.orders[0].holds_up == ("small",)


def test_nobody_is_robbed_when_there_is_time() -> None:
    """With time to buy, the early order takes the stock although it is less important."""
    plan = buy(
        on_hand=10,
        lead_time=3 * DAY,
        demands=(Demand("small", "X", 10, 2 * DAY, weight=1), Demand("large", "X", 10, 4 * DAY, weight=5)),
    )
    assert {need.owner: need.ready for need in plan.needs} == {"large": 4 * DAY, "small": 2 * DAY}


def test_a_late_receipt_is_rescheduled_rather_than_ordered_again() -> None:
    """A second order for the same need fills the stock, not the need."""
    receipts = (Receipt("PO-7", "X", 10, 6 * DAY),)
    late = buy(lead_time=9 * DAY, receipts=receipts, demands=(Demand("D", "X", 10, 4 * DAY),))
    assert late.orders == ()
    assert [(m.kind, m.subject, m.needed) for m in late.messages] == [
        (MessageKind.RESCHEDULE_IN, "PO-7", 4 * DAY)
    ]
    assert late.needs[0].ready == 6 * DAY
    quick = buy(lead_time=2 * DAY, receipts=receipts, demands=(Demand("D", "X", 10, 4 * DAY),))
    assert [order.quantity for order in quick.orders] == [10]


def test_an_overdue_receipt_comes_now_and_is_said_to_be_overdue() -> None:
    """A past date does not mean that it has been received."""
    plan = buy(
        start=5 * DAY, receipts=(Receipt("PO-1", "X", 10, DAY),), demands=(Demand("D", "X", 10, 9 * DAY),)
    )
    assert [message.kind for message in plan.messages] == [MessageKind.OVERDUE]
    assert plan.orders == ()


@pytest.mark.parametrize(("policy", "ready"), [(SafetyStock.FIRST, 20 * DAY), (SafetyStock.LAST, 2 * DAY)])
def test_safety_stock_is_kept_or_lent_as_the_rule_says(policy: SafetyStock, ready: int) -> None:
    """Eaten silently it would be no safety stock; so it is a choice."""
    problem = MaterialsProblem(
        (Item("X", on_hand=10, safety_stock=10, lead_time=20 * DAY),),
        demands=(Demand("D", "X", 10, 2 * DAY),),
        safety_stock=policy,
    )
    plan = plan_materials(problem)
    assert {need.kind: need.ready for need in plan.needs}[NeedKind.DEMAND] == ready
    assert [order.quantity for order in plan.orders] == [10]


def test_a_period_lot_covers_the_period() -> None:
    """One order a week instead of one a day."""
    demands = tuple(Demand(f"D{day}", "X", 5, (10 + day) * DAY) for day in range(10))
    plan = buy(lot=LotRule(Lot.PERIOD, period=7 * DAY), demands=demands)
    assert [(order.quantity, order.need) for order in plan.orders] == [(35, 10 * DAY), (15, 17 * DAY)]


def test_a_late_component_delays_what_is_made_of_it() -> None:
    """The estimate for the order counts from the material, not from the wish."""
    problem = MaterialsProblem(
        (Item("top", made=True, lead_time=2 * DAY), Item("part", lead_time=10 * DAY)),
        (Component("top", "part", 1),),
        demands=(Demand("D", "top", 1, 5 * DAY),),
    )
    plan = plan_materials(problem)
    assert plan.order["make top 1"].available == 12 * DAY
    assert {need.owner: need.ready for need in plan.needs}["D"] == 12 * DAY
    assert verify(problem, plan) == ()


def test_the_economic_order_quantity_is_rounded_up() -> None:
    """sqrt(2 x 1200 x 100 / 6) = 200 exactly; a little more demand needs one piece more."""
    assert economic_order_quantity(Decimal(1200), Decimal(100), Decimal(6), Decimal(1)) == 200
    assert economic_order_quantity(Decimal(1201), Decimal(100), Decimal(6), Decimal(1)) == 201


# -- faults ------------------------------------------------------------------------------------------------


def test_a_circle_in_the_bills_is_reported_as_the_circle() -> None:
    """Deeper than Python's recursion limit, and among other faults."""
    items = tuple(Item(str(k), made=True) for k in range(3000))
    lines = tuple(Component(str(k), str((k + 1) % 3000), 1) for k in range(3000))
    with pytest.raises(MaterialsError) as caught:
        MaterialsProblem(items, (*lines, Component("0", "unknown", 1)))
    assert "there is no item 'unknown'" in caught.value.faults[0]
    assert caught.value.faults[1].startswith("The bills of materials go in a circle: 0 -> 1 -> 2")


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: Item("X", on_hand=Decimal("0.5")), "not a whole multiple of its resolution"),
        (lambda: Item("X", on_hand=0.5), "must be exact"),
        (lambda: Item("X", scrap=Decimal("0.1")), "a bought item has none"),
        (lambda: Item("X", made=True, scrap=Decimal(1)), "less than 1"),
        (lambda: LotRule(Lot.FIXED), "exactly when its kind is fixed"),
        (lambda: Demand("D", "X", 0, 5), "more than 0"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(make: Any, rule: str) -> None:
    """The sentence is the rule."""
    with pytest.raises(ValueError, match=rule):
        make()


def planted(kind: str, change: Any) -> set[FaultKind]:
    problem = MaterialsProblem(
        (
            Item("top", made=True, scrap=Decimal("0.1"), on_hand=1),
            Item("part", lot=LotRule(multiple=5), on_hand=2),
        ),
        (Component("top", "part", 2),),
        (Receipt("R", "part", 3, DAY),),
        (Demand("D", "top", 10, 5 * DAY),),
    )
    plan = plan_materials(problem)
    assert verify(problem, plan) == ()
    return {fault.kind for fault in verify(problem, replace(plan, **{kind: change(getattr(plan, kind))}))}


@pytest.mark.parametrize(
    ("expected", "kind", "change"),
    [
        (FaultKind.NEEDS, "needs", lambda needs: needs[1:]),
        (FaultKind.SERVED, "pegs", lambda pegs: pegs[1:]),
        (FaultKind.SERVED, "pegs", lambda pegs: (replace(pegs[0], supply="nowhere"), *pegs[1:])),
        (FaultKind.OVERDRAWN, "pegs", lambda pegs: tuple(replace(p, quantity=p.quantity * 2) for p in pegs)),
        (FaultKind.TOO_EARLY, "needs", lambda needs: tuple(replace(need, ready=0) for need in needs)),
        (FaultKind.BALANCE, "needs", lambda needs: tuple(replace(need, ready=0) for need in needs)),
        (FaultKind.LOT, "orders", lambda orders: tuple(replace(o, quantity=o.quantity + 1) for o in orders)),
        (
            FaultKind.ORDER,
            "orders",
            lambda orders: tuple(replace(o, start_quantity=o.quantity) for o in orders),
        ),
        (FaultKind.ORDER, "orders", lambda orders: tuple(replace(o, available=0) for o in orders)),
    ],
)
def test_a_planted_fault_is_caught(expected: FaultKind, kind: str, change: Any) -> None:
    """A verifier that overlooks one kind of fault is worth nothing for that kind."""
    assert expected in planted(kind, change)
