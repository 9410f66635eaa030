"""Planning: whatever workshop is described, the plan is verified, complete, dated and the same every time."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienmach.apps.production.planning.documents import (
    plan_document,
    plan_from_document,
    plan_html,
    plan_json,
    plan_xlsx,
)
from lienmach.apps.production.planning.explain import assumption_sentence, lateness_sentence
from lienmach.apps.production.planning.factory import (
    Closure,
    Component,
    Factory,
    Item,
    Machine,
    OperatorGroup,
    Order,
    Receipt,
    Shift,
    Step,
)
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.plan import CauseKind, NoPlan, Plan
from lienmach.apps.production.planning.timeline import Timeline, open_intervals

START = datetime(2026, 11, 23, 1, tzinfo=UTC)  # Monday 08:00 in Vietnam
WEEKDAYS = frozenset(range(6))
GROUPS = ("TIEN", "MAI", "LO")


@st.composite
def factories(draw: st.DrawFn) -> Factory:
    """Small workshops of every shape: three-level bills, furnaces, setups, operators, closures, stock."""
    machines = {
        f"{group}-{number}": Machine(
            f"{group}-{number}",
            group,
            calendar=draw(st.sampled_from(["", "nights"])),
            batch_capacity=draw(st.sampled_from([50, 120])) if group == "LO" else 0,
            efficiency=draw(st.sampled_from([Decimal(1), Decimal("0.8")])),
        )
        for group in GROUPS
        for number in range(draw(st.integers(1, 2)))
    }
    items: dict[str, Item] = {"thep": Item("thep", lead_time_days=Decimal(draw(st.integers(0, 9))))}
    items["bi"] = Item("bi", lead_time_days=Decimal(2), lot_multiple=Decimal(1000), safety_stock=Decimal(50))
    for level in range(draw(st.integers(1, 3))):
        parts = list(items)
        for number in range(draw(st.integers(1, 2))):
            steps = tuple(_step(draw, position, parts) for position in range(1, draw(st.integers(1, 3)) + 1))
            scrap = draw(st.sampled_from([Decimal(0), Decimal("0.05")]))
            items[f"I{level}{number}"] = Item(f"I{level}{number}", steps=steps, scrap=scrap)
    made = [code for code, item in items.items() if item.made]
    orders = tuple(
        Order(
            f"DH-{number}",
            draw(st.sampled_from(made)),
            Decimal(draw(st.integers(1, 300))),
            due=datetime(2026, 11, 24) + timedelta(days=draw(st.integers(0, 40))),
            weight=draw(st.sampled_from([1, 4])),
            earliest=draw(st.sampled_from([None, datetime(2026, 11, 26)])),
        )
        for number in range(draw(st.integers(1, 6)))
    )
    return Factory(
        items=items,
        machines=machines,
        orders=orders,
        calendars={
            "days": (Shift(WEEKDAYS, time(8), time(12)), Shift(WEEKDAYS, time(13), time(17))),
            "nights": (Shift(frozenset(range(5)), time(22), time(6)),),
        },
        closures=(Closure(datetime(2026, 11, 25), datetime(2026, 11, 27), "Lễ"),)
        if draw(st.booleans())
        else (),
        stock={
            code: Decimal(draw(st.integers(0, 80))) for code in draw(st.sets(st.sampled_from(list(items))))
        },
        receipts=(Receipt("PO-1", "thep", Decimal("12.5"), date(2026, 11, 28)),)
        if draw(st.booleans())
        else (),
        operators=(OperatorGroup("tho", ("tho",), 2),) if draw(st.booleans()) else (),
    )


def _step(draw: st.DrawFn, position: int, parts: list[str]) -> Step:
    group = draw(st.sampled_from(GROUPS))
    used = draw(st.lists(st.sampled_from(parts), max_size=2, unique=True))
    quantities = [Decimal("0.125"), Decimal("0.5")]
    components = tuple(
        Component(part, Decimal(2) if part.startswith("I") else draw(st.sampled_from(quantities)))
        for part in used
    )
    return Step(
        code=str(10 * position),
        group=group,
        seconds_per_piece=Decimal(0)
        if group == "LO"
        else draw(st.sampled_from([Decimal(7), Decimal("30.5")])),
        cycle_seconds=3600 if group == "LO" else 0,
        setup_seconds=draw(st.sampled_from([0, 900])) if group != "LO" else 0,
        family=draw(st.sampled_from(["", "A", "B"])),
        skill=draw(st.sampled_from(["", "tho"])),
        components=components,
    )


def planned(factory: Factory, **options: object) -> Plan:
    found = make_plan(factory, start=START, cpu_seconds=0.02, **options)  # type: ignore[arg-type]
    assert isinstance(found, Plan), found
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(factories())
def test_any_described_workshop_gets_a_verified_plan(factory: Factory) -> None:
    """The schedule and the netting pass their verifiers inside; the rest is checked here, independently."""
    plan = planned(factory)
    assert {order.code for order in plan.orders} == {order.code for order in factory.orders}
    by_machine = defaultdict(list)
    for task in plan.tasks:
        by_machine[task.machine].append(task)
    for tasks in by_machine.values():
        tasks.sort(key=lambda task: (task.start, task.end))
        for before, after in pairwise(tasks):
            together = before.batch is not None and before.batch == after.batch
            assert together or after.start >= before.end
    for order in plan.orders:
        assert bool(order.late_s) <= bool(order.causes)
        assert lateness_sentence(order, "vi") and lateness_sentence(order, "en")
    for purchase in plan.purchases:
        assert purchase.quantity > 0 and purchase.order_by <= purchase.arrives
    assert plan_from_document(plan_document(plan, cpu_seconds=1)) == plan_from_document(
        plan_document(plan_from_document(plan_document(plan, cpu_seconds=1)), cpu_seconds=1)
    )


def shop(**changes: object) -> Factory:
    """One lathe, one item of steel that takes a week to buy."""
    step = Step("10", "TIEN", Decimal(60), components=(Component("thep", Decimal("0.5")),))
    facts: dict[str, object] = {
        "items": {"P": Item("P", steps=(step,)), "thep": Item("thep", unit="kg")},
        "machines": {"T1": Machine("T1", "TIEN")},
        "orders": (Order("DH-1", "P", Decimal(100), due=datetime(2026, 11, 25)),),
        "stock": {"thep": Decimal(100)},
    }
    return Factory(**{**facts, **changes})  # type: ignore[arg-type]


def test_work_is_done_in_open_hours_and_lunch_is_kept() -> None:
    """100 minutes from 11:00 end at 13:40."""
    plan = make_plan(shop(), start=START + timedelta(hours=3), cpu_seconds=0.1)
    assert isinstance(plan, Plan)
    (task,) = plan.tasks
    assert plan.timeline.moment(task.end).time() == time(13, 40)
    assert not plan.late_orders and not plan.purchases


def test_an_order_that_waits_for_steel_says_so() -> None:
    """The cause is the material, in both languages, with the purchase to place today."""
    plan = planned(shop(stock={}))
    (late,) = plan.late_orders
    assert late.causes[0].kind is CauseKind.MATERIAL and late.causes[0].subject == "thep"
    assert "thep" in lateness_sentence(late, "vi") and "late" in lateness_sentence(late, "en")
    (purchase,) = plan.purchases
    assert (purchase.quantity, purchase.unit, purchase.overdue) == (Decimal(50), "kg", True)
    assert purchase.lead_time_assumed or "lead_time" not in [a.code for a in plan.assumptions]


def test_an_order_behind_another_names_it() -> None:
    """Two orders, one machine: the second waits for the first."""
    orders = tuple(Order(f"DH-{n}", "P", Decimal(100 * n), due=datetime(2026, 11, 24)) for n in (3, 4))
    plan = planned(shop(orders=orders, stock={"thep": Decimal(900)}))
    worst = plan.late_orders[0]
    assert any(c.kind is CauseKind.MACHINE and c.blockers for c in worst.causes)


def test_stock_alone_serves_an_order() -> None:
    """Nothing to make, nothing to buy: it can be promised for today."""
    plan = planned(shop(stock={"P": Decimal(100), "thep": Decimal(1)}))
    assert not plan.tasks and not plan.purchases
    assert plan.orders[0].end == 0 and not plan.late_orders


def test_work_that_fits_no_shift_is_infeasible_and_says_why() -> None:
    """A step that may not pause and is longer than any shift."""
    step = Step("10", "TIEN", Decimal(600), resumable=False)
    found = make_plan(shop(items={"P": Item("P", steps=(step,))}), start=START, cpu_seconds=0.1)
    assert isinstance(found, NoPlan) and found.obstacles


def test_what_nobody_said_is_assumed_and_listed() -> None:
    """Hours, lead time, setups, holidays, operators, scrap."""
    plan = planned(shop(machines={}, stock={}))
    codes = {assumption.code for assumption in plan.assumptions}
    expected = {"one_machine_per_group", "standard_hours", "no_setup", "no_stock", "no_closures"}
    assert expected <= codes
    for assumption in plan.assumptions:
        assert assumption_sentence(assumption, "vi") != assumption_sentence(assumption, "en")


def test_the_same_input_gives_the_same_bytes() -> None:
    """Documents repeat, whatever the clock says."""
    orders = tuple(Order(f"DH-{n}", "P", Decimal(50 + n), due=datetime(2026, 11, 26)) for n in range(9))
    one, two = planned(shop(orders=orders)), planned(shop(orders=orders))
    assert plan_json(one, cpu_seconds=1) == plan_json(two, cpu_seconds=1)
    assert plan_html(one, language="vi") == plan_html(two, language="vi")
    assert plan_xlsx(one, language="vi") == plan_xlsx(two, language="vi")


def test_the_page_opens_alone() -> None:
    """No address of anything outside, no script."""
    page = plan_html(planned(shop(stock={})), language="en")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in page and "<svg" in page and "thep" in page


def test_a_night_shift_belongs_to_the_day_it_starts() -> None:
    """Friday's night shift runs into Saturday; Saturday has none."""
    timeline = Timeline(datetime(2026, 11, 27, 17, tzinfo=UTC), "Asia/Ho_Chi_Minh")  # Saturday 00:00
    nights = (Shift(frozenset({4}), time(22), time(6)),)
    assert open_intervals(timeline, nights, (), 3) == ((0, 6 * 3600),)


