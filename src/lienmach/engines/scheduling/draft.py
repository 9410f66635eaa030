"""A schedule while solvers still work with indices, and how it becomes a `Solution`."""

from __future__ import annotations

from dataclasses import dataclass

from lienmach.engines.scheduling.calendar import NEVER
from lienmach.engines.scheduling.floor import Booking, Placement
from lienmach.engines.scheduling.result import Objective, Obstacle
from lienmach.engines.scheduling.setups import setups_of_frozen
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution


@dataclass(frozen=True, slots=True)
class Draft:
    """One schedule by index of operation; `obstacles` when it is not complete."""

    bookings: list[Booking | None]
    obstacles: list[Obstacle]
    work: int


def rank_of(shop: Shop, draft: Draft, objective: Objective) -> tuple[int, ...]:
    """What a search compares drafts by; the smaller is better. Reported objectives come from the verifier."""
    jobs = shop.problem.jobs
    ends, starts = [0] * len(jobs), [NEVER] * len(jobs)
    for i, booking in enumerate(draft.bookings):
        if booking is not None:
            job = shop.job_of[i]
            ends[job] = max(ends[job], booking.placement.end)
            starts[job] = min(starts[job], booking.placement.start)
    tardiness = sum(
        job.weight * (end - job.due)
        for job, end in zip(jobs, ends, strict=True)
        if job.due is not None and end > job.due
    )
    makespan = max(ends, default=shop.start)
    leaves = [end if job.due is None else max(end, job.due) for job, end in zip(jobs, ends, strict=True)]
    for before, after in shop.handed_over:
        booking = draft.bookings[after]
        if booking is not None:
            leaves[before] = max(leaves[before], booking.placement.start)
    below = (_setup_seconds(shop, draft), sum(leaves) - sum(starts), _moved(shop, draft))
    if objective is Objective.MAKESPAN:
        return (makespan, tardiness, *below)
    return (tardiness, *below, makespan)


def _setup_seconds(shop: Shop, draft: Draft) -> int:
    spent: dict[tuple[int, int], int] = {}
    for booking in draft.bookings:
        if booking is not None and booking.placement.has_setup:
            placement = booking.placement
            crew = placement.crew
            time = shop.machine_time[booking.machine] if crew is None else crew.setup_time
            spent[booking.machine, placement.setup_start] = time.work_between(
                placement.setup_start, placement.setup_end
            )
    for i, (start, end) in setups_of_frozen(shop, draft.bookings).items():
        frozen = draft.bookings[i]
        if frozen is not None:
            crew = frozen.placement.crew
            time = shop.machine_time[frozen.machine] if crew is None else crew.setup_time
            spent[frozen.machine, start] = time.work_between(start, end)
    return sum(spent.values())


def _moved(shop: Shop, draft: Draft) -> int:
    count = 0
    for i, machine, start in shop.previous:
        booking = draft.bookings[i]
        if booking is not None:
            away = abs(booking.placement.start - start) > shop.problem.tolerance
            count += away or booking.machine != machine
    return count


def solution_of(shop: Shop, draft: Draft) -> Solution:
    """The complete draft with names in place of indices, without reasons."""
    machines = shop.problem.machines
    pools = shop.problem.operators
    setups = setups_of_frozen(shop, draft.bookings)
    placed = []
    for i, (operation, booking) in enumerate(zip(shop.operations, draft.bookings, strict=True)):
        if booking is None:
            raise ValueError(f"Operation {operation.id} was not scheduled: the draft is not complete.")
        placement = booking.placement
        setup: tuple[int, int] | None = setups.get(i)
        if placement.has_setup:
            setup = (placement.setup_start, placement.setup_end)
        placed.append(
            ScheduledOperation(
                operation=operation.id,
                job=shop.problem.jobs[shop.job_of[i]].id,
                machine=machines[booking.machine].id,
                start=placement.start,
                end=placement.end,
                setup_start=None if setup is None else setup[0],
                setup_end=None if setup is None else setup[1],
                batch=None if booking.batch < 0 else f"batch {booking.batch + 1}",
                operators=() if placement.crew is None else tuple(pools[p].id for p in placement.crew.pools),
            )
        )
    return Solution(tuple(placed))


def draft_of(shop: Shop, solution: Solution) -> Draft:
    """A schedule with indices in place of names: the way back from `solution_of`.

    Operations that the schedule does not place, or not on a machine of theirs, stay open.
    """
    pool_index = shop.pool_index
    batches: dict[tuple[str, str], int] = {}
    bookings: list[Booking | None] = [None] * len(shop.operations)
    for placed in solution.operations:
        i = shop.index.get(placed.operation, -1)
        machine = shop.machine_index.get(placed.machine, -1)
        kind = next((kind for where, _, kind in shop.modes[i] if where == machine), -1) if i >= 0 else -1
        if kind < 0:
            continue
        pools = tuple(pool_index.get(name, -1) for name in placed.operators)
        crew = next((crew for crew in shop.kinds[kind].crews if pools and crew.pools == pools), None)
        begun = placed.start if placed.setup_start is None else placed.setup_start
        set_up = placed.start if placed.setup_end is None else placed.setup_end
        batch = -1
        if placed.batch is not None:
            batch = batches.setdefault((placed.machine, placed.batch), len(batches))
        bookings[i] = Booking(machine, Placement(placed.end, placed.start, begun, set_up, crew), batch)
    return Draft(bookings, [], 0)
