"""Lower bounds that hold for every schedule: what no planner can beat.

All three count what is certain: an order cannot end before its longest chain of shortest steps, a shop cannot
work faster than all its machines together, and what is frozen or running ends when it ends. Setups, people,
batches and the sharing of a chain's machines are left out, which makes the bounds small but never wrong.
"""

from __future__ import annotations

from lienmach.engines.scheduling.calendar import NEVER, Calendar, calendar
from lienmach.engines.scheduling.problem import Mode, Operation, Problem
from lienmach.engines.scheduling.result import Objective


def lower_bound(problem: Problem, objective: Objective) -> int:
    """No schedule of the problem has a smaller makespan (from the plan's start) or weighted tardiness."""
    ends = earliest_ends(problem)
    if objective is Objective.MAKESPAN:
        return max(max(ends.values(), default=problem.start), _work_bound(problem)) - problem.start
    total = 0
    for job in problem.jobs:
        end = max(ends[operation.id] for operation in job.operations)
        if job.due is not None:
            total += job.weight * max(0, end - job.due)
    return total


def earliest_ends(problem: Problem) -> dict[str, int]:
    """The end of each operation if it had every machine and everybody for itself.

    An operation that fits no calendar ends at `NEVER`; the solver says why.
    """
    before: dict[str, list[tuple[str, int]]] = {}
    after: dict[str, list[str]] = {}
    overlapping: set[tuple[str, str]] = set()
    for precedence in problem.precedences:
        before.setdefault(precedence.after, []).append((precedence.before, precedence.min_wait))
        after.setdefault(precedence.before, []).append(precedence.after)
        if precedence.transfer_quantity is not None:
            overlapping.add((precedence.before, precedence.after))
    times = {machine.id: calendar(machine.open) for machine in problem.machines}
    release = {operation.id: job.release for job, operation in problem.operations()}
    operations = {operation.id: operation for _, operation in problem.operations()}
    # A batch takes its longest member's time, which is never less than the operation's own.
    missing = {name: len(before.get(name, ())) for name in operations}
    ready = [name for name, count in missing.items() if not count]
    ends: dict[str, int] = {}
    for name in ready:
        operation = operations[name]
        start = max(problem.start, release[name], *(each.at for each in operation.material))
        for earlier, wait in before.get(name, ()):
            if (earlier, name) not in overlapping:
                start = max(start, ends[earlier] + wait)
        ends[name] = _earliest_end(problem, operation, times, start)
        for following in after.get(name, ()):
            missing[following] -= 1
            if not missing[following]:
                ready.append(following)
    return ends


def _earliest_end(problem: Problem, operation: Operation, times: dict[str, Calendar], start: int) -> int:
    committed = operation.committed
    if committed is not None and committed.end is not None:
        return committed.end

    def end_on(mode: Mode) -> int:
        time = times[mode.machine]
        if committed is not None:
            return time.advance(problem.start, committed.remaining or 0)
        if operation.resumable or not mode.duration:
            return time.advance(start, mode.duration)
        return time.fit(start, mode.duration) + mode.duration

    machines = None if committed is None else committed.machine
    return min(end_on(mode) for mode in operation.modes if machines in (None, mode.machine))


def _work_bound(problem: Problem) -> int:
    """All machines together need this long for the work that is not batched."""
    single = {
        machine.id for machine in problem.machines if not machine.unlimited and machine.batch_capacity == 1
    }
    total = 0
    first: int | None = None
    for job, operation in problem.operations():
        if operation.committed is None and all(mode.machine in single for mode in operation.modes):
            total += min(mode.duration for mode in operation.modes)
            first = job.release if first is None else min(first, job.release)
    if not single or not total:
        return problem.start
    start = max(problem.start, first or problem.start)
    times = [calendar(machine.open) for machine in problem.machines if machine.id in single]
    low, high = start, start + 1
    while sum(time.work_between(start, high) for time in times) < total:
        low, high = high, start + 2 * (high - start)
        if high >= NEVER:
            return start
    while low < high:
        middle = (low + high) // 2
        if sum(time.work_between(start, middle) for time in times) >= total:
            high = middle
        else:
            low = middle + 1
    return low
