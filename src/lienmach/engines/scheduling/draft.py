"""A schedule while solvers still work with indices, and how it becomes a `Solution`."""

from __future__ import annotations

from dataclasses import dataclass

from lienmach.engines.scheduling.floor import Booking
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


def rank_of(shop: Shop, draft: Draft, objective: Objective) -> tuple[int, int, int]:
    """What a search compares drafts by; the smaller is better. Reported objectives come from the verifier."""
    jobs = shop.problem.jobs
    job_ends = [0] * len(jobs)
    for i, booking in enumerate(draft.bookings):
        if booking is not None and booking.placement.end > job_ends[shop.job_of[i]]:
            job_ends[shop.job_of[i]] = booking.placement.end
    tardiness = sum(
        job.weight * (end - job.due)
        for job, end in zip(jobs, job_ends, strict=True)
        if job.due is not None and end > job.due
    )
    makespan = max(job_ends)
    changed = {
        (booking.machine, booking.placement.setup_start): booking.placement.setup_end
        - booking.placement.setup_start
        for booking in draft.bookings
        if booking is not None and booking.placement.has_setup
    }
    setups = sum(changed.values())
    if objective is Objective.MAKESPAN:
        return (makespan, tardiness, setups)
    return (tardiness, setups, makespan)


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
