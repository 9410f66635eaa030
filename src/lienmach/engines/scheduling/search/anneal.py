"""Cooling the search on the graph, in rounds, within a budget of work."""

from __future__ import annotations

from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.search.priorities import Found, Search

STEPS_PER_UNIT = 1000
"""Steps of the compiled search in one unit of work."""
LOADING = 400_000
"""Units that loading the compiled search takes."""
LARGEST = 4_000_000
"""Operations times targets beyond which one move costs more than a walk by a rule gains."""

_PART = 150_000_000
"""Steps between two reports."""
_ROUNDS = (0.1, 0.3, 0.6)
"""Shares of the budget: each round begins with the best schedule so far, hot, and ends cold."""
_FOR_SETUPS = 0.3
"""Share of the budget that looks for fewer setups at the same lateness."""
_ABOVE_ALL = 1000
"""While setups are counted, a second of lateness weighs this much more than a second of setup."""


def worthwhile(search: Search) -> bool:
    """Whether the shop can be drawn as a graph and the budget left is worth loading the search for."""
    shop = search.shop
    targets = 1
    if search.objective is Objective.TARDINESS:
        targets = sum(job.due is not None and job.weight > 0 for job in shop.problem.jobs)
    simple = not any(kind.crews or kind.recipe is not None for kind in shop.kinds)
    free = all(operation.committed is None for operation in shop.operations)
    small = len(shop.operations) * targets <= LARGEST and targets > 0
    return simple and free and small and search.budget - search.work > 2 * LOADING


def anneal(search: Search, seed: int) -> None:
    """Improve the best schedule of `search` until its budget is used; what is found joins `search.found`."""
    search.work += LOADING
    _Annealing(search, seed).run()


class _Annealing:
    def __init__(self, search: Search, seed: int) -> None:
        from lienmach.engines.scheduling.search import graph, kernel

        self.kernel, self.graph = kernel, graph
        self.search = search
        self.board = graph.board_of(search.shop, search.objective, search.found[0].draft, seed)

    def run(self) -> None:
        search, shop, reg = self.search, self.search.shop, self.board.reg
        kernel = self.kernel
        setups = bool(reg[kernel.ANY_SETUPS])
        left = search.budget - search.work
        if search.objective is Objective.MAKESPAN:
            hot, cold = 0.15 * shop.mean_duration, 0.005 * shop.mean_duration
        else:
            hot, cold = shop.mean_duration, 0.02 * shop.mean_duration
        reg[kernel.SETUP_PRICE] = int(setups)
        share = 1.0 - _FOR_SETUPS if setups else 1.0
        for part in _ROUNDS:
            self._round(int(left * part * share), hot, cold)
            kernel.restore(*self.board)
        if setups:
            self.board.targets[kernel.WEIGHT] *= _ABOVE_ALL
            reg[kernel.BEST] *= _ABOVE_ALL
            kernel.begin(*self.board)
            while search.work < search.budget and not search.stopped:
                before = search.work
                typical = max(1.0, shop.mean_setup)
                self._round(search.budget - search.work, 0.3 * typical, 0.01 * typical)
                kernel.restore(*self.board)
                if search.work == before:
                    break
        self._take()

    def _round(self, units: int, hot: float, cold: float) -> None:
        """Cool once; what is not used (nothing is late any more) is left to the next round."""
        search = self.search
        parts = max(1, units * STEPS_PER_UNIT // _PART)
        for part in range(parts):
            if search.stopped:
                return
            begin = hot * (cold / hot) ** (part / parts)
            self.graph.set_temperatures(self.board, begin, hot * (cold / hot) ** ((part + 1) / parts))
            steps = self.kernel.run(*self.board, units * STEPS_PER_UNIT // parts)
            search.work += max(1, int(steps) // STEPS_PER_UNIT)
            search.report("graph search", self._best())
            if search.bound >= self._best() and not self.board.reg[self.kernel.ANY_SETUPS]:
                return

    def _best(self) -> int:
        """Value of the best schedule in the objective's own units."""
        weights = self.board.targets[self.kernel.WEIGHT]
        grown = int(weights.max()) > max(job.weight for job in self.search.shop.problem.jobs)
        best = int(self.board.reg[self.kernel.BEST])
        return best // _ABOVE_ALL if grown and self.search.objective is Objective.TARDINESS else best

    def _take(self) -> None:
        search = self.search
        self.kernel.restore(*self.board)
        draft = self.graph.draft_of(search.shop, self.board, 0)
        search.offer(Found(search.found[0].rule, None, draft, search.rank(draft), "graph search"))
