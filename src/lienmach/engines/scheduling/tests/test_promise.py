"""One more order, and nobody else moves: whatever the shop, the verifier accepts the schedule with both."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.scheduling.insertion import Booked, in_another_shop, pull_forward
from lienmach.engines.scheduling.problem import Job, Machine, Mode, Operation, Problem, SetupMatrix, chain
from lienmach.engines.scheduling.promise import moved, promise
from lienmach.engines.scheduling.result import Infeasible, Objective, Planned
from lienmach.engines.scheduling.solution import Solution
from lienmach.engines.scheduling.solve import solve
from lienmach.engines.scheduling.tests.problems import random_problem
from lienmach.engines.scheduling.verify import verify


def without(problem: Problem, job: str) -> Problem:
    """The problem before the order `job` came in."""
    gone = {operation.id for each in problem.jobs if each.id == job for operation in each.operations}
    return replace(
        problem,
        jobs=tuple(each for each in problem.jobs if each.id != job),
        precedences=tuple(p for p in problem.precedences if p.before not in gone and p.after not in gone),
    )


def is_free(problem: Problem, job: Job) -> bool:
    """Nothing of it is committed, and no other job waits for it."""
    own = {operation.id for operation in job.operations}
    waited_for = any(p.before in own and p.after not in own for p in problem.precedences)
    return not waited_for and all(operation.committed is None for operation in job.operations)


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_promise_fits_and_moves_nobody(seed: int) -> None:
    """Any shop with setups, people, furnaces, closed time and commitments."""
    problem = random_problem(seed)
    leaves = [job for job in problem.jobs if is_free(problem, job)]
    if not leaves or len(problem.jobs) < 2:
        return
    new = random.Random(seed).choice(leaves).id
    before = without(problem, new)
    booked = solve(before, objective=Objective.TARDINESS, budget=2000)
    if not isinstance(booked, Planned):
        return
    answer = promise(problem, booked.solution)
    if isinstance(answer, Infeasible):
        assert answer.obstacles
        return
    assert verify(problem, answer).ok
    assert not moved(booked.solution, answer)


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_pulling_forward_moves_nobody_back(seed: int) -> None:
    """Every operation ends when it did, or earlier, in a schedule that the verifier accepts."""
    problem = random_problem(seed)
    planned = solve(problem, objective=Objective.TARDINESS, budget=500)
    if not isinstance(planned, Planned):
        return
    # A shop that opens around the clock, and a twin of a machine, leave room to move into.
    easier = replace(
        problem,
        machines=tuple(replace(machine, open=None) for machine in problem.machines),
        operators=tuple(replace(pool, open=None, size=pool.size + 1) for pool in problem.operators),
    )
    for changed in (problem, easier):
        if changed is easier and any(o.committed for _, o in problem.operations()):
            continue
        booked = Booked(changed, planned.solution)
        pull_forward(booked, [operation.id for _, operation in changed.operations()], budget=10**6)
        after = booked.solution()
        report = verify(changed, after)
        assert report.ok, report.violations
        ends = planned.solution.by_operation
        assert all(placed.end <= ends[placed.operation].end for placed in after.operations)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_schedule_visits_another_shop_and_comes_back(seed: int) -> None:
    """There it does what a schedule read anew does; back home everything stands as before."""
    problem = random_problem(seed)
    planned = solve(problem, objective=Objective.TARDINESS, budget=500)
    if not isinstance(planned, Planned) or any(o.committed for _, o in problem.operations()):
        return
    rng = random.Random(seed)
    names = [operation.id for _, operation in problem.operations()]
    chosen = rng.choice(problem.machines)
    twin = replace(chosen, id="twin")
    jobs = tuple(
        replace(
            job,
            release=0,
            operations=tuple(
                replace(
                    o,
                    modes=(
                        *o.modes,
                        *(replace(m, machine="twin") for m in o.modes if m.machine == chosen.id),
                    ),
                )
                for o in job.operations
            ),
        )
        for job in problem.jobs
    )
    others = [
        replace(problem, machines=(*problem.machines, twin), jobs=jobs),
        replace(
            problem,
            machines=tuple(replace(m, open=None) if m is chosen else m for m in problem.machines),
            operators=tuple(replace(pool, open=None, size=pool.size + 1) for pool in problem.operators),
        ),
        replace(problem, precedences=tuple(replace(p, min_wait=0) for p in problem.precedences)),
    ]
    home = Booked(problem, planned.solution)
    before = home.solution().by_operation
    for other in others:
        anew = Booked(other, planned.solution)
        assert pull_forward(anew, names, budget=10**6) in (True, False)
        with in_another_shop(home, other) as visiting:
            pull_forward(visiting, names, budget=10**6)
            there = visiting.solution()
            assert verify(other, there).ok
            assert [(p.operation, p.machine, p.start, p.end) for p in there.operations] == [
                (p.operation, p.machine, p.start, p.end) for p in anew.solution().operations
            ]
        assert home.solution().by_operation == before
    assert not pull_forward(Booked(problem, planned.solution), names, budget=10**6) or pull_forward(
        home, names, budget=10**6
    )


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_changes_can_be_taken_back(seed: int) -> None:
    """After a rollback everything stands as before, and people are free as before."""
    problem = random_problem(seed)
    planned = solve(problem, objective=Objective.TARDINESS, budget=500)
    if not isinstance(planned, Planned):
        return
    booked = Booked(problem, planned.solution)
    before = booked.solution()
    names = [operation.id for _, operation in problem.operations()]
    mark = booked.mark()
    for name in names:
        run = booked.run_of.get(name)
        if run is not None and not run.fixed:
            booked.take_out(run)
    booked.rollback(mark)
    assert booked.solution().by_operation == before.by_operation
    pull_forward(booked, names, budget=10**6)
    assert verify(problem, booked.solution()).ok


def test_a_gap_is_used_only_if_both_setups_fit() -> None:
    """Red, then red: between them blue fits only with a setup to blue and one back to red."""
    matrix = SetupMatrix("m", (), default=10)
    machine = Machine("M", setups="m", initial_family="red")

    def job(name: str, duration: int, family: str, release: int = 0) -> Job:
        return Job(name, (Operation(f"{name}.1", (Mode("M", duration, family),)),), release=release, due=500)

    for length in (30, 31):
        jobs = (job("A", 10, "red"), job("B", 50, "red", release=60))
        booked = solve(Problem((machine,), jobs, setups=(matrix,)), objective=Objective.TARDINESS, budget=1)
        assert isinstance(booked, Planned)
        assert booked.solution.by_operation["B.1"].start == 60
        whole = Problem((machine,), (*jobs, job("C", length, "blue")), setups=(matrix,))
        answer = promise(whole, booked.solution)
        assert isinstance(answer, Solution)
        if length == 30:
            assert answer.by_operation["C.1"].start == 20
            assert answer.by_operation["B.1"].setup_start == 50
        else:
            assert answer.by_operation["C.1"].start == 120


def test_an_order_joins_a_furnace_load_that_has_room() -> None:
    """A load that is booked anyway takes the new pieces along."""
    furnace = Machine("F", batch_capacity=4)

    def job(name: str, load: int, release: int) -> Job:
        operation = Operation(f"{name}.1", (Mode("F", 100),), recipe="hard", load=load)
        return Job(name, (operation,), release=release, due=500)

    booked = solve(Problem((furnace,), (job("A", 2, 50),)), objective=Objective.TARDINESS, budget=1)
    assert isinstance(booked, Planned)
    small = promise(Problem((furnace,), (job("A", 2, 50), job("B", 2, 0))), booked.solution)
    assert isinstance(small, Solution)
    assert small.by_operation["B.1"].start == 50
    assert small.by_operation["B.1"].batch == small.by_operation["A.1"].batch
    large = promise(Problem((furnace,), (job("A", 2, 50), job("B", 3, 0))), booked.solution)
    assert isinstance(large, Solution)
    assert large.by_operation["B.1"].start == 150


def test_maximum_waits_are_kept() -> None:
    """Glue dries: the second step must follow at once, so the first waits for the machine of the second."""
    machines = (Machine("A"), Machine("B"))
    long = Job("long", (Operation("long.1", (Mode("B", 100),)),), due=1)
    first, second = Operation("n.1", (Mode("A", 10),)), Operation("n.2", (Mode("B", 10),))
    booked = solve(Problem(machines, (long,)), objective=Objective.TARDINESS, budget=1)
    assert isinstance(booked, Planned)
    (wait,) = chain((first, second))
    problem = Problem(machines, (long, Job("n", (first, second))), precedences=(replace(wait, max_wait=5),))
    answer = promise(problem, booked.solution)
    assert isinstance(answer, Solution)
    assert answer.by_operation["n.2"].start == 100
    assert answer.by_operation["n.1"].end >= 95


def test_what_fits_nowhere_is_named() -> None:
    """A calendar that ends too early is an answer, not a crash."""
    problem = Problem((Machine("M", ((0, 5),)),), (Job("J", (Operation("J.1", (Mode("M", 9),)),)),))
    answer = promise(problem, Solution(()))
    assert isinstance(answer, Infeasible)
    assert answer.obstacles[0].operation == "J.1"
