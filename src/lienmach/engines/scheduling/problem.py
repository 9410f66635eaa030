"""The scheduling problem: what has to be made, on what, when, and under which rules.

Every time is an integer number of seconds since the plan epoch (the caller decides which moment that is and
keeps the time zone), every id is a string that is unique among its kind. All values are immutable and check
themselves when they are made; the sentence of an error is the rule that was broken. References between the
parts (a mode naming an unknown machine, a circle of precedences …) are checked by `Problem`, which reports
all faults at once in one `ProblemError`.

Closed intervals of working time do not exist: `(start, end)` always means start <= t < end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from lienmach.engines.scheduling.consistency import faults

Window = tuple[int, int]
"""An open interval of working time, `start <= t < end`."""

ANY_FAMILY = "*"
"""Stands for every family in a setup matrix."""


class ProblemError(ValueError):
    """The parts of a problem do not fit together.

    Attributes
    ----------
    faults
        All faults found, one sentence each: place, cause, remedy.
    """

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise ValueError(rule)


def _check_windows(owner: str, windows: tuple[Window, ...] | None) -> None:
    last = None
    for start, end in windows or ():
        _require(start < end, f"{owner}: an open interval must start before it ends, not {start}..{end}.")
        _require(
            last is None or last < start,
            f"{owner}: open intervals must be sorted and must not touch or overlap (at {start}): merge them.",
        )
        last = end


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, or one outside supplier.

    Parameters
    ----------
    open
        Working time, sorted and disjoint. `None` means always open; after the last interval it is closed.
    batch_capacity
        Load that may be processed together (furnace, washer). 1 means one operation at a time.
    setups
        Id of the `SetupMatrix` that rules this machine; `None` means no sequence-dependent setups.
    initial_family
        Family the machine is set up for at the beginning; `None` means no setup before the first operation.
    unlimited
        Any number of operations at once: an outside supplier with a lead time. Has no setups, no batches.
    """

    id: str
    open: tuple[Window, ...] | None = None
    batch_capacity: int = 1
    setups: str | None = None
    initial_family: str | None = None
    unlimited: bool = False

    def __post_init__(self) -> None:
        _require(bool(self.id), "A machine must have an id.")
        _require(self.batch_capacity >= 1, f"Machine {self.id}: batch capacity must be at least 1.")
        _require(
            not self.unlimited or (self.batch_capacity == 1 and self.setups is None),
            f"Machine {self.id}: an unlimited machine has neither batches nor setups.",
        )
        _check_windows(f"Machine {self.id}", self.open)


@dataclass(frozen=True, slots=True)
class OperatorPool:
    """`size` interchangeable people with the same skills and shifts; one person is a pool of size 1.

    A mould or a fixture that moves between machines is a pool too, with its own name as skill.
    """

    id: str
    skills: tuple[str, ...]
    size: int = 1
    open: tuple[Window, ...] | None = None

    def __post_init__(self) -> None:
        _require(bool(self.id), "An operator pool must have an id.")
        _require(bool(self.skills), f"Operator pool {self.id}: must have at least one skill.")
        _require(self.size >= 1, f"Operator pool {self.id}: size must be at least 1.")
        _check_windows(f"Operator pool {self.id}", self.open)


class During(StrEnum):
    """Which part of an operation an operator is held for."""

    WHOLE = "whole"
    """From the start of the setup (or of the operation, if there is none) to the end of the operation."""
    SETUP = "setup"
    """From the start of the setup to its end; nothing when the setup takes no time."""


