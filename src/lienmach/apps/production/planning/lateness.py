"""Where an order lost its time: the chain of steps behind its last one, every second of it accounted for.

The chain follows the work (what had to be ready before a step could start), from the order's end back to a
material, a release or the plan's start. A step's own time is work or closed time; the time between being
ready and starting is another job on the machine, a changeover, people who were elsewhere, closed time, or a
wait that the process needs. Time lost to the same thing is added up, the costliest first.

What is named here is what the schedule waited for; whether the order would be earlier without it is tested
by ``remedies``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping

from lienmach.apps.production.planning.operations import Built
from lienmach.apps.production.planning.plan import Cause, CauseKind
from lienmach.apps.production.planning.relief import step_name
from lienmach.apps.production.planning.timeline import Interval
from lienmach.engines.scheduling.calendar import ALWAYS_OPEN, Calendar, calendar, common
from lienmach.engines.scheduling.insertion.people import People
from lienmach.engines.scheduling.problem import During, Precedence
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution

MAXIMUM_CAUSES = 4
_Key = tuple[CauseKind, str]


class Chains:
    """Answers, for one schedule, what a job waited for."""

    def __init__(self, built: Built, solution: Solution) -> None:
        self._placed = solution.by_operation
        self._built = built
        problem = built.problem
        self._before: dict[str, list[Precedence]] = defaultdict(list)
        for precedence in problem.precedences:
            self._before[precedence.after].append(precedence)
        self._operations = {operation.id: operation for _, operation in problem.operations()}
        self._release = {job.id: job.release for job in problem.jobs}
        self._unlimited = {machine.id for machine in problem.machines if machine.unlimited}
        self._time = {machine.id: calendar(machine.open) for machine in problem.machines}
        self._pool_time = {pool.id: calendar(pool.open) for pool in problem.operators}
        self._people = {pool.id: People(pool.size) for pool in problem.operators}
        self._together: dict[tuple[str, tuple[str, ...]], Calendar] = {}
        self._on_machine: dict[str, list[ScheduledOperation]] = defaultdict(list)
        for placed in sorted(
            solution.operations, key=lambda each: (each.held_from, each.end, each.operation)
        ):
            self._on_machine[placed.machine].append(placed)
        self._ends = {
            machine: [each.end for each in each_line] for machine, each_line in self._on_machine.items()
        }
        self._loads: dict[tuple[str, str | None], list[ScheduledOperation]] = defaultdict(list)
        for placed in solution.operations:
            if placed.batch is not None:
                self._loads[placed.machine, placed.batch].append(placed)
        self._hold_people(solution)

    def causes(self, last: str, *, most: int = MAXIMUM_CAUSES) -> tuple[Cause, ...]:
        """Return what the chain behind operation ``last`` lost time to, the costliest first."""
        lost = _Lost()
        current: str | None = last
        while current is not None:
            current = self._step_back(self._placed[current], lost)
        return lost.causes(most)

    def spent(self, last: str) -> dict[str, int]:
        """Return how long each operation of the chain behind ``last`` took since it was ready."""
        found: dict[str, int] = {}
        current: str | None = last
        while current is not None:
            ready, origin, _ = self._ready(self._placed[current])
            found[current] = max(0, self._placed[current].end - ready)
            current = origin if origin in self._operations else None
        return found

    # -- one step of the chain ---------------------------------------------------------------------------

    def _step_back(self, placed: ScheduledOperation, lost: _Lost) -> str | None:
        """Account for one operation and return the one it had to wait for, or None at the chain's root."""
        ready, origin, wait = self._ready(placed)
        begin = max(placed.start, min(ready, placed.end))
        worked = self._open(placed).work_between(begin, placed.end)
        lost.add(CauseKind.WORK, placed.machine, worked)
        lost.add(CauseKind.CALENDAR, self._closed_subject(placed), placed.end - begin - worked)
        self._wait(placed, self._load_ready(placed, ready, lost), placed.start, lost)
        if origin in self._operations:
            lost.add(CauseKind.WAIT, step_name(self._built, origin), wait)
            return origin
        if origin:
            lost.add(CauseKind.MATERIAL, origin, ready - self._built.problem.start)
        else:
            lost.add(CauseKind.RELEASE, placed.job, ready - self._built.problem.start)
        return None

    def _load_ready(self, placed: ScheduledOperation, ready: int, lost: _Lost) -> int:
        """When all that shares its furnace load was ready: until then it waited for the others."""
        latest = ready
        for mate in self._loads.get((placed.machine, placed.batch), ()):
            if mate.operation != placed.operation:
                moment = min(self._ready(mate)[0], placed.start)
                if moment > ready:
                    lost.block((CauseKind.BATCH, placed.machine), self._strangers(placed, mate.operation))
                latest = max(latest, moment)
        lost.add(CauseKind.BATCH, placed.machine, latest - ready)
        return latest

    def _ready(self, placed: ScheduledOperation) -> tuple[int, str, int]:
        """When everything the operation needs was there, what came last, and the wait that it needs."""
        start = self._built.problem.start
        found = (max(start, self._release[placed.job]), "", 0)
        material = self._operations[placed.operation].material_ready
        if material is not None and material.at > found[0]:
            found = (material.at, material.reason, 0)
        for precedence in self._before[placed.operation]:
            earlier = self._placed[precedence.before]
            ready, wait = earlier.end + precedence.min_wait, precedence.min_wait
            if precedence.transfer_quantity is not None and ready > placed.start:
                # It began with the first batch: the chain goes on from where the two overlap.
                ready, wait = placed.start, 0
            if ready >= found[0]:
                found = (ready, precedence.before, wait)
        return found

    def _wait(self, placed: ScheduledOperation, ready: int, start: int, lost: _Lost) -> None:
        """Divide the time between being ready and starting."""
        if ready >= start:
            return
        rest = [(ready, start)]
        if placed.setup_start is not None and placed.setup_end is not None:
            own = (max(ready, placed.setup_start), min(start, placed.setup_end))
            lost.add(CauseKind.SETUP, placed.machine, max(0, own[1] - own[0]))
            rest = _without(rest, own)
        if placed.machine not in self._unlimited:
            for other in self._runs_between(placed, ready, start):
                busy = (max(ready, other.held_from), min(start, other.end))
                taken = sum(b - a for a, b in rest) if busy[0] < busy[1] else 0
                rest = _without(rest, busy)
                taken -= sum(b - a for a, b in rest)
                if taken > 0:
                    key = self._who_is_short(placed, busy)
                    lost.add(*key, taken)
                    lost.block(key, self._strangers(placed, other.operation))
        for piece in rest:
            self._idle(placed, piece, lost)

    def _idle(self, placed: ScheduledOperation, piece: Interval, lost: _Lost) -> None:
        """The machine was free: it was closed, people were elsewhere, or the planner chose so."""
        time = self._open(placed, setup=placed.setup_start is not None)
        opened = time.work_between(*piece)
        lost.add(CauseKind.CALENDAR, self._closed_subject(placed), piece[1] - piece[0] - opened)
        if not opened:
            return
        kind, subject = CauseKind.CHOICE, placed.machine
        short = self._people_short(placed, piece)
        if short:
            kind, subject = CauseKind.OPERATOR, short
        lost.add(kind, subject, opened)
        reason = placed.reason
        if reason and reason.cause in self._built.operations:
            lost.block((kind, subject), self._strangers(placed, reason.cause))

    # -- what the schedule knows -------------------------------------------------------------------------

    def _runs_between(self, placed: ScheduledOperation, a: int, b: int) -> Iterable[ScheduledOperation]:
        line = self._on_machine[placed.machine]
        for other in line[bisect_left(self._ends[placed.machine], a) :]:
            if other.held_from >= b:
                return
            if other.operation != placed.operation and (placed.batch is None or other.batch != placed.batch):
                yield other

    def _strangers(self, placed: ScheduledOperation, other: str) -> list[str]:
        own = self._built.operations[placed.operation].make.orders
        return [order for order in self._built.operations[other].make.orders if order not in own]

    def _open(self, placed: ScheduledOperation, *, setup: bool = False) -> Calendar:
        pools = self._pools(placed, setup=setup)
        key = (placed.machine, pools)
        if key not in self._together:
            times = [self._time[placed.machine], *(self._pool_time[pool] for pool in pools)]
            self._together[key] = common(times)
        return self._together[key]

    def _pools(self, placed: ScheduledOperation, *, setup: bool) -> tuple[str, ...]:
        mode = self._operations[placed.operation].mode_on(placed.machine)
        needs = mode.operators if mode is not None else ()
        return tuple(
            pool
            for need, pool in zip(needs, placed.operators, strict=False)
            if setup or need.during is During.WHOLE
        )

    def _closed_subject(self, placed: ScheduledOperation) -> str:
        """Who is closed: the people, when the machine alone is always open."""
        pools = self._pools(placed, setup=True)
        if self._time[placed.machine] is not ALWAYS_OPEN:
            return placed.machine
        limited = (pool for pool in pools if self._pool_time[pool] is not ALWAYS_OPEN)
        return next(limited, placed.machine)

    def _hold_people(self, solution: Solution) -> None:
        loads: set[tuple[str, str]] = set()
        for placed in solution.operations:
            if placed.batch is not None:
                if (placed.machine, placed.batch) in loads:
                    continue
                loads.add((placed.machine, placed.batch))
            mode = self._operations[placed.operation].mode_on(placed.machine)
            for need, pool in zip(mode.operators if mode else (), placed.operators, strict=False):
                if need.during is During.WHOLE:
                    self._people[pool].hold(placed.held_from, placed.end, need.count)
                elif placed.setup_start is not None and placed.setup_end is not None:
                    self._people[pool].hold(placed.setup_start, placed.setup_end, need.count)

    def _who_is_short(self, placed: ScheduledOperation, busy: Interval) -> _Key:
        """The machine that others hold; or its people, when with them it could have gone to another one."""
        if len(self._operations[placed.operation].modes) > 1:
            short = self._people_short(placed, busy)
            if short:
                return CauseKind.OPERATOR, short
        return CauseKind.MACHINE, placed.machine

    def _people_short(self, placed: ScheduledOperation, piece: Interval) -> str:
        """The group of its people that was busy elsewhere at some time in a piece; none is an empty text."""
        mode = self._operations[placed.operation].mode_on(placed.machine)
        needs = mode.operators if mode is not None else ()
        short = (
            pool
            for need, pool in zip(needs, placed.operators, strict=False)
            if self._people[pool].free_from(*piece, need.count) > piece[0]
        )
        return next(short, "")


