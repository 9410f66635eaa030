"""The problem as it is now: what has begun is bound, what is about to begin is frozen, a machine is out.

People have the old plan in their hands: material is set out, an operator has been told. What is made here is
planned anew by `repair`, or by `solve`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from lienmach.engines.scheduling.calendar import NEVER, Calendar, calendar, common
from lienmach.engines.scheduling.problem import (
    Commitment,
    Committed,
    During,
    Machine,
    Operation,
    Precedence,
    PreviousPlace,
    Problem,
    Window,
)
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution


def freeze(problem: Problem, solution: Solution, until: int, *, now: int | None = None) -> Problem:
    """The same problem with all that begins before `until` bound to where the schedule has it.

    Parameters
    ----------
    until
        End of the frozen zone: what holds its machine before that moment, its setup included, stays.
    now
        The new plan's start, `problem.start` by default. What runs at that moment is running, with the work
        that is left.

    Returns
    -------
    Problem
        With the whole schedule as its previous plan.
    """
    at = problem.start if now is None else now
    jobs = tuple(
        replace(
            job,
            operations=tuple(
                _bound(problem, each, solution.by_operation[each.id], at, until) for each in job.operations
            ),
        )
        for job in problem.jobs
    )
    places = tuple(PreviousPlace(each.operation, each.machine, each.start) for each in solution.operations)
    return replace(problem, jobs=jobs, start=at, previous=places)


def _bound(
    problem: Problem, operation: Operation, placed: ScheduledOperation, now: int, until: int
) -> Operation:
    kind = None
    if operation.committed is not None and operation.committed.kind is Commitment.FROZEN:
        # Confirmed already, with an end that need not follow from any calendar.
        return operation
    if placed.end <= now:
        kind = Commitment.FROZEN
    elif placed.start < now:
        kind = Commitment.RUNNING
    elif placed.held_from < until:
        kind = Commitment.FROZEN
    if kind is None:
        return operation
    if kind is Commitment.FROZEN:
        committed = Committed(kind, placed.machine, placed.start, end=placed.end, operators=placed.operators)
    else:
        time = _run_time(problem, operation, placed.machine, placed.operators)
        left = time.work_between(now, placed.end)
        committed = Committed(kind, placed.machine, placed.start, remaining=left, operators=placed.operators)
    return replace(operation, committed=committed)


def _run_time(problem: Problem, operation: Operation, machine: str, operators: tuple[str, ...]) -> Calendar:
    """When a machine works with the people held for the whole."""
    mode = operation.mode_on(machine)
    needs = () if mode is None else mode.operators
    whole = {name for need, name in zip(needs, operators, strict=False) if need.during is During.WHOLE}
    windows = [each.open for each in problem.machines if each.id == machine]
    windows += [pool.open for pool in problem.operators if pool.id in whole]
    return common(calendar(each) for each in windows)


def closed(problem: Problem, machine: str, window: Window) -> Problem:
    """The same problem with a machine out of order for a while.

    What is running there goes on when the machine does. Operations that were confirmed there for that time
    can be planned anew, and so can confirmed ones that what is delayed keeps from beginning.
    """
    machines = tuple(
        replace(each, open=tuple(_without(each, window))) if each.id == machine else each
        for each in problem.machines
    )
    broken = replace(problem, machines=machines)
    loose = _kept_from_beginning(broken, machine, window)
    jobs = tuple(
        replace(
            job,
            operations=tuple(
                replace(each, committed=None) if each.id in loose else each for each in job.operations
            ),
        )
        for job in problem.jobs
    )
    return replace(broken, jobs=jobs)


def _kept_from_beginning(problem: Problem, machine: str, window: Window) -> set[str]:
    """Frozen operations of the future that a closed machine, or one that is late because of it, leaves no
    place."""
    start, end = window
    frozen: dict[str, Committed] = {}
    ends: dict[str, int] = {}
    for _, operation in problem.operations():
        committed = operation.committed
        if committed is None:
            continue
        if committed.remaining is not None and committed.machine == machine:
            ends[operation.id] = _running_end(problem, operation, committed)
        elif committed.end is not None and committed.start >= problem.start:
            frozen[operation.id] = committed
    busy = max(ends.values(), default=problem.start)
    loose = {
        name
        for name, committed in frozen.items()
        if committed.machine == machine
        and (committed.start < busy or (committed.start < end and start < (committed.end or committed.start)))
    }
    pending = [*loose, *ends]
    onward: dict[str, list[Precedence]] = defaultdict(list)
    for precedence in problem.precedences:
        onward[precedence.before].append(precedence)
    while pending:
        name = pending.pop()
        for precedence in onward[name]:
            after = precedence.after
            if after not in frozen or after in loose:
                continue
            if name in loose or ends[name] + precedence.min_wait > frozen[after].start:
                loose.add(after)
                pending.append(after)
    return loose


def _running_end(problem: Problem, operation: Operation, committed: Committed) -> int:
    time = _run_time(problem, operation, committed.machine, committed.operators)
    return time.advance(problem.start, committed.remaining or 0)


def _without(machine: Machine, window: Window) -> Iterator[Window]:
    start, end = window
    for opens, closes in machine.open if machine.open is not None else ((-NEVER, NEVER),):
        if opens < min(closes, start):
            yield (opens, min(closes, start))
        if max(opens, end) < closes:
            yield (max(opens, end), closes)
