"""Causes add up, removing the first one helps, remedies help and harm nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from lienmach.apps.production.planning.booked import put_back
from lienmach.apps.production.planning.counterfactual import Replanning
from lienmach.apps.production.planning.documents import (
    plan_document,
    plan_from_document,
    plan_html,
    plan_xlsx,
)
from lienmach.apps.production.planning.explain import lateness_sentence, remedy_effect, remedy_phrase
from lienmach.apps.production.planning.factory import (
    Component,
    Factory,
    Item,
    Machine,
    OperatorGroup,
    Order,
    Shift,
    Step,
)
from lienmach.apps.production.planning.lateness import Chains
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.plan import CauseKind, Plan, RemedyKind
from lienmach.apps.production.planning.relief import (
    longer,
    split_in_two,
    with_material_earlier,
    with_operator,
    with_overtime,
    without_cause,
)
from lienmach.apps.production.planning.remedies import advised
from lienmach.apps.production.tests.test_planning import START, factories
from lienmach.engines.scheduling.insertion import Booked, pull_forward
from lienmach.engines.scheduling.verify import verify

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PLENTY = 10**8


def plan_of(factory: Factory) -> Plan:
    found = make_plan(factory, start=START, cpu_seconds=0.02)
    assert isinstance(found, Plan), found
    return advised(found, budget=PLENTY)


def shop(orders: int = 3, **options: object) -> Factory:
    """A lathe that is wanted by everybody, then a mill; steel takes four days."""
    described = Factory(
        items={
            "thep": Item("thep", lead_time_days=Decimal(4)),
            "truc": Item(
                "truc",
                steps=(
                    Step(
                        "10",
                        group="TIEN",
                        seconds_per_piece=Decimal(360),
                        components=(Component("thep", Decimal(1)),),
                        skill="tho",
                    ),
                    Step("20", group="PHAY", seconds_per_piece=Decimal(60)),
                ),
            ),
        },
        machines={"TIEN-1": Machine("TIEN-1", "TIEN"), "PHAY-1": Machine("PHAY-1", "PHAY")},
        orders=tuple(
            Order(f"DH-{number}", "truc", Decimal(50), due=datetime(2026, 11, 25)) for number in range(orders)
        ),
        calendars={"days": (Shift(frozenset(range(7)), time(8), time(18)),)},
        stock={"thep": Decimal(1000)},
        operators=(OperatorGroup("tho", ("tho",), 5),),
    )
    return replace(described, **options)  # type: ignore[arg-type]


def first_causes(plan: Plan) -> dict[str, CauseKind]:
    return {order.code: order.causes[0].kind for order in plan.late_orders}


def test_a_machine_that_others_hold_is_named_with_them() -> None:
    """Six orders on one lathe: the last waits for it, and overtime or a split there would help."""
    plan = plan_of(shop(6))
    last = plan.late_orders[0]
    assert last.causes[0].kind is CauseKind.MACHINE
    assert last.causes[0].subject == "TIEN-1"
    assert last.causes[0].blockers
    assert last.causes[0].gain_s
    kinds = {remedy.kind: remedy for remedy in plan.remedies}
    assert kinds[RemedyKind.OVERTIME].subject == "TIEN-1"


def test_late_material_is_named_and_would_be_expedited() -> None:
    """Without stock the steel comes on the fifth day, after the due date."""
    plan = plan_of(shop(1, stock={}))
    assert first_causes(plan) == {"DH-0": CauseKind.MATERIAL}
    assert plan.remedies[0].kind is RemedyKind.EXPEDITE
    assert plan.remedies[0].amount == 2
    assert plan.remedies[0].gain_of("DH-0") >= 86_400


def test_missing_people_are_named_and_one_more_would_help() -> None:
    """Four lathes, one turner."""
    machines = {f"TIEN-{k}": Machine(f"TIEN-{k}", "TIEN") for k in range(4)}
    machines["PHAY-1"] = Machine("PHAY-1", "PHAY")
    plan = plan_of(shop(6, machines=machines, operators=(OperatorGroup("tho", ("tho",), 1),)))
    assert plan.late_orders[0].causes[0].kind is CauseKind.OPERATOR
    assert plan.late_orders[0].causes[0].subject == "tho"
    assert RemedyKind.OPERATOR in {remedy.kind for remedy in plan.remedies}


def test_two_materials_of_one_day_are_named_together() -> None:
    """Each alone gains nothing: the other comes on the same day."""
    items = dict(shop().items)
    step = items["truc"].steps[0]
    parts = (*step.components, Component("dong", Decimal(1)))
    items["truc"] = replace(items["truc"], steps=(replace(step, components=parts), items["truc"].steps[1]))
    items["dong"] = Item("dong", lead_time_days=Decimal(4))
    plan = plan_of(shop(1, items=items, stock={}))
    cause = plan.late_orders[0].causes[0]
    assert {cause.subject, *(subject for _, subject in cause.also)} == {"thep", "dong"}
    assert cause.gain_s
    assert "dong" in lateness_sentence(plan.late_orders[0], "vi")


@SLOW
@given(factory=factories())
def test_the_chain_accounts_for_every_second(factory: Factory) -> None:
    """From the plan's start to the order's end nothing is left over and nothing counted twice."""
    early = tuple(replace(order, due=datetime(2026, 11, 20)) for order in factory.orders)
    plan = make_plan(replace(factory, orders=early), start=START, cpu_seconds=0.02)
    assert isinstance(plan, Plan)
    booked = put_back(plan)
    chains = Chains(booked.built, booked.solution)
    for name, placed in booked.solution.by_operation.items():
        assert sum(cause.seconds for cause in chains.causes(name, most=1000)) == placed.end


@SLOW
@given(factory=factories())
def test_removing_the_first_cause_helps(factory: Factory) -> None:
    """Planned again without it, verified, the order ends earlier and nobody ends later."""
    early = tuple(replace(order, due=datetime(2026, 11, 20)) for order in factory.orders)
    plan = plan_of(replace(factory, orders=early))
    booked = put_back(plan)
    replanning = Replanning(booked.built, booked.solution, plan.orders, PLENTY)
    for order in plan.late_orders:
        if order.code not in replanning.families or not order.causes[0].gain_s:
            continue
        cause = order.causes[0]
        problem = booked.built.problem
        for kind, subject in ((cause.kind, cause.subject), *cause.also):
            problem = without_cause(booked.built, problem, kind, subject)
        state = Booked(problem, booked.solution)
        pull_forward(state, replanning.families[order.code], budget=10**6)
        after = state.solution()
        assert verify(problem, after).ok
        assert all(
            placed.end <= booked.solution.by_operation[placed.operation].end for placed in after.operations
        )
        end = max(after.by_operation[name].end for name in replanning.delivering[order.code])
        assert end <= order.end - cause.gain_s


@SLOW
@given(factory=factories())
def test_changed_workshops_take_the_plan_over(factory: Factory) -> None:
    """Whatever is changed for a remedy, the plan as it is stays allowed: nothing was made harder."""
    plan = make_plan(factory, start=START, cpu_seconds=0.02)
    assert isinstance(plan, Plan)
    booked = put_back(plan)
    problem = booked.built.problem
    changed = [with_overtime(problem, machine.id, 4) for machine in problem.machines]
    changed += [with_operator(problem, pool.id) for pool in problem.operators]
    changed.append(with_material_earlier(problem, "thep", 3))
    for other in changed:
        report = verify(other, Booked(other, booked.solution).solution())
        assert report.ok, report.violations
    for job in problem.jobs:
        divided, new = split_in_two(problem, job.id)
        work = sum(mode.duration for _, o in problem.operations() for mode in o.modes)
        assert sum(mode.duration for _, o in divided.operations() for mode in o.modes) == work
        if new:
            state = Booked(divided, booked.solution)
            state.insert(new)
            assert {operation.id for _, operation in divided.operations()} == set(state.run_of)


def test_overtime_is_added_to_the_end_of_days() -> None:
    """Not to the lunch break, and never into the next day's opening."""
    hour = 3600
    day = ((8 * hour, 12 * hour), (13 * hour, 17 * hour), (32 * hour, 36 * hour))
    assert longer(day, 4) == ((8 * hour, 12 * hour), (13 * hour, 21 * hour), (32 * hour, 40 * hour))
    night = ((0, 16 * hour), (24 * hour, 40 * hour))
    assert longer(night, 12) == ((0, 24 * hour - 1), (24 * hour, 52 * hour))


