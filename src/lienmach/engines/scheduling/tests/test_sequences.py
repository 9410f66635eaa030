"""The list search: everything a shop may have, always a schedule, the same with and without a compiler."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.draft import rank_of, solution_of
from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.search import Search
from lienmach.engines.scheduling.sequences import improve
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.tests.problems import random_problem
from lienmach.engines.scheduling.verify import verify

pytest.importorskip("numpy")


def plain_waits(problem: Problem) -> Problem:
    """Only minimum waits, and everything is late."""
    kept = (replace(each, max_wait=None, transfer_quantity=None) for each in problem.precedences)
    jobs = (replace(job, due=10, weight=1 + job.weight) for job in problem.jobs)
    return replace(problem, precedences=tuple(kept), jobs=tuple(jobs))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000_000), st.sampled_from(Objective))
def test_every_list_is_a_schedule_of_the_value_it_says(seed: int, objective: Objective) -> None:
    """People, furnaces, closed time, setups and frozen operations: the verifier finds nothing."""
    from lienmach.engines.scheduling.sequences import board as boards
    from lienmach.engines.scheduling.sequences import kernel

    problem = plain_waits(random_problem(seed))
    shop = Shop(problem)
    draft = dispatch(shop, rules_for(shop, tardiness=True)[0])
    if draft.obstacles or all(operation.committed is not None for operation in shop.operations):
        return
    board = boards.board_of(shop, objective, draft, seed)
    boards.set_temperatures(board, 10.0, 0.5)
    for steps in (0, 5_000 if improve_compiled() else 200):
        if steps:
            kernel.run(*board, steps)
            kernel.restore(board.ops, board.reg)
        value = kernel.place(*board, kernel.WORST)
        assert value < kernel.WORST
        assert not steps or value == board.reg[kernel.BEST]
        found = boards.draft_of(shop, board)
        report = verify(problem, solution_of(shop, found))
        assert report.ok, report.violations
        if objective is Objective.TARDINESS:
            assert rank_of(shop, found, objective)[0] == board.reg[kernel.LATE]


def improve_compiled() -> bool:
    from lienmach.engines.scheduling.search.compiled import COMPILED

    return COMPILED


PROGRAM = """
from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.sequences import board as boards, kernel
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.tests.problems import random_problem
from lienmach.engines.scheduling.tests.test_sequences import plain_waits
for seed in (3, 8, 24, 33):
    shop = Shop(plain_waits(random_problem(seed)))
    draft = dispatch(shop, rules_for(shop, tardiness=True)[0])
    if draft.obstacles:
        continue
    board = boards.board_of(shop, Objective.TARDINESS, draft, 5)
    boards.set_temperatures(board, 20.0, 1.0)
    kernel.run(*board, 3000)
    print(board.reg.tolist(), board.ops.tolist())
"""


def test_compiled_and_plain_give_the_same_bytes() -> None:
    """A workshop without Numba gets the plan of one that has it, only later."""
    answers = set()
    for disabled in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        program = [sys.executable, "-W", "error::RuntimeWarning", "-c", PROGRAM]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
        answers.add(done.stdout)
    assert len(answers) == 1
    assert len(answers.pop()) > 1000


def test_the_search_improves_on_rules_and_keeps_its_budget() -> None:
    """People and furnaces included; never worse than where it began."""
    problem = plain_waits(random_problem(33))
    search = Search(Shop(problem), Objective.TARDINESS, 3 * improve.LOADING, 0, None)
    search.try_rules()
    before = search.found[0].rank
    assert improve.worthwhile(search)
    improve.anneal(search, 1)
    assert search.found[0].rank <= before
    assert search.work <= search.budget * 1.05
