"""What a workshop can say is honoured in its plan: lots on the floor, waits, batches, people, money, lots."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienmach.apps.production.planning.documents import plan_html
from lienmach.apps.production.planning.factory import (
    Closure,
    Component,
    Factory,
    Item,
    Machine,
    OperatorGroup,
    Order,
    Rates,
    Receipt,
    Shift,
    Step,
    WorkInProgress,
)
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.plan import Plan, PlannedTask
from lienmach.engines.scheduling.problem import During

START = datetime(2026, 11, 23, 1, tzinfo=UTC)  # Monday 08:00 in Vietnam
DAY_S = 86_400
HOUR_S = 3_600
ALWAYS = {"always": (Shift(frozenset(range(7)), time(), time()),)}


def step(code: str, group: str, seconds: int = 60, **more: Any) -> Step:
    return Step(code, group=group, seconds_per_piece=Decimal(seconds), **more)


def order(code: str, item: str, quantity: int, days: int = 30, **more: Any) -> Order:
    return Order(code, item, Decimal(quantity), datetime(2026, 11, 23) + timedelta(days=days), **more)


def factory(*items: Item, orders: tuple[Order, ...], **more: Any) -> Factory:
    groups = {s.group for item in items for s in item.steps if s.group}
    machines = {group: Machine(group, group) for group in sorted(groups)}
    return Factory(
        items={item.code: item for item in items},
        machines=more.pop("machines", machines),
        orders=orders,
        calendars=more.pop("calendars", ALWAYS),
        **more,
    )


def planned(factory: Factory, **options: Any) -> Plan:
    found = make_plan(factory, start=START, cpu_seconds=0.05, **options)
    assert isinstance(found, Plan), found
    return found


def tasks(plan: Plan) -> dict[str, PlannedTask]:
    return {task.id: task for task in plan.tasks}


ROUTING = Item("P", steps=(step("10", "A"), step("20", "B"), step("30", "A")))


def test_steps_behind_a_lot_are_not_planned_again() -> None:
    """40 pieces wait for the third step; only 60 are begun anew."""
    lot = WorkInProgress("L1", "P", 40, "30")
    plan = planned(factory(ROUTING, orders=(order("O", "P", 100),), in_progress=(lot,)))
    found = tasks(plan)
    assert {name for name in found if name.startswith("L1/")} == {"L1/30"}
    assert found["O/10"].quantity == 60
    assert found["L1/30"].orders == ("O",)


def test_a_running_step_keeps_its_machine_and_has_its_remaining_pieces() -> None:
    """30 of 50 are done: 20 minutes are left, on the machine where it runs, from now on."""
    machines = {name: Machine(name, "A") for name in ("A1", "A2")} | {"B": Machine("B", "B")}
    lot = WorkInProgress("L1", "P", 50, "10", done=30, machine="A2", order="O")
    plan = planned(factory(ROUTING, orders=(order("O", "P", 50),), in_progress=(lot,), machines=machines))
    found = tasks(plan)
    assert (found["L1/10"].machine, found["L1/10"].quantity) == ("A2", 20)
    assert found["L1/10"].start <= 0 and found["L1/10"].end == 20 * 60
    assert found["L1/20"].quantity == 50
    assert not any(name.startswith("O/") for name in found)


def test_a_lot_takes_the_material_of_the_steps_before_it_only() -> None:
    """What its later steps need is bought; the purchase names the order that waits for it."""
    part = Item("P", steps=(
        step("10", "A", components=(Component("steel", Decimal(1)),)),
        step("20", "B", components=(Component("paint", Decimal("0.5")),)),
    ))  # fmt: skip
    bought = [Item(code, lead_time_days=Decimal(2)) for code in ("steel", "paint")]
    lot = WorkInProgress("L1", "P", 20, "10", done=1, machine="A", order="O")
    plan = planned(factory(part, *bought, orders=(order("O", "P", 20),), in_progress=(lot,)))
    assert [(p.item, p.quantity, p.orders) for p in plan.purchases] == [("paint", Decimal(10), ("O",))]
    assert tasks(plan)["L1/20"].start >= 2 * DAY_S


def test_a_part_on_the_floor_serves_the_assembly_above_it() -> None:
    """The lot of a component feeds the order through the bill."""
    top = Item("T", steps=(step("10", "C", components=(Component("P", Decimal(2)),)),))
    lot = WorkInProgress("L1", "P", 20, "30")
    plan = planned(factory(ROUTING, top, orders=(order("O", "T", 10),), in_progress=(lot,)))
    found = tasks(plan)
    assert set(found) == {"L1/30", "O/10"}
    assert found["O/10"].start >= found["L1/30"].end and found["L1/30"].orders == ("O",)


def test_what_was_sent_out_comes_back_when_its_days_are_over() -> None:
    """Sent two of five days ago: three days are left, at the supplier that has it."""
    item = Item("P", steps=(Step("10", outsourced_days=Decimal(5), supplier="Mạ"), step("20", "B")))
    sent = datetime(2026, 11, 21, 8)
    lot = WorkInProgress("L1", "P", 5, "10", started=sent, order="O")
    found = tasks(planned(factory(item, orders=(order("O", "P", 5),), in_progress=(lot,))))
    assert found["L1/10"].machine == "outside: Mạ"
    assert found["L1/10"].end == 3 * DAY_S


def test_waits_are_kept_on_both_sides() -> None:
    """Cool for an hour; be under the press within two, although another job wants it."""
    first = step("10", "A", min_wait_seconds=HOUR_S, max_wait_seconds=2 * HOUR_S)
    items = Item("P", steps=(first, step("20", "B", 600))), Item("Q", steps=(step("10", "B", 600),))
    plan = planned(factory(*items, orders=(order("O1", "P", 30), order("O2", "P", 30), order("O3", "Q", 30))))
    found = tasks(plan)
    for name in ("O1", "O2"):
        wait = found[f"{name}/20"].start - found[f"{name}/10"].end
        assert HOUR_S <= wait <= 2 * HOUR_S


def test_a_transfer_batch_lets_the_next_step_begin() -> None:
    """After 10 of 100 pieces, not after all of them; and never before those 10 are done."""
    item = Item("P", steps=(step("10", "A", 60, transfer_quantity=10), step("20", "B", 60)))
    found = tasks(planned(factory(item, orders=(order("O", "P", 100),))))
    assert 10 * 60 <= found["O/20"].start < 20 * 60
    assert found["O/20"].end >= found["O/10"].end + 10 * 60


def test_an_operator_for_the_setup_only_can_run_two_machines() -> None:
    """One person sets up both machines and is not needed while they run."""

    def with_people(during: During) -> int:
        more = {"setup_seconds": 600, "skill": "tho", "operator_during": during}
        items = [Item(code, steps=(step("10", code, 60, **more),)) for code in ("P", "Q")]
        people = (OperatorGroup("one", ("tho",), 1),)
        machines = {c: Machine(c, c, initial_family="other") for c in ("P", "Q")}
        orders = (order("O1", "P", 100), order("O2", "Q", 100))
        return planned(factory(*items, orders=orders, operators=people, machines=machines)).makespan

    assert with_people(During.SETUP) == 2 * 600 + 6000
    assert with_people(During.WHOLE) == 2 * 600 + 2 * 6000


def test_work_waits_for_the_shift_of_its_operators_and_their_holiday() -> None:
    """The machine is always open; its people come at night, and not on the holiday."""
    nights = {"nights": (Shift(frozenset(range(7)), time(22), time(6)),)}
    item = Item("P", steps=(step("10", "A", 60, skill="tho"),))
    found = tasks(planned(factory(
        item,
        orders=(order("O", "P", 60),),
        operators=(OperatorGroup("team", ("tho",), 2, "nights"),),
        calendars=ALWAYS | nights,
        closures=(Closure(datetime(2026, 11, 23, 12), datetime(2026, 11, 25), "Tết"),),
    )))  # fmt: skip
    assert found["O/10"].start == (24 + 16) * HOUR_S  # Wednesday 00:00, in Tuesday's night shift


def test_a_load_is_shared_by_one_recipe_of_two_items() -> None:
    """Two items of the recipe go in together, a third of another recipe afterwards."""

    def hardened(code: str, recipe: str) -> Item:
        return Item(code, steps=(Step("10", group="LO", cycle_seconds=HOUR_S, recipe=recipe),))

    items = hardened("P", "R1"), hardened("Q", "R1"), hardened("S", "R2")
    machines = {"LO": Machine("LO", "LO", batch_capacity=100)}
    orders = tuple(order(f"O{code}", code, 40) for code in "PQS")
    plan = planned(factory(*items, orders=orders, machines=machines))
    assert plan.makespan == 2 * HOUR_S
    assert tasks(plan)["OP/10"].batch == tasks(plan)["OQ/10"].batch is not None


def test_large_quantities_become_jobs_of_the_largest_lot() -> None:
    """Five jobs of at most 25 side by side on two machines; the assembly waits for all of them."""
    part = Item("P", steps=(step("10", "A"),), lot_maximum=Decimal(25))
    top = Item("T", steps=(step("10", "C", 1, components=(Component("P", Decimal(1)),)),))
    machines = {name: Machine(name, "A") for name in ("A1", "A2")} | {"C": Machine("C", "C")}
    plan = planned(factory(part, top, orders=(order("O", "T", 110),), machines=machines))
    parts = [task for task in plan.tasks if task.item == "P"]
    assert sorted(task.quantity for task in parts) == [10, 25, 25, 25, 25]
    assert tasks(plan)["O/10"].start >= max(task.end for task in parts)
    assert plan.makespan == 60 * 60 + 110


def test_an_unlimited_machine_runs_everything_at_once() -> None:
    """A drying yard: only its hours count."""
    item = Item("P", steps=(Step("10", group="YARD", fixed_seconds=HOUR_S),))
    machines = {"YARD": Machine("YARD", "YARD", unlimited=True)}
    plan = planned(factory(item, orders=tuple(order(f"O{n}", "P", 5) for n in range(7)), machines=machines))
    assert plan.makespan == HOUR_S


def test_an_order_for_something_bought_waits_for_it() -> None:
    """Delivered as bought: the date is the receipt's, and the cause is the material."""
    item = Item("pump", lead_time_days=Decimal(9))
    plan = planned(factory(item, orders=(order("O", "pump", 3, days=5),)))
    assert plan.orders[0].end == 9 * DAY_S
    assert [(cause.kind.value, cause.subject) for cause in plan.orders[0].causes] == [("material", "pump")]
    assert plan.purchases[0].orders == ("O",) and plan.purchases[0].overdue


