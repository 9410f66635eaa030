"""What the types can say but the solvers do not handle: refused with the place, never ignored."""

from __future__ import annotations

from collections.abc import Iterator

from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.result import Obstacle


def unsupported(problem: Problem) -> Iterator[Obstacle]:
    """Every part of the problem that no solver here may claim to respect: nothing by now."""
    yield from ()
