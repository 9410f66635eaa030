"""The compiled search: right in what it believes, the same without a compiler, never worse than rules."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.draft import Draft, solution_of
from lienmach.engines.scheduling.problem import Commitment, Committed, Operation, Problem
from lienmach.engines.scheduling.result import Objective, Planned
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.search.anneal import LOADING, worthwhile
from lienmach.engines.scheduling.search.priorities import Search
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.solve import solve
from lienmach.engines.scheduling.tests.problems import random_problem
from lienmach.engines.scheduling.verify import verify

BUDGET = 3 * LOADING


def tight(problem: Problem) -> Problem:
    """Everything is late, so that the search has something to do."""
    return replace(problem, jobs=tuple(replace(job, due=10, weight=1 + job.weight) for job in problem.jobs))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000_000), st.sampled_from(Objective))
def test_what_the_search_believes_is_true(seed: int, objective: Objective) -> None:
    """Heads walked by the search are the schedule that the verifier accepts, with the same value."""
    from lienmach.engines.scheduling.search import graph, kernel

    problem = tight(random_problem(seed, plain=True))
    shop = Shop(problem)
    draft = dispatch(shop, rules_for(shop, tardiness=True)[0])
    if draft.obstacles:
        return
    board = graph.board_of(shop, objective, draft, seed)
    began = int(board.reg[kernel.VALUE])
    for leave in (0, 1):
        graph.set_temperatures(board, 20.0, 0.5)
        board.reg[kernel.LEAVE] = leave
        board.reg[kernel.SETUP_PRICE] = leave
        kernel.run(*board, 300_000)
        kernel.restore(*board)
    report = verify(problem, solution_of(shop, graph.draft_of(shop, board, draft)))
    assert report.ok, report.violations
    assert report.evaluation is not None
    assert board.reg[kernel.BEST] <= began
    if objective is Objective.TARDINESS:
        assert report.evaluation.weighted_tardiness == board.reg[kernel.BEST]
    else:
        assert (
            sum(report.evaluation.job_ends.values()) - len(problem.jobs) * problem.start
            == (board.reg[kernel.BEST])
        )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000_000), st.sampled_from(Objective))
def test_the_value_of_a_window_is_the_value_of_the_plan(seed: int, objective: Objective) -> None:
    """Without calendars and setups a window knows the value of the whole plan exactly, moves or not."""
    from lienmach.engines.scheduling.search import graph, kernel

    problem = tight(random_problem(seed, plain=True))
    machines = tuple(replace(machine, open=None, setups=None) for machine in problem.machines)
    operations = (
        replace(job, operations=tuple(_without_setups(operation) for operation in job.operations))
        for job in problem.jobs
    )
    shop = Shop(replace(problem, machines=machines, jobs=tuple(operations)))
    board = graph.board_of(shop, objective, dispatch(shop, rules_for(shop, tardiness=True)[0]), seed)
    assert board.reg[kernel.PLAIN]
    graph.set_temperatures(board, 20.0, 5.0)
    count = len(shop.operations)
    rng = random.Random(seed)
    for _ in range(10):
        graph.begin(board)
        graph.sort_by_start(board)
        value = board.reg[kernel.VALUE]
        first = rng.randrange(count)
        graph.open_window(board, first, rng.randrange(first, count) + 1)
        assert board.reg[kernel.VALUE] == value
        kernel.run(*board, 20_000)
        value = board.reg[kernel.VALUE]
        graph.begin(board)
        assert board.reg[kernel.VALUE] == value


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000_000))
def test_what_is_frozen_stays(seed: int) -> None:
    """A plan half of which is frozen is searched like any other, and the verifier finds nothing moved."""
    from lienmach.engines.scheduling.search import graph, kernel

    problem = tight(random_problem(seed, plain=True))
    shop = Shop(problem)
    draft = dispatch(shop, rules_for(shop, tardiness=True)[0])
    if draft.obstacles:
        return
    starts = sorted(booking.placement.start for booking in draft.bookings if booking is not None)
    problem = _frozen_before(shop, draft, starts[len(starts) // 2])
    search = Search(Shop(problem), Objective.TARDINESS, BUDGET, 0, None)
    search.try_rules()
    if not search.found or not worthwhile(search):
        return
    draft = search.found[0].draft
    board = graph.board_of(search.shop, Objective.TARDINESS, draft, seed)
    graph.set_temperatures(board, 20.0, 0.5)
    kernel.run(*board, 200_000)
    kernel.restore(*board)
    count = len(shop.operations)
    for first, until in ((0, count), (count // 3, count), (0, 1 + count // 2)):
        graph.begin(board)
        graph.sort_by_start(board)
        graph.open_window(board, first, until)
        kernel.run(*board, 50_000)
    graph.begin(board)
    report = verify(problem, solution_of(search.shop, graph.draft_of(search.shop, board, draft)))
    assert report.ok, report.violations
    assert report.evaluation is not None
    assert report.evaluation.weighted_tardiness == board.reg[kernel.VALUE]


def _frozen_before(shop: Shop, draft: Draft, moment: int) -> Problem:
    """The problem with everything frozen that starts before a moment."""
    frozen = {}
    for operation, booking in zip(shop.operations, draft.bookings, strict=True):
        if booking is not None and booking.placement.start < moment:
            machine = shop.problem.machines[booking.machine].id
            place = booking.placement
            frozen[operation.id] = Committed(Commitment.FROZEN, machine, place.start, place.end)
    jobs = tuple(
        replace(
            job,
            operations=tuple(replace(each, committed=frozen.get(each.id)) for each in job.operations),
        )
        for job in shop.problem.jobs
    )
    return replace(shop.problem, jobs=jobs)


def _without_setups(operation: Operation) -> Operation:
    return replace(operation, modes=tuple(replace(mode, setup=0) for mode in operation.modes))


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000_000))
def test_the_search_is_never_worse_than_the_rules(seed: int) -> None:
    """It begins with the best of them."""
    problem = tight(random_problem(seed, plain=True))
    few = solve(problem, objective=Objective.TARDINESS, budget=LOADING)
    more = solve(problem, objective=Objective.TARDINESS, budget=BUDGET)
    assert isinstance(few, Planned) == isinstance(more, Planned)
    if isinstance(few, Planned) and isinstance(more, Planned):
        assert more.evaluation.rank(Objective.TARDINESS) <= few.evaluation.rank(Objective.TARDINESS)


PROGRAM = """
import hashlib
from dataclasses import replace
from lienmach.engines.scheduling.document import solution_to_json
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.search import graph, kernel
from lienmach.engines.scheduling.search.compiled import COMPILED
from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.draft import solution_of
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.tests.problems import random_problem

