"""A new plan that leaves as much of the old one as it can.

Operations are placed again in the order of the old plan, on their machines and not earlier than before, so
that what nothing has happened to comes out where it was. What has lost its place pushes others back, or gives
way to them: several measures of that are tried, and the late orders that remain are moved ahead one by one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from lienmach.engines.scheduling.binding import with_reasons
from lienmach.engines.scheduling.bounds import lower_bound
from lienmach.engines.scheduling.calendar import NEVER
from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.draft import Draft, draft_of, rank_of, solution_of
from lienmach.engines.scheduling.problem import PreviousPlace, Problem
from lienmach.engines.scheduling.result import Infeasible, Objective, Obstacle, Planned, Result
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.series import Wishes, in_series
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.solution import Solution
from lienmach.engines.scheduling.solve import UnverifiedError
from lienmach.engines.scheduling.verify import verify

BUDGET = 1_500_000
"""Units of work that `repair` takes by default: about three CPU seconds."""

_PATIENCE = (0.0, 2.0)
"""Mean durations that an operation is put off on its machine before it looks elsewhere."""
_YIELDS = (math.inf, 64.0, 16.0, 4.0, 0.0)
"""Mean durations by which an operation that has lost its place gives way to others."""
_MOVING_COSTS = 2
"""To move all operations is worth the lateness divided by this."""


@dataclass(frozen=True, slots=True)
class _Repaired:
    wishes: Wishes | None
    """None for a plan that was made anew."""
    draft: Draft
    cost: tuple[int, ...]


def repair(
    problem: Problem,
    solution: Solution,
    *,
    objective: Objective = Objective.TARDINESS,
    budget: int = BUDGET,
    seed: int = 0,
) -> Result:
    """Plan again, keeping the machines and the order of a schedule as far as possible.

    Parameters
    ----------
    problem
        As it is now: with what is frozen, what was closed, and orders that the schedule does not know.
    solution
        The schedule so far. It need not fit the problem any more.
    budget
        Units of work, see `budget.work_for`; the first way is always finished.

    Returns
    -------
    Planned or Infeasible
        The repair with the least lateness and operations moved, weighed against each other; they are counted
        against `problem.previous`, and when that is empty against `solution`.

    Raises
    ------
    UnverifiedError
        When the verifier refuses the schedule.
    """
    if not problem.previous:
        places = (PreviousPlace(each.operation, each.machine, each.start) for each in solution.operations)
        problem = replace(problem, previous=tuple(places))
    search = _Repair(Shop(problem), objective, budget)
    search.try_ways(draft_of(search.shop, solution))
    if search.best is None:
        return Infeasible(tuple(search.obstacles))
    search.improve(random.Random(seed))  # noqa: S311 - reproducible on purpose, nothing secret
    found = with_reasons(problem, solution_of(search.shop, search.best.draft))
    report = verify(problem, found)
    if not report.ok or report.evaluation is None:
        listed = "\n".join(violation.message for violation in report.violations[:20])
        raise UnverifiedError(f"The repaired schedule breaks {len(report.violations)} rules:\n{listed}")
    return Planned(
        solution=found,
        objective=objective,
        evaluation=report.evaluation,
        lower_bound=lower_bound(problem, objective),
        method="repair",
        seed=seed,
        budget=budget,
        work=search.work,
    )


class _Repair:
    def __init__(self, shop: Shop, objective: Objective, budget: int) -> None:
        self.shop = shop
        self.objective = objective
        self.budget = budget
        self.work = 0
        self.longest = 0
        self.best: _Repaired | None = None
        self.obstacles: list[Obstacle] = []

    @property
    def over(self) -> bool:
        """Another walk would exceed the budget."""
        return self.work + self.longest > self.budget

    def try_ways(self, before: Draft) -> None:
        """Place everything again in several ways, the one that moves least first."""
        for wishes in _ways(self.shop, before):
            if self.best is not None and self.over:
                return
            self._try(wishes)
        if self.best is None:
            # A frozen operation may ask for more than a repair can give.
            for rule in rules_for(self.shop, tardiness=self.objective is Objective.TARDINESS):
                if self.best is None:
                    self._take(None, dispatch(self.shop, rule))

    def improve(self, rng: random.Random) -> None:
        """Move late orders ahead, as long as that is worth what it moves."""
        shop = self.shop
        of_job: list[list[int]] = [[] for _ in shop.problem.jobs]
        for i, job in enumerate(shop.job_of):
            if shop.operations[i].committed is None:
                of_job[job].append(i)
        while self.best is not None and self.best.wishes is not None and not self.over:
            late = self._late_jobs(self.best.draft, of_job)
            if not late:
                return
            # The costlier half is drawn more often.
            job, seconds = late[int(len(late) * rng.random() ** 2)]
            ahead = int(seconds * rng.uniform(0.3, 1.5)) + 1
            wishes = self.best.wishes
            order, earliest = list(wishes.order), list(wishes.earliest)
            for i in of_job[job]:
                order[i] -= ahead
                earliest[i] -= ahead
            yields = rng.choice(_YIELDS) * shop.mean_duration
            self._try(replace(wishes, order=order, earliest=earliest, yields=yields))

    def _late_jobs(self, draft: Draft, of_job: list[list[int]]) -> list[tuple[int, int]]:
        """(job, seconds late) of orders that can still be moved, the costliest first."""
        found = []
        for number, job in enumerate(self.shop.problem.jobs):
            bookings = (draft.bookings[i] for i in of_job[number])
            end = max((booking.placement.end for booking in bookings if booking is not None), default=0)
            late = 0 if job.due is None else end - job.due
            if late > 0 and job.weight:
                found.append((-job.weight * late, number, late))
        return [(number, late) for _, number, late in sorted(found)]

    def _try(self, wishes: Wishes) -> None:
        self._take(wishes, in_series(self.shop, wishes))

    def _take(self, wishes: Wishes | None, draft: Draft) -> None:
        self.work += draft.work
        self.longest = max(self.longest, draft.work)
        if draft.obstacles:
            self.obstacles = self.obstacles or draft.obstacles
            return
        cost = self._cost(draft)
        if self.best is None or cost < self.best.cost:
            self.best = _Repaired(wishes, draft, cost)

    def _cost(self, draft: Draft) -> tuple[int, ...]:
        rank = rank_of(self.shop, draft, self.objective)
        moved = rank[-1] if self.objective is Objective.MAKESPAN else rank[-2]
        value = rank[0] - (self.shop.start if self.objective is Objective.MAKESPAN else 0)
        return ((value + 1) * (_MOVING_COSTS * len(self.shop.operations) + moved), *rank)


def _ways(shop: Shop, before: Draft) -> Iterator[Wishes]:
    """Giving way more or less, more or less patiently; and new orders first, in time, or last."""
    count = len(shop.operations)
    home, earliest = [-1] * count, [0] * count
    together: dict[int, list[int]] = {}
    for i, booking in enumerate(before.bookings):
        if booking is None:
            continue
        home[i] = next(k for k, mode in enumerate(shop.modes[i]) if mode[0] == booking.machine)
        earliest[i] = booking.placement.start
        if booking.batch >= 0:
            together.setdefault(booking.batch, []).append(i)
    batches = list(together.values())
    new = [i for i, booking in enumerate(before.bookings) if booking is None]
    mean = shop.mean_duration
    for gives_way, patience, share in product(_YIELDS, _PATIENCE, (0.0, 1.0, None) if new else (1.0,)):
        order: list[float] = [float(start) for start in earliest]
        for i in new:
            latest = max(float(shop.earliest[i]), shop.due[i] - shop.tail[i])
            order[i] = NEVER if share is None else shop.earliest[i] + share * (latest - shop.earliest[i])
        yield Wishes(order, earliest, home, int(patience * mean), gives_way * mean, batches)
