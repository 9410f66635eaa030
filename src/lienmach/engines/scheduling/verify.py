"""Is this schedule allowed, and how good is it? Asked by somebody who trusts no solver.

This file shares no scheduling function with the solvers: it reads the problem as its types say, counts working
time in its own way, and recomputes every objective. It needs the types in `problem`, `solution` and `result` and
nothing else, so a stranger can use it to call the planner a liar.

Rules that it checks, and what it leaves alone:

* every operation of the problem is placed once, on a machine of one of its modes, and nothing else is placed;
* processing takes exactly the mode's working time, in open time of the machine and of the people held for it;
  an operation that is not resumable lies in one open interval (for people: in the time all are there);
* a machine that is not unlimited does one operation or one batch at a time, its setup included;
* setups take the time that the family before and the mode ask for, in open time, after the operation before;
* batches share machine, start, end and recipe, fit the capacity, and take their longest member's time;
* precedences with minimum and maximum waits, release and material dates, the plan's start;
* people: enough of them, of pools with the skill, at every instant;
* frozen and running operations stand where they were committed. Between two committed operations (and for their
  own dates, setups and calendars) nothing is checked: they are facts, not plans.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lienmach.engines.scheduling.problem import (
    Commitment,
    During,
    Job,
    Machine,
    Mode,
    Operation,
    Precedence,
    Problem,
    SetupMatrix,
    Window,
)
from lienmach.engines.scheduling.result import Evaluation
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution


class ViolationKind(StrEnum):
    """Which rule is broken."""

    PLACED = "placed"
    ELIGIBILITY = "eligibility"
    DURATION = "duration"
    CALENDAR = "calendar"
    OVERLAP = "overlap"
    SETUP = "setup"
    BATCH = "batch"
    PRECEDENCE = "precedence"
    RELEASE = "release"
    MATERIAL = "material"
    OPERATOR = "operator"
    COMMITMENT = "commitment"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: which, where (operation or machine), and how it is broken."""

    kind: ViolationKind
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the verifier found.

    Parameters
    ----------
    evaluation
        The objectives; None when an operation is missing, because then they mean nothing.
    """

    violations: tuple[Violation, ...]
    evaluation: Evaluation | None

    @property
    def ok(self) -> bool:
        """Whether the schedule may be shown to anybody."""
        return not self.violations


def verify(problem: Problem, solution: Solution) -> Report:
    """Check a schedule against its problem.

    Returns
    -------
    Report
        Every violation with its place, in a fixed order, and the objectives recomputed.
    """
    checker = _Checker(problem, solution)
    violations = list(checker.placed())
    complete = not violations
    for check in (
        checker.commitments,
        checker.durations,
        checker.dates,
        checker.precedences,
        checker.machines,
        checker.operators,
    ):
        violations.extend(check())
    return Report(tuple(violations), checker.evaluation() if complete else None)


class _Time:
    """Open time of one machine or pool, counted by walking the cumulated intervals."""

    def __init__(self, windows: tuple[Window, ...] | None) -> None:
        self.windows = windows
        self._ends: list[int] = []
        self._total: list[int] = [0]
        for start, end in windows or ():
            self._ends.append(end)
            self._total.append(self._total[-1] + end - start)

    def until(self, t: int) -> int:
        """Open seconds before `t`."""
        if self.windows is None:
            return t
        whole = bisect_right(self._ends, t)
        partial = max(0, t - self.windows[whole][0]) if whole < len(self.windows) else 0
        return self._total[whole] + partial

    def between(self, a: int, b: int) -> int:
        """Open seconds from `a` to `b`."""
        return self.until(b) - self.until(a)

    def in_one_interval(self, a: int, b: int) -> bool:
        """Whether all of [a, b) lies in one open interval."""
        return self.between(a, b) == b - a

    def is_open(self, t: int) -> bool:
        """Whether the second that begins at `t` is open."""
        return self.between(t, t + 1) == 1


def _shared(times: list[_Time]) -> _Time:
    """The time when all are open, by sweeping over all boundaries."""
    limited = [time.windows for time in times if time.windows is not None]
    if not limited:
        return _Time(None)
    steps = sorted(
        (instant, change)
        for windows in limited
        for start, end in windows
        for instant, change in ((start, 1), (end, -1))
    )
    result: list[Window] = []
    count, since = 0, 0
    for instant, change in steps:
        if count == len(limited) and instant > since:
            result.append((since, instant))
        count += change
        since = instant
    return _Time(tuple(result))


@dataclass(frozen=True, slots=True)
class _Item:
    """A placed operation with what the problem says about it."""

    job: Job
    operation: Operation
    mode: Mode
    machine: Machine
    placed: ScheduledOperation

    @property
    def committed(self) -> bool:
        return self.operation.committed is not None


class _Checker:
    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.solution = solution
        self._machine = {machine.id: machine for machine in problem.machines}
        self._matrix: dict[str, SetupMatrix] = {matrix.id: matrix for matrix in problem.setups}
        self._pool = {pool.id: pool for pool in problem.operators}
        self._time: dict[object, _Time] = {}
        self._into: dict[str, list[Precedence]] = defaultdict(list)
        for precedence in problem.precedences:
            self._into[precedence.after].append(precedence)
        self._items: dict[str, _Item] = {}
        for job, operation in problem.operations():
            placed = solution.by_operation.get(operation.id)
            mode = next(
                (m for m in operation.modes if placed is not None and m.machine == placed.machine), None
            )
            if placed is not None and mode is not None:
                self._items[operation.id] = _Item(job, operation, mode, self._machine[mode.machine], placed)

    def _open_time(self, item: _Item, *, setup: bool) -> _Time:
        """When the machine works with the people held: for the whole, and with `setup` for the setup too."""
        pools = tuple(
            name
            for need, name in zip(item.mode.operators, item.placed.operators, strict=False)
            if name in self._pool and (setup or need.during is During.WHOLE)
        )
        key = (item.machine.id, pools)
        if key not in self._time:
            self._time[key] = _shared(
                [_Time(item.machine.open), *(_Time(self._pool[name].open) for name in pools)]
            )
        return self._time[key]

    # -- one operation at a time -------------------------------------------------------------------------

    def placed(self) -> Iterator[Violation]:
        known = {operation.id: job.id for job, operation in self.problem.operations()}
        for name in known:
            if name not in self.solution.by_operation:
                yield Violation(ViolationKind.PLACED, name, f"Operation {name} is not scheduled.")
        for placed in self.solution.operations:
            name = placed.operation
            if name not in known:
                yield Violation(ViolationKind.PLACED, name, f"Operation {name} is not part of the problem.")
            elif known[name] != placed.job:
                yield Violation(
                    ViolationKind.PLACED,
                    name,
                    f"Operation {name} belongs to job {known[name]}, not {placed.job}.",
                )
            elif name not in self._items:
                yield Violation(
                    ViolationKind.ELIGIBILITY, name, f"Operation {name} cannot be done on {placed.machine}."
                )

    def commitments(self) -> Iterator[Violation]:
        for name, item in self._items.items():
            committed, placed = item.operation.committed, item.placed
            if committed is None:
                continue
            stays = placed.machine == committed.machine and placed.start == committed.start
            stays = stays and placed.operators == committed.operators
            if committed.kind is Commitment.FROZEN:
                stays = stays and placed.end == committed.end
            else:
                time = self._open_time(item, setup=False)
                left = time.between(self.problem.start, placed.end)
                early = placed.end > self.problem.start and time.between(placed.end - 1, placed.end) == 0
                stays = stays and left == committed.remaining and not early
                stays = stays and placed.end >= self.problem.start
            if not stays:
                yield Violation(
                    ViolationKind.COMMITMENT,
                    name,
                    f"Operation {name} is {committed.kind} on {committed.machine} from {committed.start}, but was "
                    f"placed on {placed.machine} {placed.start}..{placed.end}.",
                )

    def durations(self) -> Iterator[Violation]:
        for name, item in self._items.items():
            if item.committed or item.placed.batch is not None:
                continue
            yield from self._processing(name, item, item.mode.duration, item.operation.resumable)

    def _processing(self, name: str, item: _Item, duration: int, resumable: bool) -> Iterator[Violation]:
        placed = item.placed
        time = self._open_time(item, setup=False)
        worked = time.between(placed.start, placed.end)
        place = f"Operation {name} on {placed.machine} {placed.start}..{placed.end}"
        if worked != duration:
            yield Violation(
                ViolationKind.DURATION, name, f"{place} gets {worked} working seconds, but needs {duration}."
            )
        elif duration == 0:
            if placed.start != placed.end:
                yield Violation(ViolationKind.DURATION, name, f"{place} takes time, but needs none.")
        elif not resumable and not time.in_one_interval(placed.start, placed.end):
            yield Violation(ViolationKind.CALENDAR, name, f"{place} pauses, but must not be interrupted.")
        elif not time.is_open(placed.start) or not time.is_open(placed.end - 1):
            yield Violation(ViolationKind.CALENDAR, name, f"{place} starts or ends in closed time.")

    def dates(self) -> Iterator[Violation]:
        for name, item in self._items.items():
            if item.committed:
                continue
            start = item.placed.start
            if item.placed.held_from < self.problem.start:
                yield Violation(
                    ViolationKind.RELEASE, name, f"Operation {name} begins before the plan's start."
                )
            if start < item.job.release:
                yield Violation(
                    ViolationKind.RELEASE,
                    name,
                    f"Operation {name} starts at {start}, before job {item.job.id}'s release {item.job.release}.",
                )
            for ready in item.operation.material:
                if start < ready.at:
                    yield Violation(
                        ViolationKind.MATERIAL,
                        name,
                        f"Operation {name} starts at {start}, before its material is there ({ready.reason}: "
                        f"{ready.at}).",
                    )

    def precedences(self) -> Iterator[Violation]:
        for precedence in self.problem.precedences:
            before, after = self._items.get(precedence.before), self._items.get(precedence.after)
            if before is None or after is None or (before.committed and after.committed):
                continue
            committed = after.operation.committed
            if committed is not None and committed.kind is Commitment.RUNNING:
                continue
            place = f"{precedence.before} -> {precedence.after}"
            wait = after.placed.start - before.placed.end
            if precedence.transfer_quantity is not None:
                yield from self._transfer(
                    place, before, after, precedence.transfer_quantity, precedence.min_wait
                )
            elif wait < precedence.min_wait:
                yield Violation(
                    ViolationKind.PRECEDENCE,
                    precedence.after,
                    f"{place}: the wait is {wait}, but must be at least {precedence.min_wait}.",
                )
            if precedence.max_wait is not None and wait > precedence.max_wait:
                yield Violation(
                    ViolationKind.PRECEDENCE,
                    precedence.after,
                    f"{place}: the wait is {wait}, but must be at most {precedence.max_wait}.",
                )

    def _transfer(
        self, place: str, before: _Item, after: _Item, quantity: int, min_wait: int
    ) -> Iterator[Violation]:
        """With transfer batches: `after` starts after the first batch and ends after the last one plus its own."""
        total = before.operation.quantity
        first = -(-before.mode.duration * quantity // total)
        last = -(-after.mode.duration * min(quantity, after.operation.quantity) // after.operation.quantity)
        done = self._open_time(before, setup=False).between(
            before.placed.start, after.placed.start - min_wait
        )
        left = self._open_time(after, setup=False).between(before.placed.end + min_wait, after.placed.end)
        if done < first or left < last:
            yield Violation(
                ViolationKind.PRECEDENCE,
                after.operation.id,
                f"{place}: starts before the parts it needs are there.",
            )

    # -- machines ----------------------------------------------------------------------------------------

    def machines(self) -> Iterator[Violation]:
        on_machine: dict[str, list[_Item]] = defaultdict(list)
        for item in self._items.values():
            on_machine[item.machine.id].append(item)
        for machine in self.problem.machines:
            runs = _runs(on_machine[machine.id])
            for run in runs:
                yield from self._batch(machine, run)
            if not machine.unlimited:
                yield from self._sequence(machine, runs)

    def _batch(self, machine: Machine, run: list[_Item]) -> Iterator[Violation]:
        first = run[0]
        if first.placed.batch is None:
            return
        names = ", ".join(item.operation.id for item in run)
        place = f"Batch {first.placed.batch} on {machine.id} ({names})"

        def broken(rule: str) -> Violation:
            return Violation(ViolationKind.BATCH, first.operation.id, f"{place}: {rule}")

        recipes = {item.operation.recipe for item in run}
        if len(run) > 1 and (len(recipes) > 1 or None in recipes):
            yield broken("its members must have the same recipe.")
        if len(run) > 1 and sum(item.operation.load for item in run) > machine.batch_capacity:
            yield broken(f"holds more than the capacity {machine.batch_capacity}.")
        movable = [item for item in run if not item.committed]
        if not movable:
            return
        if len({(item.placed.start, item.placed.end, item.placed.held_from) for item in run}) > 1:
            yield broken("its members must start and end together.")
        if len({(item.mode.family, item.mode.operators, item.placed.operators) for item in run}) > 1:
            yield broken("its members must need the same setup and the same people.")
        longest = max(item.mode.duration for item in run)
        resumable = all(item.operation.resumable for item in run)
        yield from self._processing(first.operation.id, first, longest, resumable)

    def _sequence(self, machine: Machine, runs: list[list[_Item]]) -> Iterator[Violation]:
        family = machine.initial_family
        before: list[_Item] | None = None
        # A run may be longer than those after it: the machine is free when the longest one so far has ended.
        busy_until: int | None = None
        for run in runs:
            first = run[0].placed
            facts = all(item.committed for item in run)
            facts_before = before is not None and all(item.committed for item in before)
            early = busy_until is not None and first.held_from < busy_until
            if before is not None and early and not (facts and facts_before):
                yield Violation(
                    ViolationKind.OVERLAP,
                    first.operation,
                    f"Operations {before[0].operation.id} and {first.operation} overlap on {machine.id} at "
                    f"{first.held_from}.",
                )
            if not facts or (before is not None and not facts_before):
                yield from self._setup(machine, run, family)
            families = [item.mode.family for item in run if item.mode.family is not None]
            family = families[0] if families else family
            end = max(item.placed.end for item in run)
            if busy_until is None or end >= busy_until:
                before, busy_until = run, end

    def _setup(self, machine: Machine, run: list[_Item], family: str | None) -> Iterator[Violation]:
        item = run[0]
        placed = item.placed
        needed = max(each.mode.setup for each in run)
        if machine.setups is not None:
            needed += self._matrix[machine.setups].seconds(family, item.mode.family)
        # People are there for the setup of a planned operation; a frozen one books them for the run only.
        time = _Time(machine.open) if item.committed else self._open_time(item, setup=True)
        spent = 0
        if placed.setup_start is not None and placed.setup_end is not None:
            spent = time.between(placed.setup_start, placed.setup_end)
        if spent < needed:
            yield Violation(
                ViolationKind.SETUP,
                placed.operation,
                f"Operation {placed.operation} on {machine.id}: the setup from family {family} to "
                f"{item.mode.family} takes {needed} working seconds, but {spent} are planned.",
            )
        needs_job = machine.setups is not None and self._matrix[machine.setups].needs_job
        if needs_job and not item.committed and placed.setup_start is not None:
            arrival = self._arrival(item)
            if placed.setup_start < arrival:
                yield Violation(
                    ViolationKind.SETUP,
                    placed.operation,
                    f"Operation {placed.operation} on {machine.id}: set up at {placed.setup_start}, before its parts "
                    f"arrive at {arrival}.",
                )

    def _arrival(self, item: _Item) -> int:
        """When the parts of an operation are at the machine."""
        instants = [item.job.release, *(ready.at for ready in item.operation.material)]
        for precedence in self._into.get(item.operation.id, ()):
            if precedence.before in self._items and precedence.transfer_quantity is None:
                instants.append(self._items[precedence.before].placed.end + precedence.min_wait)
        return max(instants)

    # -- people ------------------------------------------------------------------------------------------

    def operators(self) -> Iterator[Violation]:
        # Per pool: (instant, change in people, change in people held by planned operations, operation)
        steps: dict[str, list[tuple[int, int, int, str]]] = defaultdict(list)
        seen: set[tuple[str, str]] = set()
        for name, item in self._items.items():
            placed = item.placed
            if item.committed and not placed.operators:
                continue
            needs = item.mode.operators
            if len(placed.operators) != len(needs):
                yield Violation(
                    ViolationKind.OPERATOR,
                    name,
                    f"Operation {name} has {len(placed.operators)} operator pools for {len(needs)} needs.",
                )
                continue
            if placed.batch is not None:
                if (placed.machine, placed.batch) in seen:
                    continue
                seen.add((placed.machine, placed.batch))
            for need, pool_id in zip(needs, placed.operators, strict=True):
                pool = self._pool.get(pool_id)
                if pool is None or need.skill not in pool.skills:
                    yield Violation(
                        ViolationKind.OPERATOR,
                        name,
                        f"Operation {name}: pool {pool_id} has no skill '{need.skill}'.",
                    )
                    continue
                held = _held(item, need.during)
                if held is not None:
                    planned = 0 if item.committed else need.count
                    steps[pool_id].append((held[0], need.count, planned, name))
                    steps[pool_id].append((held[1], -need.count, -planned, name))
        for pool_id, changes in sorted(steps.items()):
            yield from self._pool_load(pool_id, changes)

    def _pool_load(self, pool_id: str, changes: list[tuple[int, int, int, str]]) -> Iterator[Violation]:
        size = self._pool[pool_id].size
        used = planned = 0
        # At the same instant those who leave go first.
        for instant, change, planned_change, name in sorted(
            changes, key=lambda step: (step[0], step[1], step[3])
        ):
            used += change
            planned += planned_change
            if change > 0 and used > size and planned > 0:
                yield Violation(
                    ViolationKind.OPERATOR,
                    name,
                    f"Operator pool {pool_id}: {used} people are needed at {instant}, but it has {size}.",
                )

    # -- objectives --------------------------------------------------------------------------------------

    def evaluation(self) -> Evaluation:
        job_ends = {
            job.id: max(self.solution.by_operation[operation.id].end for operation in job.operations)
            for job in self.problem.jobs
        }
        lateness = {job.id: job_ends[job.id] - job.due for job in self.problem.jobs if job.due is not None}
        weights = {job.id: job.weight for job in self.problem.jobs}
        setups = {
            (item.machine.id, item.placed.setup_start): self._open_time(item, setup=True).between(
                item.placed.setup_start, item.placed.setup_end
            )
            for item in self._items.values()
            if item.placed.setup_start is not None and item.placed.setup_end is not None
        }
        return Evaluation(
            makespan=max(job_ends.values(), default=self.problem.start) - self.problem.start,
            weighted_tardiness=sum(weights[name] * late for name, late in lateness.items() if late > 0),
            late_jobs=sum(late > 0 for late in lateness.values()),
            setup_seconds=sum(setups.values()),
            job_ends=job_ends,
        )


def _runs(items: list[_Item]) -> list[list[_Item]]:
    """Batches and single operations of one machine, by the time they begin to hold it."""
    runs: dict[object, list[_Item]] = defaultdict(list)
    for item in items:
        key = ("batch", item.placed.batch) if item.placed.batch is not None else ("one", item.operation.id)
        runs[key].append(item)
    return sorted(
        runs.values(),
        key=lambda run: (run[0].placed.held_from, run[0].placed.end, run[0].operation.id),
    )


def _held(item: _Item, during: During) -> tuple[int, int] | None:
    """From when to when somebody is held; None when not at all."""
    placed = item.placed
    if item.committed:
        return (placed.start, placed.end) if during is During.WHOLE and placed.end > placed.start else None
    if during is During.WHOLE:
        return (placed.held_from, placed.end) if placed.end > placed.held_from else None
    if placed.setup_start is None or placed.setup_end is None or placed.setup_end == placed.setup_start:
        return None
    return (placed.setup_start, placed.setup_end)
