"""Maximum waits and transfer batches: kept by every plan, and refused by the verifier when they are not."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.draft import rank_of, solution_of
from lienmach.engines.scheduling.explain import explain
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
    SetupMatrix,
    Window,
)
from lienmach.engines.scheduling.result import Infeasible, Objective, ObstacleKind, Planned
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.solution import BindingKind, ScheduledOperation, Solution
from lienmach.engines.scheduling.solve import solve
from lienmach.engines.scheduling.tests.problems import from_start, random_problem, with_previous, with_waits
from lienmach.engines.scheduling.verify import ViolationKind, verify

_FOUND_OUT = {ObstacleKind.COMMITMENT, ObstacleKind.BLOCKED, ObstacleKind.WAIT}


def plan(problem: Problem) -> dict[str, ScheduledOperation]:
    result = solve(problem, objective=Objective.TARDINESS, budget=3000)
    assert isinstance(result, Planned), result
    return result.solution.by_operation


def times(problem: Problem) -> dict[str, tuple[int, int]]:
    return {name: (placed.start, placed.end) for name, placed in plan(problem).items()}


def op(name: str, machine: str, duration: int, quantity: int = 1, *, resumable: bool = True) -> Operation:
    return Operation(name, (Mode(machine, duration),), resumable=resumable, quantity=quantity)


def two(
    first: Operation, second: Operation, link: Precedence, *machines: Machine, others: tuple[Job, ...] = ()
) -> Problem:
    return Problem(machines, (Job("A", (first, second), due=1000, weight=9), *others), (link,))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000_000), st.booleans())
def test_every_rule_keeps_all_waits(seed: int, plain: bool) -> None:
    """People, batches, waits, transfer batches, setups, calendars and commitments, all at random."""
    problem = with_previous(with_waits(random_problem(seed, plain=plain), seed), seed)
    shop = Shop(problem)
    for rule in rules_for(shop, tardiness=True)[:6]:
        draft = dispatch(shop, rule)
        if draft.obstacles:
            assert {obstacle.kind for obstacle in draft.obstacles} <= _FOUND_OUT
            continue
        report = verify(problem, solution_of(shop, draft))
        assert report.ok, (rule.name, report.violations)
        assert report.evaluation is not None
        for objective in Objective:
            assert from_start(rank_of(shop, draft, objective), objective, problem) == report.evaluation.rank(
                objective
            )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000_000))
def test_always_open_shops_have_room_for_every_wait(seed: int) -> None:
    """Without calendars, setups, people and batches there is always a plan: later everything is free."""
    problem = random_problem(seed, plain=True)
    machines = tuple(Machine(machine.id) for machine in problem.machines)
    jobs = tuple(
        replace(
            job,
            operations=tuple(
                replace(each, modes=tuple(Mode(m.machine, m.duration) for m in each.modes))
                for each in job.operations
            ),
        )
        for job in problem.jobs
    )
    linked = with_waits(replace(problem, machines=machines, jobs=jobs, setups=()), seed)
    # Two that wait for one another's machine have no plan, wherever they go: only straight lines here.
    seen: set[str] = set()
    lines = []
    for precedence in linked.precedences:
        if precedence.after not in seen and precedence.before.split(".")[0] == precedence.after.split(".")[0]:
            seen.add(precedence.after)
            lines.append(precedence)
    linked = replace(linked, precedences=tuple(lines))
    for rule in rules_for(Shop(linked), tardiness=True)[:3]:
        assert not dispatch(Shop(linked), rule).obstacles


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000_000))
def test_a_plan_that_was_tampered_with_is_refused(seed: int) -> None:
    """Whatever is moved, shortened or sent elsewhere: the verifier notices, or the plan is still allowed."""
    problem = with_waits(random_problem(seed), seed)
    result = solve(problem, objective=Objective.TARDINESS, budget=1000)
    if isinstance(result, Infeasible):
        return
    rng = random.Random(seed)
    placements = list(result.solution.operations)
    for k, placed in enumerate(placements):
        changed = list(placements)
        changed[k] = replace(placed, end=placed.end + rng.randrange(1, 50))
        # A longer operation is never what was asked for; the two exceptions take no working time.
        assert not verify(problem, Solution(tuple(changed))).ok
    for precedence in problem.precedences:
        by_name = {placed.operation: k for k, placed in enumerate(placements)}
        k = by_name[precedence.after]
        before, after = placements[by_name[precedence.before]], placements[k]
        if precedence.max_wait is None or after.batch is not None:
            continue
        shift = before.end + precedence.max_wait + 1 - after.start
        changed = list(placements)
        changed[k] = replace(
            after, start=after.start + shift, end=after.end + shift, setup_start=None, setup_end=None
        )
        facts = {each.id for job in problem.jobs for each in job.operations if each.committed is not None} & {
            precedence.before,
            precedence.after,
        }
        if len(facts) < 2:
            assert not verify(problem, Solution(tuple(changed))).ok


def test_the_follower_is_seen_to_before_its_predecessor_begins() -> None:
    """Glue is not applied before the press is free in time."""
    busy = Job(
        "B", (Operation("B", (Mode("press", 100),), committed=Committed(Commitment.FROZEN, "press", 0, 100)),)
    )
    problem = two(
        op("glue", "table", 10),
        op("press", "press", 20),
        Precedence("glue", "press", min_wait=2, max_wait=5),
        Machine("table"),
        Machine("press"),
        others=(busy,),
    )
    assert times(problem) | {"B": None} == {"glue": (85, 95), "press": (100, 120), "B": None}


def test_what_was_held_back_says_for_whom() -> None:
    """Nobody asks why the glue was applied so late; parts in batches name the operation they come from."""
    busy = Operation("B", (Mode("press", 100),), committed=Committed(Commitment.FROZEN, "press", 0, 100))
    problem = two(
        op("glue", "table", 10),
        op("press", "press", 20),
        Precedence("glue", "press", max_wait=5),
        Machine("table"),
        Machine("press"),
        others=(Job("B", (busy,)),),
    )
    reason = plan(problem)["glue"].reason
    assert reason is not None
    assert (reason.kind, reason.cause) == (BindingKind.FOLLOWER, "press")
    streamed = two(
        op("1", "M", 100, 10),
        op("2", "N", 40, 10),
        Precedence("1", "2", transfer_quantity=2),
        Machine("M"),
        Machine("N"),
    )
    reason = plan(streamed)["2"].reason
    assert reason is not None
    assert (reason.kind, reason.cause, reason.at) == (BindingKind.PRECEDENCE, "1", 68)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000_000))
def test_every_order_is_explained_whatever_waits(seed: int) -> None:
    """The chain stays without gaps when operations overlap and are held back."""
    problem = with_waits(random_problem(seed), seed)
    result = solve(problem, objective=Objective.TARDINESS, budget=500)
    if isinstance(result, Infeasible):
        return
    for job in problem.jobs:
        explanation = explain(problem, result.solution, job.id)
        assert all(a.end == b.start for a, b in pairwise(explanation.chain))
        assert not explanation.chain or explanation.chain[-1].end == explanation.end


def test_others_use_the_time_before_a_reserved_operation() -> None:
    """The press waits an hour for the glue; what fits before it is pressed meanwhile, and nothing else."""
    fits = Job("B", (op("B", "press", 30),), due=2000)
    too_long = Job("C", (op("C", "press", 90),), due=2000)
    problem = two(
        op("glue", "table", 60),
        op("press", "press", 20),
        Precedence("glue", "press", max_wait=0),
        Machine("table"),
        Machine("press"),
        others=(fits, too_long),
    )
    # Of the two one goes before; the search may also let the glue wait for the longer one.
    found = times(problem)
    assert found["press"][0] == found["glue"][1]
    assert found["B"][1] <= found["press"][0] or found["B"][0] >= found["press"][1]


def test_a_chain_without_waiting_is_placed_as_one() -> None:
    """Three steps without a pause, whose last machine opens late."""
    steps = (op("1", "M", 10), op("2", "N", 10), op("3", "P", 10))
    links = (Precedence("1", "2", max_wait=0), Precedence("2", "3", max_wait=0))
    problem = Problem(
        (Machine("M"), Machine("N"), Machine("P", open=((100, 200),))), (Job("A", steps),), links
    )
    assert times(problem) == {"1": (80, 90), "2": (90, 100), "3": (100, 110)}


def test_an_assembly_waits_for_all_its_glued_parts() -> None:
    """Two parts with the same pot life end close enough to each other."""
    jobs = (
        Job("A", (op("a", "M", 10),)),
        Job("B", (op("b", "N", 50),)),
        Job("C", (op("c", "P", 5),)),
    )
    links = (Precedence("a", "c", max_wait=4), Precedence("b", "c", max_wait=4))
    found = times(Problem((Machine("M"), Machine("N"), Machine("P")), jobs, links))
    assert found["b"] == (0, 50)
    assert found["c"] == (50, 55)
    assert found["a"][1] >= 46


def test_what_lies_between_two_that_are_bound_is_placed_with_them() -> None:
    """Glue, inspect, press: the inspection decides whether the pressing comes in time."""
    steps = (op("glue", "M", 10), op("inspect", "N", 30), op("press", "P", 5))
    links = (
        Precedence("glue", "inspect"),
        Precedence("inspect", "press"),
        Precedence("glue", "press", max_wait=40),
    )
    busy = Job("B", (Operation("B", (Mode("N", 60),), committed=Committed(Commitment.FROZEN, "N", 5, 65)),))
    found = times(Problem((Machine("M"), Machine("N"), Machine("P")), (Job("A", steps), busy), links))
    assert found["press"][0] - found["glue"][1] <= 40
    assert found["inspect"] == (65, 95)


def test_an_impossible_wait_is_said() -> None:
    """The shift ends before the hardening does, and tomorrow it is too late."""
    days: tuple[Window, ...] = ((0, 50), (100, 150), (200, 250))
    problem = two(
        op("glue", "M", 40, resumable=False),
        op("press", "N", 20, resumable=False),
        Precedence("glue", "press", min_wait=45, max_wait=49),
        Machine("M", open=days),
        Machine("N", open=days),
    )
    result = solve(problem, objective=Objective.TARDINESS, budget=3000)
    assert isinstance(result, Infeasible)
    assert [obstacle.kind for obstacle in result.obstacles] == [ObstacleKind.WAIT]
    assert "glue, press" in result.obstacles[0].message


def test_another_machine_is_taken_when_the_first_would_break_the_wait() -> None:
    """Both steps on one machine need a changeover between them that the wait does not allow."""
    modes = (Mode("M", 10, family="a"), Mode("N", 15, family="a"))
    steps = (Operation("1", modes), Operation("2", (Mode("M", 10, family="b"),)))
    problem = Problem(
        (Machine("M", setups="s"), Machine("N")),
        (Job("A", steps),),
        (Precedence("1", "2", max_wait=0),),
        setups=(SetupMatrix("s", (), default=5),),
    )
    found = plan(problem)
    assert (found["1"].machine, found["2"].start) == ("N", 15)


def test_what_follows_running_work_comes_in_time_or_it_is_said() -> None:
    """The glue is on; the press is kept for it even when something more urgent is there."""
    running = Operation(
        "glue", (Mode("M", 9),), committed=Committed(Commitment.RUNNING, "M", -5, remaining=10)
    )
    urgent = Job("B", (op("B", "P", 30),), due=1, weight=1000)
    problem = two(
        running,
        op("press", "P", 5),
        Precedence("glue", "press", max_wait=2),
        Machine("M"),
        Machine("P"),
        others=(urgent,),
    )
    found = times(problem)
    assert found["press"] == (10, 15)
    busy = Job("C", (Operation("C", (Mode("P", 40),), committed=Committed(Commitment.FROZEN, "P", 0, 40)),))
    refused = solve(replace(problem, jobs=(*problem.jobs, busy)), objective=Objective.TARDINESS, budget=3000)
    assert isinstance(refused, Infeasible)
    assert refused.obstacles[0].kind is ObstacleKind.COMMITMENT


def test_lots_that_must_not_wait_share_the_furnace() -> None:
    """Washed parts go to the furnace at once, and the furnace takes those of one recipe together."""
    wash = [Operation(f"wash {k}", (Mode("washer", 10),)) for k in range(2)]
    heat = [Operation(f"heat {k}", (Mode("furnace", 60),), recipe="soft") for k in range(3)]
    jobs = (
        Job("0", (wash[0], heat[0])),
        Job("1", (wash[1], heat[1])),
        Job("2", (heat[2],)),
    )
    links = tuple(Precedence(f"wash {k}", f"heat {k}", max_wait=30) for k in range(2))
    problem = Problem((Machine("washer"), Machine("furnace", batch_capacity=3)), jobs, links)
    found = plan(problem)
    assert all(found[f"heat {k}"].start - found[f"wash {k}"].end <= 30 for k in range(2))
    assert verify(problem, Solution(tuple(found.values()))).ok


@pytest.mark.parametrize(
    ("first", "second", "start"),
    [
        # 10 pieces, 2 at a time: the first two take 20 s; the second step is slower, so it never runs dry.
        (100, 200, 20),
        # The second step is faster: it must not be done before the last two pieces come at 100 + its 8 s.
        (100, 40, 68),
        (100, 0, 100),
    ],
)
def test_transfer_batches_overlap_two_steps(first: int, second: int, start: int) -> None:
    """The second step starts with the first batch, or so late that it does not run dry at the end."""
    problem = two(
        op("1", "M", first, 10),
        op("2", "N", second, 10),
        Precedence("1", "2", transfer_quantity=2),
        Machine("M"),
        Machine("N"),
    )
    assert times(problem)["2"] == (start, start + second)


def test_transfer_batches_count_open_time_and_the_way_between() -> None:
    """The night counts neither for the first batch nor for the last; the transport does, by the clock."""
    days: tuple[Window, ...] = ((0, 50), (100, 150), (200, 250), (300, 350))
    problem = two(
        op("1", "M", 80, 4),
        op("2", "N", 80, 4),
        Precedence("1", "2", min_wait=5, transfer_quantity=1),
        Machine("M", open=days),
        Machine("N", open=days),
    )
    # First batch at 20 + 5; the last comes at 130 + 5 and takes 20: it could not end before 205.
    found = times(problem)
    assert found["1"] == (0, 130)
    assert found["2"] == (45, 225) or found["2"][0] == 25
    placed = plan(problem)
    early = replace(placed["2"], start=24, end=placed["2"].end)
    assert not verify(problem, Solution((placed["1"], early))).ok


def test_a_furnace_hands_over_everything_at_the_end() -> None:
    """What is heated together comes out together, whatever the transfer batch."""
    problem = two(
        Operation("1", (Mode("furnace", 50),), recipe="soft", quantity=10),
        op("2", "N", 10, 10),
        Precedence("1", "2", transfer_quantity=1),
        Machine("furnace", batch_capacity=4),
        Machine("N"),
    )
    assert times(problem)["2"] == (50, 60)


def test_outsourced_steps_keep_lead_times_and_waits() -> None:
    """Lead times run by the calendar, any number at once, with waits before and after and in batches."""
    day = 86_400
    week: tuple[Window, ...] = tuple(
        (k * day + 8 * 3600, k * day + 17 * 3600) for k in range(40) if k % 7 < 5
    )
    jobs, links = [], []
    for k in range(3):
        steps = (
            op(f"turn {k}", "lathe", 3 * 3600, 30),
            op(f"coat {k}", "coater", 5 * day, 30),
            op(f"pack {k}", "bench", 3600, 30),
        )
        jobs.append(Job(str(k), steps, due=30 * day))
        links += [
            Precedence(f"turn {k}", f"coat {k}", min_wait=3600, max_wait=2 * day),
            Precedence(f"coat {k}", f"pack {k}", transfer_quantity=10),
        ]
    machines = (Machine("lathe", open=week), Machine("coater", unlimited=True), Machine("bench", open=week))
    problem = Problem(machines, tuple(jobs), tuple(links))
    found = plan(problem)
    for k in range(3):
        turn, coat, pack = found[f"turn {k}"], found[f"coat {k}"], found[f"pack {k}"]
        assert coat.end - coat.start == 5 * day
        assert 3600 <= coat.start - turn.end <= 2 * day
        assert pack.start >= coat.start + 5 * day // 3
        assert pack.end > coat.end
    assert found["coat 1"].start < found["coat 0"].end


def test_people_are_kept_for_what_must_not_wait() -> None:
    """The presser is booked together with the glue, and nobody else gets him at that time."""
    need = (OperatorNeed("pressing"),)
    press = Operation("press", (Mode("P", 20, operators=need),))
    rival = Job("B", (Operation("B", (Mode("Q", 15, operators=need),)),), due=5, weight=1000, release=8)
    problem = Problem(
        (Machine("M"), Machine("P"), Machine("Q")),
        (Job("A", (op("glue", "M", 10), press), due=30, weight=1), rival),
        (Precedence("glue", "press", max_wait=3),),
        (OperatorPool("presser", ("pressing",), 1),),
    )
    found = plan(problem)
    assert found["press"].start - found["glue"].end <= 3
    assert found["B"].end <= found["press"].start or found["B"].start >= found["press"].end


def test_the_verifier_counts_transfer_batches_by_itself() -> None:
    """One second too early at the first batch, or at the last, and the plan is refused."""
    problem = two(
        op("1", "M", 100, 10),
        op("2", "N", 40, 10),
        Precedence("1", "2", transfer_quantity=2),
        Machine("M"),
        Machine("N"),
    )

    def kinds(start: int, second: Problem = problem) -> list[ViolationKind]:
        duration = second.jobs[0].operations[1].modes[0].duration
        placed = (
            ScheduledOperation("1", "A", "M", 0, 100),
            ScheduledOperation("2", "A", "N", start, start + duration),
        )
        return [violation.kind for violation in verify(second, Solution(placed)).violations]

    assert kinds(68) == []
    assert kinds(67) == [ViolationKind.PRECEDENCE]
    slow = two(
        op("1", "M", 100, 10),
        op("2", "N", 400, 10),
        Precedence("1", "2", transfer_quantity=2),
        Machine("M"),
        Machine("N"),
    )
    assert kinds(20, slow) == []
    assert kinds(19, slow) == [ViolationKind.PRECEDENCE]
