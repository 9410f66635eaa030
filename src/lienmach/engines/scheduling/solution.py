"""A schedule: where and when every operation is done, and what kept it from being done earlier."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class BindingKind(StrEnum):
    """What an operation's start waited for last."""

    START = "start"
    """Nothing: it starts as soon as the plan does."""
    RELEASE = "release"
    """The job's release date; `cause` is the job."""
    MATERIAL = "material"
    """A material date; `cause` is its reason."""
    PRECEDENCE = "precedence"
    """The end of an operation before it (and the wait after that), or its transfer batches; `cause` is that
    operation."""
    MACHINE = "machine"
    """The machine was busy; `cause` is the operation before it there."""
    SETUP = "setup"
    """The machine was free but had to be set up; `cause` is the operation before it there, or the machine."""
    BATCH = "batch"
    """The furnace waited for another member of the batch; `cause` is that operation."""
    OPERATOR = "operator"
    """No operator was free; `cause` is the operation that held one of the pool until then."""
    CALENDAR = "calendar"
    """Everything was there, but it was closed; `cause` is the machine or operator pool."""
    FOLLOWER = "follower"
    """It was held back, because what follows it may not wait for long; `cause` is the operation after it."""
    FROZEN = "frozen"
    """It was confirmed or running before this plan was made."""
    CHOICE = "choice"
    """Nothing forced it: the planner kept the machine for something else."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The binding reason: of `kind`, named by `cause`, lifted at second `at`.

    A calendar only delays what another reason had already delayed to a closed moment: that one is `before`;
    likewise under what was held back or chosen.
    """

    kind: BindingKind
    cause: str
    at: int
    before: Binding | None = None


@dataclass(frozen=True, slots=True)
class ScheduledOperation:
    """One operation in its place.

    Parameters
    ----------
    start, end
        Processing, setup not included; pauses over closed time are.
    setup_start, setup_end
        Both None when no setup was needed. The machine is held from `setup_start` to `end`.
    batch
        Operations on the same machine with the same batch id are processed together; None outside batches.
    operators
        Ids of the pools chosen, in the order of the mode's needs.
    reason
        What kept it from starting earlier; None when nobody asked for reasons.
    """

    operation: str
    job: str
    machine: str
    start: int
    end: int
    setup_start: int | None = None
    setup_end: int | None = None
    batch: str | None = None
    operators: tuple[str, ...] = ()
    reason: Binding | None = None

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"Operation {self.operation}: must start before it ends.")
        if (self.setup_start is None) != (self.setup_end is None):
            raise ValueError(f"Operation {self.operation}: a setup must have both a start and an end.")
        if (
            self.setup_start is not None
            and self.setup_end is not None
            and not self.setup_start <= self.setup_end <= self.start
        ):
            raise ValueError(f"Operation {self.operation}: its setup must end before it starts.")

    @property
    def held_from(self) -> int:
        """When the machine begins to be held: the start of the setup, or else of the operation."""
        return self.start if self.setup_start is None else self.setup_start


@dataclass(frozen=True)
class Solution:
    """A schedule of all operations of a problem, in the problem's order of operations."""

    operations: tuple[ScheduledOperation, ...]

    def __post_init__(self) -> None:
        if len(self.by_operation) != len(self.operations):
            raise ValueError("A solution must place each operation only once.")

    @cached_property
    def by_operation(self) -> dict[str, ScheduledOperation]:
        """Placements by operation id."""
        return {placed.operation: placed for placed in self.operations}
