"""A plan put back on the machines: the scheduling problem it was made for, with its schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lienmach.apps.production.planning.assumptions import assume
from lienmach.apps.production.planning.breakdown import Needs, break_down
from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.planning.operations import Built, Make, build_problem, horizon_days
from lienmach.apps.production.planning.plan import Plan, PlannedTask
from lienmach.apps.production.planning.timeline import DAY_S, Timeline
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution


class CannotPutBack(ValueError):
    """The plan does not say from which workshop it was made, or it is not a plan of that workshop."""


@dataclass(frozen=True, slots=True)
class BookedPlan:
    """The workshop with every gap filled, what it needs, and where everything stands."""

    factory: Factory
    timeline: Timeline
    needs: Needs
    built: Built
    solution: Solution


def put_back(plan: Plan) -> BookedPlan:
    """Return the plan with the problem that it solves.

    Raises
    ------
    CannotPutBack
        When the plan carries no workshop, or places other operations than that workshop needs.
    """
    if plan.factory is None:
        raise CannotPutBack("The plan does not say from which workshop it was made.")
    factory, _ = assume(plan.factory)
    needs = break_down(factory, plan.timeline)
    built = build_problem(factory, plan.timeline, needs.makes, days_for(plan, factory, needs.makes))
    solution = solution_of(plan)
    if set(solution.by_operation) != {operation.id for _, operation in built.problem.operations()}:
        raise CannotPutBack("The plan places other operations than its workshop needs.")
    return BookedPlan(factory, plan.timeline, needs, built, solution)


def days_for(plan: Plan, factory: Factory, makes: Sequence[Make]) -> int:
    """Return how far calendars must reach for a plan and as much again."""
    return max(horizon_days(factory, plan.timeline, makes), 2 * (plan.end // DAY_S) + 60)


def planned_tasks(built: Built, solution: Solution) -> tuple[PlannedTask, ...]:
    """Return a schedule in the workshop's words, with reasons; the inverse of ``solution_of``."""
    tasks = []
    for scheduled in solution.operations:
        placed = built.operations[scheduled.operation]
        tasks.append(
            PlannedTask(
                id=scheduled.operation,
                job=scheduled.job,
                item=placed.make.item,
                step=placed.step.name or placed.step.code,
                machine=scheduled.machine,
                start=scheduled.start,
                end=scheduled.end,
                quantity=placed.quantity,
                orders=placed.make.orders,
                setup_start=scheduled.setup_start,
                setup_end=scheduled.setup_end,
                batch=scheduled.batch,
                operators=scheduled.operators,
                waits_for=scheduled.reason.kind.value if scheduled.reason else "",
                cause=scheduled.reason.cause if scheduled.reason else "",
            )
        )
    return tuple(tasks)


def solution_of(plan: Plan) -> Solution:
    """Return the schedule of a plan as the engine knows it, without reasons."""
    return Solution(
        tuple(
            ScheduledOperation(
                operation=task.id,
                job=task.job,
                machine=task.machine,
                start=task.start,
                end=task.end,
                setup_start=task.setup_start,
                setup_end=task.setup_end,
                batch=task.batch,
                operators=task.operators,
            )
            for task in plan.tasks
        )
    )