def test_a_closure_cuts_a_shift_in_two() -> None:
    """Maintenance from 09:00 to 10:00."""
    timeline = Timeline(datetime(2026, 11, 22, 17, tzinfo=UTC), "Asia/Ho_Chi_Minh")  # Monday 00:00
    closure = Closure(datetime(2026, 11, 23, 9), datetime(2026, 11, 23, 10))
    shifts = (Shift(frozenset({0}), time(8), time(12)),)
    hours = [(start // 3600, end // 3600) for start, end in open_intervals(timeline, shifts, [closure], 3)]
    assert hours == [(8, 9), (10, 12)]


def test_an_order_that_is_already_late_is_planned_all_the_same() -> None:
    """Due last month, an overdue purchase on the way: counted from today, and said."""
    plan = planned(
        shop(
            orders=(Order("DH-1", "P", Decimal(10), due=datetime(2026, 10, 1)),),
            receipts=(Receipt("PO-1", "thep", Decimal(500), date(2026, 11, 1)),),
            stock={},
        )
    )
    assert plan.late_orders and plan.late_orders[0].causes
    assert "receipt_now" in {assumption.code for assumption in plan.assumptions}
    assert not plan.purchases


def test_a_quantity_beyond_reason_is_refused_with_a_reason_not_a_hang() -> None:
    """A hundred million minutes on one machine do not fit twenty years."""
    orders = (Order("DH-1", "P", Decimal(100_000_000), due=datetime(2026, 12, 1)),)
    found = make_plan(shop(orders=orders), start=START, cpu_seconds=0.1)
    assert isinstance(found, NoPlan) and found.obstacles


def test_a_furnace_takes_several_jobs_of_one_recipe_and_splits_what_does_not_fit() -> None:
    """250 pieces in a furnace for 100: three loads."""
    step = Step("10", "LO", cycle_seconds=3600, family="820C")
    items = {code: Item(code, steps=(step,)) for code in ("P", "Q")}
    orders = (
        Order("DH-1", "P", Decimal(250), due=datetime(2026, 11, 30)),
        Order("DH-2", "Q", Decimal(50), due=datetime(2026, 11, 30)),
    )
    machines = {"L1": Machine("L1", "LO", batch_capacity=100)}
    plan = planned(shop(items=items, orders=orders, machines=machines, stock={}))
    assert sorted(task.quantity for task in plan.tasks) == [50, 50, 100, 100]
    assert len({(task.machine, task.start) for task in plan.tasks}) == 3


def test_changing_families_costs_the_setup() -> None:
    """Two families on one machine: one changeover between them."""
    steps = {code: (Step("10", "TIEN", Decimal(6), setup_seconds=1800, family=code),) for code in "AB"}
    items = {code: Item(code, steps=step) for code, step in steps.items()}
    orders = tuple(
        Order(f"DH-{n}", code, Decimal(10), due=datetime(2026, 12, 1)) for n, code in enumerate("ABAB")
    )
    plan = planned(shop(items=items, orders=orders, stock={}))
    assert plan.setup_seconds >= 1800
    assert any(task.setup_start is not None for task in plan.tasks)


def test_outsourced_work_takes_its_days_and_no_machine() -> None:
    """Two days at the plater's, over the night."""
    steps = (Step("10", "TIEN", Decimal(60)), Step("20", outsourced_days=Decimal(2)))
    plan = planned(shop(items={"P": Item("P", steps=steps)}, stock={}))
    outside = next(task for task in plan.tasks if task.step == "20")
    assert outside.end - outside.start == 2 * 86_400
