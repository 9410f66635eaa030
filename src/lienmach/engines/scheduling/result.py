"""What planning answers: a schedule with its measured objectives, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lienmach.engines.scheduling.solution import Solution


class Objective(StrEnum):
    """What a good schedule is."""

    TARDINESS = "tardiness"
    """Least weighted tardiness: sum over jobs of weight x seconds late; among equals the fewest seconds
    of setup, then the least work in progress, then the fewest operations moved, then the least makespan."""
    MAKESPAN = "makespan"
    """The last operation ends earliest; among equals the least weighted tardiness, then as above."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The objectives of a schedule, always computed by the verifier, never by a solver.

    Parameters
    ----------
    makespan
        Seconds from the plan's start to the end of the last operation.
    weighted_tardiness
        Sum over jobs with a due date of weight x max(0, end - due).
    job_ends
        End of each job's last operation, in the problem's order of jobs.
    setup_seconds
        Working seconds spent on setups.
    work_in_progress
        Seconds that orders lie in the shop: the sum over jobs of the time from the first start to the moment
        when the job leaves, which is its end, but not before it is due, nor before the last operation of
        another job that waits for it has started.
    moved
        Operations that stand elsewhere than in `Problem.previous`.
    """

    makespan: int
    weighted_tardiness: int
    late_jobs: int
    setup_seconds: int
    job_ends: dict[str, int]
    work_in_progress: int = 0
    moved: int = 0

    def rank(self, objective: Objective) -> tuple[int, ...]:
        """A key that is smaller for the better schedule."""
        below = (self.setup_seconds, self.work_in_progress, self.moved)
        if objective is Objective.MAKESPAN:
            return (self.makespan, self.weighted_tardiness, *below)
        return (self.weighted_tardiness, *below, self.makespan)


@dataclass(frozen=True, slots=True)
class Planned:
    """A verified schedule.

    Parameters
    ----------
    lower_bound
        No schedule's objective can be smaller than this; None when no bound is known.
    method
        What found it: the name of a dispatch rule, or of a search.
    work
        Units of work used, of the budget that was given: with the same seed they give the same schedule.
    complete
        False when somebody stopped the search before the budget was used up.
    """

    solution: Solution
    objective: Objective
    evaluation: Evaluation
    lower_bound: int | None
    method: str
    seed: int
    budget: int
    work: int
    complete: bool = True


class ObstacleKind(StrEnum):
    """Why there is no schedule."""

    NEVER_OPEN = "never open"
    """An operation fits no open time of any machine (and operator) it may use."""
    COMMITMENT = "commitment"
    """A frozen operation cannot stay where it is."""
    WAIT = "wait"
    """No time is left in which a maximum wait can be kept."""
    BLOCKED = "blocked"
    """An operation waits for one that cannot be scheduled."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why there is no schedule: where, and a sentence with cause and remedy."""

    kind: ObstacleKind
    operation: str
    message: str


@dataclass(frozen=True, slots=True)
class Infeasible:
    """There is no schedule, or none that this solver may claim to find; every obstacle found is listed."""

    obstacles: tuple[Obstacle, ...]


Result = Planned | Infeasible
