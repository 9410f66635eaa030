"""The best schedule of a tiny problem by trying everything, second by second: slow, obvious, no relative.

Knows machines, calendars, alternatives, setups, people, furnaces (of lots that take equally long), waits,
release, material and due dates; nothing committed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from lienmach.engines.scheduling.problem import During, Mode, Operation, Problem, Window


@dataclass(frozen=True)
class Place:
    """One operation somewhere."""

    operation: Operation
    mode: Mode
    pools: tuple[str, ...]
    start: int
    end: int


def least_tardiness(problem: Problem, horizon: int, below: int) -> int | None:
    """The least weighted tardiness of schedules within `horizon`; None when none has less than `below`."""
    last = {job.operations[-1].id: job for job in problem.jobs}
    options = [
        list(_places(problem, operation, release, horizon))
        for job in problem.jobs
        for operation, release in ((each, job.release) for each in job.operations)
    ]
    best: int | None = None
    limit = below

    def cost(place: Place) -> int:
        job = last.get(place.operation.id)
        if job is None or job.due is None:
            return 0
        return job.weight * max(0, place.end - job.due)

    def extend(chosen: list[Place], value: int) -> None:
        nonlocal best, limit
        if value >= limit:
            return
        if len(chosen) == len(options):
            if _allowed(problem, chosen):
                best = limit = value
            return
        for place in options[len(chosen)]:
            if _waits_kept(problem, chosen, place):
                extend([*chosen, place], value + cost(place))

    extend([], 0)
    return best


def _open(windows: tuple[Window, ...] | None, t: int) -> bool:
    return windows is None or any(start <= t < end for start, end in windows)


def _places(problem: Problem, operation: Operation, release: int, horizon: int) -> Iterator[Place]:
    machines = {machine.id: machine for machine in problem.machines}
    pools = {pool.id: pool for pool in problem.operators}
    first = max(problem.start, release, *(ready.at for ready in operation.material))
    for mode in operation.modes:
        able = [[p.id for p in problem.operators if need.skill in p.skills] for need in mode.operators]
        for crew in itertools.product(*able):
            whole = [name for name, n in zip(crew, mode.operators, strict=True) if n.during is During.WHOLE]
            times = [machines[mode.machine].open, *(pools[name].open for name in whole)]
            for start in range(first, horizon):
                work, t, pauses = 0, start, False
                if not all(_open(each, start) for each in times):
                    continue
                while work < mode.duration and t < horizon:
                    works = all(_open(each, t) for each in times)
                    work += works
                    pauses = pauses or not works
                    t += 1
                if work == mode.duration and (operation.resumable or not pauses):
                    yield Place(operation, mode, crew, start, t)


def _waits_kept(problem: Problem, chosen: list[Place], place: Place) -> bool:
    at = {each.operation.id: each for each in (*chosen, place)}
    return all(
        at[p.after].start >= at[p.before].end + p.min_wait
        for p in problem.precedences
        if p.before in at and p.after in at
    )


def _allowed(problem: Problem, places: list[Place]) -> bool:
    """Whether machines and people suffice for some choice of the moments of the setups."""
    ways: list[list[tuple[Place, int, int]]] = []
    for machine in problem.machines:
        runs: dict[object, list[Place]] = {}
        for place in places:
            if place.mode.machine == machine.id:
                together = (place.start, place.operation.recipe, place.mode.family, place.pools)
                alone = place.operation.recipe is None or machine.batch_capacity == 1
                runs.setdefault((place.operation.id if alone else "", *together), []).append(place)
        free, family = problem.start, machine.initial_family
        for run in sorted(runs.values(), key=lambda each: each[0].start):
            place = run[0]
            if sum(each.operation.load for each in run) > machine.batch_capacity and len(run) > 1:
                return False
            needed = place.mode.setup
            if machine.setups is not None:
                matrix = next(each for each in problem.setups if each.id == machine.setups)
                needed += matrix.seconds(family, place.mode.family)
            setups = list(_setups(problem, place, free, needed))
            if place.start < free or not setups:
                return False
            ways.append([(place, begin, ready) for begin, ready in setups])
            free = max(each.end for each in run)
            family = place.mode.family if place.mode.family is not None else family
    return any(_people_suffice(problem, each) for each in itertools.product(*ways))


def _setups(problem: Problem, place: Place, free: int, needed: int) -> Iterator[tuple[int, int]]:
    """Every begin and end of the setup between the machine's last work and this."""
    if not needed:
        yield place.start, place.start
        return
    machine = next(each for each in problem.machines if each.id == place.mode.machine)
    times = [machine.open, *(pool.open for pool in problem.operators if pool.id in place.pools)]
    for begin in range(free, place.start):
        work, t = 0, begin
        while work < needed and t < place.start:
            work += all(_open(each, t) for each in times)
            t += 1
        if work == needed:
            yield begin, t


def _people_suffice(problem: Problem, runs: tuple[tuple[Place, int, int], ...]) -> bool:
    for pool in problem.operators:
        for t in range(min(begin for _, begin, _ in runs), max(place.end for place, _, _ in runs)):
            used = 0
            for place, begin, ready in runs:
                for need, name in zip(place.mode.operators, place.pools, strict=True):
                    until = place.end if need.during is During.WHOLE else ready
                    used += need.count * (name == pool.id and begin <= t < until)
            if used > pool.size:
                return False
    return True
