"""One function from problem to verified schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lienmach.engines.scheduling.binding import with_reasons
from lienmach.engines.scheduling.bounds import lower_bound
from lienmach.engines.scheduling.draft import solution_of
from lienmach.engines.scheduling.exact import whole
from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.result import Infeasible, Objective, Planned, Result
from lienmach.engines.scheduling.search import Progress, Search
from lienmach.engines.scheduling.search.anneal import anneal, worthwhile
from lienmach.engines.scheduling.sequences import improve as sequences
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.verify import verify


class UnverifiedError(Exception):
    """The solver made a schedule that the verifier refuses: a fault in this package, never in the input."""


_FIRST_PROOF = 0.15
"""Share of the budget left in which easy small shops are proved."""
_GRAPH_BESIDE_PROOF = 0.4
"""Share of the budget left for the graph search that CP-SAT goes on from."""
_LISTS_BESIDE_PROOF = 0.8
"""The same for the list search: with people and furnaces CP-SAT proves little."""
_FEW = 25
"""Operations up to which CP-SAT proves also shops with people and furnaces in moments."""
_MUCH_TIME = 15
"""How often loading CP-SAT has to fit into the budget for larger ones."""


@contextmanager
def share(search: Search, part: float) -> Iterator[None]:
    """Let a search believe for a while that only a part of its budget is left."""
    whole_budget = search.budget
    search.budget = search.work + int(part * (whole_budget - search.work))
    try:
        yield
    finally:
        search.budget = whole_budget


def solve(
    problem: Problem,
    *,
    objective: Objective,
    budget: int,
    seed: int = 0,
    progress: Callable[[Progress], bool | None] | None = None,
) -> Result:
    """Schedule a problem.

    Parameters
    ----------
    budget
        Units of work, see `budget.work_for`. The first rule is always finished, however small the budget.
    seed
        The same problem, objective, budget and seed give the same result, byte for byte.
    progress
        Called after every walk through the schedule; when it answers True, the search stops and the best
        schedule so far is the result.

    Returns
    -------
    Planned or Infeasible
        A schedule that the verifier accepted, or every obstacle found.

    Raises
    ------
    UnverifiedError
        When the verifier refuses the schedule.
    """
    shop = Shop(problem)
    search = Search(shop, objective, budget, lower_bound(problem, objective), progress)
    search.try_rules()
    if not search.found:
        return Infeasible(tuple(search.obstacles))
    _improve(search, seed)
    best = search.found[0]
    solution = with_reasons(problem, solution_of(shop, best.draft))
    report = verify(problem, solution)
    if not report.ok or report.evaluation is None:
        listed = "\n".join(violation.message for violation in report.violations[:20])
        raise UnverifiedError(f"The schedule breaks {len(report.violations)} rules:\n{listed}")
    return Planned(
        solution=solution,
        objective=objective,
        evaluation=report.evaluation,
        lower_bound=search.bound,
        method=best.method,
        seed=seed,
        budget=budget,
        work=search.work,
        complete=not search.stopped,
    )


def _improve(search: Search, seed: int) -> None:
    """Spend the budget: exact search for small shops, local search beside it, nudges at the end."""
    if not search.over:
        graph = worthwhile(search)
        lists = not graph and sequences.worthwhile(search)
        small = whole.worthwhile(search) and (graph or _soon_proved(search))
        if small:
            search.work += whole.LOADING
            with share(search, _FIRST_PROOF):
                whole.prove(search, seed)
        if not search.over and (graph or lists):
            part = _GRAPH_BESIDE_PROOF if graph else _LISTS_BESIDE_PROOF
            with share(search, part if small else 1.0):
                (anneal if graph else sequences.anneal)(search, seed)
        if small and not search.over:
            whole.prove(search, seed)
    search.improve(seed)


def _soon_proved(search: Search) -> bool:
    """Whether a shop that is no graph is worth CP-SAT's loading: few operations, or much time."""
    left = search.budget - search.work
    return len(search.shop.operations) <= _FEW or left > _MUCH_TIME * whole.LOADING