def test_the_plan_says_what_it_costs() -> None:
    """Machine and labour hours, overtime, material, subcontractor and lateness, to the đồng."""
    calendar = {"ca": (
        Shift(frozenset(range(7)), time(8), time(9)),
        Shift(frozenset(range(7)), time(9), time(11), overtime=True),
    )}  # fmt: skip
    item = Item("P", steps=(
        step("10", "A", 60, skill="tho", components=(Component("steel", Decimal("0.5"), Decimal("0.1")),)),
        Step("20", outsourced_days=Decimal(1), outsourced_price=Decimal(1_000)),
    ))  # fmt: skip
    steel = Item("steel", lead_time_days=Decimal(0), price=Decimal(20_000))
    glue = Item("glue", lead_time_days=Decimal(0))
    item = replace(item, steps=(replace(item.steps[0], components=(
        *item.steps[0].components, Component("glue", Decimal(1)))), item.steps[1]))  # fmt: skip
    plan = planned(factory(
        item, steel, glue,
        orders=(Order("O", "P", Decimal(120), datetime(2026, 11, 23, 12), lateness_per_day=Decimal(7_000)),),
        machines={"A": Machine("A", "A", rate_per_hour=Decimal(90_000))},
        operators=(OperatorGroup("one", ("tho",), 1, rate_per_hour=Decimal(50_000)),),
        calendars=calendar,
        rates=Rates(Decimal(200)),
    ))  # fmt: skip
    costs = plan.costs
    assert costs is not None
    assert (costs.machines, costs.labour, costs.overtime) == (180_000, 100_000, 50_000)
    assert costs.materials == 120 * 20_000 * Decimal("0.55")
    assert (costs.outsourcing, costs.lateness, costs.unpriced) == (120_000, 7_000, ("glue",))
    assert costs.total == 180_000 + 100_000 + 50_000 + 1_320_000 + 120_000 + 7_000
    assert "1.777.000" in plan_html(plan, language="vi") and "glue" in plan_html(plan, language="en")
    assert planned(factory(ROUTING, orders=(order("O", "P", 1),))).costs is None


