"""Cooling the search on the graph, in rounds, within a budget of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.search.priorities import Found, Search

if TYPE_CHECKING:
    from lienmach.engines.scheduling.search.graph import Ints

STEPS_PER_UNIT = 800
"""Steps of the compiled search in one unit of work."""
LOADING = 700_000
"""Units that loading the compiled search takes."""
LARGEST = 1_000_000
"""Operations times targets beyond which one move costs more than a walk by a rule gains."""

_PART = 150_000_000
"""Steps between two reports."""
_FACTORS = (0.3, 1.0, 3.0, 8.0)
"""Temperatures to try, as parts of the typical one; which is right differs from shop to shop."""
_COLD_FACTORS = (0.02, 0.1, 0.3, 1.0)
"""The same when there is time for few moves only: a large shop that was hot does not get cold again."""
_FEW = 200
"""Moves per operation that are few."""
_TRIAL = 0.07
"""Share of the budget for each trial."""
_LONG = (0.4, 0.6)
"""Shares of what is left after the trials, for long rounds at the temperature that did best."""
_FOR_SETUPS = 0.3
"""Share of the budget that looks for fewer setups at the same lateness."""
_ABOVE_ALL = 1000
"""While setups are counted, a second of lateness weighs this much more than a second of setup."""
_AHEAD = 100
"""The moment when all is wished to be done lies this part of the makespan ahead of the best so far."""


def worthwhile(search: Search) -> bool:
    """Whether the shop can be drawn as a graph and the budget left is worth loading the search for."""
    shop = search.shop
    targets = len(shop.problem.jobs)
    if search.objective is Objective.TARDINESS:
        targets = sum(job.due is not None and job.weight > 0 for job in shop.problem.jobs)
    simple = not any(kind.crews or kind.recipe is not None for kind in shop.kinds)
    free = all(operation.committed is None for operation in shop.operations)
    small = len(shop.operations) * targets <= LARGEST and targets > 0
    waits = shop.only_minimum_waits
    return simple and free and waits and small and search.budget - search.work > 2 * LOADING


def anneal(search: Search, seed: int) -> None:
    """Improve the best schedule of `search` until its budget is used; what is found joins `search.found`."""
    search.work += LOADING
    (_Makespan if search.objective is Objective.MAKESPAN else _Tardiness)(search, seed).run()


class _Annealing:
    """Rounds of cooling; what differs between objectives is left to the two below."""

    typical = 1.0
    """Part of the mean duration that is the typical hot temperature."""

    def __init__(self, search: Search, seed: int) -> None:
        from lienmach.engines.scheduling.search import graph, kernel

        self.kernel, self.graph = kernel, graph
        self.search = search
        self.board = graph.board_of(search.shop, search.objective, search.found[0].draft, seed)
        self.reg = self.board.reg
        self.best = self.value()
        self.kept = (self.board.ops.copy(), self.board.machines.copy())

    def value(self) -> int:
        """The objective's value of the schedule on the board."""
        raise NotImplementedError

    def round(self, units: int, hot: float, cold: float) -> None:
        """Search within `units`; the best of the round is on the board afterwards."""
        raise NotImplementedError

    @property
    def done(self) -> bool:
        """Nothing is left to gain, or to spend."""
        search = self.search
        return search.stopped or self.best <= search.bound or search.work >= search.budget

    def rounds(self, units: int) -> None:
        """Try temperatures, go on with the best of them; the best schedule of all is on the board."""
        start = self.kept
        trials = []
        count, targets = self.board.tails.shape
        moves = units * STEPS_PER_UNIT // (count * (25 + targets // 4) + 400)
        for factor in _COLD_FACTORS if moves < _FEW * count else _FACTORS:
            self._put(start)
            trials.append((self._round(int(units * _TRIAL), factor), factor))
        winner = min(trials)[1]
        left = units * (1.0 - _TRIAL * len(_FACTORS))
        for share in _LONG:
            self._put(self.kept)
            self._round(int(left * share), winner)
        self._put(self.kept)

    def _round(self, units: int, factor: float) -> int:
        if self.done:
            return self.best
        typical = self.typical * self.search.shop.mean_duration
        self.round(units, factor * typical, min(0.03, 0.3 * factor) * typical)
        value = self.value()
        if value < self.best:
            self.best = value
            self.kept = (self.board.ops.copy(), self.board.machines.copy())
        return value

    def _put(self, kept: tuple[Ints, Ints]) -> None:
        self.board.ops[:], self.board.machines[:] = kept
        self.kernel.begin(*self.board)

    def cool(self, units: int, hot: float, cold: float) -> None:
        """Cool once, or until nothing is late any more; leaves the best schedule on the board."""
        search = self.search
        self.reg[self.kernel.BEST] = self.kernel.NEVER << 20
        self.kernel.begin(*self.board)
        parts = max(1, units * STEPS_PER_UNIT // _PART)
        for part in range(parts):
            here, there = (hot * (cold / hot) ** (p / parts) for p in (part, part + 1))
            self.graph.set_temperatures(self.board, here, there)
            wanted = units * STEPS_PER_UNIT // parts
            steps = int(self.kernel.run(*self.board, wanted))
            search.work += max(1, steps // STEPS_PER_UNIT)
            search.report("graph search", self.best)
            if steps < wanted or search.stopped:
                break
        if self.reg[self.kernel.BEST] < self.kernel.NEVER << 20:
            self.kernel.restore(*self.board)

    def take(self) -> None:
        """Offer the schedule on the board."""
        search = self.search
        draft = self.graph.draft_of(search.shop, self.board, 0)
        search.offer(Found(search.found[0].rule, None, draft, search.rank(draft), "graph search"))


class _Tardiness(_Annealing):
    """Weighted tardiness; then, at no more of it, fewer setups."""

    def value(self) -> int:
        return int(self.reg[self.kernel.VALUE])

    def round(self, units: int, hot: float, cold: float) -> None:
        self.cool(units, hot, cold)

    def run(self) -> None:
        search, reg, kernel = self.search, self.reg, self.kernel
        setups = bool(reg[kernel.ANY_SETUPS])
        reg[kernel.SETUP_PRICE] = int(setups)
        self.rounds(int((search.budget - search.work) * (1.0 - _FOR_SETUPS if setups else 1.0)))
        self.take()
        if setups:
            self._fewer_setups()
            self.take()

    def _fewer_setups(self) -> None:
        search = self.search
        typical = max(1.0, search.shop.mean_setup)
        self.board.targets[self.kernel.WEIGHT] *= _ABOVE_ALL
        for leave in (0, 1):
            self.reg[self.kernel.LEAVE] = leave
            if search.work < search.budget and not search.stopped:
                self.cool((search.budget - search.work) // (2 - leave), 0.3 * typical, 0.01 * typical)


class _Makespan(_Annealing):
    """The makespan, as tardiness at a common due date that moves ahead of the best so far.

    The largest of all ends alone says nothing about how near a schedule is to a better one; how much work
    sticks out beyond a moment does.
    """

    typical = 1.0

    def value(self) -> int:
        return self.graph.makespan_of(self.board) - self.search.shop.start

    def round(self, units: int, hot: float, cold: float) -> None:
        search, best = self.search, self.value()
        begin, until = search.work, search.work + units
        kept = (self.board.ops.copy(), self.board.machines.copy())
        while search.work < until and not search.stopped and best > search.bound:
            self.board.targets[self.kernel.DUE] = search.shop.start + best - max(1, best // _AHEAD)
            now = hot * (cold / hot) ** ((search.work - begin) / units)
            self.cool(until - search.work, now, cold)
            if self.value() < best:
                best = self.value()
                kept = (self.board.ops.copy(), self.board.machines.copy())
        self._put(kept)

    def run(self) -> None:
        self.rounds(self.search.budget - self.search.work)
        self.take()
