"""What kept each operation from starting earlier, read off a finished schedule.

Reasons are found afterwards from the schedule alone, so they are the same whichever solver made it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from lienmach.engines.scheduling.calendar import Calendar, calendar, common
from lienmach.engines.scheduling.problem import During, Job, Mode, Operation, Precedence, Problem
from lienmach.engines.scheduling.solution import Binding, BindingKind, ScheduledOperation, Solution
from lienmach.engines.scheduling.streams import start_bound


def with_reasons(problem: Problem, solution: Solution) -> Solution:
    """The same schedule with the binding reason of every operation filled in."""
    reasons = _Reasons(problem, solution)
    return Solution(
        tuple(replace(placed, reason=reasons.of(placed.operation)) for placed in solution.operations)
    )


class _Reasons:
    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.placed = solution.by_operation
        self.known: dict[str, tuple[Job, Operation, Mode]] = {}
        for job, operation in problem.operations():
            mode = operation.mode_on(self.placed[operation.id].machine)
            if mode is None:
                raise ValueError(f"Operation {operation.id} is on a machine that cannot do it.")
            self.known[operation.id] = (job, operation, mode)
        self.into: dict[str, list[Precedence]] = defaultdict(list)
        self.onward: dict[str, list[Precedence]] = defaultdict(list)
        for precedence in problem.precedences:
            self.into[precedence.after].append(precedence)
            self.onward[precedence.before].append(precedence)
        self.machines = {machine.id: machine for machine in problem.machines}
        self.pools = {pool.id: pool for pool in problem.operators}
        self.needs_job = {matrix.id: matrix.needs_job for matrix in problem.setups}
        self.times: dict[tuple[str, tuple[str, ...]], Calendar] = {}
        self.before_on_machine: dict[str, str] = {}
        self.members: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._read_sequences(solution)
        # Per pool: who gives people back at an instant.
        self.leaving: dict[tuple[str, int], str] = {}
        for placed in solution.operations:
            for need, pool in zip(self.known[placed.operation][2].operators, placed.operators, strict=False):
                end = placed.setup_end if need.during is During.SETUP else placed.end
                if end is not None:
                    self.leaving.setdefault((pool, end), placed.operation)

    def _read_sequences(self, solution: Solution) -> None:
        sequences: dict[str, list[ScheduledOperation]] = defaultdict(list)
        for placed in solution.operations:
            if placed.batch is not None:
                self.members[placed.machine, placed.batch].append(placed.operation)
            if not self.machines[placed.machine].unlimited:
                sequences[placed.machine].append(placed)
        for sequence in sequences.values():
            sequence.sort(key=lambda placed: (placed.held_from, placed.end, placed.operation))
            last: ScheduledOperation | None = None
            before: ScheduledOperation | None = None
            for placed in sequence:
                if last is not None and (placed.batch is None or placed.batch != last.batch):
                    before = last
                if before is not None:
                    self.before_on_machine[placed.operation] = before.operation
                last = placed

    def of(self, name: str) -> Binding:
        """The binding reason of one operation."""
        placed = self.placed[name]
        _, operation, mode = self.known[name]
        if operation.committed is not None:
            return Binding(BindingKind.FROZEN, name, placed.start)
        own = self._own_bound(name)
        if placed.batch is not None:
            for member in self.members[placed.machine, placed.batch]:
                theirs = self._own_bound(member)
                if member != name and theirs.at > own.at and self.known[member][1].committed is None:
                    own = Binding(BindingKind.BATCH, member, theirs.at)
        begin, time = self._begin(placed, mode)
        if begin <= own.at:
            return own
        if time.work_between(own.at, begin) == 0:
            return Binding(BindingKind.CALENDAR, self._closed(placed, own.at), begin, own)
        for pool in placed.operators:
            leaver = self.leaving.get((pool, begin))
            if leaver is not None and leaver != name:
                return Binding(BindingKind.OPERATOR, leaver, begin)
        if not operation.resumable and time.fit(own.at, mode.duration) >= placed.start:
            return Binding(BindingKind.CALENDAR, placed.machine, begin, own)
        follower = self._held_for(placed, begin - own.at)
        if follower is not None:
            return Binding(BindingKind.FOLLOWER, follower, begin, own)
        return Binding(BindingKind.CHOICE, placed.machine, begin, own)

    def _held_for(self, placed: ScheduledOperation, seconds: int) -> str | None:
        """The operation after it that would wait too long if it had begun so much earlier."""
        for precedence in self.onward[placed.operation]:
            after = self.placed[precedence.after]
            wait = after.start - placed.end + seconds
            if precedence.max_wait is not None and wait > precedence.max_wait:
                return precedence.after
        return None

    def _begin(self, placed: ScheduledOperation, mode: Mode) -> tuple[int, Calendar]:
        """The moment that had to be waited for, and the calendar that counts until then."""
        if placed.setup_start is not None and not self._set_up_early(placed, mode):
            return placed.setup_start, self._time(placed, mode, setup=True)
        return placed.start, self._time(placed, mode, setup=False)

    def _set_up_early(self, placed: ScheduledOperation, mode: Mode) -> bool:
        matrix = self.machines[placed.machine].setups
        return not mode.operators and not (matrix is not None and self.needs_job[matrix])

    def _time(self, placed: ScheduledOperation, mode: Mode, *, setup: bool) -> Calendar:
        pools = tuple(
            pool
            for need, pool in zip(mode.operators, placed.operators, strict=False)
            if setup or need.during is During.WHOLE
        )
        key = (placed.machine, pools)
        if key not in self.times:
            windows = [self.machines[placed.machine].open, *(self.pools[pool].open for pool in pools)]
            self.times[key] = common([calendar(each) for each in windows])
        return self.times[key]

    def _closed(self, placed: ScheduledOperation, t: int) -> str:
        """Who is closed at `t`: the machine, or else one of the pools."""
        if calendar(self.machines[placed.machine].open).next_open(t) > t:
            return placed.machine
        away = (pool for pool in placed.operators if calendar(self.pools[pool].open).next_open(t) > t)
        return next(away, placed.machine)

    def _own_bound(self, name: str) -> Binding:
        """The latest of what the operation itself had to wait for, closed time not counted."""
        job, operation, mode = self.known[name]
        placed = self.placed[name]
        # Among equal moments the later in this list is named: what lies nearer to the operation.
        bounds = [
            Binding(BindingKind.START, "", self.problem.start),
            Binding(BindingKind.RELEASE, job.id, job.release),
        ]
        ready = operation.material_ready
        if ready is not None:
            bounds.append(Binding(BindingKind.MATERIAL, ready.reason, ready.at))
        machine = self._machine_bound(placed, mode)
        if machine is not None:
            bounds.append(machine)
        for precedence in self.into[name]:
            bounds.append(
                Binding(BindingKind.PRECEDENCE, precedence.before, self._handed_over(precedence, placed))
            )
        best = bounds[0]
        for bound in bounds[1:]:
            if bound.at >= best.at:
                best = bound
        if best.kind is BindingKind.SETUP and self._busy_until(placed) >= max(
            bound.at for bound in bounds if bound.kind is not BindingKind.SETUP
        ):
            # Even without the setup the machine would have been the last to be ready.
            return Binding(BindingKind.MACHINE, best.cause, best.at)
        return best

    def _handed_over(self, precedence: Precedence, placed: ScheduledOperation) -> int:
        """The moment from which a precedence lets an operation begin."""
        before = self.placed[precedence.before]
        done = before.end + precedence.min_wait
        quantity = precedence.transfer_quantity
        together = self._loaded_together(before) or self._loaded_together(placed)
        if quantity is None or together:
            return done
        _, earlier, mode_before = self.known[precedence.before]
        _, operation, mode = self.known[placed.operation]
        first = -(-mode_before.duration * quantity // earlier.quantity)
        last = -(-mode.duration * min(quantity, operation.quantity) // operation.quantity)
        time = self._time(placed, mode, setup=False)
        arrival = self._time(before, mode_before, setup=False).advance(before.start, first)
        arrival = min(before.end, arrival) + precedence.min_wait
        return start_bound(time, time.advance(done, last), mode.duration, operation.resumable, arrival)

    def _loaded_together(self, placed: ScheduledOperation) -> bool:
        recipe = self.known[placed.operation][1].recipe
        return recipe is not None and self.machines[placed.machine].batch_capacity > 1

    def _busy_until(self, placed: ScheduledOperation) -> int:
        before = self.before_on_machine.get(placed.operation)
        return self.problem.start if before is None else max(self.problem.start, self.placed[before].end)

    def _machine_bound(self, placed: ScheduledOperation, mode: Mode) -> Binding | None:
        before = self.before_on_machine.get(placed.operation)
        free = self._busy_until(placed)
        if (
            placed.setup_start is not None
            and placed.setup_end is not None
            and self._set_up_early(placed, mode)
        ):
            time = self._time(placed, mode, setup=True)
            seconds = time.work_between(placed.setup_start, placed.setup_end)
            return Binding(BindingKind.SETUP, before or placed.machine, time.advance(free, seconds))
        return None if before is None else Binding(BindingKind.MACHINE, before, free)
