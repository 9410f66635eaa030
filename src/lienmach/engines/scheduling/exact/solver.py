"""One run of CP-SAT within a limit of deterministic time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lienmach.engines.scheduling.exact.expressions import Expression

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

_LOOK = 0.25
"""Seconds between two looks at whether somebody wants to stop; no result depends on it."""


@dataclass(frozen=True)
class Answer:
    """What CP-SAT found.

    Parameters
    ----------
    value
        Value of a variable or expression in the best solution; None when there is no solution.
    bound
        No solution has a smaller objective; meaningless when `refuted`.
    refuted
        There is no solution at all.
    """

    value: Callable[[Expression], int] | None
    objective: int
    bound: float
    optimal: bool
    refuted: bool
    deterministic_time: float


def run(model: cp_model.CpModel, *, limit: float, seed: int, wanted: Callable[[], bool]) -> Answer:
    """Minimise on one worker.

    Parameters
    ----------
    limit
        CP-SAT's deterministic seconds.
    wanted
        Asked now and then while CP-SAT works; when it answers False, the best so far is the answer.
    """
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = 1
    parameters.random_seed = seed
    parameters.max_deterministic_time = limit
    # The linear relaxation of disjunctions is weak: without it CP-SAT learns much faster here.
    parameters.linearization_level = 0
    # Who interrupts the process is asked after by `wanted`, not by CP-SAT.
    parameters.catch_sigint_signal = False
    with ThreadPoolExecutor(1) as pool:
        solving = pool.submit(solver.solve, model)
        while not wait((solving,), _LOOK).done:
            if not wanted():
                solver.stop_search()
        status = solving.result()
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return Answer(
        solver.value if found else None,
        round(solver.objective_value) if found else 0,
        solver.best_objective_bound,
        status == cp_model.OPTIMAL,
        status == cp_model.INFEASIBLE,
        solver.deterministic_time,
    )