@dataclass(frozen=True, slots=True)
class OperatorNeed:
    """`count` people of one pool that has `skill`. They are held without a break, over closed time too."""

    skill: str
    during: During = During.WHOLE
    count: int = 1

    def __post_init__(self) -> None:
        _require(bool(self.skill), "An operator need must name a skill.")
        _require(self.count >= 1, f"Operator need '{self.skill}': count must be at least 1.")


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to do an operation: a machine with the speed and the setup it has there.

    Parameters
    ----------
    duration
        Working seconds on this machine; for a resumable operation spread over open time.
    family
        Setup family on this machine; `None` neither needs nor changes the machine's family.
    setup
        Working seconds of setup that are needed whatever came before, added to the setup matrix's time.
    operators
        Who is needed. Work proceeds only while the machine and all pools held for the whole are open.
    """

    machine: str
    duration: int
    family: str | None = None
    setup: int = 0
    operators: tuple[OperatorNeed, ...] = ()

    def __post_init__(self) -> None:
        _require(bool(self.machine), "A mode must name a machine.")
        _require(self.duration >= 0, f"Mode on {self.machine}: duration must not be negative.")
        _require(self.setup >= 0, f"Mode on {self.machine}: setup must not be negative.")
        _require(
            self.family != ANY_FAMILY, f"Mode on {self.machine}: '{ANY_FAMILY}' cannot be a setup family."
        )


@dataclass(frozen=True, slots=True)
class MaterialReady:
    """From `at` on, the material named by `reason` (a purchase, a receipt, a stock) is there."""

    at: int
    reason: str

    def __post_init__(self) -> None:
        _require(bool(self.reason), "A material date must say which material or receipt it waits for.")


class Commitment(StrEnum):
    """How far an operation is already bound to a place and a time."""

    FROZEN = "frozen"
    """Confirmed: machine, start and end stay exactly as they are."""
    RUNNING = "running"
    """Started: machine and start are facts, `remaining` working seconds are left from now on."""


@dataclass(frozen=True, slots=True)
class Committed:
    """Where and when a frozen or running operation stands; the planner never moves it.

    Parameters
    ----------
    end
        End of a frozen operation; `None` for a running one, whose end follows from `remaining`.
    remaining
        Working seconds left from `Problem.start` on; only for a running operation.
    operators
        Ids of the pools held, in the order of the mode's needs; empty when none are booked.
    """

    kind: Commitment
    machine: str
    start: int
    end: int | None = None
    remaining: int | None = None
    operators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind is Commitment.FROZEN:
            _require(
                self.end is not None and self.remaining is None and self.start <= self.end,
                "A frozen operation must have an end at or after its start, and no remaining time.",
            )
        else:
            _require(
                self.end is None and self.remaining is not None and self.remaining >= 0,
                "A running operation must have a remaining time of at least 0, and no end.",
            )


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a job.

    Parameters
    ----------
    modes
        Alternatives, at least one, on different machines.
    resumable
        May pause over closed time (never around another operation). Otherwise it needs one open interval.
    recipe
        Operations with the same recipe may share a batch on a machine with `batch_capacity` > 1.
    load
        Share of the batch capacity that it takes.
    quantity
        Pieces, for transfer batches and reports; no effect on durations.
    material
        Dates before which it cannot start, each with its reason.
    committed
        Set when it is frozen or running.
    """

    id: str
    modes: tuple[Mode, ...]
    resumable: bool = True
    recipe: str | None = None
    load: int = 1
    quantity: int = 1
    material: tuple[MaterialReady, ...] = ()
    committed: Committed | None = None

    def __post_init__(self) -> None:
        _require(bool(self.id), "An operation must have an id.")
        _require(bool(self.modes), f"Operation {self.id}: must have at least one mode.")
        machines = [mode.machine for mode in self.modes]
        _require(
            len(set(machines)) == len(machines), f"Operation {self.id}: must name each machine only once."
        )
        _require(self.load >= 1, f"Operation {self.id}: load must be at least 1.")
        _require(self.quantity >= 1, f"Operation {self.id}: quantity must be at least 1.")
        _require(
            self.committed is None or self.committed.machine in machines,
            f"Operation {self.id}: must be committed to the machine of one of its modes.",
        )

    @property
    def material_ready(self) -> MaterialReady | None:
        """The latest of the material dates: the one that binds."""
        return max(self.material, key=lambda ready: ready.at, default=None)

    def mode_on(self, machine: str) -> Mode | None:
        """The mode on a machine, or None when the operation cannot be done there."""
        return next((mode for mode in self.modes if mode.machine == machine), None)


@dataclass(frozen=True, slots=True)
class Job:
    """An order line, or the making of a sub-assembly for one.

    Parameters
    ----------
    due
        Promised end; `None` for a sub-assembly, which is as urgent as the orders that wait for it.
    weight
        Cost of one second of lateness, in any unit; integer, so that objectives are exact.
    """

    id: str
    operations: tuple[Operation, ...]
    release: int = 0
    due: int | None = None
    weight: int = 1

    def __post_init__(self) -> None:
        _require(bool(self.id), "A job must have an id.")
        _require(bool(self.operations), f"Job {self.id}: must have at least one operation.")
        _require(self.weight >= 0, f"Job {self.id}: weight must not be negative.")


