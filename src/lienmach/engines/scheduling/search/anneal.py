"""Cooling the search on the graph, in rounds or window by window, within a budget of work."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.search.priorities import Found, Search

if TYPE_CHECKING:
    from lienmach.engines.scheduling.search.graph import Ints

STEPS_PER_UNIT = 1500
"""Steps of the compiled search in one unit of work."""
LOADING = 700_000
"""Units that loading the compiled search takes."""
LONGEST = 1 << 27
"""Seconds (4 years) from the plan's start to its end, or back to a due date; longer tails do not fit."""
LARGEST = 20_000
"""Operations beyond which the arrays become too large."""
WHOLE = 700
"""Operations up to which every move looks at the whole shop; larger shops are searched window by window."""

_PART = 30_000_000
"""Steps between two reports."""
_HOT, _HOT_IN_WINDOWS, _COLD = 6.0, 2.0, 0.02
"""First and last temperatures, in mean durations of mean weight, when there is time for many moves."""
_MANY = 1000
"""Moves per operation that are many."""
_PROBE = 0.02
"""Share of the budget that finds out how long a move takes."""
_ROUNDS = (0.65, 0.35)
"""Shares of the budget for rounds of cooling; each begins with the best schedule, the later ones less hot."""
_REHEAT = 0.3
_WINDOW = 600
"""Operations in a window; the next window begins half of them later."""
_VISIT = 8
"""Moves per operation in one visit to a window."""
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
    waits = shop.only_minimum_waits
    small = len(shop.operations) <= LARGEST and targets > 0
    short = _seconds(search) < LONGEST
    worth = search.budget - search.work > 2 * LOADING
    return simple and waits and small and short and worth and _committed_first(search)


def _seconds(search: Search) -> int:
    """From the plan's start to the last end, or back to the first due date."""
    start = search.shop.start
    ends = (booking.placement.end for booking in search.found[0].draft.bookings if booking is not None)
    dues = (job.due for job in search.shop.problem.jobs if job.due is not None)
    return max(max(ends) - start, start - min(dues, default=start))


def _committed_first(search: Search) -> bool:
    """Whether nothing movable stands in front of what is frozen or running."""
    shop, bookings = search.shop, search.found[0].draft.bookings
    first_free: dict[int, int] = {}
    committed = []
    for i, (operation, booking) in enumerate(zip(shop.operations, bookings, strict=True)):
        if booking is None:
            return False
        if operation.committed is not None:
            if any(shop.operations[j].committed is None for j, _ in shop.before[i]):
                return False
            committed.append(booking)
        elif not shop.unlimited[booking.machine]:
            start = min(booking.placement.start, first_free.get(booking.machine, booking.placement.start))
            first_free[booking.machine] = start
    return all(
        booking.machine not in first_free or booking.placement.end <= first_free[booking.machine]
        for booking in committed
    )


def anneal(search: Search, seed: int) -> None:
    """Improve the best schedule of `search` until its budget is used; what is found joins `search.found`."""
    search.work += LOADING
    (_Makespan if search.objective is Objective.MAKESPAN else _Tardiness)(search, seed).run()


