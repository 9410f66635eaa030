"""One function from a workshop to its plan: assume, break down, schedule, verify, explain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lienmach.apps.production.planning.assumptions import Assumption, assume
from lienmach.apps.production.planning.booked import BookedPlan, planned_tasks
from lienmach.apps.production.planning.breakdown import Needs, break_down
from lienmach.apps.production.planning.costs import plan_costs
from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.planning.lateness import Chains, last_operations
from lienmach.apps.production.planning.operations import Built, build_problem, horizon_days
from lienmach.apps.production.planning.plan import (
    Cause,
    CauseKind,
    Measure,
    NoPlan,
    Obstacle,
    Plan,
    PlannedOrder,
)
from lienmach.apps.production.planning.purchasing import first_starts, purchases
from lienmach.apps.production.planning.remedies import advise
from lienmach.apps.production.planning.timeline import Timeline
from lienmach.engines.materials.problem import MaterialsError
from lienmach.engines.scheduling.budget import work_for
from lienmach.engines.scheduling.problem import MaterialReady, ProblemError
from lienmach.engines.scheduling.result import Evaluation, Infeasible, Objective, ObstacleKind, Planned
from lienmach.engines.scheduling.search import Progress
from lienmach.engines.scheduling.solution import Solution
from lienmach.engines.scheduling.solve import solve

LONGEST_HORIZON_DAYS = 20 * 366
WIDEN = 4
FOR_ADVICE = 0.2
"""Share of the CPU seconds that tests why orders are late and what would help."""
Report = Callable[[Progress], bool | None]


def make_plan(
    factory: Factory,
    *,
    start: datetime,
    objective: Objective = Objective.TARDINESS,
    seed: int = 0,
    cpu_seconds: float = 10.0,
    progress: Report | None = None,
    notes: tuple[Assumption, ...] = (),
) -> Plan | NoPlan:
    """Return the best verified plan found within the budget, or why there is none.

    Parameters
    ----------
    start
        The plan's "now", aware; nothing starts before it.
    cpu_seconds
        Translated into units of work, so that the same input gives the same plan on every machine.
    progress
        Called while searching; answer True to stop with the best so far.
    notes
        What the caller left out or took for granted; stands with the assumptions on every result.
    """
    try:
        found = _make_plan(factory, start, objective, seed, cpu_seconds, progress)
    except (ProblemError, MaterialsError) as error:
        return NoPlan(tuple(Obstacle("fault", "", fault) for fault in error.faults))
    return found if isinstance(found, NoPlan) else replace(found, assumptions=found.assumptions + notes)


def _make_plan(
    factory: Factory,
    start: datetime,
    objective: Objective,
    seed: int,
    cpu_seconds: float,
    progress: Report | None,
) -> Plan | NoPlan:
    given = factory
    factory, assumptions = assume(factory)
    timeline = Timeline(start, factory.zone)
    needs = break_down(factory, timeline)
    if needs.overdue:
        late = Assumption("receipt_now", "", needs.overdue, "receipts", "due")
        assumptions = (*assumptions, late)
    built, result = _schedule(factory, timeline, needs, objective, seed, cpu_seconds, progress)
    if isinstance(result, Infeasible):
        found = result.obstacles
        return NoPlan(tuple(Obstacle(each.kind.value, each.operation, each.message) for each in found))
    plan = _plan(factory, timeline, needs, built, result, assumptions)
    plan = replace(
        plan, factory=given, costs=plan_costs(factory, timeline, built, result.solution, plan.orders)
    )
    if not plan.late_orders or not result.complete:
        return plan
    booked = BookedPlan(factory, timeline, needs, built, result.solution)
    return advise(plan, booked, budget=int(result.budget * FOR_ADVICE / (1 - FOR_ADVICE)))


def _schedule(
    factory: Factory,
    timeline: Timeline,
    needs: Needs,
    objective: Objective,
    seed: int,
    cpu_seconds: float,
    progress: Report | None,
) -> tuple[Built, Planned | Infeasible]:
    """Solve over a horizon that is widened as long as work does not fit before the calendars end."""
    days = horizon_days(factory, timeline, needs.makes)
    if not needs.makes:
        nothing = Evaluation(makespan=0, weighted_tardiness=0, late_jobs=0, setup_seconds=0, job_ends={})
        empty = Planned(
            Solution(()), objective, nothing, 0, "nothing to make", seed, work_for(cpu_seconds), 0
        )
        return build_problem(factory, timeline, (), days), empty
    while True:
        built = build_problem(factory, timeline, needs.makes, min(days, LONGEST_HORIZON_DAYS))
        result = solve(
            built.problem,
            objective=objective,
            budget=work_for((1 - FOR_ADVICE) * cpu_seconds, built.problem),
            seed=seed,
            progress=progress,
        )
        short = isinstance(result, Infeasible) and any(
            obstacle.kind is ObstacleKind.NEVER_OPEN for obstacle in result.obstacles
        )
        if not short or days >= LONGEST_HORIZON_DAYS:
            return built, result
        days *= WIDEN


def _plan(
    factory: Factory,
    timeline: Timeline,
    needs: Needs,
    built: Built,
    result: Planned,
    assumptions: tuple[Assumption, ...],
) -> Plan:
    evaluation = result.evaluation
    return Plan(
        name=factory.name,
        timeline=timeline,
        objective=result.objective.value,
        makespan=evaluation.makespan,
        weighted_tardiness=evaluation.weighted_tardiness,
        lower_bound=result.lower_bound,
        setup_seconds=evaluation.setup_seconds,
        tasks=planned_tasks(built, result.solution),
        orders=_orders(factory, timeline, needs, built, result.solution),
        purchases=purchases(factory, timeline, needs.buys, first_starts(built, result.solution)),
        assumptions=assumptions,
        measure=Measure(result.method, result.seed, result.budget, result.work, result.complete),
        machines={
            machine.id: factory.machines[machine.id].group if machine.id in factory.machines else ""
            for machine in built.problem.machines
        },
        open=built.open,
    )


def _orders(
    factory: Factory, timeline: Timeline, needs: Needs, built: Built, solution: Solution
) -> tuple[PlannedOrder, ...]:
    last = last_operations(built, solution.by_operation)
    chains = Chains(built, solution)
    jobs: dict[str, list[str]] = defaultdict(list)
    for make in needs.makes:
        if make.due is not None:
            for code in make.orders:
                jobs[code].append(last[make.job])
    planned = []
    for order in factory.orders:
        operations = jobs.get(order.code, [])
        bought = needs.delivered.get(order.code)
        worked = max((solution.by_operation[operation].end for operation in operations), default=0)
        end = max(worked, bought.at if bought else 0)
        due = timeline.second_of(order.due)
        worst = max(operations, key=lambda operation: solution.by_operation[operation].end, default=None)
        planned.append(
            PlannedOrder(
                code=order.code,
                item=order.item,
                quantity=order.quantity,
                customer=order.customer,
                due=due,
                weight=order.weight,
                end=end,
                causes=_causes(chains, worst if end == worked else None, bought) if end > due else (),
            )
        )
    return tuple(planned)


def _causes(chains: Chains, worst: str | None, bought: MaterialReady | None) -> tuple[Cause, ...]:
    """Why an order is late: the chain behind its last operation, or the purchase that is delivered on."""
    if worst is not None:
        return chains.causes(worst)
    return (Cause(CauseKind.MATERIAL, bought.reason, bought.at),) if bought else ()
