"""CP-SAT as a helper: what it proves is true, what it finds is a schedule, and it is the same every time."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.scheduling.calendar import calendar
from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.document import solution_to_json
from lienmach.engines.scheduling.draft import rank_of, solution_of
from lienmach.engines.scheduling.exact import whole
from lienmach.engines.scheduling.exact.calendars import pieces
from lienmach.engines.scheduling.exact.decode import decode, runs_of
from lienmach.engines.scheduling.problem import (
    During,
    Job,
    Machine,
    Mode,
    Operation,
    OperatorNeed,
    OperatorPool,
    Problem,
    SetupMatrix,
    chain,
)
from lienmach.engines.scheduling.result import Infeasible, Objective, Planned
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.search import Progress, Search
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.solve import solve
from lienmach.engines.scheduling.tests.oracle import least_tardiness
from lienmach.engines.scheduling.tests.problems import random_problem, shifts
from lienmach.engines.scheduling.verify import verify

pytest.importorskip("ortools", reason="CP-SAT is not installed: without it nothing is proved")

BUDGET = 3 * whole.LOADING


def plain_waits(problem: Problem) -> Problem:
    """Only minimum waits, which is what CP-SAT is asked about."""
    kept = (replace(each, max_wait=None, transfer_quantity=None) for each in problem.precedences)
    return replace(problem, precedences=tuple(kept))


def tight(problem: Problem) -> Problem:
    """Everything is late, so that there is something to gain."""
    return replace(problem, jobs=tuple(replace(job, due=10, weight=1 + job.weight) for job in problem.jobs))


def jobs_that_meet(count: int, steps: int) -> Problem:
    """A job shop that nobody solves at a glance."""
    jobs, precedences = [], []
    for j in range(count):
        operations = tuple(
            Operation(f"{j}.{k}", (Mode(f"M{(k * (j + 1) + j) % steps}", 5 + (7 * j + 11 * k) % 17),))
            for k in range(steps)
        )
        jobs.append(Job(str(j), operations, due=40 + 9 * j, weight=1 + j % 3))
        precedences.extend(chain(operations))
    return Problem(tuple(Machine(f"M{k}") for k in range(steps)), tuple(jobs), tuple(precedences))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000_000))
def test_decisions_decode_to_the_schedule_they_were_taken_from(seed: int) -> None:
    """Machines, sequences and batches are all there is to a schedule, but for who gets the people."""
    problem = plain_waits(random_problem(seed))
    shop = Shop(problem)
    for rule in rules_for(shop, tardiness=True)[:3]:
        draft = dispatch(shop, rule)
        if draft.obstacles:
            continue
        again = decode(shop, runs_of(shop, draft))
        assert again is not None
        assert verify(problem, solution_of(shop, again)).ok
        if not problem.operators:
            before, after = (rank_of(shop, each, Objective.TARDINESS) for each in (draft, again))
            assert after[0] <= before[0]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000_000), st.integers(0, 40), st.booleans(), st.integers(0, 60), st.integers(0, 90))
def test_pieces_say_when_work_ends(seed: int, duration: int, resumable: bool, first: int, more: int) -> None:
    """Every start is in one piece or in none, and the piece's span leads to the calendar's end."""
    time = calendar(shifts(random.Random(seed)))
    found = pieces(time, duration, resumable, first, first + more)
    assert all(a.last < b.first for a, b in pairwise(found))
    for t in range(first, first + more + 1):
        spans = [piece.span for piece in found if piece.first <= t <= piece.last]
        if duration and (time.next_open(t) != t or (not resumable and time.fit(t, duration) != t)):
            assert not spans
        else:
            assert [t + span for span in spans] == [time.advance(t, duration)]


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000_000), st.sampled_from(Objective))
def test_no_proof_is_contradicted(seed: int, objective: Objective) -> None:
    """Whatever the shop has, the model admits every schedule of it: `solve` raises when it does not."""
    problem = tight(plain_waits(random_problem(seed)))
    result = solve(problem, objective=objective, budget=BUDGET)
    if isinstance(result, Planned):
        assert result.lower_bound is not None
        assert result.lower_bound <= result.evaluation.rank(objective)[0]
    else:
        assert isinstance(result, Infeasible)


def test_a_small_shop_is_proved_and_done_before_its_budget() -> None:
    """Nobody waits half a minute for a plan that cannot become better."""
    problem = jobs_that_meet(6, 4)
    result = solve(problem, objective=Objective.TARDINESS, budget=100 * whole.LOADING)
    assert isinstance(result, Planned)
    assert result.lower_bound == result.evaluation.weighted_tardiness > 0
    assert result.work < result.budget / 2
    assert result.complete


def tiny_problem(seed: int) -> Problem:
    """Three operations with a bit of everything."""
    rng = random.Random(seed)
    hours = ((0, 5), (7, 12), (13, 40))
    machines = (
        Machine("M", rng.choice([None, hours]), setups="s", initial_family=rng.choice([None, "a"])),
        Machine("N", rng.choice([None, hours]), batch_capacity=rng.choice([1, 2])),
    )
    people = rng.random() < 0.5
    pools = (OperatorPool("p", ("run", "set"), 1, rng.choice([None, ((1, 9), (11, 40))])),) if people else ()
    long = rng.randrange(1, 4)
    jobs, precedences = [], []
    for j in range(2):
        steps = []
        for k in range(1 + (j == 0)):
            needs = (rng.choice([OperatorNeed("run"), OperatorNeed("set", During.SETUP)]),)
            modes = [
                Mode("M", rng.randrange(1, 4), rng.choice(["a", "b"]), 0, needs if people else ()),
                Mode("N", long),
            ]
            chosen = rng.choice([modes, modes[:1], modes[1:]])
            steps.append(Operation(f"{j}.{k}", tuple(chosen), rng.random() < 0.6, rng.choice([None, "soft"])))
        jobs.append(Job(str(j), tuple(steps), rng.randrange(3), rng.randrange(2, 8), rng.randrange(1, 4)))
        precedences.extend(chain(steps, min_wait=rng.randrange(2)))
    matrix = SetupMatrix("s", (("a", "b", 2), ("b", "a", 1)), needs_job=False)
    return Problem(machines, tuple(jobs), tuple(precedences), pools, (matrix,))


@pytest.mark.parametrize("seed", range(9))
def test_tiny_shops_are_planned_as_well_as_trying_everything_does(seed: int) -> None:
    """Nothing is better than the plan, and the bound is never above the best there is.

    With people the floor's rule that a setup does not begin before its operation may is not the oracle's, so
    there only the bound has to hold.
    """
    problem = tiny_problem(seed)
    result = solve(problem, objective=Objective.TARDINESS, budget=BUDGET)
    assert isinstance(result, Planned)
    value = result.evaluation.weighted_tardiness
    better = least_tardiness(problem, 16, below=value)
    assert result.lower_bound is not None
    assert result.lower_bound <= (value if better is None else better)
    assert better is None or problem.operators


PROGRAM = """
from lienmach.engines.scheduling.document import solution_to_json
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.solve import solve
from lienmach.engines.scheduling.tests.test_exact import BUDGET, jobs_that_meet
result = solve(jobs_that_meet(10, 8), objective=Objective.TARDINESS, budget=BUDGET, seed=5)
print(result.method, result.work, result.lower_bound, solution_to_json(result.solution))
"""


def test_the_same_budget_and_seed_give_the_same_bytes_here_and_elsewhere() -> None:
    """One worker, a fixed seed and deterministic time: no clock decides anything."""
    answers = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        program = [sys.executable, "-c", PROGRAM]
        answers.append(
            subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout
        )
    result = solve(jobs_that_meet(10, 8), objective=Objective.TARDINESS, budget=BUDGET, seed=5)
    assert isinstance(result, Planned)
    here = f"{result.method} {result.work} {result.lower_bound} {solution_to_json(result.solution)}\n"
    assert answers == [here, here]


def test_whoever_asks_to_stop_gets_the_best_so_far() -> None:
    """Also while CP-SAT is at work, which reports nothing of its own."""
    asked: list[str] = []

    def stop(progress: Progress) -> bool:
        asked.append(progress.doing)
        return progress.doing == whole.METHOD

    result = solve(jobs_that_meet(14, 10), objective=Objective.TARDINESS, budget=10**10, progress=stop)
    assert isinstance(result, Planned)
    assert not result.complete
    assert asked[-1] == whole.METHOD


def test_without_cp_sat_the_search_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """OR-Tools missing: the same plan as the other searches make, and only the trivial bound."""
    monkeypatch.setattr(whole, "available", lambda: False)
    problem = jobs_that_meet(6, 4)
    search = Search(Shop(problem), Objective.TARDINESS, BUDGET, 0, None)
    search.try_rules()
    assert not whole.worthwhile(search)
    result = solve(problem, objective=Objective.TARDINESS, budget=BUDGET)
    assert isinstance(result, Planned)
    assert result.method != whole.METHOD
