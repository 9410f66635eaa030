"""What remedies cost: by hand for each kind, by a slow count on any workshop, and never free by ignorance."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from itertools import pairwise
from math import floor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from lienmach.apps.production.cli.speaking import show_plan
from lienmach.apps.production.planning.bargains import COLUMNS, cost_phrase, missing_rates
from lienmach.apps.production.planning.booked import BookedPlan, put_back
from lienmach.apps.production.planning.documents import plan_document, plan_from_document, plan_html
from lienmach.apps.production.planning.factory import Factory, Machine, OperatorGroup, Order, Rates, Shift
from lienmach.apps.production.planning.plan import (
    CostKind,
    CostLine,
    Plan,
    Remedy,
    RemedyKind,
    amount_of,
)
from lienmach.apps.production.planning.pricing import Pricing, Tried
from lienmach.apps.production.planning.relief import (
    split_in_two,
    with_machine_too,
    with_overtime,
    with_step_elsewhere,
)
from lienmach.apps.production.sheets import FULL
from lienmach.apps.production.tests.test_lateness import SLOW, plan_of, shop
from lienmach.apps.production.tests.test_planning import factories, planned
from lienmach.engines.scheduling.insertion import Booked, NoRoom, pull_forward
from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.solution import Solution
from lienmach.kernel.web.formatting import language_of, number

DAY = 86_400


def paid_shop(orders: int = 3, **options: object) -> Factory:
    """The lathe and the mill of `shop`, with a rate for everything."""
    described = shop(orders)
    steps = described.items["truc"].steps
    steps = (replace(steps[0], outsourced_price=Decimal(30_000)), *steps[1:])
    return replace(
        described,
        items={
            "thep": replace(described.items["thep"], expedite_surcharge=Decimal(400_000)),
            "truc": replace(described.items["truc"], steps=steps),
        },
        machines={
            code: replace(machine, rate_per_hour=Decimal(rate))
            for (code, machine), rate in zip(described.machines.items(), (90_000, 70_000), strict=True)
        },
        operators=(OperatorGroup("tho", ("tho",), 5, rate_per_hour=Decimal(50_000)),),
        rates=Rates(Decimal(150), Decimal(2_000_000)),
        **options,  # type: ignore[arg-type]
    )


def remedy_of(plan: Plan, kind: RemedyKind, subject: str = "") -> Remedy:
    return next(each for each in plan.remedies if each.kind is kind and subject in each.subject)


def amounts(remedy: Remedy) -> dict[CostKind, Decimal]:
    assert remedy.lines is not None
    found: Counter[CostKind] = Counter()
    for line in remedy.lines:
        found[line.kind] += line.amount  # type: ignore[assignment]
    return dict(found)  # type: ignore[arg-type]


def test_overtime_costs_the_hours_worked_in_it_at_the_overtime_rate() -> None:
    """At most four hours a day of one turner, at half as much again; the mill goes on as before."""
    remedy = remedy_of(plan_of(paid_shop(6)), RemedyKind.OVERTIME, "TIEN-1")
    assert remedy.lines is not None
    (line,) = [each for each in remedy.lines if each.kind is CostKind.OVERTIME]
    assert (line.subject, line.rate) == ("tho", 75_000)
    assert 0 < line.quantity <= 6 * 4 * 3600
    assert remedy.net == (remedy.saves or 0) - (remedy.cost or 0)


def test_an_earlier_delivery_costs_its_surcharge() -> None:
    """One delivery of steel, two days earlier: the surcharge, and a late day or two less."""
    plan = plan_of(paid_shop(1, stock={}))
    remedy = remedy_of(plan, RemedyKind.EXPEDITE)
    assert amounts(remedy) == {CostKind.EXPEDITING: 400_000}
    assert (remedy.cost, remedy.saves) == (400_000, 2 * 2_000_000)


def test_a_step_done_elsewhere_costs_its_price_less_the_hours_here() -> None:
    """Fifty pieces at 30,000; five hours of the lathe at 90,000 and of a turner at 50,000 are not needed."""
    remedy = remedy_of(plan_of(paid_shop(6)), RemedyKind.OUTSOURCE)
    found = amounts(remedy)
    lots = found[CostKind.OUTSOURCING] / (50 * 30_000)
    assert lots == int(lots) >= 1
    assert found[CostKind.MACHINES] == -lots * 5 * 90_000
    assert found[CostKind.LABOUR] == -lots * 5 * 50_000
    assert remedy.cost == lots * (1_500_000 - 450_000 - 250_000)


def test_one_more_person_costs_every_hour_the_group_is_there() -> None:
    """Ten hours a day, seven days a week, until the last order that this helps is done."""
    machines = {f"TIEN-{k}": Machine(f"TIEN-{k}", "TIEN", rate_per_hour=Decimal(1)) for k in range(4)}
    machines["PHAY-1"] = Machine("PHAY-1", "PHAY", rate_per_hour=Decimal(1))
    people = (OperatorGroup("tho", ("tho",), 1, rate_per_hour=Decimal(50_000)),)
    plan = plan_of(replace(paid_shop(6), machines=machines, operators=people))
    remedy = remedy_of(plan, RemedyKind.OPERATOR)
    assert remedy.lines is not None
    (line,) = [each for each in remedy.lines if each.kind is CostKind.LABOUR]
    until = max(
        order.end - gain for code, gain in remedy.gains for order in plan.orders if order.code == code
    )
    first = 10 * 3600  # 08:00, when the plan begins, to 18:00
    assert line.quantity == sum(
        max(0, min(until, day * DAY + first) - day * DAY) for day in range(until // DAY + 1)
    )


def two_lathes(**rates: int) -> Factory:
    """One order on two lathes, both set up for something else: half an hour each to change over."""
    described = paid_shop(1)
    turning, milling = described.items["truc"].steps
    steps = (replace(turning, setup_seconds=1800, family="T", skill=""), milling)
    machines = {
        code: Machine(code, "TIEN", initial_family="X", rate_per_hour=Decimal(rates.get(code[-1], 0)))
        for code in ("TIEN-1", "TIEN-2")
    }
    orders = (replace(described.orders[0], due=datetime(2026, 11, 23, 12)),)
    items = {**described.items, "truc": replace(described.items["truc"], steps=steps)}
    machines["PHAY-1"] = described.machines["PHAY-1"]
    return replace(described, items=items, machines=machines, orders=orders)


def test_a_second_lot_costs_its_own_changeover() -> None:
    """Half an hour more of a lathe at 90,000; with a lathe that has no rate the cost is not known."""
    remedy = remedy_of(plan_of(two_lathes(**{"1": 90_000, "2": 90_000})), RemedyKind.SPLIT)
    assert remedy.cost == 45_000
    unknown = remedy_of(plan_of(two_lathes(**{"1": 90_000})), RemedyKind.SPLIT)
    assert (unknown.cost, unknown.net) == (None, None)


def test_a_dearer_machine_costs_the_difference() -> None:
    """Five hours at 150,000 instead of 90,000, with the same turner."""
    machines = {**paid_shop().machines, "TIEN-9": Machine("TIEN-9", "TIEN", rate_per_hour=Decimal(150_000))}
    described = paid_shop(4)
    items = dict(described.items)
    turning, milling = items["truc"].steps
    only = replace(turning, group="", alternatives=(_alone("TIEN-1", turning.seconds_per_piece),))
    items["truc"] = replace(items["truc"], steps=(only, milling))
    remedy = remedy_of(plan_of(replace(described, machines=machines, items=items)), RemedyKind.ALTERNATIVE)
    assert remedy.lines is not None
    by_machine = {line.subject: line for line in remedy.lines if line.kind is CostKind.MACHINES}
    moved = by_machine["TIEN-9"].quantity
    assert moved == -by_machine["TIEN-1"].quantity > 0
    assert remedy.cost == moved // 3600 * 60_000


def _alone(machine: str, seconds: Decimal) -> Any:
    from lienmach.apps.production.planning.factory import Alternative

    return Alternative(machine, seconds)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (RemedyKind.OVERTIME, lambda f: replace(f, operators=shop().operators)),
        (RemedyKind.OUTSOURCE, lambda f: replace(f, items=shop().items)),
    ],
)
def test_what_has_no_rate_is_not_free(kind: RemedyKind, change: Callable[[Factory], Factory]) -> None:
    """Without the rate that it needs a remedy has no cost and no net, and the plan says which to give."""
    plan = plan_of(change(paid_shop(6)))
    assert any(remedy.kind is kind for remedy in plan.remedies)
    for remedy in plan.remedies:
        if remedy.kind is kind and remedy.subject != "PHAY-1":  # the mill runs without people of a skill
            assert (remedy.cost, remedy.net, plan.rank_by_money(remedy)) == (None, None, None)
            assert cost_phrase(remedy, "vi") == ""
            assert missing_rates(plan, "en")


def test_without_any_rate_no_money_is_shown_and_the_columns_are_named() -> None:
    """An owner who wants none sees none; the names are those of the workbook."""
    plan = plan_of(shop(6))
    assert plan.remedies and not plan.money_known and not plan.remedies_by_money
    titles = {(column.title("vi"), column.title("en")) for sheet in FULL.sheets for column in sheet.columns}
    assert {(names[0], names[1]) for names in COLUMNS.values()} <= {
        (vi.partition(" (")[0], en.partition(" (")[0]) for vi, en in titles
    }
    for language, name in (("vi", "Phạt trễ mỗi ngày"), ("en", "Late cost per day")):
        assert name in missing_rates(plan, language)


def test_money_goes_through_the_document_and_older_ones_are_still_read() -> None:
    """Nothing of it is lost in plan.json; a plan from before remedies had prices has none."""
    plan = plan_of(paid_shop(6))
    document = json.loads(json.dumps(plan_document(plan, cpu_seconds=1)))
    again = plan_from_document(document)
    assert again.remedies == plan.remedies
    assert again.remedies_by_money == plan.remedies_by_money != ()
    for remedy in document["remedies"]:
        for key in ("cost", "cost_lines", "net", "rank_by_money"):
            del remedy[key]
    assert all(remedy.cost is None for remedy in plan_from_document(document).remedies)


def test_halves_of_a_dong_are_not_lost_among_hours() -> None:
    """2,003 and 1,597 seconds at 11 đ are eleven đồng; divided one by one they were a little less."""
    lines = [
        CostLine(CostKind.LABOUR, "a", 2003, Decimal(11)),
        CostLine(CostKind.LABOUR, "b", 1597, Decimal(11)),
        CostLine(CostKind.MACHINES, "c", 1800, Decimal(1)),
    ]
    assert amount_of(lines) == Decimal("11.5")


def test_both_rankings_stand_in_the_page_and_on_the_screen() -> None:
    """The reader sees what each saves, costs and leaves, and its place by money."""
    plan = plan_of(paid_shop(6))
    best = plan.remedies_by_money[0]
    console = Console(width=200, file=StringIO())
    show_plan(console, plan, "en")
    assert isinstance(console.file, StringIO)
    for shown in (plan_html(plan, language="en"), console.file.getvalue()):
        assert "Rank by money" in shown
        assert number(best.net, language=language_of("en")) in shown
    bare = plan_html(plan_of(shop(6)), language="en")
    assert "Rank by money" not in bare and "Late cost per day" in bare


# -- on any workshop -------------------------------------------------------------------------------------


@st.composite
def paid_factories(draw: st.DrawFn) -> Factory:
    """Workshops with rates here and there, an overtime shift, and orders that are late already."""
    described = draw(factories())
    rate = st.sampled_from([Decimal(0), Decimal(60_000), Decimal(90_000)])
    evening = Shift(frozenset(range(5)), time(17), time(19), overtime=True)
    return replace(
        described,
        machines={
            code: replace(machine, rate_per_hour=draw(rate)) for code, machine in described.machines.items()
        },
        items={
            code: replace(
                item,
                expedite_surcharge=draw(rate),
                steps=tuple(replace(step, outsourced_price=draw(rate) / 10) for step in item.steps),
            )
            for code, item in described.items.items()
        },
        calendars={"days": (*described.calendars["days"], evening), "nights": described.calendars["nights"]},
        operators=tuple(replace(group, rate_per_hour=draw(rate)) for group in described.operators),
        orders=tuple(replace(order, due=datetime(2026, 11, 20), earliest=None) for order in described.orders),
        rates=Rates(Decimal(draw(st.sampled_from([100, 150, 200]))), draw(rate) * 20),
    )


def _by_line(document: dict[str, Any], remedy: dict[str, Any]) -> Fraction:
    """The cost of a remedy from its lines, every rate looked up in the workshop that the plan carries."""
    factory = document["factory"]
    machines = {each["machine"]: each.get("rate_per_hour", 0) for each in factory["machines"]}
    people = {each["operators"]: each.get("rate_per_hour", 0) for each in factory.get("operators", [])}
    items = {each["item"]: each for each in factory["items"]}
    percent = Decimal(str(factory["rates"]["overtime_percent"]))
    total = Fraction(0)
    for line in remedy["cost_lines"]:
        quantity, rate, subject = Decimal(line["quantity"]), Decimal(str(line["rate"])), line["subject"]
        match line["kind"]:
            case "machines":
                assert rate == machines[subject] > 0
            case "labour":
                assert rate == people[subject] > 0
            case "overtime":
                base = Decimal(str(people[subject] if subject in people else machines[subject]))
                assert rate in (base * percent / 100, base * (percent - 100) / 100) and rate > 0
            case "outsourcing":
                item, _, step = remedy["subject"].partition(" ")
                (found,) = [s for s in items[item]["steps"] if step in (s["step"], s.get("name"))]
                assert rate == Decimal(str(found["outsourced_price"])) > 0
            case "expediting":
                assert rate == items[subject]["expedite_surcharge"] > 0
        assert line["unit"] == {"outsourcing": "piece", "expediting": "delivery"}.get(line["kind"], "second")
        total += Fraction(quantity * rate) / (3600 if line["unit"] == "second" else 1)
    return total


def _half_up(amount: Fraction) -> int:
    """Halves away from zero, as taught in school."""
    return floor(abs(amount) + Fraction(1, 2)) * (1 if amount > 0 else -1)


def _saved(document: dict[str, Any], remedy: dict[str, Any]) -> bool:
    """Whether some late day that would go has a rate."""
    usual = document["factory"]["rates"].get("lateness_per_day", 0)
    own = {each["order"]: each.get("lateness_per_day") or usual for each in document["factory"]["orders"]}
    return any(own[gain["order"]] for gain in remedy["gains"])


@SLOW
@given(factory=paid_factories())
def test_the_document_alone_says_why_a_remedy_costs_what_it_costs(factory: Factory) -> None:
    """Lines add up, rates are the owner's, unknown stays unknown, and both ranks are right."""
    document = json.loads(json.dumps(plan_document(plan_of(factory), cpu_seconds=1)))
    remedies = document["remedies"]
    for remedy in remedies:
        assert (remedy["cost"] is None) == (remedy["cost_lines"] is None)
        assert (remedy["saves"] is not None) == _saved(document, remedy)
        if remedy["cost"] is not None:
            assert remedy["cost"] == _half_up(_by_line(document, remedy))
            kinds = {line["kind"] for line in remedy["cost_lines"]}
            itself = {"expedite": "expediting", "outsource": "outsourcing", "overtime": "overtime",
                      "operator": "labour"}  # fmt: skip
            assert itself.get(remedy["kind"]) in {None, *kinds}, "a remedy that takes nothing cannot help"
        known = remedy["cost"] is not None and remedy["saves"] is not None
        assert remedy["net"] == (remedy["saves"] - remedy["cost"] if known else None)
    by_net = sorted((r for r in remedies if r["net"] is not None), key=lambda r: -r["net"])
    assert sorted(r["rank_by_money"] for r in by_net) == list(range(1, len(by_net) + 1))
    assert [r["net"] for r in sorted(by_net, key=lambda r: r["rank_by_money"])] == [r["net"] for r in by_net]
    gained = [(-r["weighted_seconds"], r["kind"], r["subject"]) for r in remedies]
    assert gained == sorted(gained)


