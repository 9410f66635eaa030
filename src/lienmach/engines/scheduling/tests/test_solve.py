"""Whatever the problem, the answer is a plan that the verifier accepts, or a reason."""

from __future__ import annotations

import csv
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.scheduling.bounds import lower_bound
from lienmach.engines.scheduling.budget import work_for
from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.document import (
    problem_from_json,
    problem_to_json,
    solution_from_json,
    solution_to_json,
)
from lienmach.engines.scheduling.draft import rank_of, solution_of
from lienmach.engines.scheduling.explain import explain, explain_late
from lienmach.engines.scheduling.formats import read
from lienmach.engines.scheduling.problem import (
    Commitment,
    Committed,
    Job,
    Machine,
    MaterialReady,
    Mode,
    Operation,
    OperatorNeed,
    OperatorPool,
    Precedence,
    Problem,
    SetupMatrix,
    chain,
)
from lienmach.engines.scheduling.result import Infeasible, Objective, ObstacleKind, Planned
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.search import Progress
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.solution import BindingKind
from lienmach.engines.scheduling.solve import solve
from lienmach.engines.scheduling.tests.problems import from_start, random_problem
from lienmach.engines.scheduling.verify import verify

DATA = Path(os.environ.get("LIENMACH_TEST_DATA", "../shared/data")) / "production"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"benchmark data not found at {DATA}")


def planned(problem: Problem, objective: Objective = Objective.TARDINESS, budget: int = 3000) -> Planned:
    result = solve(problem, objective=objective, budget=budget)
    assert isinstance(result, Planned), result
    return result


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000_000))
def test_every_rule_makes_plans_that_verify(seed: int) -> None:
    """Calendars, setups, people, batches, waits, frozen and running operations, all mixed at random."""
    problem = random_problem(seed)
    shop = Shop(problem)
    for rule in rules_for(shop, tardiness=True):
        draft = dispatch(shop, rule)
        if draft.obstacles:
            assert all(o.kind in (ObstacleKind.COMMITMENT, ObstacleKind.BLOCKED) for o in draft.obstacles)
            continue
        report = verify(problem, solution_of(shop, draft))
        assert report.ok, (rule.name, report.violations)
        assert report.evaluation is not None
        for objective in Objective:
            assert from_start(rank_of(shop, draft, objective), objective, problem) == report.evaluation.rank(
                objective
            )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000_000), st.sampled_from(Objective))
def test_results_are_bounded_explained_and_survive_json(seed: int, objective: Objective) -> None:
    """No plan beats its bound; every operation has a reason; every chain is gapless and ends with the job."""
    problem = random_problem(seed)
    result = solve(problem, objective=objective, budget=2000, seed=seed)
    if isinstance(result, Infeasible):
        return
    assert result.lower_bound is not None
    assert result.evaluation.rank(objective)[0] >= result.lower_bound
    assert solution_from_json(solution_to_json(result.solution)) == result.solution
    assert all(placed.reason is not None for placed in result.solution.operations)
    for job in problem.jobs:
        explanation = explain(problem, result.solution, job.id)
        chain_ = explanation.chain
        assert all(a.end == b.start for a, b in pairwise(chain_))
        assert not chain_ or chain_[-1].end == explanation.end
        assert sum(cause.seconds for cause in explanation.causes) == sum(s.end - s.start for s in chain_)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000_000))
def test_the_same_budget_and_seed_give_the_same_bytes(seed: int) -> None:
    """A plan that changes when nothing changed cannot be trusted."""
    problem = random_problem(seed)
    again = problem_from_json(problem_to_json(problem))
    assert again == problem
    first = solve(problem, objective=Objective.TARDINESS, budget=20_000, seed=3)
    second = solve(again, objective=Objective.TARDINESS, budget=20_000, seed=3)
    assert first == second
    if isinstance(first, Planned) and isinstance(second, Planned):
        assert solution_to_json(first.solution) == solution_to_json(second.solution)


