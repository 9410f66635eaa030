"""A problem that cannot be meant is refused, with all its faults."""

import pytest

from lienmach.engines.scheduling.problem import (
    Commitment,
    Committed,
    Job,
    Machine,
    Mode,
    Operation,
    OperatorNeed,
    Precedence,
    Problem,
    ProblemError,
    SetupMatrix,
    chain,
)


def operation(name: str, machine: str = "M", **more: object) -> Operation:
    return Operation(name, (Mode(machine, 5),), **more)  # type: ignore[arg-type]


def test_all_faults_are_reported_at_once() -> None:
    """Somebody who repairs a document one error per run gives up."""
    with pytest.raises(ProblemError) as caught:
        Problem(
            machines=(Machine("M", setups="none"),),
            jobs=(
                Job("A", (operation("1"), operation("2", "X"))),
                Job("B", (Operation("1", (Mode("M", 5, operators=(OperatorNeed("welding"),)),)),)),
            ),
            precedences=(Precedence("1", "9"),),
        )
    assert len(caught.value.faults) == 5


def test_a_circle_is_named() -> None:
    """The circle itself is the remedy: one of its links has to go."""
    steps = tuple(operation(name) for name in "abc")
    with pytest.raises(ProblemError, match="a -> b -> c -> a"):
        Problem((Machine("M"),), (Job("J", steps),), (*chain(steps), Precedence("c", "a")))


def test_frozen_operations_must_not_overlap() -> None:
    """Two confirmed operations on one machine at once cannot both be kept."""
    first = operation("a", committed=Committed(Commitment.FROZEN, "M", 0, 10))
    second = operation("b", committed=Committed(Commitment.FROZEN, "M", 9, 12))
    with pytest.raises(ProblemError, match="overlap on machine M"):
        Problem((Machine("M"),), (Job("J", (first, second)),))


def test_setup_lookup_goes_from_the_particular_to_the_general() -> None:
    """The order of look-up decides changeover times, so it is fixed here."""
    matrix = SetupMatrix("s", (("a", "b", 5), ("*", "c", 7), ("b", "*", 9), ("d", "d", 2)), default=1)
    found = {
        pair: matrix.seconds(*pair) for pair in [("a", "b"), ("a", "c"), ("b", "c"), ("b", "a"), ("c", "a")]
    }
    assert found == {("a", "b"): 5, ("a", "c"): 7, ("b", "c"): 7, ("b", "a"): 9, ("c", "a"): 1}
    assert matrix.seconds("c", "c") == 0
    assert matrix.seconds("d", "d") == 2
    assert matrix.seconds(None, "c") == 0
