"""The scheduling problem of a workshop in which one thing is different: a cause is gone, a remedy is there.

Every schedule of the workshop as it is can be taken over: nothing here makes anything harder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import ceil

from lienmach.apps.production.planning.operations import Built
from lienmach.apps.production.planning.plan import CauseKind
from lienmach.apps.production.planning.timeline import DAY_S, Interval
from lienmach.engines.scheduling.problem import (
    Job,
    Machine,
    MaterialReady,
    Mode,
    Operation,
    OperatorPool,
    Problem,
)

LONGEST_BREAK_S = 4 * 3_600
"""A machine that is closed for longer has ended its day."""

SECOND_LOT = " (2)"


def step_name(built: Built, operation: str) -> str:
    """Return item and step of an operation, as causes and remedies name it."""
    placed = built.operations[operation]
    return f"{placed.make.item} {placed.step.name or placed.step.code}"


def brings(ready: MaterialReady, item: str) -> bool:
    """Return whether a delivery is one of an item; an open purchase is named behind it."""
    return ready.reason == item or ready.reason.startswith(f"{item} (")


def without_cause(built: Built, problem: Problem, kind: CauseKind, subject: str) -> Problem:
    """Return the problem with a cause removed.

    A machine gets a twin, a material is there at once, a group of people gets one more, a machine (with its
    people) or a group never closes, setups and waits take no time, work takes half the time.
    """
    match kind:
        case CauseKind.MATERIAL:
            return _materials(problem, subject, lambda at: 0)
        case CauseKind.OPERATOR:
            return with_operator(problem, subject)
        case CauseKind.CALENDAR:
            return _with_hours(problem, subject, lambda windows: None)
        case CauseKind.SETUP:
            return _without_setups(problem, subject)
        case CauseKind.WORK:
            return _modes(problem, subject, lambda mode: (replace(mode, duration=ceil(mode.duration / 2)),))
        case CauseKind.RELEASE:
            jobs = tuple(replace(job, release=0) if job.id == subject else job for job in problem.jobs)
            return replace(problem, jobs=jobs)
        case CauseKind.WAIT:
            return replace(
                problem,
                precedences=tuple(
                    replace(each, min_wait=0) if step_name(built, each.before) == subject else each
                    for each in problem.precedences
                ),
            )
    return _with_twin(problem, subject)


def with_overtime(problem: Problem, machine: str, hours: int) -> Problem:
    """Return the problem with a machine and its people at work for longer on every working day."""
    return _with_hours(problem, machine, lambda windows: longer(windows, hours))


def with_operator(problem: Problem, pool: str) -> Problem:
    """Return the problem with one more person in a group."""
    pools = (replace(each, size=each.size + 1) if each.id == pool else each for each in problem.operators)
    return replace(problem, operators=tuple(pools))


def with_material_earlier(problem: Problem, item: str, days: int) -> Problem:
    """Return the problem with what is bought of an item there so many days earlier."""
    return _materials(problem, item, lambda at: max(0, at - days * DAY_S))


def with_step_elsewhere(problem: Problem, operations: set[str], days: int) -> Problem:
    """Return the problem with operations that may also be done by somebody else within so many days."""
    place = _unused("elsewhere", problem)

    def change(operation: Operation) -> Operation:
        if operation.id not in operations or operation.committed is not None:
            return operation
        return replace(operation, modes=(*operation.modes, Mode(place, days * DAY_S)))

    machines = (*problem.machines, Machine(place, unlimited=True))
    return replace(problem, machines=machines, jobs=_jobs(problem, change))


def with_machine_too(problem: Problem, operations: set[str], like: str, machine: str) -> Problem:
    """Return the problem with operations that may be done on one more machine as fast as on another."""

    def change(operation: Operation) -> Operation:
        mode = operation.mode_on(like)
        if operation.id not in operations or mode is None or operation.mode_on(machine) is not None:
            return operation
        return replace(operation, modes=(*operation.modes, replace(mode, machine=machine)))

    return replace(problem, jobs=_jobs(problem, change))


def split_in_two(problem: Problem, job: str) -> tuple[Problem, list[str]]:
    """Return the problem with a job made in two lots, and the operations of the second lot.

    The first lot keeps the operations' names. Furnace loads, and what is begun or a single piece, stay whole;
    so does a job whose steps overlap already or may not wait for each other.
    """
    second: dict[str, str] = {}
    own = {operation.id for each in problem.jobs if each.id == job for operation in each.operations}
    if any(
        (each.transfer_quantity is not None or each.max_wait is not None)
        and (each.before in own or each.after in own)
        for each in problem.precedences
    ):
        return problem, []

    def divided(operation: Operation) -> list[Operation]:
        if operation.committed is not None or operation.quantity < 2 or operation.recipe is not None:
            return [operation]
        second[operation.id] = f"{operation.id}{SECOND_LOT}"
        return _halves(operation, second[operation.id])

    jobs = tuple(
        replace(each, operations=tuple(part for o in each.operations for part in divided(o)))
        if each.id == job
        else each
        for each in problem.jobs
    )
    precedences = list(problem.precedences)
    for each in problem.precedences:
        before, after = second.get(each.before), second.get(each.after)
        if before or after:
            precedences.append(replace(each, before=before or each.before, after=after or each.after))
    return replace(problem, jobs=jobs, precedences=tuple(dict.fromkeys(precedences))), list(second.values())


def first_lot_of(operation: str) -> str:
    """Return the operation of the first lot that one of the second lot stands beside."""
    return operation.removesuffix(SECOND_LOT)


def longer(windows: tuple[Interval, ...] | None, hours: int) -> tuple[Interval, ...] | None:
    """Return opening hours with so many hours added to the end of every day."""
    if windows is None:
        return None
    result: list[Interval] = []
    for index, (start, end) in enumerate(windows):
        following = windows[index + 1][0] if index + 1 < len(windows) else end + 2 * DAY_S
        if following - end > LONGEST_BREAK_S:
            end = min(end + hours * 3_600, following - 1)
        result.append((start, end))
    return tuple(result)


def _halves(operation: Operation, second: str) -> list[Operation]:
    """Two operations that take as long together as the one."""
    quantity = operation.quantity - operation.quantity // 2
    first = [ceil(mode.duration * quantity / operation.quantity) for mode in operation.modes]
    whole = zip(operation.modes, first, strict=True)
    return [
        replace(
            operation,
            quantity=quantity,
            modes=tuple(
                replace(mode, duration=duration)
                for mode, duration in zip(operation.modes, first, strict=True)
            ),
        ),
        replace(
            operation,
            id=second,
            quantity=operation.quantity - quantity,
            modes=tuple(replace(mode, duration=mode.duration - duration) for mode, duration in whole),
        ),
    ]


def _with_twin(problem: Problem, machine: str) -> Problem:
    name = _unused(f"{machine} (2)", problem)
    twins = (replace(each, id=name) for each in problem.machines if each.id == machine)
    return _modes(problem, machine, lambda mode: (mode, replace(mode, machine=name)), (*twins,))


def _without_setups(problem: Problem, machine: str) -> Problem:
    machines = (replace(each, setups=None) if each.id == machine else each for each in problem.machines)
    changed = replace(problem, machines=tuple(machines))
    return _modes(changed, machine, lambda mode: (replace(mode, setup=0),))


def _with_hours(
    problem: Problem,
    place: str,
    change: Callable[[tuple[Interval, ...] | None], tuple[Interval, ...] | None],
) -> Problem:
    """Other opening hours for a machine and everybody who works at it, or for a group of people."""
    skills = {
        need.skill
        for _, operation in problem.operations()
        for mode in operation.modes
        if mode.machine == place
        for need in mode.operators
    }

    def concerned(pool: OperatorPool) -> bool:
        return pool.id == place or not skills.isdisjoint(pool.skills)

    return replace(
        problem,
        machines=tuple(
            replace(each, open=change(each.open)) if each.id == place else each for each in problem.machines
        ),
        operators=tuple(
            replace(each, open=change(each.open)) if concerned(each) else each for each in problem.operators
        ),
    )


def _materials(problem: Problem, item: str, change: Callable[[int], int]) -> Problem:
    def changed(operation: Operation) -> Operation:
        if not any(brings(ready, item) for ready in operation.material):
            return operation
        material = (
            replace(ready, at=change(ready.at)) if brings(ready, item) else ready
            for ready in operation.material
        )
        return replace(operation, material=tuple(material))

    return replace(problem, jobs=_jobs(problem, changed))


def _modes(
    problem: Problem,
    machine: str,
    change: Callable[[Mode], tuple[Mode, ...]],
    more: Iterable[Machine] = (),
) -> Problem:
    def changed(operation: Operation) -> Operation:
        if operation.mode_on(machine) is None:
            return operation
        modes = (
            new for mode in operation.modes for new in (change(mode) if mode.machine == machine else (mode,))
        )
        return replace(operation, modes=tuple(modes))

    return replace(problem, machines=(*problem.machines, *more), jobs=_jobs(problem, changed))


def _jobs(problem: Problem, change: Callable[[Operation], Operation]) -> tuple[Job, ...]:
    jobs = []
    for job in problem.jobs:
        operations = tuple(change(operation) for operation in job.operations)
        same = all(new is old for new, old in zip(operations, job.operations, strict=True))
        jobs.append(job if same else replace(job, operations=operations))
    return tuple(jobs)


def _unused(name: str, problem: Problem) -> str:
    taken = {machine.id for machine in problem.machines}
    while name in taken:
        name += "+"
    return name
