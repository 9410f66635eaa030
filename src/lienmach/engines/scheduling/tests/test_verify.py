"""The verifier accepts a correct plan, and catches every kind of violation when it is planted in one."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lienmach.engines.scheduling import verify as verifier
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
    Problem,
    SetupMatrix,
)
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution
from lienmach.engines.scheduling.verify import ViolationKind, verify

TURN = (OperatorNeed("turning"), OperatorNeed("setting", During.SETUP))

PROBLEM = Problem(
    machines=(
        Machine("lathe", open=((0, 50), (60, 200)), setups="tools", initial_family="thin"),
        Machine("mill"),
        Machine("furnace", batch_capacity=2),
        Machine("outside", unlimited=True),
    ),
    jobs=(
        Job(
            "A",
            (
                Operation("A1", (Mode("lathe", 20, family="thick", operators=TURN), Mode("mill", 30))),
                Operation("A2", (Mode("furnace", 40),), recipe="soft"),
            ),
            release=5,
            due=100,
            weight=3,
        ),
        Job(
            "B",
            (
                Operation("B1", (Mode("mill", 25),), resumable=False, material=(MaterialReady(7, "steel"),)),
                Operation("B2", (Mode("furnace", 30),), recipe="soft"),
            ),
            due=90,
            weight=2,
        ),
        Job(
            "C",
            (
                Operation(
                    "C1",
                    (Mode("lathe", 10, family="thin"),),
                    committed=Committed(Commitment.FROZEN, "lathe", 100, 110),
                ),
            ),
        ),
        Job("D", (Operation("D1", (Mode("lathe", 15, family="thick"),), resumable=False),)),
        Job(
            "E",
            (Operation("E1", (Mode("outside", 9),)), Operation("E2", (Mode("furnace", 5),), recipe="hard")),
        ),
    ),
    precedences=(
        Precedence("A1", "A2", min_wait=4, max_wait=30),
        Precedence("B1", "B2"),
        Precedence("E1", "E2"),
    ),
    operators=(
        OperatorPool("turners", ("turning",), 1),
        OperatorPool("setters", ("setting",), 1, ((0, 90),)),
    ),
    setups=(SetupMatrix("tools", (("thin", "thick", 6), ("thick", "thin", 3))),),
)

GOOD = {
    placed.operation: placed
    for placed in (
        ScheduledOperation("A1", "A", "lathe", 12, 32, 6, 12, None, ("turners", "setters")),
        ScheduledOperation("A2", "A", "furnace", 36, 76, batch="b"),
        ScheduledOperation("B1", "B", "mill", 7, 32),
        ScheduledOperation("B2", "B", "furnace", 36, 76, batch="b"),
        ScheduledOperation("C1", "C", "lathe", 100, 110, 97, 100),
        ScheduledOperation("D1", "D", "lathe", 35, 50),
        ScheduledOperation("E1", "E", "outside", 0, 9),
        ScheduledOperation("E2", "E", "furnace", 9, 14),
    )
}


def planted(**changes: dict[str, Any]) -> set[ViolationKind]:
    """The kinds of violation after changing some placements."""
    placements = dict(GOOD)
    for name, change in changes.items():
        placements[name] = replace(placements[name], **change)
    return {violation.kind for violation in verify(PROBLEM, Solution(tuple(placements.values()))).violations}


def test_a_correct_plan_is_accepted_and_measured() -> None:
    """The objectives are those one gets by hand."""
    report = verify(PROBLEM, Solution(tuple(GOOD.values())))
    assert report.violations == ()
    assert report.evaluation is not None
    assert report.evaluation.makespan == 110
    assert report.evaluation.weighted_tardiness == 0
    assert report.evaluation.setup_seconds == 6 + 3
    late = {"A2": {"start": 62, "end": 102}, "B2": {"start": 62, "end": 102}}
    moved = dict(GOOD) | {name: replace(GOOD[name], **change) for name, change in late.items()}
    evaluation = verify(PROBLEM, Solution(tuple(moved.values()))).evaluation
    assert evaluation is not None
    assert (evaluation.weighted_tardiness, evaluation.late_jobs) == (3 * 2 + 2 * 12, 2)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (ViolationKind.ELIGIBILITY, {"B1": {"machine": "lathe"}}),
        (ViolationKind.PLACED, {"B1": {"job": "A"}}),
        (ViolationKind.DURATION, {"B1": {"end": 31}}),
        (ViolationKind.DURATION, {"E1": {"end": 10}}),
        (ViolationKind.CALENDAR, {"D1": {"start": 40, "end": 65}}),
        (ViolationKind.CALENDAR, {"D1": {"start": 52, "end": 75}}),
        (ViolationKind.OVERLAP, {"D1": {"start": 31, "end": 46}}),
        (ViolationKind.OVERLAP, {"D1": {"start": 84, "end": 99}}),
        (ViolationKind.SETUP, {"A1": {"setup_start": None, "setup_end": None}}),
        (ViolationKind.SETUP, {"A1": {"setup_start": 8, "setup_end": 12}}),
        (ViolationKind.SETUP, {"C1": {"setup_start": None, "setup_end": None}}),
        (ViolationKind.BATCH, {"B2": {"end": 66}}),
        (ViolationKind.BATCH, {"E2": {"start": 36, "end": 76, "batch": "b"}}),
        (ViolationKind.OVERLAP, {"B2": {"batch": None, "start": 46, "end": 76}}),
        (ViolationKind.PRECEDENCE, {"A2": {"start": 34, "end": 74}, "B2": {"start": 34, "end": 74}}),
        (ViolationKind.PRECEDENCE, {"A2": {"start": 70, "end": 110}, "B2": {"start": 70, "end": 110}}),
        (ViolationKind.RELEASE, {"A1": {"start": 4, "end": 24, "setup_start": -2, "setup_end": 4}}),
        (ViolationKind.MATERIAL, {"B1": {"start": 6, "end": 31}}),
        (ViolationKind.OPERATOR, {"A1": {"operators": ()}}),
        (ViolationKind.OPERATOR, {"A1": {"operators": ("setters", "turners")}}),
        (ViolationKind.COMMITMENT, {"C1": {"start": 101, "end": 111}}),
        (ViolationKind.COMMITMENT, {"C1": {"end": 111}}),
    ],
)
def test_a_planted_violation_is_caught(kind: ViolationKind, changes: dict[str, dict[str, Any]]) -> None:
    """A verifier that overlooks one kind of fault is worth nothing for that kind."""
    assert kind in planted(**changes)


def test_a_missing_or_foreign_operation_is_caught() -> None:
    """Without all operations the objectives mean nothing, so there are none."""
    short = verify(PROBLEM, Solution(tuple(GOOD.values())[1:]))
    assert next(v.kind for v in short.violations) is ViolationKind.PLACED
    assert short.evaluation is None
    extra = Solution((*GOOD.values(), ScheduledOperation("X", "A", "mill", 100, 101)))
    assert [v.place for v in verify(PROBLEM, extra).violations] == ["X"]


def test_too_few_people_are_caught() -> None:
    """One turner cannot run two lathes, however the machines are free."""
    need = (OperatorNeed("turning"),)
    problem = Problem(
        (Machine("L1"), Machine("L2")),
        (
            Job("A", (Operation("A", (Mode("L1", 10, operators=need),)),)),
            Job("B", (Operation("B", (Mode("L2", 10, operators=need),)),)),
        ),
        operators=(OperatorPool("turner", ("turning",), 1),),
    )

    def kinds(start: int) -> list[ViolationKind]:
        placed = (
            ScheduledOperation("A", "A", "L1", 0, 10, operators=("turner",)),
            ScheduledOperation("B", "B", "L2", start, start + 10, operators=("turner",)),
        )
        return [violation.kind for violation in verify(problem, Solution(placed)).violations]

    assert kinds(9) == [ViolationKind.OPERATOR]
    assert kinds(10) == []


def test_a_running_operation_keeps_its_machine_and_rest() -> None:
    """What has started is a fact; its end follows from what is left and the calendar."""
    running = Operation("A", (Mode("M", 99),), committed=Committed(Commitment.RUNNING, "M", -5, remaining=10))
    problem = Problem((Machine("M", open=((0, 6), (20, 90))),), (Job("A", (running,)),))
    right = Solution((ScheduledOperation("A", "A", "M", -5, 24),))
    wrong = Solution((ScheduledOperation("A", "A", "M", -5, 25),))
    assert verify(problem, right).ok
    assert [v.kind for v in verify(problem, wrong).violations] == [ViolationKind.COMMITMENT]


def test_a_setup_that_needs_the_job_waits_for_it() -> None:
    """Some changeovers need the parts at the machine; the matrix says so."""
    steps = (Operation("A1", (Mode("M", 10),)), Operation("A2", (Mode("N", 5, family="b"),)))

    def violations(needs_job: bool) -> list[ViolationKind]:
        problem = Problem(
            (Machine("M"), Machine("N", setups="s", initial_family="a")),
            (Job("A", steps),),
            (Precedence("A1", "A2"),),
            setups=(SetupMatrix("s", (("a", "b", 4),), needs_job=needs_job),),
        )
        placed = (
            ScheduledOperation("A1", "A", "M", 0, 10),
            ScheduledOperation("A2", "A", "N", 10, 15, 6, 10),
        )
        return [violation.kind for violation in verify(problem, Solution(placed)).violations]

    assert violations(False) == []
    assert violations(True) == [ViolationKind.SETUP]


def test_the_verifier_shares_no_code_with_the_solvers() -> None:
    """It reads the types and nothing else, so that a fault of a solver cannot be repeated in its judge."""
    package = "lienmach.engines.scheduling."
    types = {f"{package}{name}" for name in ("problem", "solution", "result")}
    folder = Path(verifier.__file__).parent
    for module in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                ours = name.startswith("lienmach")
                assert not ours or name in types or name.startswith(f"{package}verify"), (module.name, name)