def test_more_work_is_never_worse_and_the_search_can_be_stopped() -> None:
    """A planner may be interrupted at any moment and still hands over its best plan."""
    # The trivial bound of jobs that queue for one machine is out of reach, so the search would go on.
    jobs = [Job(str(k), (Operation(str(k), (Mode("M", 3 + 7 * k % 11),)),), due=20) for k in range(9)]
    problem = one_machine(*jobs)
    values = [planned(problem, budget=budget).evaluation.weighted_tardiness for budget in (1, 5000, 200_000)]
    assert values == sorted(values, reverse=True)
    seen: list[Progress] = []

    def stop(progress: Progress) -> bool:
        seen.append(progress)
        return len(seen) == 2

    result = solve(problem, objective=Objective.TARDINESS, budget=10**9, progress=stop)
    assert isinstance(result, Planned)
    assert not result.complete
    assert len(seen) == 2


def test_seconds_become_work() -> None:
    """The budget is what is recorded, so it must not depend on the computer."""
    problem = random_problem(1)
    assert 1 <= work_for(0.000001, problem) < work_for(1.0, problem) < work_for(2.0, problem)
    with pytest.raises(ValueError, match="more than 0"):
        work_for(0, problem)


# -- known optima ------------------------------------------------------------------------------------------


@needs_data
@pytest.mark.parametrize("row", ["fattahi1", "fattahi5", "fattahi9", "kacem1", "kacem2", "kacem3", "la01"])
def test_bound_optimum_and_plan_are_in_order(row: str) -> None:
    """On published instances: lower bound <= optimum <= plan, and the plan is not far off."""
    with (DATA / "best_known_bounds.csv").open() as file:
        entry = next(line for line in csv.DictReader(file) if line["instance"] == row)
    problem = read((DATA / entry["file"]).read_text())
    optimum = int(entry["upper_bound"])
    result = planned(problem, Objective.MAKESPAN, 100_000)
    assert result.lower_bound is not None
    assert result.lower_bound <= optimum <= result.evaluation.makespan <= 1.15 * optimum


@needs_data
def test_batching_instance_is_planned() -> None:
    """Complex job shop: the published best value bounds a plan made in a second."""
    problem = read((DATA / "cjs/random01.cjs.input").read_text())
    result = planned(problem, Objective.TARDINESS, 300_000)
    assert 10_011 <= result.evaluation.weighted_tardiness <= 14_000
    assert any(placed.batch for placed in result.solution.operations)


# -- one thing at a time -----------------------------------------------------------------------------------


def one_machine(*jobs: Job, **machine: object) -> Problem:
    return Problem((Machine("M", **machine),), jobs)  # type: ignore[arg-type]


def test_work_pauses_over_closed_time_but_not_when_it_must_not() -> None:
    """Eight hours of turning go on tomorrow; a casting does not."""
    hours = ((0, 10), (20, 40))
    paused = planned(one_machine(Job("A", (Operation("A", (Mode("M", 15),)),)), open=hours))
    whole = planned(one_machine(Job("A", (Operation("A", (Mode("M", 15),), resumable=False),)), open=hours))
    assert [(p.start, p.end) for p in paused.solution.operations] == [(0, 25)]
    assert [(p.start, p.end) for p in whole.solution.operations] == [(20, 35)]
    reason = whole.solution.operations[0].reason
    assert reason is not None
    assert (reason.kind, reason.cause) == (BindingKind.CALENDAR, "M")


def test_a_furnace_is_filled_with_one_recipe() -> None:
    """Three soft lots and a hard one in a furnace for three: two batches, the soft ones together."""
    recipes = ("soft", "soft", "hard", "soft")
    jobs = [
        Job(str(k), (Operation(str(k), (Mode("M", 10),), recipe=recipe),), due=0)
        for k, recipe in enumerate(recipes)
    ]
    result = planned(one_machine(*jobs, batch_capacity=3))
    starts = {placed.operation: placed.start for placed in result.solution.operations}
    assert result.evaluation.makespan == 20
    assert starts["0"] == starts["1"] == starts["3"] != starts["2"]


def test_one_setter_sets_up_one_machine_at_a_time() -> None:
    """The second machine waits for the person, not for the first machine's work."""
    need = (OperatorNeed("setting", count=1),)
    jobs = [Job(m, (Operation(m, (Mode(m, 10, operators=need),)),), due=0) for m in "MN"]
    problem = Problem(
        (Machine("M"), Machine("N")), tuple(jobs), operators=(OperatorPool("Lan", ("setting",), 1),)
    )
    result = planned(problem)
    second = max(result.solution.operations, key=lambda placed: placed.start)
    assert second.start == 10
    assert second.reason is not None
    assert second.reason.kind is BindingKind.OPERATOR


