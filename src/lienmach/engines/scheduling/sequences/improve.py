"""Annealing a list, in rounds, within a budget of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.search.priorities import Found, Search

if TYPE_CHECKING:
    from lienmach.engines.scheduling.sequences.board import Board

METHOD = "list search"
"""Name in results and progress."""
STEPS_PER_UNIT = 55
"""Operations placed in one unit of work."""
LOADING = 700_000
"""Units that loading the compiled search takes."""
LARGEST = 3_000
"""Operations beyond which a walk by a rule gains more than placing the list again does."""

_PART = 500_000
"""Units between two reports."""
_FIRST, _LAST = 0.5, 0.01
"""Hottest and coldest temperature, as parts of what one operation more or less late costs."""


def worthwhile(search: Search) -> bool:
    """Whether the budget left is worth loading the search for."""
    shop = search.shop
    plain = all(
        precedence.max_wait is None and precedence.transfer_quantity is None
        for precedence in shop.problem.precedences
    )
    movable = sum(operation.committed is None for operation in shop.operations)
    size = 1 < movable <= LARGEST
    aims = search.objective is Objective.MAKESPAN or any(
        job.due is not None and job.weight for job in shop.problem.jobs
    )
    return plain and aims and size and search.budget - search.work > 2 * LOADING


def anneal(search: Search, seed: int) -> None:
    """Improve the best schedule of `search` until its budget is used; what is found joins `search.found`."""
    from lienmach.engines.scheduling.sequences import board as boards
    from lienmach.engines.scheduling.sequences import kernel

    search.work += LOADING
    shop = search.shop
    board = boards.board_of(shop, search.objective, search.found[0].draft, seed)
    total = max(1, search.budget - search.work)
    hot = _hot(search)
    parts = max(4, total // _PART)
    for part in range(parts):
        if search.stopped or search.work >= search.budget:
            break
        if search.objective is Objective.MAKESPAN:
            best = search.found[0].rank[0]
            board.targets[kernel.DUE] = best - max(1, (best - shop.start) // 100)
            board.reg[kernel.BEST] = kernel.WORST
        here, there = (hot * (_LAST / _FIRST) ** (p / parts) for p in (part, part + 1))
        boards.set_temperatures(board, here, there)
        units = min(total // parts, search.budget - search.work)
        kernel.run(*board, units * STEPS_PER_UNIT)
        search.work += max(1, int(board.reg[kernel.STEPS]) // STEPS_PER_UNIT)
        _offer(search, board)
        search.report(METHOD, search.found[0].rank[0] - _offset(search))
        if board.reg[kernel.BEST] <= 0:
            break


def _offset(search: Search) -> int:
    return search.shop.start if search.objective is Objective.MAKESPAN else 0


def _hot(search: Search) -> float:
    shop = search.shop
    if search.objective is Objective.MAKESPAN:
        return _FIRST * shop.mean_duration
    weights = [job.weight for job in shop.problem.jobs if job.due is not None and job.weight]
    return _FIRST * shop.mean_duration * sum(weights) / max(1, len(weights))


def _offer(search: Search, board: Board) -> None:
    """Offer the best list, and leave the board where the search stands."""
    from lienmach.engines.scheduling.sequences import board as boards
    from lienmach.engines.scheduling.sequences import kernel

    kernel.restore(board.ops, board.reg)
    kernel.place(*board, kernel.WORST)
    draft = boards.draft_of(search.shop, board)
    search.offer(Found(search.found[0].rule, None, draft, search.rank(draft), METHOD))
    kernel.resume(board.ops, board.reg)
