"""A problem with numbers in place of names, as solvers want it.

Operations, machines, pools and setup families become indices in the problem's own order, so that a solver
never looks a name up and its answer does not depend on how Python hashes strings. Nothing here decides
anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from lienmach.engines.scheduling.calendar import Calendar, calendar, common
from lienmach.engines.scheduling.groups import Groups
from lienmach.engines.scheduling.problem import Commitment, During, Mode, Operation, OperatorPool, Problem

NO_FAMILY = -1


class Crew(NamedTuple):
    """One choice of pools for the needs of a mode, and the time when it can work on the machine."""

    pools: tuple[int, ...]
    """One pool per need, in the order of the needs."""
    whole: tuple[tuple[int, int], ...]
    """(pool, people) held from the start of the setup to the end."""
    setup: tuple[tuple[int, int], ...]
    """(pool, people) held during the setup only."""
    at_setup: tuple[tuple[int, int], ...]
    """(pool, people) of both together, each pool once: what must be free when the setup begins."""
    run_time: Calendar
    setup_time: Calendar


@dataclass(frozen=True, slots=True)
class Kind:
    """What operations on one machine have in common when it comes to setup, crew and batch.

    Operations of a kind differ only in duration, load and urgency: a machine keeps one queue per kind.
    """

    machine: int
    family: int
    setup: int
    recipe: str | None
    crews: tuple[Crew, ...]
    """Empty when nobody is needed."""


class Link(NamedTuple):
    """A precedence by index; `max_wait` and `transfer` are None when there is none."""

    before: int
    after: int
    min_wait: int
    max_wait: int | None
    transfer: int | None


class Shop:
    """The compiled problem.

    Attributes
    ----------
    earliest
        Per operation: the latest of plan start, release and material dates.
    modes
        Per operation: (machine, duration, kind) of each alternative.
    due, weight, tail
        Per operation: due date and weight of the most urgent order that waits for it, and the shortest clock
        time from its start to that order's end. An operation nobody waits for has a due date of `horizon`.
    before, after
        Per operation: (operation, minimum wait) of what has to come before it, and after it.
    into, onward
        The same with everything that the precedences say.
    handed_over
        (job, operation of another job that waits for it).
    previous
        (operation, machine, start) in the plan before this one.
    groups
        What maximum waits join.
    only_minimum_waits
        No precedence has a maximum wait or a transfer quantity.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.start = problem.start
        self.operations: list[Operation] = []
        self.job_of: list[int] = []
        for number, job in enumerate(problem.jobs):
            self.operations.extend(job.operations)
            self.job_of.extend([number] * len(job.operations))
        self.index = {operation.id: i for i, operation in enumerate(self.operations)}
        self._compile_machines()
        self._compile_kinds()
        self._compile_order()
        self._compile_urgency()
        self.groups = Groups(self)

    def _compile_machines(self) -> None:
        problem = self.problem
        self.machine_index = {machine.id: i for i, machine in enumerate(problem.machines)}
        self.pool_index = {pool.id: i for i, pool in enumerate(problem.operators)}
        self.pool_size = [pool.size for pool in problem.operators]
        self.pool_time = [calendar(pool.open) for pool in problem.operators]
        shared: dict[object, Calendar] = {}
        self.machine_time = [
            shared.setdefault(machine.open, calendar(machine.open)) for machine in problem.machines
        ]
        self.unlimited = [machine.unlimited for machine in problem.machines]
        self.capacity = [machine.batch_capacity for machine in problem.machines]
        families = {
            name: None
            for names in (
                (mode.family for operation in self.operations for mode in operation.modes),
                (machine.initial_family for machine in problem.machines),
            )
            for name in names
            if name is not None
        }
        self.family_index = {name: i for i, name in enumerate(families)}
        matrices = {matrix.id: matrix for matrix in problem.setups}
        tables = {
            name: [[matrix.seconds(before, after) for after in families] for before in families]
            for name, matrix in matrices.items()
        }
        self.setup_table: list[list[list[int]] | None] = []
        self.setup_needs_job: list[bool] = []
        for machine in problem.machines:
            self.setup_table.append(None if machine.setups is None else tables[machine.setups])
            self.setup_needs_job.append(machine.setups is not None and matrices[machine.setups].needs_job)
        self.initial_family = [self._family(machine.initial_family) for machine in problem.machines]

    def _family(self, name: str | None) -> int:
        return NO_FAMILY if name is None else self.family_index[name]

    def _compile_kinds(self) -> None:
        self.kinds: list[Kind] = []
        known: dict[object, int] = {}
        crews: dict[object, tuple[Crew, ...]] = {}
        self.modes: list[list[tuple[int, int, int]]] = []
        for operation in self.operations:
            compiled = []
            for mode in operation.modes:
                machine = self.machine_index[mode.machine]
                recipe = operation.recipe if self.capacity[machine] > 1 else None
                key = (machine, mode.family, mode.setup, recipe, mode.operators)
                if key not in known:
                    crew_key = (machine, mode.operators)
                    if crew_key not in crews:
                        crews[crew_key] = self._crews(mode, machine)
                    known[key] = len(self.kinds)
                    self.kinds.append(
                        Kind(machine, self._family(mode.family), mode.setup, recipe, crews[crew_key])
                    )
                compiled.append((machine, mode.duration, known[key]))
            self.modes.append(compiled)

    def _crews(self, mode: Mode, machine: int) -> tuple[Crew, ...]:
        if not mode.operators:
            return ()
        pools = self.problem.operators

        def able(pool: OperatorPool, skill: str, count: int) -> bool:
            return skill in pool.skills and pool.size >= count

        choices = [
            [i for i, pool in enumerate(pools) if able(pool, need.skill, need.count)]
            for need in mode.operators
        ]
        result = []
        for chosen in product(*choices):
            needed = list(zip(chosen, mode.operators, strict=True))
            whole = _sum_by_pool((pool, n.count) for pool, n in needed if n.during is During.WHOLE)
            setup = _sum_by_pool((pool, n.count) for pool, n in needed if n.during is During.SETUP)
            at_setup = _sum_by_pool((*whole, *setup))
            if any(count > self.pool_size[pool] for pool, count in at_setup):
                continue
            run_time = common([self.machine_time[machine], *(self.pool_time[pool] for pool, _ in whole)])
            setup_time = common([run_time, *(self.pool_time[pool] for pool, _ in setup)])
            result.append(Crew(chosen, whole, setup, at_setup, run_time, setup_time))
        return tuple(result)

    def _compile_order(self) -> None:
        count = len(self.operations)
        jobs = self.problem.jobs
        self.only_minimum_waits = all(
            precedence.max_wait is None and precedence.transfer_quantity is None
            for precedence in self.problem.precedences
        )
        self.before: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        self.after: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        self.into: list[list[Link]] = [[] for _ in range(count)]
        self.onward: list[list[Link]] = [[] for _ in range(count)]
        for precedence in self.problem.precedences:
            first, second = self.index[precedence.before], self.index[precedence.after]
            self.before[second].append((first, precedence.min_wait))
            self.after[first].append((second, precedence.min_wait))
            link = Link(first, second, precedence.min_wait, precedence.max_wait, precedence.transfer_quantity)
            self.into[second].append(link)
            self.onward[first].append(link)
        self.handed_over = [
            (self.job_of[link.before], link.after)
            for links in self.onward
            for link in links
            if self.job_of[link.before] != self.job_of[link.after]
        ]
        self.previous = [
            (self.index[place.operation], self.machine_index.get(place.machine, -1), place.start)
            for place in self.problem.previous
            if place.operation in self.index
        ]
        self.earliest = [
            max(
                self.start,
                jobs[self.job_of[i]].release,
                *(ready.at for ready in operation.material),
            )
            for i, operation in enumerate(self.operations)
        ]
        missing = [len(before) for before in self.before]
        self.topological = [i for i in range(count) if not missing[i]]
        for i in self.topological:
            for following, _ in self.after[i]:
                missing[following] -= 1
                if not missing[following]:
                    self.topological.append(following)

    def _compile_urgency(self) -> None:
        """Due dates and tails, backwards from the orders; clock time, so closed time is allowed for."""
        jobs = self.problem.jobs
        slowness = [_clock_per_work(time, self.start) for time in self.machine_time]
        self.shortest = [
            min(duration * slowness[machine] for machine, duration, _ in modes) for modes in self.modes
        ]
        self.horizon = self.start + sum(self.shortest) + max((job.due or 0 for job in jobs), default=0)
        count = len(self.operations)
        heaviest = 1000.0 * max(1, *(job.weight for job in jobs)) if jobs else 1000.0
        self.due: list[float] = [self.horizon] * count
        self.weight: list[float] = [0.0] * count
        self.tail: list[float] = [0.0] * count
        for i in reversed(self.topological):
            job = jobs[self.job_of[i]]
            best = (self.horizon, 0.0, self.shortest[i])
            if job.due is not None:
                best = (float(job.due), float(job.weight), self.shortest[i])
            longest = self.shortest[i]
            for link in self.onward[i]:
                following, wait = link.after, link.min_wait
                tail = self.shortest[i] + wait + self.tail[following]
                if link.transfer is not None:
                    tail -= self._overlap(link)
                longest = max(longest, tail)
                due, weight = self.due[following], self.weight[following]
                committed = self.operations[following].committed
                if committed is not None and committed.kind is Commitment.FROZEN:
                    # A frozen operation does not wait: what comes before it is more urgent than any order.
                    due, weight, tail = committed.start, heaviest, self.shortest[i] + wait
                if due - tail < best[0] - best[2]:
                    best = (due, weight, tail)
            # Without any due date the tail still says how much work is waiting.
            self.due[i], self.weight[i], self.tail[i] = best
            if best[1] == 0.0:
                self.tail[i] = longest
        durations = [duration for modes in self.modes for _, duration, _ in modes]
        self.mean_duration = max(1.0, sum(self.shortest) / max(1, count)) if durations else 1.0
        self.mean_setup = self._mean_setup()

    def _overlap(self, link: Link) -> float:
        """Clock time that two operations may work at the same time, thanks to transfer batches."""
        before, after = self.operations[link.before].quantity, self.operations[link.after].quantity
        quantity = link.transfer or before
        waiting = self.shortest[link.before] * (1 - min(quantity, before) / before)
        working = self.shortest[link.after] * (1 - min(quantity, after) / after)
        return min(waiting, working)

    def _mean_setup(self) -> float:
        entries = [
            seconds
            for table in {id(table): table for table in self.setup_table if table is not None}.values()
            for row in table
            for seconds in row
        ]
        return sum(entries) / len(entries) if entries else 0.0

    def mode_on(self, i: int, machine: int) -> tuple[int, int]:
        """(duration, kind) of operation `i` on one of its machines."""
        return next((duration, kind) for where, duration, kind in self.modes[i] if where == machine)

    def setup_seconds(self, kind: int, family: int) -> int:
        """Setup that operations of a kind need after `family`."""
        wanted = self.kinds[kind]
        table = self.setup_table[wanted.machine]
        if table is None or family == NO_FAMILY or wanted.family == NO_FAMILY:
            return wanted.setup
        return wanted.setup + table[family][wanted.family]


def _sum_by_pool(items: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    total: dict[int, int] = {}
    for pool, count in items:
        total[pool] = total.get(pool, 0) + count
    return tuple(total.items())


def _clock_per_work(time: Calendar, start: int) -> float:
    """How many clock seconds one working second takes on average; 1.0 for a machine that never closes."""
    windows = [window for window in time.windows if window[1] > start]
    if not windows:
        return 1.0
    first, last = max(start, windows[0][0]), windows[-1][1]
    return max(1.0, (last - first) / max(1, time.work_between(first, last)))