def test_changeovers_are_avoided_when_they_cost_more_than_they_bring() -> None:
    """Families in turn would set up every time; makespan asks for two blocks."""
    jobs = [Job(str(k), (Operation(str(k), (Mode("M", 5, family="ab"[k % 2]),)),)) for k in range(6)]
    problem = Problem((Machine("M", setups="s"),), tuple(jobs), setups=(SetupMatrix("s", (), default=50),))
    result = planned(problem, Objective.MAKESPAN, 50_000)
    assert result.evaluation.makespan == 6 * 5 + 50


def test_the_chain_names_the_late_material() -> None:
    """The purchase is what has to be expedited, and the chain says so."""
    steps = (
        Operation("1", (Mode("M", 10),), material=(MaterialReady(100, "PO 17 steel"),)),
        Operation("2", (Mode("N", 10),)),
    )
    problem = Problem((Machine("M"), Machine("N")), (Job("A", steps, due=50),), chain(steps))
    (explanation,) = explain_late(problem, planned(problem).solution)
    assert explanation.late_by == 70
    assert explanation.causes[0].place == "PO 17 steel"
    assert explanation.causes[0].seconds == 100


def test_sub_assemblies_are_as_urgent_as_the_order_that_waits() -> None:
    """A part without a due date of its own must not be left for last."""
    part = Job("part", (Operation("part", (Mode("M", 10),)),))
    other = Job("other", (Operation("other", (Mode("M", 10),)),), due=1000)
    order = Job("order", (Operation("order", (Mode("N", 10),)),), due=20)
    problem = Problem((Machine("M"), Machine("N")), (other, part, order), (Precedence("part", "order"),))
    assert planned(problem, budget=1).evaluation.weighted_tardiness == 0


# -- no plan -----------------------------------------------------------------------------------------------


def obstacles(problem: Problem) -> list[ObstacleKind]:
    result = solve(problem, objective=Objective.TARDINESS, budget=1000)
    assert isinstance(result, Infeasible)
    return [obstacle.kind for obstacle in result.obstacles]


def test_an_operation_that_fits_no_shift_is_an_obstacle_and_so_is_what_waits_for_it() -> None:
    """The reason names the operation, not a stack trace."""
    steps = (Operation("1", (Mode("M", 15),), resumable=False), Operation("2", (Mode("M", 1),)))
    problem = Problem((Machine("M", open=((0, 10), (20, 30))),), (Job("A", steps),), chain(steps))
    assert obstacles(problem) == [ObstacleKind.NEVER_OPEN, ObstacleKind.BLOCKED]


def test_a_calendar_that_ends_is_an_obstacle() -> None:
    """After its last interval a machine is closed for ever, so the horizon must be long enough."""
    problem = one_machine(Job("A", (Operation("A", (Mode("M", 15),)),)), open=((0, 10),))
    assert obstacles(problem) == [ObstacleKind.NEVER_OPEN]


def test_a_frozen_operation_before_its_predecessor_is_an_obstacle() -> None:
    """A freeze that cannot be kept is said, not broken."""
    steps = (
        Operation("1", (Mode("M", 15),)),
        Operation("2", (Mode("N", 5),), committed=Committed(Commitment.FROZEN, "N", 10, 15)),
    )
    problem = Problem((Machine("M"), Machine("N")), (Job("A", steps),), chain(steps))
    assert obstacles(problem) == [ObstacleKind.COMMITMENT]


def test_bounds_count_the_longest_chain_and_all_the_work() -> None:
    """Two trivial bounds, by hand."""
    steps = (Operation("1", (Mode("M", 4), Mode("N", 6))), Operation("2", (Mode("M", 9),)))
    more = tuple(Job(str(k), (Operation(f"x{k}", (Mode("M", 5), Mode("N", 5))),)) for k in range(4))
    first = Job("A", steps, due=10, weight=3)
    problem = Problem((Machine("M"), Machine("N")), (first,), chain(steps))
    assert lower_bound(problem, Objective.MAKESPAN) == 13
    assert lower_bound(problem, Objective.TARDINESS) == 9
    busy = Problem((Machine("M"), Machine("N")), (first, *more), chain(steps))
    assert lower_bound(busy, Objective.MAKESPAN) == 17
