"""Random problems that use everything the solver supports; the same number gives the same problem."""

from __future__ import annotations

import random
from dataclasses import replace

from lienmach.engines.scheduling.problem import (
    Commitment,
    Committed,
    During,
    Job,
    Machine,
    MaterialReady,
    Mode,
    Operation,
    OperatorNeed,
    OperatorPool,
    Precedence,
    PreviousPlace,
    Problem,
    ProblemError,
    SetupMatrix,
    Window,
    chain,
)
from lienmach.engines.scheduling.result import Objective

FAMILIES = ("red", "green", "blue")
LAST_SHIFT = 4000


def shifts(rng: random.Random) -> tuple[Window, ...] | None:
    """Always open, or irregular shifts with closed time between them."""
    if rng.random() < 0.4:
        return None
    result, t = [], rng.randrange(-20, 10)
    while t < LAST_SHIFT:
        end = t + rng.randrange(25, 60)
        result.append((t, end))
        t = end + rng.randrange(1, 30)
    return tuple(result)


def random_problem(seed: int, *, plain: bool = False) -> Problem:
    """A small shop; `plain` leaves out people, batches and commitments."""
    rng = random.Random(seed)
    matrices = tuple(
        SetupMatrix(
            f"matrix {k}",
            tuple((a, b, rng.randrange(0, 8)) for a in FAMILIES for b in FAMILIES if a != b),
            needs_job=rng.random() < 0.3,
        )
        for k in range(2)
    )
    machines = [
        Machine(
            f"M{k}",
            shifts(rng),
            batch_capacity=1 if plain or rng.random() < 0.7 else rng.randrange(2, 5),
            setups=rng.choice([None, "matrix 0", "matrix 1"]),
            initial_family=rng.choice([None, "red"]),
        )
        for k in range(rng.randrange(1, 5))
    ]
    if not plain and rng.random() < 0.5:
        machines.append(Machine("outside", shifts(rng), unlimited=True))
    pools = () if plain else _pools(rng)
    jobs, precedences = [], []
    for number in range(rng.randrange(1, 8)):
        operations = tuple(
            _operation(rng, f"J{number}.{step}", machines, pools, plain)
            for step in range(rng.randrange(1, 5))
        )
        jobs.append(
            Job(
                f"J{number}",
                operations,
                release=rng.choice([0, 0, rng.randrange(80)]),
                due=rng.choice([None, rng.randrange(50, 300)]),
                weight=rng.randrange(0, 5),
            )
        )
        precedences.extend(chain(operations, min_wait=rng.choice([0, 0, rng.randrange(20)])))
    for after, job in enumerate(jobs):
        # Sub-assemblies: only later jobs wait for earlier ones, so there is no circle.
        if after and rng.random() < 0.3:
            before = rng.choice(jobs[:after])
            precedences.append(Precedence(before.operations[-1].id, job.operations[0].id, rng.randrange(5)))
    problem = Problem(
        tuple(machines), tuple(jobs), tuple(precedences), pools, matrices, start=rng.choice([0, 7])
    )
    return problem if plain else _with_commitments(rng, problem)


def _pools(rng: random.Random) -> tuple[OperatorPool, ...]:
    if rng.random() < 0.4:
        return ()
    return (
        OperatorPool("day", ("turn", "mill"), rng.randrange(1, 3), shifts(rng)),
        OperatorPool("setter", ("set", "turn"), 1),
    )


