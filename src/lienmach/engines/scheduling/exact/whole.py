"""The whole shop as one model: better schedules, a bound, and for small shops the proof of an optimum."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec

from lienmach.engines.scheduling.exact.decode import Run, decode
from lienmach.engines.scheduling.exact.expressions import Expression
from lienmach.engines.scheduling.exact.machines import Lead, machines
from lienmach.engines.scheduling.exact.model import Model, TooLargeError
from lienmach.engines.scheduling.exact.people import people
from lienmach.engines.scheduling.exact.solver import Answer, run
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.search.priorities import Found, Search

METHOD = "exact search"
"""Name in results and progress."""

UNITS_PER_DETERMINISTIC_SECOND = 1_400_000
"""Units that stand for one deterministic second of CP-SAT; see `benchmarks/results/planner_exact.md`."""
WITH_CHOICES = 3_000_000
"""The same where operations have alternatives, or closed time is modelled: CP-SAT counts less of that."""
LOADING = 600_000
"""Units that loading CP-SAT takes."""
UNITS_PER_PART = 40
"""Units for building and presolving one part of a model."""

LARGEST_SHOP = 150
"""Movable operations up to which CP-SAT is more than a lottery."""
LARGEST_JOB_SHOP = 300
"""The same for the makespan of shops without alternatives: there its reasoning carries further."""
LARGEST_MODEL = 40_000
"""Choices, pieces of calendars, arcs between runs and pairs in batches, all together."""


class ContradictionError(Exception):
    """The model excludes a schedule that the verifier accepts: a fault in this package, not in the input."""


def available() -> bool:
    """Whether OR-Tools is installed; without it there are no proofs, and small shops are only searched."""
    return find_spec("ortools") is not None


def worthwhile(search: Search) -> bool:
    """Whether the shop is small enough for CP-SAT and the budget left is worth loading it for."""
    movable = sum(operation.committed is None for operation in search.shop.operations)
    affordable = search.budget - search.work > 2 * LOADING
    # Maximum waits and transfer batches are not in the model.
    known = search.shop.only_minimum_waits
    return 0 < movable <= _largest(search) and known and affordable and available()


def _largest(search: Search) -> int:
    decided = all(len(modes) == 1 for modes in search.shop.modes)
    return LARGEST_JOB_SHOP if decided and search.objective is Objective.MAKESPAN else LARGEST_SHOP


def prove(search: Search, seed: int) -> None:
    """Improve the best schedule of `search`, and its bound, until the budget is used or nothing is left."""
    best = search.found[0]
    try:
        model = Model(search.shop, search.objective, best.draft, LARGEST_MODEL)
        leads = machines(model)
    except TooLargeError:
        search.work += UNITS_PER_PART * LARGEST_MODEL
        return
    people(model, leads)
    scale = _minimize(model, leads)
    search.work += UNITS_PER_PART * (LARGEST_MODEL - model.left)
    plain = all(len(step.choices) == 1 and isinstance(step.size, int) for step in model.steps.values())
    rate = UNITS_PER_DETERMINISTIC_SECOND if plain else WITH_CHOICES
    limit = (search.budget - search.work) / rate
    if limit <= 0 or search.stopped:
        return

    def wanted() -> bool:
        search.report(METHOD, best.rank[0] - _offset(search))
        return not search.stopped

    answer = run(model.cp, limit=limit, seed=seed, wanted=wanted)
    search.work += max(1, math.ceil(answer.deterministic_time * rate))
    _take(search, model, leads, answer, scale)


def _offset(search: Search) -> int:
    """The makespan counts from the plan's start."""
    return search.shop.start if search.objective is Objective.MAKESPAN else 0


class _Scale:
    """How the model's objective holds the real one, and the setups below it."""

    def __init__(self, factor: int, most: int) -> None:
        self.factor = factor
        self.most = most

    def bound(self, bound: float) -> int:
        """The least value of the real objective when the model's is at least `bound`."""
        return -(-(math.ceil(bound - 1e-6) - self.most) // self.factor)


def _minimize(model: Model, leads: list[Lead]) -> _Scale:
    if model.objective is Objective.MAKESPAN:
        return _Scale(model.minimize(0, 0), 0)
    setups: list[Expression] = []
    most: dict[int, int] = {}
    for lead in leads:
        if isinstance(lead.setup, int):
            setups.append(lead.setup * lead.taken)
        else:
            setups.append(lead.setup)
        i = lead.choice.operation
        most[i] = max(most.get(i, 0), lead.longest_setup)
    total = sum(most.values())
    if not total:
        return _Scale(model.minimize(0, 0), 0)
    return _Scale(model.minimize(sum(setups), total), total)


def _take(search: Search, model: Model, leads: list[Lead], answer: Answer, scale: _Scale) -> None:
    """Offer what was found, and believe what was proved."""
    if answer.refuted:
        raise ContradictionError("CP-SAT found no schedule where there is one.")
    if answer.value is not None:
        draft = decode(search.shop, _runs(model, leads, answer.value))
        if draft is not None:
            search.offer(Found(search.found[0].rule, None, draft, search.rank(draft), METHOD))
    bound = scale.bound(answer.bound) - _offset(search)
    if bound > search.found[0].rank[0] - _offset(search):
        raise ContradictionError(f"CP-SAT says that {bound} is out of reach, but it was reached.")
    search.bound = max(search.bound, bound)


def _runs(model: Model, leads: list[Lead], value: Callable[[Expression], int]) -> list[Run]:
    """The decisions in CP-SAT's solution, in the order of their starts."""
    shop = model.shop
    rank = {i: position for position, i in enumerate(shop.topological)}
    members: dict[tuple[int, int, int], list[int]] = {}
    leading: dict[tuple[int, int, int], list[int]] = {}
    for lead in leads:
        i, kind = lead.choice.operation, lead.choice.kind
        if value(lead.choice.taken):
            batched = shop.kinds[kind].recipe is not None
            key = (kind, value(model.steps[i].start), 0 if batched else i)
            (leading if value(lead.taken) else members).setdefault(key, []).append(i)
    found = []
    for key, first in leading.items():
        joined = members.get(key, [])
        groups = [[i] for i in first]
        capacity = shop.capacity[shop.kinds[key[0]].machine]
        for i in joined:
            # Two batches of one kind never begin together on one machine unless they take no time.
            for group in groups:
                if sum(shop.operations[j].load for j in (*group, i)) <= capacity:
                    group.append(i)
                    break
        for group in groups:
            i = group[0]
            position = (key[1], value(model.steps[i].end), min(rank[j] for j in group))
            found.append((position, Run(key[0], tuple(sorted(group)))))
    found.sort(key=lambda item: item[0])
    return [each for _, each in found]