digest = hashlib.sha256()
for seed in range(12):
    problem = random_problem(seed, plain=True)
    jobs = (replace(job, due=10, weight=1 + job.weight) for job in problem.jobs)
    problem = replace(problem, jobs=tuple(jobs))
    shop = Shop(problem)
    for objective in Objective:
        draft = dispatch(shop, rules_for(shop, tardiness=True)[0])
        board = graph.board_of(shop, objective, draft, seed)
        graph.set_temperatures(board, 20.0, 0.5)
        board.reg[kernel.SETUP_PRICE] = 1
        board.reg[kernel.LEAVE] = seed % 2
        kernel.run(*board, 40_000)
        kernel.restore(*board)
        digest.update(solution_to_json(solution_of(shop, graph.draft_of(shop, board, draft))).encode())
print(COMPILED, digest.hexdigest())
"""


def test_compiled_and_plain_runs_give_the_same_bytes() -> None:
    """A plan must not depend on whether a compiler's package could be installed."""
    pytest.importorskip("numba", reason="Numba is not installed: nothing to compare")
    answers = []
    for disabled in ("0", "1"):
        result = subprocess.run(
            [sys.executable, "-W", "error::RuntimeWarning", "-c", PROGRAM],
            env={**os.environ, "NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(result.stdout.split())
    assert [compiled for compiled, _ in answers] == ["True", "False"]
    assert answers[0][1] == answers[1][1]