def _opened(problem: Problem, place: str) -> Callable[[int], bool]:
    found = next(each for each in (*problem.machines, *problem.operators) if each.id == place)
    return lambda t: found.open is None or any(a <= t < b for a, b in found.open)


def _edges(problem: Problem, places: Iterable[str], *moments: int) -> list[int]:
    known = {each.id: each.open or () for each in (*problem.machines, *problem.operators)}
    return sorted({*moments, *(edge for place in places for span in known[place] for edge in span)})


def _total(problem: Problem, booked: BookedPlan, solution: Solution) -> Counter[tuple[str, str]]:
    """Seconds of machines, of people, and of overtime shifts, counted piece of time by piece of time."""
    seconds: Counter[tuple[str, str]] = Counter()
    loads = set()
    for each in solution.operations:
        machine = booked.factory.machines.get(each.machine)
        load = (each.machine, each.batch)
        if machine is None or (each.batch is not None and load in loads):
            continue
        loads.add(load)
        step = booked.built.operations[each.operation.removesuffix(" (2)")].step
        spans = [(each.start, each.end), (each.setup_start or 0, each.setup_end or 0)]
        marks = _edges(problem, [each.machine], *(edge for span in spans for edge in span))
        evenings = {booked.timeline.morning_of(booked.timeline.day(t)) for t in marks}
        marks = sorted({*marks, *(day + hour * 3600 for day in evenings for hour in (17, 19))})
        opened = _opened(problem, each.machine)
        for a, b in pairwise(marks):
            inside = any(start <= a < end for start, end in spans)
            if not (inside and opened(a)):
                continue
            local = booked.timeline.moment(a)
            late = machine.calendar != "nights" and local.weekday() < 5 and 17 <= local.hour < 19
            seconds["machines", each.machine] += b - a
            for group in each.operators:
                seconds["labour", group] += (b - a) * step.operator_count
            for subject in (each.operators or (each.machine,)) if late else ():
                seconds["shift", subject] += b - a
    return seconds


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(factory=paid_factories(), data=st.data())
def test_hours_are_those_of_the_two_schedules(factory: Factory, data: st.DataObject) -> None:
    """All that is held with the remedy, less all that is held without, counted the slow way."""
    rates = {
        code: replace(machine, rate_per_hour=Decimal(90_000)) for code, machine in factory.machines.items()
    }
    people = tuple(replace(group, rate_per_hour=Decimal(60_000)) for group in factory.operators)
    items = {
        code: replace(item, steps=tuple(replace(step, outsourced_price=Decimal(10)) for step in item.steps))
        for code, item in factory.items.items()
    }
    factory = replace(factory, machines=rates, operators=people, items=items, rates=Rates(Decimal(150)))
    booked = put_back(planned(factory))
    problem = booked.built.problem
    kind, subject, changed, new = data.draw(st.sampled_from(_changes(booked)))
    state = Booked(changed, booked.solution)
    try:
        state.insert(new)
    except NoRoom:
        return
    pull_forward(state, [each.operation for each in booked.solution.operations], budget=10**5)
    after = state.solution()
    until = max((each.end for each in after.operations), default=0)
    lines = Pricing(booked, booked.solution).lines(Tried(kind, subject, changed, after, until))
    more = _total(changed, booked, after)
    more.subtract(_total(problem, booked, booked.solution))
    extra = _overtime(booked, changed, after) if kind is RemedyKind.OVERTIME else Counter[str]()
    pieces = sum(
        booked.built.operations[each.operation].quantity
        for each in after.operations
        if each.machine == "elsewhere"
    )
    if (kind is RemedyKind.OVERTIME and not extra) or (kind is RemedyKind.OUTSOURCE and not pieces):
        assert lines is None  # it takes nothing itself, so it cannot be what helped
        return
    assert lines is not None
    expected: Counter[tuple[str, str, Decimal]] = Counter()
    for (what, place), quantity in more.items():
        rate = Decimal(60_000 if place == "tho" else 90_000)
        expected["overtime" if what == "shift" else what, place, rate / 2 if what == "shift" else rate] += (
            quantity
        )
    for place, quantity in extra.items():
        expected["overtime", place, Decimal(90_000 if place == "tho" else 135_000)] += quantity
    if kind is RemedyKind.OUTSOURCE:
        expected["outsourcing", subject, Decimal(10)] += pieces
    assert {(line.kind.value, line.subject, line.rate): line.quantity for line in lines} == {
        key: quantity for key, quantity in expected.items() if quantity
    }