def test_purchases_on_a_deep_bill_name_their_latest_day_and_the_orders_they_hold_up() -> None:
    """Three levels, minimum and multiple lots: one lot of steel serves orders through the shared part."""
    steel = Item("steel", lead_time_days=Decimal(4), lot_minimum=Decimal(50), lot_multiple=Decimal(25))
    ring = Item("ring", steps=(step("10", "A", 60, components=(Component("steel", Decimal(1)),)),),
                lot_minimum=Decimal(30))  # fmt: skip
    half = Item("half", steps=(step("10", "B", 60, components=(Component("ring", Decimal(2)),)),))
    top = Item("top", steps=(step("10", "C", 60, components=(Component("half", Decimal(1)),)),))
    orders = (order("O1", "top", 10, 12), order("O2", "top", 5, 13), order("O3", "half", 20, 60))
    plan = planned(factory(steel, ring, half, top, orders=orders))
    made = sum(task.quantity for task in plan.tasks if task.item == "ring")
    bought = sum(purchase.quantity for purchase in plan.purchases)
    assert made <= bought and all(purchase.quantity % 25 == 0 for purchase in plan.purchases)
    assert {code for purchase in plan.purchases for code in purchase.orders} == {"O1", "O2", "O3"}
    rings = {task.id: task for task in plan.tasks if task.item == "ring"}
    first = min(rings.values(), key=lambda task: task.start)
    earliest = min(plan.purchases, key=lambda purchase: purchase.arrives)
    assert set(first.orders) <= set(earliest.orders)
    assert earliest.order_by + timedelta(days=4) <= earliest.arrives <= plan.timeline.day(first.start)


