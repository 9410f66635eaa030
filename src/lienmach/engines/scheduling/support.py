"""What the types can say but the solvers do not handle yet: refused with the place, never ignored."""

from __future__ import annotations

from collections.abc import Iterator

from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.result import Obstacle, ObstacleKind


def unsupported(problem: Problem) -> Iterator[Obstacle]:
    """Every part of the problem that no solver here may claim to respect."""
    for precedence in problem.precedences:
        place = f"Precedence {precedence.before} -> {precedence.after}"
        if precedence.max_wait is not None:
            yield Obstacle(
                ObstacleKind.UNSUPPORTED,
                precedence.after,
                f"{place}: a maximum wait ({precedence.max_wait} s) cannot be planned yet: leave it out, and "
                "watch that wait in the plan.",
            )
        if precedence.transfer_quantity is not None:
            yield Obstacle(
                ObstacleKind.UNSUPPORTED,
                precedence.after,
                f"{place}: transfer batches of {precedence.transfer_quantity} cannot be planned yet: leave "
                "them out, or split the job.",
            )
