"""A schedule that can be asked where one more operation fits, changed, and changed back.

Whatever is done here, an operation that is not named stands where it stood; only the setup before it may
become another one, when what is done before it on its machine changes and there is time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import product

from lienmach.engines.scheduling.calendar import NEVER, Calendar, calendar, common
from lienmach.engines.scheduling.insertion.gaps import Crew, Gaps, Slot, Stream, Wish, begin_for, process
from lienmach.engines.scheduling.insertion.line import Line, Run
from lienmach.engines.scheduling.insertion.people import People
from lienmach.engines.scheduling.problem import (
    Commitment,
    During,
    Job,
    Machine,
    Mode,
    Operation,
    OperatorNeed,
    Precedence,
    Problem,
)
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution

MOST_RETRIES = 200
"""How often an operation is put later so that what follows does not wait too long for it."""


class NoRoom(Exception):
    """An operation fits nowhere before the calendars end; `operation` names it."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        super().__init__(
            f"Operation {operation} fits no open time that is left: extend the calendars, allow it to pause "
            "over closed time, or add an alternative."
        )


class Booked:
    """The schedule.

    Parameters
    ----------
    solution
        Places some or all operations of the problem. It may have been made for a problem that was harder
        than this one (shorter opening hours, longer durations): processing that takes less time now ends
        earlier.
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.known: dict[str, tuple[Job, Operation]] = {
            operation.id: (job, operation) for job, operation in problem.operations()
        }
        self.number = {name: i for i, name in enumerate(self.known)}
        self.into: dict[str, list[Precedence]] = defaultdict(list)
        self.out: dict[str, list[Precedence]] = defaultdict(list)
        for precedence in problem.precedences:
            self.into[precedence.after].append(precedence)
            self.out[precedence.before].append(precedence)
        self.people = {pool.id: People(pool.size) for pool in problem.operators}
        self._pools = {pool.id: pool for pool in problem.operators}
        self._pool_time = {pool.id: calendar(pool.open) for pool in problem.operators}
        self._machine_time: dict[str, Calendar] = {}
        self._crews: dict[tuple[str, tuple[OperatorNeed, ...], tuple[str, ...]], Crew] = {}
        self._choices: dict[tuple[str, tuple[OperatorNeed, ...]], tuple[Crew, ...]] = {}
        self._matrices = {matrix.id: matrix for matrix in problem.setups}
        self._calendars: dict[object, Calendar] = {}
        self.lines: dict[str, Line] = {}
        self.gaps: dict[str, Gaps] = {}
        for machine in problem.machines:
            self.place_machine(machine)
        self.run_of: dict[str, Run] = {}
        self._last_end: dict[str, int] = {}
        self._undo: list[Callable[[], object]] = []
        self._batches = 0
        self._take(solution)

    def place_machine(self, machine: Machine) -> None:
        """Set a machine up, or let one that is there have other hours and setups."""
        if machine.open not in self._calendars:
            self._calendars[machine.open] = calendar(machine.open)
        time = self._machine_time[machine.id] = self._calendars[machine.open]
        matrix = None if machine.setups is None else self._matrices[machine.setups]
        if machine.id in self.lines:
            line = self.lines[machine.id]
            line.machine, line.matrix = machine, matrix
            self.gaps[machine.id].machine_time = time
            return
        line = self.lines[machine.id] = Line(machine, matrix)
        self.gaps[machine.id] = Gaps(
            line, self.people, self.problem.start, self.crew_of, self.arrival_of, time
        )

    @property
    def work(self) -> int:
        """Gaps looked at so far: what a search that uses this counts against its budget."""
        return sum(gaps.looked_at for gaps in self.gaps.values())

    def solution(self) -> Solution:
        """Everything that is placed, in the problem's order, without reasons."""
        placed = []
        for name, (job, _) in self.known.items():
            run = self.run_of.get(name)
            if run is None:
                continue
            placed.append(
                ScheduledOperation(
                    operation=name,
                    job=job.id,
                    machine=run.machine,
                    start=run.start,
                    end=run.end,
                    setup_start=None if run.setup is None else run.setup[0],
                    setup_end=None if run.setup is None else run.setup[1],
                    batch=run.batch,
                    operators=run.crew,
                )
            )
        return Solution(tuple(placed))

    # -- reading the schedule ----------------------------------------------------------------------------

    def _take(self, solution: Solution) -> None:
        together: dict[tuple[str, str], list[ScheduledOperation]] = defaultdict(list)
        for placed in sorted(solution.operations, key=lambda each: self.number[each.operation]):
            # Frozen and running operations are facts: in one batch they may differ in time and people.
            alone = placed.batch is None or self.known[placed.operation][1].committed is not None
            key = (placed.machine, placed.operation if alone else f"batch {placed.batch}")
            together[key].append(placed)
        on_machine: dict[str, list[Run]] = defaultdict(list)
        for (machine, _), members in together.items():
            run = self._run(members)
            on_machine[machine].append(run)
            self._count_batch(run.batch)
            for placed in members:
                self.run_of[placed.operation] = run
            self.gaps[machine].hold(run, self.crew_of(run), 1)
        for machine, runs in on_machine.items():
            self.lines[machine].fill(runs)

    def _run(self, members: list[ScheduledOperation]) -> Run:
        first = members[0]
        operations = [self.known[placed.operation][1] for placed in members]
        run = Run(
            machine=first.machine,
            members=[placed.operation for placed in members],
            mode=self.mode_on(operations[0], first.machine),
            setup_of_its_own=0,
            resumable=all(operation.resumable for operation in operations),
            start=first.start,
            end=max(placed.end for placed in members),
            crew=first.operators,
            fixed=any(operation.committed is not None for operation in operations),
            batch=first.batch,
            recipe=operations[0].recipe,
            load=sum(operation.load for operation in operations),
        )
        if first.setup_start is not None and first.setup_end is not None:
            run.setup = (first.setup_start, first.setup_end)
        self.fit_run(run)
        return run

    def fit_run(self, run: Run) -> None:
        """Let a run be what its operations say, and take the time that it takes."""
        modes = [self.mode_on(self.known[name][1], run.machine) for name in run.members]
        run.mode = max(modes, key=lambda mode: mode.duration)
        run.setup_of_its_own = max(mode.setup for mode in modes)
        crew = self.crew_of(run)
        if run.setup is not None:
            time = self._machine_time[run.machine] if run.fixed else crew.setup_time
            run.spent = time.work_between(*run.setup)
        if not run.fixed:
            self._shorten(run, crew)

    def _shorten(self, run: Run, crew: Crew) -> None:
        """Let a run take the time that it takes in this problem."""
        time, duration = crew.run_time, run.mode.duration
        end = process(time, run.start, duration, run.resumable)[1]
        if end >= run.end:
            return
        keeps_end = any(
            any(precedence.max_wait is not None for precedence in self.out[name])
            or any(precedence.transfer_quantity is not None for precedence in self.into[name])
            for name in run.members
        )
        if keeps_end:
            # What follows may not wait longer; or the last batch of parts must not come after its end.
            run.start = begin_for(time, run.end, duration, run.resumable, run.start)
        else:
            run.end = end

    def _count_batch(self, batch: str | None) -> None:
        number = (batch or "").removeprefix("batch ")
        if number.isdigit():
            self._batches = max(self._batches, int(number))

    def mode_on(self, operation: Operation, machine: str) -> Mode:
        """The operation's mode on a machine that can do it."""
        mode = operation.mode_on(machine)
        if mode is None:
            raise ValueError(f"Operation {operation.id} is on {machine}, which cannot do it.")
        return mode

    def crew_of(self, run: Run) -> Crew:
        """The people of a run."""
        needs = run.mode.operators if run.crew else ()
        return self._crew(run.machine, needs, run.crew)

    def _crew(self, machine: str, needs: tuple[OperatorNeed, ...], pools: tuple[str, ...]) -> Crew:
        key = (machine, needs, pools)
        if key not in self._crews:
            whole: dict[str, int] = {}
            at_setup: dict[str, int] = {}
            for need, pool in zip(needs, pools, strict=True):
                held = whole if need.during is During.WHOLE else at_setup
                held[pool] = held.get(pool, 0) + need.count
            run_time = common([self._machine_time[machine], *(self._pool_time[pool] for pool in whole)])
            setup_time = common([run_time, *(self._pool_time[pool] for pool in at_setup)])
            self._crews[key] = Crew(
                pools, tuple(whole.items()), tuple(at_setup.items()), run_time, setup_time
            )
        return self._crews[key]

    def choices(self, mode: Mode) -> tuple[Crew, ...]:
        """Every choice of pools for a mode that has enough people."""
        key = (mode.machine, mode.operators)
        if key not in self._choices:
            able = [
                [
                    pool.id
                    for pool in self.problem.operators
                    if need.skill in pool.skills and pool.size >= need.count
                ]
                for need in mode.operators
            ]
            crews = (self._crew(mode.machine, mode.operators, pools) for pools in product(*able))
            self._choices[key] = tuple(crew for crew in crews if self._enough(crew))
        return self._choices[key]

    def _enough(self, crew: Crew) -> bool:
        wanted = dict(crew.whole)
        for pool, count in crew.at_setup:
            wanted[pool] = wanted.get(pool, 0) + count
        return all(count <= self._pools[pool].size for pool, count in wanted.items())

    # -- when an operation may begin ---------------------------------------------------------------------

    def arrival_of(self, run: Run) -> int:
        """When the parts of all members of a run are at the machine."""
        wishes = [self.wish([name]) for name in run.members]
        streams = [stream for wish in wishes for stream in wish.streams]
        together = self._loads_together(run)
        moments = [stream.last if together else stream.first for stream in streams]
        return max([*(wish.ready for wish in wishes), *moments])

    def wish(self, members: Sequence[str], end_after: int = -NEVER) -> Wish:
        """What is to be placed, with the moments before which it cannot be."""
        ready = self.problem.start
        streams: list[Stream] = []
        operations = []
        for name in members:
            job, operation = self.known[name]
            operations.append(operation)
            ready = max(ready, job.release, *(material.at for material in operation.material))
            for precedence in self.into[name]:
                run = self.run_of.get(precedence.before)
                # What was taken out will not end later than it did.
                end = self._last_end.get(precedence.before) if run is None else run.end
                if end is None:
                    continue
                if run is None or precedence.transfer_quantity is None or self._loads_together(run):
                    ready = max(ready, end + precedence.min_wait)
                else:
                    streams.append(self._stream(precedence, run))
        return Wish(
            name=members[0],
            ready=ready,
            streams=tuple(streams),
            end_after=end_after,
            resumable=all(operation.resumable for operation in operations),
            recipe=operations[0].recipe,
            load=sum(operation.load for operation in operations),
            alone=len(members) == 1,
        )

    def still_fits(self, names: Iterable[str]) -> bool:
        """Whether what waits for these operations gets its parts in time, and does not wait too long."""
        for name in names:
            for precedence in self.out[name]:
                run = self.run_of.get(precedence.after)
                if run is None or run.fixed:
                    continue
                wait = run.start - self.run_of[name].end
                if precedence.max_wait is not None and wait > precedence.max_wait:
                    return False
                if precedence.transfer_quantity is not None and self.arrival_of(run) > run.start:
                    return False
        return True

    def _loads_together(self, run: Run) -> bool:
        return run.recipe is not None and self.lines[run.machine].machine.batch_capacity > 1

    def _stream(self, precedence: Precedence, run: Run) -> Stream:
        """What comes out of a run in transfer batches, and when."""
        quantity = precedence.transfer_quantity or 1
        before, after = self.known[precedence.before][1], self.known[precedence.after][1]
        duration = self.mode_on(before, run.machine).duration
        left = duration - -(-duration * quantity // before.quantity)
        begin, time = run.start, self.crew_of(run).run_time
        committed = before.committed
        if committed is not None and committed.kind is Commitment.RUNNING:
            begin = max(begin, self.problem.start)
        # Facts need not take the time that was planned: what counts is what is left until their end.
        done = max(0, time.work_between(begin, run.end) - left)
        first = min(run.end, time.advance(begin, done))
        wait = precedence.min_wait
        return Stream(first + wait, run.end + wait, min(quantity, after.quantity), after.quantity)

    # -- changes, and back -------------------------------------------------------------------------------

    def mark(self) -> int:
        """A point to return to."""
        return len(self._undo)

    def rollback(self, mark: int) -> None:
        """Undo every change since the mark."""
        while len(self._undo) > mark:
            self._undo.pop()()

    def forget(self) -> None:
        """Keep what was done: it cannot be undone any more."""
        self._undo.clear()

    def best(
        self, members: Sequence[str], before: int = NEVER, end_after: int = -NEVER, on: str | None = None
    ) -> Slot | None:
        """The place with the earliest end before `before`; a batch stays `on` its machine."""
        wish = self.wish(members, end_after)
        found: Slot | None = None
        for mode in self._modes(members, on):
            for crew in self.choices(mode):
                slot = self.gaps[mode.machine].first(wish, mode, crew, before)
                if slot is not None:
                    found, before = slot, slot.end
        return found

    def _modes(self, members: Sequence[str], on: str | None) -> Sequence[Mode]:
        operations = [self.known[name][1] for name in members]
        if on is None:
            return operations[0].modes
        modes = [self.mode_on(operation, on) for operation in operations]
        longest = max(modes, key=lambda mode: mode.duration)
        return (replace(longest, setup=max(mode.setup for mode in modes)),)

    def put(self, members: Sequence[str], slot: Slot) -> Run:
        """Book operations in a slot that was just found."""
        if slot.joins is not None:
            return self._enter(members[0], slot.joins)
        operations = [self.known[name][1] for name in members]
        batch = None
        if len(members) > 1:
            self._batches += 1
            batch = f"batch {self._batches}"
        run = Run(
            machine=slot.mode.machine,
            members=list(members),
            mode=slot.mode,
            setup_of_its_own=max(self.mode_on(each, slot.mode.machine).setup for each in operations),
            resumable=all(operation.resumable for operation in operations),
            start=slot.start,
            end=slot.end,
            setup=slot.setup,
            spent=slot.spent,
            crew=slot.crew,
            batch=batch,
            recipe=operations[0].recipe,
            load=sum(operation.load for operation in operations),
        )
        if slot.after is not None:
            self._change_setup(*slot.after)
        self._add(run)
        self._undo.append(lambda: self._drop(run))
        return run

    def leave(self, name: str) -> bool:
        """Take one operation out of its batch; False when the others would not take as long without it."""
        run = self.run_of[name]
        rest = [member for member in run.members if member != name]
        durations = [self.mode_on(self.known[member][1], run.machine).duration for member in rest]
        if run.fixed or not rest or max(durations) != run.mode.duration:
            return False
        before = (list(run.members), run.load)
        run.members = rest
        run.load -= self.known[name][1].load
        self._last_end[name] = run.end
        del self.run_of[name]

        def enter() -> None:
            run.members, run.load = before
            self.run_of[name] = run

        self._undo.append(enter)
        return True

    def take_out(self, run: Run) -> bool:
        """Take a run out; False (and nothing is changed) when the setup after it would not fit then."""
        place = self._drop(run)
        self._undo.append(lambda: self._add(run))
        if self.lines[run.machine].machine.unlimited:
            return True
        rest = self.gaps[run.machine].follow_up(place, None)
        if rest is None or rest[0] < self.lines[run.machine].free_before(place, -NEVER):
            self.rollback(len(self._undo) - 1)
            return False
        if rest[1] is not None:
            self._change_setup(*rest[1])
        return True

    def _add(self, run: Run) -> None:
        self.lines[run.machine].put(run)
        self.gaps[run.machine].hold(run, self.crew_of(run), 1)
        for name in run.members:
            self.run_of[name] = run

    def _drop(self, run: Run) -> int:
        self.gaps[run.machine].hold(run, self.crew_of(run), -1)
        for name in run.members:
            self._last_end[name] = run.end
            del self.run_of[name]
        return self.lines[run.machine].remove(run)

    def _enter(self, name: str, run: Run) -> Run:
        before = (run.batch, list(run.members), run.resumable, run.load)
        operation = self.known[name][1]
        if run.batch is None:
            self._batches += 1
            run.batch = f"batch {self._batches}"
        run.members = sorted([*run.members, name], key=self.number.__getitem__)
        run.resumable = run.resumable and operation.resumable
        run.load += operation.load
        self.run_of[name] = run

        def leave() -> None:
            run.batch, run.members, run.resumable, run.load = before
            del self.run_of[name]

        self._undo.append(leave)
        return run

    def _change_setup(self, run: Run, setup: tuple[int, int] | None, spent: int) -> None:
        before = (run.setup, run.spent)
        gaps, crew = self.gaps[run.machine], self.crew_of(run)

        def change(to: tuple[tuple[int, int] | None, int]) -> None:
            gaps.hold(run, crew, -1)
            run.setup, run.spent = to
            gaps.hold(run, crew, 1)

        change((setup, spent))
        self._undo.append(lambda: change(before))

    # -- several at once ---------------------------------------------------------------------------------

    def insert(self, names: Iterable[str]) -> None:
        """Place operations, each where it ends earliest; those that wait for others come after them.

        Raises
        ------
        NoRoom
            When one fits nowhere; nothing is changed then.
        """
        ordered = self.in_order(names)
        begin = self.mark()
        marks: list[int] = []
        end_after: dict[str, int] = {}
        position, retries = 0, 0
        while position < len(ordered):
            name = ordered[position]
            del marks[position:]
            marks.append(self.mark())
            slot = self.best([name], end_after=end_after.get(name, -NEVER))
            if slot is None:
                self.rollback(begin)
                raise NoRoom(name)
            late = self._waits_too_long(name, slot)
            if late is not None and late[0] in ordered and retries < MOST_RETRIES:
                retries += 1
                earlier, until = late
                end_after[earlier] = until
                position = ordered.index(earlier)
                self.rollback(marks[position])
                continue
            if late is not None:
                self.rollback(begin)
                raise NoRoom(name)
            self.put([name], slot)
            position += 1

    def _waits_too_long(self, name: str, slot: Slot) -> tuple[str, int] | None:
        """The operation before it that ends too early for its maximum wait, and when it should end."""
        for precedence in self.into[name]:
            if precedence.max_wait is None or precedence.before not in self.run_of:
                continue
            end = self.run_of[precedence.before].end
            if slot.start - end > precedence.max_wait:
                return precedence.before, slot.start - precedence.max_wait
        return None

    def in_order(self, names: Iterable[str]) -> list[str]:
        """The operations with all that wait for another one after it, otherwise in the problem's order."""
        wanted = sorted(set(names), key=self.number.__getitem__)
        inside = set(wanted)
        missing = {name: sum(p.before in inside for p in self.into[name]) for name in wanted}
        ready = [name for name in wanted if not missing[name]]
        for name in ready:
            for precedence in self.out[name]:
                if precedence.after in inside:
                    missing[precedence.after] -= 1
                    if not missing[precedence.after]:
                        ready.append(precedence.after)
        return ready