class _Annealing:
    """Rounds of cooling; what differs between objectives is left to the two below."""

    def __init__(self, search: Search, seed: int) -> None:
        from lienmach.engines.scheduling.search import graph, kernel

        self.kernel, self.graph = kernel, graph
        self.search = search
        self.first = search.found[0].draft
        self.board = graph.board_of(search.shop, search.objective, self.first, seed)
        self.reg = self.board.reg
        self.rng = random.Random(seed)  # noqa: S311 - reproducible on purpose, nothing secret
        weights = self.board.targets[kernel.WEIGHT]
        self.typical = search.shop.mean_duration * float(weights.mean())
        self.best = self.value()
        self.kept = (self.board.ops.copy(), self.board.machines.copy())

    def value(self) -> tuple[int, int]:
        """What is made small: the objective of the schedule on the board, and its setups."""
        raise NotImplementedError

    def aim(self) -> None:
        """Set the due dates before a part of the search."""

    @property
    def done(self) -> bool:
        """Nothing is left to gain, or to spend."""
        search = self.search
        perfect = self.best[0] <= search.bound and self.best[1] == 0
        return search.stopped or perfect or search.work >= search.budget

    def rounds(self, units: int) -> None:
        """Find out how long a move takes, then cool; the best schedule of all is on the board."""
        typical = self.typical
        count, moves = len(self.search.shop.operations), int(self.reg[self.kernel.MOVES])
        self.cool(int(units * _PROBE), _COLD * typical, _COLD * typical)
        moves = int(self.reg[self.kernel.MOVES]) - moves
        plenty = moves / _PROBE / count / _MANY
        # A shop that was hot needs time to get cold again.
        hot = (_HOT if count <= WHOLE else _HOT_IN_WINDOWS) * min(1.0, max(0.03, plenty))
        left = units * (1.0 - _PROBE)
        for number, share in enumerate(_ROUNDS):
            self.put(self.kept)
            heat = max(2 * _COLD, hot * _REHEAT**number)
            self.cool(int(left * share), heat * typical, min(_COLD, heat / 10) * typical)
        self.put(self.kept)

    def put(self, kept: tuple[Ints, Ints]) -> None:
        """Put a schedule on the board."""
        self.board.ops[:], self.board.machines[:] = kept
        self.graph.begin(self.board)

    def keep(self) -> None:
        """Remember the schedule on the board if it is the best."""
        value = self.value()
        if value < self.best:
            self.best = value
            self.kept = (self.board.ops.copy(), self.board.machines.copy())

    def cool(self, units: int, hot: float, cold: float) -> None:
        """Search while the temperature falls; the best of it is kept."""
        if int(self.reg[self.kernel.COUNT]) <= WHOLE:
            self._cool_whole(units, hot, cold)
        else:
            self._cool_windows(units, hot, cold)

    def _cool_whole(self, units: int, hot: float, cold: float) -> None:
        search, kernel, board = self.search, self.kernel, self.board
        parts = max(1, units * STEPS_PER_UNIT // _PART)
        for part in range(parts):
            if self.done:
                break
            self.aim()
            self.graph.begin(board)
            self.reg[kernel.BEST] = kernel.NEVER << 20
            here, there = (hot * (cold / hot) ** (p / parts) for p in (part, part + 1))
            self.graph.set_temperatures(board, here, there)
            steps = int(kernel.run(*board, units * STEPS_PER_UNIT // parts))
            search.work += max(1, steps // STEPS_PER_UNIT)
            now = (board.ops.copy(), board.machines.copy())
            kernel.restore(*board)
            self.keep()
            self.put(now)
            search.report("graph search", self.best[0])

    def _cool_windows(self, units: int, hot: float, cold: float) -> None:
        """Visit window after window, from the plan's start to its end, again and again."""
        search, kernel, board = self.search, self.kernel, self.board
        count = int(self.reg[kernel.COUNT])
        until = search.work + units
        while search.work < until and not self.done:
            self.aim()
            now = hot * (cold / hot) ** (1.0 - (until - search.work) / units)
            self.graph.set_temperatures(board, now, now)
            offset = self.rng.randrange(_WINDOW // 2)
            for first in range(-offset, count - _WINDOW // 4, _WINDOW // 2):
                if search.work >= until or self.done:
                    break
                self.visit(max(0, first), min(count, first + _WINDOW))
            search.report("graph search", self.best[0])

    def visit(self, first: int, until: int) -> None:
        """Search in one window; what is worse than before by more than the estimates' faults goes back."""
        kernel, board, reg = self.kernel, self.board, self.reg
        self.graph.begin(board)
        self.graph.sort_by_start(board)
        self.graph.open_window(board, first, until)
        # A move costs about what its window costs.
        columns, exits = int(reg[kernel.COLUMNS]), int(reg[kernel.EXITS] + reg[kernel.OUTLETS])
        move = 2500 + (until - first) * (12 + columns // 16) + 2 * exits * (6 + columns // 8)
        steps = int(kernel.run(*board, _VISIT * (until - first) * move))
        steps += 60 * int(reg[kernel.COUNT])
        self.search.work += max(1, steps // STEPS_PER_UNIT)
        kernel.begin(*board)
        self.keep()

    def take(self) -> None:
        """Offer the schedule on the board."""
        search = self.search
        if self.graph.makespan_of(self.board) > self.reg[self.kernel.CLOSES]:
            return
        draft = self.graph.draft_of(search.shop, self.board, self.first)
        search.offer(Found(search.found[0].rule, None, draft, search.rank(draft), "graph search"))


class _Tardiness(_Annealing):
    """Weighted tardiness; then, at no more of it, fewer setups."""

    scale = 1

    def value(self) -> tuple[int, int]:
        return int(self.reg[self.kernel.VALUE]) // self.scale, int(self.reg[self.kernel.SETUPS])

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
        self.scale = _ABOVE_ALL
        self.graph.begin(self.board)
        for leave in (0, 1):
            self.reg[self.kernel.LEAVE] = leave
            if search.work < search.budget and not search.stopped:
                self.cool((search.budget - search.work) // (2 - leave), 0.3 * typical, 0.01 * typical)
                self.put(self.kept)


class _Makespan(_Annealing):
    """The makespan, as tardiness at a common due date that moves ahead of the best so far.

    The largest of all ends alone says nothing about how near a schedule is to a better one; how much work
    sticks out beyond a moment does.
    """

    def value(self) -> tuple[int, int]:
        return self.graph.makespan_of(self.board), 0

    def aim(self) -> None:
        best = self.best[0]
        self.board.targets[self.kernel.DUE] = best - max(1, best // _AHEAD)

    def run(self) -> None:
        self.rounds(self.search.budget - self.search.work)
        self.take()