def _operation(
    rng: random.Random, name: str, machines: list[Machine], pools: tuple[OperatorPool, ...], plain: bool
) -> Operation:
    chosen = rng.sample(machines, rng.randrange(1, min(3, len(machines)) + 1))
    recipe = rng.choice(["soft", "hard", None])
    family = rng.choice([*FAMILIES, None])
    modes = []
    for machine in chosen:
        needs: tuple[OperatorNeed, ...] = ()
        if pools and rng.random() < 0.5:
            needs = rng.choice(
                [
                    (OperatorNeed("turn"),),
                    (OperatorNeed("set", During.SETUP),),
                    (OperatorNeed("mill"), OperatorNeed("set", During.SETUP)),
                ]
            )
        modes.append(
            Mode(
                machine.id,
                rng.randrange(0 if rng.random() < 0.1 else 1, 22),
                family=family,
                setup=0 if machine.unlimited else rng.choice([0, 0, 3]),
                operators=needs,
            )
        )
    return Operation(
        name,
        tuple(modes),
        # One interval is at least 25 long, but what machine and people share may be shorter.
        resumable=rng.random() < 0.6 or bool(pools),
        recipe=None if plain else recipe,
        load=1 if plain else rng.randrange(1, 3),
        material=(MaterialReady(rng.randrange(60), "steel"),) if rng.random() < 0.2 else (),
    )


def _with_commitments(rng: random.Random, problem: Problem) -> Problem:
    """Freeze some operations or let them run, sometimes with people, as long as they do not collide."""
    for _ in range(rng.choice((0, 0, 1, 3))):
        jobs = list(problem.jobs)
        number = rng.randrange(len(jobs))
        job = jobs[number]
        place = rng.randrange(len(job.operations)) if rng.random() < 0.3 else 0
        chosen = job.operations[place]
        mode = rng.choice(chosen.modes)
        people: tuple[str, ...] = ()
        if mode.operators and rng.random() < 0.7:
            people = tuple(
                next(pool.id for pool in problem.operators if need.skill in pool.skills)
                for need in mode.operators
            )
        if rng.random() < 0.4 and not place:
            committed = Committed(
                Commitment.RUNNING,
                mode.machine,
                problem.start - 3,
                remaining=rng.randrange(9),
                operators=people,
            )
        else:
            start = rng.randrange(0, 60) + 150 * place
            end = start + rng.randrange(1, 30)
            committed = Committed(Commitment.FROZEN, mode.machine, start, end, operators=people)
        operations = list(job.operations)
        operations[place] = replace(chosen, committed=committed)
        jobs[number] = replace(job, operations=tuple(operations))
        try:
            problem = replace(problem, jobs=tuple(jobs))
        except ProblemError:
            continue
    return problem


def with_waits(problem: Problem, seed: int) -> Problem:
    """The problem with maximum waits on some precedences, transfer batches on others, or both."""
    rng = random.Random(seed)
    jobs = tuple(
        replace(
            job,
            operations=tuple(
                replace(operation, quantity=rng.randrange(1, 9)) for operation in job.operations
            ),
        )
        for job in problem.jobs
    )
    quantity = {operation.id: operation.quantity for job in jobs for operation in job.operations}
    precedences = []
    for precedence in problem.precedences:
        what = rng.random()
        if what < 0.45:
            wait = precedence.min_wait + rng.choice([0, 3, 20, 100])
            precedence = replace(precedence, max_wait=wait)
        if what > 0.3 and rng.random() < 0.5:
            pieces = rng.randrange(1, quantity[precedence.before] + 1)
            precedence = replace(precedence, transfer_quantity=pieces)
        precedences.append(precedence)
    return replace(problem, jobs=jobs, precedences=tuple(precedences))


def with_previous(problem: Problem, seed: int) -> Problem:
    """The problem with a previous plan for most of its operations, and for one that is over."""
    rng = random.Random(seed)
    places = [
        PreviousPlace(operation.id, rng.choice(operation.modes).machine, rng.randrange(200))
        for _, operation in problem.operations()
        if rng.random() < 0.8
    ]
    return replace(problem, previous=(*places, PreviousPlace("done", "M0", 0)), tolerance=rng.choice((0, 20)))


def from_start(rank: tuple[int, ...], objective: Objective, problem: Problem) -> tuple[int, ...]:
    """The rank of a draft with its makespan counted from the plan's start, as evaluations have it."""
    place = 0 if objective is Objective.MAKESPAN else -1
    numbers = list(rank)
    numbers[place] -= problem.start
    return tuple(numbers)