def _changes(booked: BookedPlan) -> list[tuple[RemedyKind, str, Problem, tuple[str, ...]]]:
    problem = booked.built.problem
    names = list(booked.built.operations)
    found: list[tuple[RemedyKind, str, Problem, tuple[str, ...]]] = [
        (RemedyKind.OVERTIME, place.id, with_overtime(problem, place.id, 4), ())
        for place in (*problem.machines, *problem.operators)
    ]
    found.append((RemedyKind.OUTSOURCE, "it", with_step_elsewhere(problem, set(names[:3]), 1), ()))
    for job in problem.jobs[:3]:
        divided, new = split_in_two(problem, job.id)
        if new:
            found.append((RemedyKind.SPLIT, job.id, divided, tuple(new)))
    groups: dict[str, list[str]] = {}
    for machine in booked.factory.machines.values():
        groups.setdefault(machine.group, []).append(machine.code)
    for codes in groups.values():
        if len(codes) > 1:
            changed = with_machine_too(problem, set(names), codes[0], codes[1])
            found.append((RemedyKind.ALTERNATIVE, "it", changed, ()))
    return found


def _overtime(booked: BookedPlan, changed: Problem, after: Solution) -> Counter[str]:
    """Seconds worked while machine and people are there only because of the remedy."""
    extra: Counter[str] = Counter()
    loads = set()
    for each in after.operations:
        load = (each.machine, each.batch)
        if each.batch is not None and load in loads:
            continue
        loads.add(load)
        places = [each.machine, *each.operators]
        spans = [(each.start, each.end), (each.setup_start or 0, each.setup_end or 0)]
        moments = [edge for span in spans for edge in span]
        marks = sorted({*_edges(changed, places, *moments), *_edges(booked.built.problem, places)})
        now = [_opened(changed, place) for place in places]
        usual = [_opened(booked.built.problem, place) for place in places]
        for a, b in pairwise(marks):
            works = any(start <= a < end for start, end in spans) and all(there(a) for there in now)
            if works and not all(there(a) for there in usual):
                for subject in each.operators or (each.machine,):
                    extra[subject] += b - a
    return extra


def test_a_plan_without_late_orders_has_nothing_to_price() -> None:
    """Nobody is late, nothing is asked."""
    calm = replace(paid_shop(1), orders=(Order("DH-0", "truc", Decimal(5), due=datetime(2026, 12, 25)),))
    plan = plan_of(calm)
    assert not plan.remedies and not missing_rates(plan, "vi")