class _Lost:
    """Seconds per cause, and the orders that stood in the way."""

    def __init__(self) -> None:
        self._seconds: dict[_Key, int] = defaultdict(int)
        self._blockers: dict[_Key, dict[str, None]] = defaultdict(dict)

    def add(self, kind: CauseKind, subject: str, seconds: int) -> None:
        if seconds > 0:
            self._seconds[kind, subject] += seconds

    def block(self, key: _Key, orders: Iterable[str]) -> None:
        self._blockers[key].update(dict.fromkeys(orders))

    def causes(self, most: int) -> tuple[Cause, ...]:
        ranked = sorted(self._seconds.items(), key=lambda entry: (-entry[1], entry[0]))
        return tuple(
            Cause(kind, subject, seconds, tuple(self._blockers[kind, subject]))
            for (kind, subject), seconds in ranked[:most]
        )


def last_operations(built: Built, ends: Mapping[str, ScheduledOperation]) -> dict[str, str]:
    """Return the operation that ends each job."""
    result: dict[str, str] = {}
    for job in built.problem.jobs:
        result[job.id] = max(job.operations, key=lambda operation: (ends[operation.id].end, operation.id)).id
    return result


def _without(pieces: list[Interval], taken: Interval) -> list[Interval]:
    result: list[Interval] = []
    for start, end in pieces:
        if taken[1] <= start or end <= taken[0] or taken[0] >= taken[1]:
            result.append((start, end))
            continue
        if start < taken[0]:
            result.append((start, taken[0]))
        if taken[1] < end:
            result.append((taken[1], end))
    return result
