"""A booked schedule taken over into a slightly different shop, and back: cheaper than reading it anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from lienmach.engines.scheduling.calendar import calendar
from lienmach.engines.scheduling.insertion.booked import Booked
from lienmach.engines.scheduling.insertion.line import Run
from lienmach.engines.scheduling.problem import Mode, Precedence, Problem


@contextmanager
def in_another_shop(booked: Booked, problem: Problem) -> Iterator[Booked]:
    """Let the schedule stand in another shop for a while, as `Booked(problem, solution)` would.

    Parameters
    ----------
    problem
        Has the same operations, machines and pools, perhaps more machines, and is not harder: everything
        placed may stay. What is the same object as before counts as unchanged.

    What is changed in the schedule meanwhile is undone at the end.
    """
    mark = booked.mark()
    there = _Move(booked, problem)
    there.go()
    try:
        yield booked
    finally:
        booked.rollback(mark)
        there.back()


class _Move:
    def __init__(self, booked: Booked, problem: Problem) -> None:
        self.booked = booked
        self.before, self.after = booked.problem, problem
        self.known = dict(booked.known)
        changed: set[str] = set()
        for job, was in zip(problem.jobs, self.before.jobs, strict=True):
            if job is was:
                continue
            for operation, old in zip(job.operations, was.operations, strict=True):
                self.known[operation.id] = (job, operation)
                if operation is not old:
                    changed.add(operation.id)
        machines = {machine.id: machine for machine in self.before.machines}
        self.machines = [each for each in problem.machines if machines.get(each.id) is not each]
        self.new = [each.id for each in self.machines if each.id not in machines]
        pools = {pool.id: pool for pool in self.before.operators}
        self.pools = [each for each in problem.operators if pools[each.id] is not each]
        self.lines = {each.id for each in self.machines if each.id in machines}
        self.runs = self._concerned(changed, {pool.id for pool in self.pools})
        self.kept: list[tuple[Mode, int, int, int, int]] = []
        self.saved: dict[str, object] = {}

    def _concerned(self, operations: set[str], pools: set[str]) -> list[Run]:
        """Runs that take another time there, or whose mode says something else."""
        found: dict[int, Run] = {}
        for name, run in self.booked.run_of.items():
            if name in operations or run.machine in self.lines or not pools.isdisjoint(run.crew):
                found[id(run)] = run
        self.lines |= {run.machine for run in found.values()}
        return list(found.values())

    def go(self) -> None:
        booked = self.booked
        self._hold(-1)
        self.saved = {name: getattr(booked, name) for name in ("known", "into", "out", "_crews", "_choices")}
        booked.known, booked._crews, booked._choices = self.known, {}, {}
        if self.after.precedences is not self.before.precedences:
            booked.into, booked.out = _links(self.after)
        self._furnish(self.after)
        self.kept = [(run.mode, run.setup_of_its_own, run.start, run.end, run.spent) for run in self.runs]
        for run in self.runs:
            booked.fit_run(run)
        self._hold(1)
        self._refill()

    def back(self) -> None:
        booked = self.booked
        self._hold(-1)
        for name, value in self.saved.items():
            setattr(booked, name, value)
        self._furnish(self.before)
        for name in self.new:
            del booked.lines[name], booked.gaps[name], booked._machine_time[name]
        for run, kept in zip(self.runs, self.kept, strict=True):
            run.mode, run.setup_of_its_own, run.start, run.end, run.spent = kept
        self._hold(1)
        self._refill()

    def _furnish(self, problem: Problem) -> None:
        """Machines and people as they are in a shop."""
        booked = self.booked
        booked.problem = problem
        changed = {each.id for each in self.machines}
        for machine in problem.machines:
            if machine.id in changed:
                booked.place_machine(machine)
        pools = {each.id for each in self.pools}
        for pool in problem.operators:
            if pool.id in pools:
                booked.people[pool.id].size = pool.size
                booked._pools[pool.id] = pool
                booked._pool_time[pool.id] = calendar(pool.open)

    def _hold(self, sign: int) -> None:
        for run in self.runs:
            self.booked.gaps[run.machine].hold(run, self.booked.crew_of(run), sign)

    def _refill(self) -> None:
        for name in sorted(self.lines):
            self.booked.lines[name].fill(self.booked.lines[name].runs)


def _links(problem: Problem) -> tuple[dict[str, list[Precedence]], dict[str, list[Precedence]]]:
    into: dict[str, list[Precedence]] = defaultdict(list)
    out: dict[str, list[Precedence]] = defaultdict(list)
    for precedence in problem.precedences:
        into[precedence.after].append(precedence)
        out[precedence.before].append(precedence)
    return into, out
