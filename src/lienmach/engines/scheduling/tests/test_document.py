"""Problems and solutions survive the way to JSON and back, and bad documents say where they are bad."""

import json

import pytest

from lienmach.engines.scheduling.document import (
    DocumentError,
    problem_from_json,
    problem_to_json,
    solution_from_json,
    solution_to_json,
)
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
from lienmach.engines.scheduling.solution import Binding, BindingKind, ScheduledOperation, Solution

EVERYTHING = Problem(
    machines=(
        Machine("lathe", open=((0, 100), (200, 300)), setups="colours", initial_family="red"),
        Machine("furnace", batch_capacity=4),
        Machine("plating", unlimited=True),
    ),
    jobs=(
        Job(
            "A",
            (
                Operation(
                    "A1",
                    (
                        Mode(
                            "lathe",
                            10,
                            family="blue",
                            setup=3,
                            operators=(OperatorNeed("turning", During.SETUP, 1),),
                        ),
                    ),
                    resumable=False,
                    material=(MaterialReady(5, "steel"),),
                    committed=Committed(Commitment.FROZEN, "lathe", 20, 30, operators=("turners",)),
                ),
                Operation("A2", (Mode("furnace", 50),), recipe="soft", load=2, quantity=20),
            ),
            release=1,
            due=99,
            weight=3,
        ),
    ),
    precedences=(Precedence("A1", "A2", min_wait=2, max_wait=9),),
    operators=(OperatorPool("turners", ("turning",), 2, open=((0, 90),)),),
    setups=(SetupMatrix("colours", (("red", "blue", 7), ("*", "red", 2)), default=4, needs_job=True),),
    start=3,
    epoch="2026-01-05T00:00:00+07:00",
)


def test_a_problem_with_everything_comes_back_equal() -> None:
    """Whatever a problem can say, its document says too."""
    text = problem_to_json(EVERYTHING)
    assert problem_from_json(text) == EVERYTHING
    assert problem_to_json(problem_from_json(text)) == text


def test_a_solution_comes_back_equal() -> None:
    """Reasons, batches and operators are part of the document."""
    solution = Solution(
        (
            ScheduledOperation("A1", "A", "lathe", 20, 30, 10, 13, None, ("turners",)),
            ScheduledOperation(
                "A2", "A", "furnace", 32, 82, batch="b", reason=Binding(BindingKind.PRECEDENCE, "A1", 32)
            ),
        )
    )
    assert solution_from_json(solution_to_json(solution)) == solution


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"machines": [{"id": "M", "opne": []}]}, "$.machines[0].opne"),
        ({"machines": [{}]}, "$.machines[0].id"),
        ({"machines": [{"id": 4}]}, "$.machines[0].id"),
        ({"machines": [{"id": "M", "batch_capacity": True}]}, "$.machines[0].batch_capacity"),
        ({"machines": [{"id": "M", "open": [[5, 5]]}]}, "$.machines[0]"),
        ({"jobs": {}}, "$.jobs"),
    ],
)
def test_a_bad_document_names_the_place(change: dict[str, object], place: str) -> None:
    """A stranger who writes the JSON by hand must be told where the slip is."""
    document = json.loads(problem_to_json(EVERYTHING)) | change
    with pytest.raises(DocumentError) as caught:
        problem_from_json(json.dumps(document))
    assert str(caught.value).startswith(place)
