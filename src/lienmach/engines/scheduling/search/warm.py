"""Compile the search, so that the first plan does not wait: `python -m …scheduling.search.warm`.

What is compiled is kept beside the modules, or in the user's cache where they cannot be written.
"""

from __future__ import annotations

from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.problem import Job, Machine, Mode, Operation, Problem
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.search import graph, kernel
from lienmach.engines.scheduling.sequences import warm as lists
from lienmach.engines.scheduling.shop import Shop


def warm() -> None:
    """Search a shop of three operations."""
    jobs = tuple(Job(name, (Operation(name, (Mode("M", 5),)),), due=1) for name in "ABC")
    shop = Shop(Problem((Machine("M"),), jobs))
    draft = dispatch(shop, rules_for(shop, tardiness=True)[0])
    board = graph.board_of(shop, Objective.TARDINESS, draft, 0)
    graph.set_temperatures(board, 5.0, 1.0)
    kernel.run(*board, 1000)
    kernel.restore(*board)
    graph.open_window(board, 0, 2)
    kernel.run(*board, 1000)


if __name__ == "__main__":
    warm()
    lists.warm()