def test_remedies_stand_in_every_document() -> None:
    """JSON there and back, page and workbook, both languages."""
    plan = plan_of(shop(6))
    assert plan.remedies
    again = plan_from_document(plan_document(plan, cpu_seconds=1))
    assert again.remedies == plan.remedies
    assert again.orders == plan.orders
    order = next(each for each in plan_document(plan, cpu_seconds=1)["orders"] if each["remedies"])
    assert order["late_seconds"]
    for language in ("vi", "en"):
        page = plan_html(plan, language=language)
        for remedy in plan.remedies:
            assert remedy_phrase(remedy, language) in page
            assert remedy_effect(remedy, language)
        assert plan_xlsx(plan, language=language)


def test_within_a_small_budget_causes_are_named_untested() -> None:
    """A plan that was asked for quickly still says what its late orders waited for."""
    plan = make_plan(shop(6), start=START, cpu_seconds=0.01)
    assert isinstance(plan, Plan)
    assert all(order.causes for order in plan.late_orders)
    assert plan.late_orders[0].late_s > timedelta(days=1).total_seconds()


def test_where_nearly_everything_is_late_the_weightiest_are_tested_and_something_helps() -> None:
    """Sixty orders on one lathe, and a budget that does not reach for all of them."""
    orders = tuple(replace(order, weight=1 + number // 20) for number, order in enumerate(shop(60).orders))
    found = make_plan(replace(shop(60), orders=orders), start=START, cpu_seconds=0.02)
    assert isinstance(found, Plan), found
    plan = advised(found, budget=20_000)
    late = sorted(plan.late_orders, key=lambda order: -order.late_s * order.weight)
    tested = [any(cause.gain_s is not None for cause in order.causes) for order in late]
    assert len(late) > 40
    assert tested[0]
    assert not all(tested)
    assert all(order.causes for order in late)
    assert plan.remedies
    assert plan.remedies[0].weighted_s > 0
