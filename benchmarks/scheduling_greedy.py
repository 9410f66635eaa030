"""The opponent: order by order, as open planning systems do it.

Orders are taken one after the other in some order; all operations of an order are placed at once, each on
the alternative where it ends earliest, in gaps where it fits (setups before and after included) or in a
batch of its recipe that still has room. What is placed is never moved. Written with the same care as our own
planner: it knows calendars, setups, batches and waits, so that the comparison is about the idea, not about
missing features. People and frozen operations are left out; problems that have them are refused.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from lienmach.engines.scheduling.calendar import NEVER, Calendar, calendar
from lienmach.engines.scheduling.problem import Job, Machine, Mode, Operation, Problem, SetupMatrix
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution

ORDERINGS: dict[str, Callable[[Job], tuple[float, ...]]] = {
    "arrival": lambda job: (job.release,),
    "longest": lambda job: (-sum(min(m.duration for m in step.modes) for step in job.operations),),
    "due": lambda job: (NEVER if job.due is None else job.due,),
    "weight then due": lambda job: (-job.weight, NEVER if job.due is None else job.due),
}


@dataclass(slots=True)
class Run:
    """A stretch of work on a machine: one operation or a batch."""

    start: int
    end: int
    family: str | None
    setup: int
    recipe: str | None
    load: int
    operations: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Place:
    """Where an operation would go; `join` is the number of the run whose batch it joins."""

    end: int
    start: int
    machine: Machine
    mode: Mode
    position: int
    join: bool


class Greedy:
    """One pass over the orders."""

    def __init__(self, problem: Problem) -> None:
        if problem.operators or any(operation.committed for _, operation in problem.operations()):
            raise ValueError("The greedy opponent knows neither people nor frozen operations.")
        self.problem = problem
        self.machines = {machine.id: machine for machine in problem.machines}
        self.times: dict[str, Calendar] = {machine.id: calendar(machine.open) for machine in problem.machines}
        self.matrices: dict[str | None, SetupMatrix] = {matrix.id: matrix for matrix in problem.setups}
        self.runs: dict[str, list[Run]] = {machine.id: [] for machine in problem.machines}
        self.before: dict[str, list[tuple[str, int]]] = {}
        for precedence in problem.precedences:
            self.before.setdefault(precedence.after, []).append((precedence.before, precedence.min_wait))
        self.placed: dict[str, tuple[str, Run]] = {}

    def plan(self, ordering: str) -> Solution:
        """Place all orders, taken by one of `ORDERINGS`; sub-assemblies go with the first that needs them."""
        key = ORDERINGS[ordering]
        job_of = {operation.id: job for job, operation in self.problem.operations()}
        waiting = sorted(self.problem.jobs, key=key)
        done: set[str] = set()

        def place_job(job: Job) -> None:
            if job.id in done:
                return
            done.add(job.id)
            for operation in job.operations:
                for earlier, _ in self.before.get(operation.id, ()):
                    if job_of[earlier].id != job.id:
                        place_job(job_of[earlier])
            for operation in job.operations:
                self._place(job, operation)

        for job in waiting:
            place_job(job)
        return self._solution()

    def _place(self, job: Job, operation: Operation) -> None:
        ready = max(self.problem.start, job.release, *(each.at for each in operation.material))
        for earlier, wait in self.before.get(operation.id, ()):
            ready = max(ready, self.placed[earlier][1].end + wait)
        best: Place | None = None
        for mode in operation.modes:
            found = self._find(operation, mode, ready, NEVER if best is None else best.end)
            if found is not None and (best is None or found.end < best.end):
                best = found
        if best is None:
            raise ValueError(f"Operation {operation.id} fits no open time.")
        runs = self.runs[best.machine.id]
        if best.join:
            run = runs[best.position]
            run.load += operation.load
        else:
            run = Run(
                best.start, best.end, best.mode.family, best.mode.setup, operation.recipe, operation.load
            )
            runs.insert(best.position, run)
        run.operations.append(operation.id)
        self.placed[operation.id] = (best.machine.id, run)

    def _setup(self, machine: Machine, before: str | None, after: str | None, fixed: int) -> int:
        matrix = self.matrices.get(machine.setups)
        return fixed + (0 if matrix is None else matrix.seconds(before, after))

    def _find(self, operation: Operation, mode: Mode, ready: int, limit: int) -> Place | None:
        machine, time = self.machines[mode.machine], self.times[mode.machine]
        runs = self.runs[machine.id]
        if machine.unlimited:
            start, end = _process(time, ready, mode.duration, operation.resumable)
            return Place(end, start, machine, mode, 0, False) if end < limit else None
        first = bisect_left(runs, ready, key=lambda run: run.end)
        for position in range(first, len(runs) + 1):
            free = runs[position - 1].end if position else self.problem.start
            if max(free, ready) >= limit:
                return None
            if position and position > first:
                joined = self._join(operation, mode, machine, position - 1, ready, limit)
                if joined is not None:
                    return joined
            before = runs[position - 1].family if position else machine.initial_family
            setup = self._setup(machine, before, mode.family, mode.setup)
            earliest = max(ready, time.advance(free, setup))
            start, end = _process(time, earliest, mode.duration, operation.resumable)
            if end >= limit:
                continue
            if position < len(runs):
                following = runs[position]
                again = self._setup(machine, mode.family, following.family, following.setup)
                if time.advance(end, again) > following.start:
                    continue
            return Place(end, start, machine, mode, position, False)
        return None

    def _join(
        self, operation: Operation, mode: Mode, machine: Machine, position: int, ready: int, limit: int
    ) -> Place | None:
        """Room in a batch that has not begun when the operation is ready, and takes at least as long."""
        run = self.runs[machine.id][position]
        time = self.times[machine.id]
        in_one_piece = time.work_between(run.start, run.end) == run.end - run.start
        fits = (
            machine.batch_capacity > 1
            and operation.recipe is not None
            and run.recipe == operation.recipe
            and run.family == mode.family
            and run.setup == mode.setup
            and run.load + operation.load <= machine.batch_capacity
            and run.start >= ready
            and run.end < limit
            and time.work_between(run.start, run.end) >= mode.duration
            and (operation.resumable or in_one_piece)
        )
        return Place(run.end, run.start, machine, mode, position, True) if fits else None

    def _solution(self) -> Solution:
        setups: dict[int, tuple[int, int]] = {}
        batches: dict[int, str] = {}
        for name, runs in self.runs.items():
            machine, time = self.machines[name], self.times[name]
            family = machine.initial_family
            for run in runs if not machine.unlimited else ():
                seconds = self._setup(machine, family, run.family, run.setup)
                if seconds:
                    start = time.retreat(run.start, seconds)
                    setups[id(run)] = (start, time.advance(start, seconds))
                family = run.family if run.family is not None else family
                if len(run.operations) > 1:
                    batches[id(run)] = f"batch {len(batches) + 1}"
        placed = []
        for job, operation in self.problem.operations():
            machine_id, run = self.placed[operation.id]
            setup = setups.get(id(run), (None, None))
            placed.append(
                ScheduledOperation(
                    operation.id,
                    job.id,
                    machine_id,
                    run.start,
                    run.end,
                    setup[0],
                    setup[1],
                    batches.get(id(run)),
                )
            )
        return Solution(tuple(placed))


def _process(time: Calendar, ready: int, duration: int, resumable: bool) -> tuple[int, int]:
    if ready >= NEVER:
        return NEVER, NEVER
    if resumable:
        start = time.next_open(ready) if duration else ready
        return start, time.advance(start, duration)
    start = time.fit(ready, duration) if duration else ready
    return start, start + duration