@dataclass(frozen=True, slots=True)
class Precedence:
    """`after` may start once `before` has ended; the two may belong to different jobs.

    Parameters
    ----------
    min_wait, max_wait
        Seconds of clock time between the end of `before` and the start of `after` (cooling, drying, glue).
    transfer_quantity
        Pieces q that are carried over at a time; `None` means the whole quantity has to be done.

    With a transfer quantity the two overlap. Let B and A be the working seconds of the two modes, N and M
    their quantities, and let everything carried over take `min_wait`:

    * `after` starts when the first q pieces are done: from (its start - `min_wait`) to the end of `before` no
      more than B - ceil(B q / N) working seconds of `before` are left, and `before` has started;
    * `after` does not run dry at the end: from (the end of `before` + `min_wait`) to its own end it works at
      least ceil(A min(q, M) / M) seconds, the time of a whole batch.

    Working seconds are open time of the machine and of the people held for the whole. Between the first batch
    and the last the flow is taken to be steady. What shares a batch on a furnace (a recipe on a machine with
    `batch_capacity` > 1) goes in and comes out as a whole: there the transfer quantity has no effect. A
    maximum wait still counts from the end of `before` to the start of `after`.
    """

    before: str
    after: str
    min_wait: int = 0
    max_wait: int | None = None
    transfer_quantity: int | None = None

    def __post_init__(self) -> None:
        place = f"Precedence {self.before} -> {self.after}"
        _require(self.before != self.after, f"{place}: an operation cannot wait for itself.")
        _require(self.min_wait >= 0, f"{place}: the minimum wait must not be negative.")
        _require(
            self.max_wait is None or self.max_wait >= self.min_wait,
            f"{place}: the maximum wait must not be shorter than the minimum wait.",
        )
        _require(
            self.transfer_quantity is None or self.transfer_quantity >= 1,
            f"{place}: the transfer quantity must be at least 1.",
        )


@dataclass(frozen=True, slots=True)
class SetupMatrix:
    """Working seconds to change a machine from one family to the next.

    Looked up as (from, to), then ("*", to), then (from, "*"), then: the same family needs nothing, any other
    change `default`.

    Parameters
    ----------
    needs_job
        The setup needs the next job's parts at the machine; otherwise it may be done before they arrive.
    """

    id: str
    times: tuple[tuple[str, str, int], ...]
    default: int = 0
    needs_job: bool = False
    _table: dict[tuple[str, str], int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _require(bool(self.id), "A setup matrix must have an id.")
        _require(self.default >= 0, f"Setup matrix {self.id}: the default must not be negative.")
        table: dict[tuple[str, str], int] = {}
        for before, after, seconds in self.times:
            place = f"Setup matrix {self.id}, {before} -> {after}"
            _require(seconds >= 0, f"{place}: a setup must not be negative.")
            _require((before, after) not in table, f"{place}: must be given only once.")
            table[before, after] = seconds
        object.__setattr__(self, "_table", table)

    def seconds(self, before: str | None, after: str | None) -> int:
        """Setup time from family `before` to family `after`; nothing when either is unknown."""
        if before is None or after is None:
            return 0
        for key in ((before, after), (ANY_FAMILY, after), (before, ANY_FAMILY)):
            if key in self._table and (key == (before, after) or before != after):
                return self._table[key]
        return 0 if before == after else self.default


@dataclass(frozen=True, slots=True)
class PreviousPlace:
    """Where and when an operation stood in the plan that people have in their hands."""

    operation: str
    machine: str
    start: int


@dataclass(frozen=True)
class Problem:
    """Everything a schedule has to respect.

    Parameters
    ----------
    start
        Now: no operation that is not committed starts or is set up for earlier.
    epoch
        The moment that second 0 stands for, ISO 8601; carried along for readers, never computed with.
    previous
        The plan before this one. An operation is moved when it stands there on another machine, or starts
        more than `tolerance` seconds from there; operations that are not part of the problem any more do not
        count.

    Raises
    ------
    ProblemError
        With every fault in the references between the parts.
    """

    machines: tuple[Machine, ...]
    jobs: tuple[Job, ...]
    precedences: tuple[Precedence, ...] = ()
    operators: tuple[OperatorPool, ...] = ()
    setups: tuple[SetupMatrix, ...] = ()
    start: int = 0
    epoch: str = ""
    previous: tuple[PreviousPlace, ...] = ()
    tolerance: int = 0

    def __post_init__(self) -> None:
        _require(self.tolerance >= 0, "The tolerance for moved operations must not be negative.")
        found = faults(self)
        if found:
            raise ProblemError(found)

    def operations(self) -> Iterator[tuple[Job, Operation]]:
        """All operations with their jobs, in the problem's order."""
        for job in self.jobs:
            for operation in job.operations:
                yield job, operation

    @cached_property
    def operation_count(self) -> int:
        """Number of operations of all jobs."""
        return sum(len(job.operations) for job in self.jobs)


def chain(operations: Iterable[Operation], *, min_wait: int = 0) -> tuple[Precedence, ...]:
    """Precedences of a plain routing: every operation after the one before it."""
    ids = [operation.id for operation in operations]
    return tuple(Precedence(before, after, min_wait) for before, after in pairwise(ids))
