"""What has begun stays; what nothing has happened to stays too."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.scheduling.problem import (
    Commitment,
    Committed,
    Job,
    Machine,
    Mode,
    Operation,
    OperatorNeed,
    OperatorPool,
    Precedence,
    Problem,
    ProblemError,
    SetupMatrix,
    chain,
)
from lienmach.engines.scheduling.repair import repair
from lienmach.engines.scheduling.replan import closed, freeze
from lienmach.engines.scheduling.result import Infeasible, Objective, ObstacleKind, Planned
from lienmach.engines.scheduling.solve import solve
from lienmach.engines.scheduling.tests.problems import random_problem, with_waits


def planned(problem: Problem) -> Planned:
    result = solve(problem, objective=Objective.TARDINESS, budget=1000)
    assert isinstance(result, Planned), result
    return result


Line = tuple[Job, tuple[Precedence, ...]]


def line(name: str, *steps: tuple[str, int], due: int = 100, weight: int = 1) -> Line:
    operations = tuple(
        Operation(f"{name}{k}", (Mode(machine, duration),)) for k, (machine, duration) in enumerate(steps)
    )
    return Job(name, operations, due=due, weight=weight), chain(operations)


def shop(*lines: Line) -> Problem:
    links = tuple(link for _, each in lines for link in each)
    return Problem((Machine("M"), Machine("N")), tuple(job for job, _ in lines), links)


def test_what_has_begun_is_running_and_what_is_about_to_is_frozen() -> None:
    """Done, running, in the frozen zone, later."""
    problem = shop(line("A", ("M", 10), ("M", 10), ("M", 10), ("M", 10)))
    frozen = freeze(problem, planned(problem).solution, 25, now=15)
    committed = [operation.committed for _, operation in frozen.operations()]
    assert [each and (each.kind, each.start, each.end, each.remaining) for each in committed] == [
        (Commitment.FROZEN, 0, 10, None),
        (Commitment.RUNNING, 10, None, 5),
        (Commitment.FROZEN, 20, 30, None),
        None,
    ]
    assert (frozen.start, len(frozen.previous)) == (15, 4)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000_000), st.booleans(), st.integers(0, 100), st.integers(0, 60))
def test_the_frozen_zone_stands_and_the_rest_is_a_plan(seed: int, waits: bool, now: int, zone: int) -> None:
    """Whatever is frozen stays where it was, with people, batches, setups and waits."""
    problem = random_problem(seed)
    problem = with_waits(problem, seed) if waits else problem
    before = solve(problem, objective=Objective.TARDINESS, budget=500)
    if isinstance(before, Infeasible):
        return
    now += problem.start
    try:
        frozen = freeze(problem, before.solution, now + zone, now=now)
    except ProblemError:
        # What was committed in the first place may contradict itself once it is a fact.
        assert any(operation.committed for _, operation in problem.operations())
        return
    after = repair(frozen, before.solution, budget=1)
    if isinstance(after, Infeasible):
        kinds = {obstacle.kind for obstacle in after.obstacles}
        assert kinds <= {ObstacleKind.COMMITMENT, ObstacleKind.BLOCKED, ObstacleKind.WAIT}
        return
    for name, placed in before.solution.by_operation.items():
        if placed.end <= now or placed.start < now or placed.held_from < now + zone:
            again = after.solution.by_operation[name]
            assert (again.machine, again.start, again.end) == (placed.machine, placed.start, placed.end)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000_000), st.integers(0, 100))
def test_nothing_moves_when_nothing_has_happened(seed: int, now: int) -> None:
    """The old plan is among the answers, so it is the answer."""
    problem = random_problem(seed, plain=True)
    before = planned(problem)
    after = repair(freeze(problem, before.solution, now, now=problem.start), before.solution, budget=1)
    assert isinstance(after, Planned)
    assert after.evaluation.moved == 0


def test_a_breakdown_pushes_back_only_what_it_has_to() -> None:
    """The other machine's work goes on as planned; the broken one's follows when it is back."""
    problem = shop(
        line("A", ("M", 10), due=10), line("B", ("M", 10), due=20), line("C", ("N", 10)), line("D", ("N", 10))
    )
    before = planned(problem)
    broken = closed(freeze(problem, before.solution, 0), "M", (5, 12))
    after = repair(broken, before.solution)
    assert isinstance(after, Planned)
    found = {name: (each.start, each.end) for name, each in after.solution.by_operation.items()}
    assert found["A0"] == (0, 17)
    assert found["B0"] == (17, 27)
    assert after.evaluation.moved == 1


def test_a_breakdown_releases_what_was_confirmed_for_that_time() -> None:
    """A confirmed operation on a broken machine, and what was confirmed after it, are planned anew."""
    problem = shop(line("A", ("M", 10), ("N", 5)), line("B", ("N", 4)))
    before = planned(problem)
    broken = closed(freeze(problem, before.solution, 100), "M", (0, 30))
    committed = {operation.id: operation.committed is not None for _, operation in broken.operations()}
    assert committed == {"A0": False, "A1": False, "B0": True}
    after = repair(broken, before.solution)
    assert isinstance(after, Planned)
    assert after.solution.by_operation["A0"].start == 30


def test_a_running_operation_on_a_broken_machine_goes_on_later() -> None:
    """It has begun, so it is not moved; what was confirmed after it gives way."""
    problem = shop(line("A", ("M", 10), ("N", 5)))
    before = planned(problem)
    broken = closed(freeze(problem, before.solution, 12, now=4), "M", (4, 24))
    after = repair(broken, before.solution)
    assert isinstance(after, Planned)
    assert [(each.start, each.end) for each in after.solution.operations] == [(0, 30), (30, 35)]


def test_a_rush_order_is_fitted_in() -> None:
    """It is worth more than what it moves, and moves no more than that."""
    problem = shop(
        line("A", ("M", 10), due=100), line("B", ("M", 10), due=100), line("C", ("N", 10), ("N", 10), due=100)
    )
    before = planned(problem)
    frozen = freeze(problem, before.solution, 1)
    rush, links = line("R", ("M", 5), due=20, weight=50)
    urgent = replace(frozen, jobs=(*frozen.jobs, rush), precedences=(*frozen.precedences, *links))
    after = repair(urgent, before.solution)
    assert isinstance(after, Planned)
    assert after.evaluation.weighted_tardiness == 0
    assert after.evaluation.moved <= 1


def test_people_of_a_running_operation_stay_with_it() -> None:
    """Who works now is not asked to be elsewhere."""
    need = (OperatorNeed("turning"),)
    jobs = tuple(
        Job(name, (Operation(name, (Mode(machine, 10, operators=need),)),))
        for name, machine in (("A", "M"), ("B", "N"))
    )
    problem = Problem((Machine("M"), Machine("N")), jobs, operators=(OperatorPool("turner", ("turning",)),))
    before = planned(problem)
    after = repair(freeze(problem, before.solution, 5, now=5), before.solution)
    assert isinstance(after, Planned)
    assert after.evaluation.moved == 0
    assert [each.operators for each in after.solution.operations] == [("turner",), ("turner",)]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000_000))
def test_the_same_repair_twice_gives_the_same_plan(seed: int) -> None:
    """No clock, no chance."""
    problem = random_problem(seed)
    before = solve(problem, objective=Objective.TARDINESS, budget=500)
    if isinstance(before, Planned):
        first, second = (repair(problem, before.solution, budget=30_000, seed=5) for _ in range(2))
        assert first == second


def test_a_machine_is_set_up_for_what_runs_on_it_whatever_was_done_before() -> None:
    """What is past counts only as far as nothing has been set up since."""

    def first_setup(running: str | None) -> tuple[int | None, int]:
        past = Committed(Commitment.FROZEN, "M", 0, 10)
        now = Committed(Commitment.RUNNING, "M", 10, remaining=5)
        steps = (
            Operation("past", (Mode("M", 10, family="a"),), committed=past),
            Operation("now", (Mode("M", 20, family=running),), committed=now),
            Operation("next", (Mode("M", 5, family="b"),)),
        )
        problem = Problem(
            (Machine("M", setups="s"),),
            (Job("A", steps),),
            chain(steps),
            setups=(SetupMatrix("s", (("a", "b", 3), ("c", "b", 7))),),
            start=25,
        )
        placed = planned(problem).solution.by_operation["next"]
        return placed.setup_start, placed.start

    assert first_setup("c") == (30, 37)
    assert first_setup(None) == (30, 33)
    assert first_setup("b") == (None, 30)
