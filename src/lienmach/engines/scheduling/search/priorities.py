"""Every rule once, then a search around the best of them.

The search nudges the priorities of some orders or operations, walks again, and keeps what is not worse. It
always has a complete schedule in hand, so it may be stopped at any moment.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.draft import Draft, rank_of
from lienmach.engines.scheduling.result import Objective, Obstacle, ObstacleKind
from lienmach.engines.scheduling.rules import Rule, rules_for
from lienmach.engines.scheduling.shop import Shop

_CENTRES = 3
"""How many rules are searched around."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the search is.

    Parameters
    ----------
    work, budget
        Units of work done, and allowed.
    best
        Objective value of the best schedule so far.
    doing
        Name of the rule that was tried last.
    """

    work: int
    budget: int
    best: int
    doing: str


@dataclass(frozen=True, slots=True)
class Found:
    """One complete schedule and how it came about."""

    rule: Rule
    nudges: list[float] | None
    draft: Draft
    rank: tuple[int, ...]
    by: str = ""

    @property
    def method(self) -> str:
        """What found it, in words."""
        return self.by or self.rule.name + (" nudged" if self.nudges is not None else "")


class Search:
    """The schedules found so far.

    Attributes
    ----------
    found
        Best first: one schedule per rule, improved while the search goes on.
    obstacles
        Why the first rule found none.
    stopped
        Somebody asked to stop before the budget was used up.
    """

    def __init__(
        self,
        shop: Shop,
        objective: Objective,
        budget: int,
        bound: int,
        progress: Callable[[Progress], bool | None] | None,
    ) -> None:
        self.shop = shop
        self.objective = objective
        self.budget = budget
        self.bound = bound
        self.progress = progress
        self.work = 0
        self.longest_walk = 0
        self.stopped = False
        self.found: list[Found] = []
        self.obstacles: list[Obstacle] = []

    @property
    def over(self) -> bool:
        """Nothing is left to gain, or another walk would exceed the budget."""
        spent = self.work + self.longest_walk > self.budget
        return self.stopped or spent or bool(self.found and self._is_best(self.found[0]))

    def _is_best(self, found: Found) -> bool:
        value = found.rank[0]
        if self.objective is Objective.MAKESPAN:
            value -= self.shop.start
        # Without lateness setups are still worth saving.
        setups = self.objective is Objective.TARDINESS and self.shop.mean_setup > 0 and found.rank[1] > 0
        return value <= self.bound and not setups

    def try_rules(self) -> None:
        """Walk by each rule until the budget is used; the first is always finished.

        An operation that cannot be placed by one rule may be placeable by another (a frozen operation's
        predecessor comes too late by one, in time by the next), so obstacles count only when all rules fail;
        for frozen operations all are tried, whatever the budget.
        """
        for rule in rules_for(self.shop, tardiness=self.objective is Objective.TARDINESS):
            blocked = any(obstacle.kind is not ObstacleKind.COMMITMENT for obstacle in self.obstacles)
            if (self.found or blocked) and self.over:
                break
            found = self._walk(rule, None)
            if found is not None:
                self.found.append(found)
                self.found.sort(key=lambda each: each.rank)
            self._report(rule)

    def improve(self, seed: int) -> None:
        """Nudge priorities around the best rules until the budget is used."""
        rng = random.Random(seed)  # noqa: S311 - reproducible on purpose, nothing secret
        centres = self.found[:_CENTRES]
        count = len(self.shop.operations)
        of_job: list[list[int]] = [[] for _ in self.shop.problem.jobs]
        for i, job in enumerate(self.shop.job_of):
            of_job[job].append(i)
        step = 0
        while not self.over:
            # Most of the work goes to the centre that is ahead.
            place = 0 if rng.random() < 0.7 else rng.randrange(len(centres))
            centre = centres[place]
            nudges = list(centre.nudges) if centre.nudges is not None else [0.0] * count
            size = rng.choice((0.3, 1.0, 3.0))
            for _ in range(1 + int(rng.expovariate(0.5))):
                change = rng.gauss(0.0, size)
                if rng.random() < 0.5:
                    for i in rng.choice(of_job):
                        nudges[i] += change
                else:
                    nudges[rng.randrange(count)] += change
            found = self._walk(centre.rule, nudges)
            step += 1
            if found is not None and found.rank <= centre.rank:
                centres[place] = found
                centres.sort(key=lambda each: each.rank)
                if found.rank < self.found[0].rank:
                    self.found[0] = found
            self._report(centre.rule)

    def _walk(self, rule: Rule, nudges: list[float] | None) -> Found | None:
        draft = dispatch(self.shop, rule, nudges)
        self.work += draft.work
        self.longest_walk = max(self.longest_walk, draft.work)
        if draft.obstacles:
            if not self.found:
                self.obstacles = draft.obstacles
            return None
        return Found(rule, nudges, draft, self.rank(draft))

    def rank(self, draft: Draft) -> tuple[int, ...]:
        """What schedules are compared by; the smaller is better."""
        return rank_of(self.shop, draft, self.objective)

    def offer(self, found: Found) -> None:
        """Take a schedule that was found elsewhere, if it is the best."""
        if found.rank < self.found[0].rank:
            self.found.insert(0, found)

    def report(self, doing: str, best: int) -> None:
        """Say how far the search is; whoever listens may ask to stop."""
        if self.progress is not None and self.progress(Progress(self.work, self.budget, best, doing)):
            self.stopped = True

    def _report(self, rule: Rule) -> None:
        if self.found:
            best = self.found[0].rank[0]
            if self.objective is Objective.MAKESPAN:
                best -= self.shop.start
            self.report(rule.name, best)
