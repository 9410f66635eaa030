"""What one machine does, one run after the other. A run is one operation, or one batch."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

from lienmach.engines.scheduling.problem import Machine, Mode, SetupMatrix

Span = tuple[int, int]


@dataclass(slots=True)
class Run:
    """Operations that are processed together.

    Attributes
    ----------
    members
        Operations in the problem's order; one, unless it is a batch.
    mode
        The way of the longest member; family, people and machine are the same for all.
    setup_of_its_own
        The longest of the members' setups that are needed whatever came before.
    setup
        When the machine is set up for it; None when no setup is spent.
    spent
        Working seconds of that setup.
    fixed
        Frozen or running: it stands where it stands, and people are held for the run only.
    """

    machine: str
    members: list[str]
    mode: Mode
    setup_of_its_own: int
    resumable: bool
    start: int
    end: int
    setup: Span | None = None
    spent: int = 0
    crew: tuple[str, ...] = ()
    fixed: bool = False
    batch: str | None = None
    recipe: str | None = None
    load: int = 0

    @property
    def held_from(self) -> int:
        """When the machine begins to be held."""
        return self.start if self.setup is None else self.setup[0]

    @property
    def key(self) -> tuple[int, int, str]:
        """The order on a machine, the same as the verifier's."""
        return (self.held_from, self.end, self.members[0])


class Line:
    """The runs of one machine in their order.

    Attributes
    ----------
    starts
        Of the runs, in the same order.
    busy_until
        Per run: when all runs before it and itself have ended; one may outlast those after it.
    """

    __slots__ = ("busy_until", "machine", "matrix", "runs", "starts")

    def __init__(self, machine: Machine, matrix: SetupMatrix | None) -> None:
        self.machine = machine
        self.matrix = matrix
        self.runs: list[Run] = []
        self.starts: list[int] = []
        self.busy_until: list[int] = []

    def fill(self, runs: list[Run]) -> None:
        """Take these runs at once."""
        self.runs = sorted(runs, key=lambda run: run.key)
        self._count_from(0)

    def put(self, run: Run) -> int:
        """Add a run at its place; answers where that is."""
        place = bisect_left(self.runs, run.key, key=lambda other: other.key)
        self.runs.insert(place, run)
        self.starts.insert(place, run.start)
        self.busy_until.insert(place, 0)
        self._count_from(place)
        return place

    def remove(self, run: Run) -> int:
        """Take a run out; answers where it was."""
        place = bisect_left(self.runs, run.key, key=lambda other: other.key)
        while self.runs[place] is not run:
            place += 1
        del self.runs[place], self.starts[place], self.busy_until[place]
        self._count_from(place)
        return place

    def free_before(self, place: int, earliest: int) -> int:
        """When everything before a place has ended."""
        return max(earliest, self.busy_until[place - 1]) if place else earliest

    def family_before(self, place: int) -> str | None:
        """The family that the machine is set up for at a place."""
        for i in range(place - 1, -1, -1):
            family = self.runs[i].mode.family
            if family is not None:
                return family
        return self.machine.initial_family

    def setup_seconds(self, before: str | None, after: str | None) -> int:
        """What changing from one family to the other takes here."""
        return 0 if self.matrix is None else self.matrix.seconds(before, after)

    def _count_from(self, place: int) -> None:
        if not place:
            self.starts = [run.start for run in self.runs]
            self.busy_until = list(accumulate((run.end for run in self.runs), max))
            return
        last = self.busy_until[place - 1]
        for i in range(place, len(self.runs)):
            last = max(last, self.runs[i].end)
            if self.busy_until[i] == last and i > place:
                break
            self.busy_until[i] = last
