"""Compile the list search, so that the first plan does not wait; `search.warm` runs this, too."""

from __future__ import annotations

from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.problem import Job, Machine, Mode, Operation, Problem
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.sequences import board as boards
from lienmach.engines.scheduling.sequences import kernel
from lienmach.engines.scheduling.shop import Shop


def warm() -> None:
    """Search a shop of three operations."""
    jobs = tuple(Job(name, (Operation(name, (Mode("M", 5),)),), due=1) for name in "ABC")
    shop = Shop(Problem((Machine("M"),), jobs))
    draft = dispatch(shop, rules_for(shop, tardiness=True)[0])
    board = boards.board_of(shop, Objective.TARDINESS, draft, 0)
    boards.set_temperatures(board, 5.0, 1.0)
    kernel.run(*board, 1000)
    kernel.restore(board.ops, board.reg)
    kernel.place(*board, kernel.WORST)
    kernel.resume(board.ops, board.reg)