@st.composite
def workshops(draw: st.DrawFn) -> Factory:
    """Deep bills with shared parts, lots, scrap, stock, receipts and lots on the floor."""
    items: dict[str, Item] = {}
    for code in ("steel", "glue"):
        items[code] = Item(
            code,
            lead_time_days=Decimal(draw(st.integers(0, 6))),
            lot_minimum=Decimal(draw(st.sampled_from([0, 40]))),
            lot_multiple=Decimal(draw(st.sampled_from(["0", "12.5"]))),
            safety_stock=Decimal(draw(st.sampled_from([0, 7]))),
        )
    for level in range(draw(st.integers(1, 4))):
        parts = list(items)
        steps = []
        for number in range(draw(st.integers(1, 2))):
            used = draw(st.lists(st.sampled_from(parts), max_size=2, unique=True))
            amounts = [Decimal(1), Decimal(2), Decimal("0.3")]
            components = tuple(
                Component(part, draw(st.sampled_from(amounts[: 3 if not items[part].made else 2])),
                          draw(st.sampled_from([Decimal(0), Decimal("0.05")])))
                for part in used
            )  # fmt: skip
            steps.append(step(str(number), f"M{level % 2}", 7, components=components))
        items[f"I{level}"] = Item(
            f"I{level}",
            steps=tuple(steps),
            scrap=draw(st.sampled_from([Decimal(0), Decimal("0.04")])),
            lot_minimum=Decimal(draw(st.sampled_from([0, 30]))),
            lot_maximum=Decimal(draw(st.sampled_from([0, 0, 25]))),
        )
    made = [code for code, item in items.items() if item.made]
    orders = tuple(
        order(f"O{n}", draw(st.sampled_from(made)), draw(st.integers(1, 60)), draw(st.integers(0, 20)))
        for n in range(draw(st.integers(1, 5)))
    )
    lots = tuple(
        WorkInProgress(f"L{n}", code, draw(st.integers(1, 40)), draw(st.sampled_from(items[code].steps)).code)
        for n, code in enumerate(draw(st.lists(st.sampled_from(made), max_size=2)))
    )
    return factory(
        *items.values(),
        orders=orders,
        stock={code: Decimal(draw(st.integers(0, 50))) for code in items if draw(st.booleans())},
        receipts=(Receipt("PO", "steel", Decimal(30), date(2026, 11, 27)),) if draw(st.booleans()) else (),
        in_progress=lots,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(workshops())
def test_stock_never_falls_below_zero_in_the_plan_as_it_is_dated(factory: Factory) -> None:
    """Counted from the plan alone: what comes in by its day, what goes out when a step starts."""
    plan = planned(factory)
    flows: dict[str, list[tuple[int, int, Decimal]]] = defaultdict(list)
    for code, quantity in factory.stock.items():
        flows[code].append((-1, 0, Decimal(int(quantity))))
    for receipt in factory.receipts:
        flows[receipt.item].append((plan.timeline.morning_of(receipt.due), 0, receipt.quantity))
    for purchase in plan.purchases:
        flows[purchase.item].append((plan.timeline.morning_of(purchase.arrives), 0, purchase.quantity))
    jobs: dict[str, list[PlannedTask]] = defaultdict(list)
    for task in plan.tasks:
        jobs[task.job].append(task)
        for part in next(s for s in factory.items[task.item].steps if s.code == task.step).components:
            needed = part.quantity_per * (1 + part.waste) * task.quantity
            flows[part.item].append((task.start, 1, -needed))
    for job, done in jobs.items():
        last = max(done, key=lambda task: task.end)
        item = factory.items[last.item]
        good = last.quantity if any(lot.code == job for lot in factory.in_progress) else (
            Decimal(last.quantity) * (1 - item.scrap)
        )  # fmt: skip
        flows[last.item].append((last.end, 0, Decimal(good)))
    for wanted, answer in zip(factory.orders, plan.orders, strict=True):
        flows[wanted.item].append((max(answer.end, 0), 1, -wanted.quantity))
    for code, moves in flows.items():
        balance = Decimal(0)
        for at, _, change in sorted(moves):
            balance += change
            assert balance >= 0, (code, at, balance)


@pytest.mark.parametrize("done", [0, 10])
def test_a_lot_that_waits_may_go_to_any_machine(done: int) -> None:
    """Put aside after ten pieces: the rest is planned like any other work, set up anew."""
    lot = WorkInProgress("L1", "P", 30, "20", done=done, order="O")
    found = tasks(planned(factory(ROUTING, orders=(order("O", "P", 30),), in_progress=(lot,))))
    assert found["L1/20"].quantity == 30 - done and set(found) == {"L1/20", "L1/30"}
