"""Where on one machine an operation fits between runs that stay, and what changes for the run after it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

from lienmach.engines.scheduling.calendar import NEVER, Calendar
from lienmach.engines.scheduling.insertion.line import Line, Run, Span
from lienmach.engines.scheduling.insertion.people import People
from lienmach.engines.scheduling.problem import Mode


class Stream(NamedTuple):
    """Parts that are carried over in batches, see `problem.Precedence`.

    Attributes
    ----------
    first, last
        When the first and the last batch arrive.
    quantity, pieces
        Pieces in a batch, of so many that are worked on.
    """

    first: int
    last: int
    quantity: int
    pieces: int


class Wish(NamedTuple):
    """What is to be placed.

    Attributes
    ----------
    name
        The operation, or the first of a batch.
    ready
        When its parts are at the machine: neither it nor a setup that needs them can begin earlier.
    streams
        Parts that come in transfer batches.
    end_after
        It may not end earlier: what follows may not wait longer.
    """

    name: str
    ready: int
    streams: tuple[Stream, ...] = ()
    end_after: int = -NEVER
    resumable: bool = True
    recipe: str | None = None
    load: int = 1
    alone: bool = True
    """Not a booked batch that moves as a whole: it may join another one."""


class Crew(NamedTuple):
    """Pools for the needs of a mode, what each is held for, and when all of them and the machine are open."""

    pools: tuple[str, ...]
    whole: tuple[tuple[str, int], ...]
    at_setup: tuple[tuple[str, int], ...]
    run_time: Calendar
    setup_time: Calendar


class Slot(NamedTuple):
    """Where an operation could go; `joins` is a batch that it would enter."""

    end: int
    start: int
    setup: Span | None
    spent: int
    mode: Mode
    crew: tuple[str, ...]
    after: tuple[Run, Span | None, int] | None = None
    """The run whose setup changes, its new setup, and the seconds spent on it."""
    joins: Run | None = None


class Gaps:
    """Answers for one machine; `crew_of` and `arrival_of` know about people and parts."""

    def __init__(
        self,
        line: Line,
        people: dict[str, People],
        earliest: int,
        crew_of: Callable[[Run], Crew],
        arrival_of: Callable[[Run], int],
        machine_time: Calendar,
    ) -> None:
        self.line = line
        self.people = people
        self.earliest = earliest
        self.crew_of = crew_of
        self.arrival_of = arrival_of
        self.machine_time = machine_time
        self.looked_at = 0

    def first(self, wish: Wish, mode: Mode, crew: Crew, before: int) -> Slot | None:
        """The slot with the earliest end that is before `before`."""
        line = self.line
        if line.machine.unlimited:
            placed = self._place(wish, mode, crew, 0, -NEVER, NEVER)
            return placed if placed is not None and placed.end < before else None
        batches = wish.recipe is not None and line.machine.batch_capacity > 1
        best = self._join(wish, mode, crew, before) if batches and wish.alone else None
        if best is not None:
            before = best.end
        ready, _ = self._ready(wish, mode, crew)
        place = bisect_left(line.starts, ready + mode.duration)
        while place <= len(line.runs):
            free = line.free_before(place, self.earliest)
            if max(free, ready) + mode.duration >= before:
                break
            found = self._in_gap(wish, mode, crew, place, free)
            if found is not None and found.end < before:
                return found
            place += 1
        return best

    def follow_up(
        self, place: int, family: str | None
    ) -> tuple[int, tuple[Run, Span | None, int] | None] | None:
        """What comes at `place` after a run of `family`.

        Returns
        -------
        (by when the machine must be free, the run whose setup changes with its new setup), or None when
        that setup does not fit.
        """
        line = self.line
        if place >= len(line.runs):
            return NEVER, None
        until = line.runs[place].held_from
        follower = place
        if not line.runs[place].fixed:
            if line.matrix is None:
                return until, None
            while follower < len(line.runs) and line.runs[follower].mode.family is None:
                follower += 1
        elif family is not None and line.runs[place].mode.family is None:
            # The family would pass through a run that is a fact to the one after it: left alone.
            return None
        if follower == len(line.runs):
            return until, None
        family = family if family is not None else line.family_before(place)
        run = line.runs[follower]
        if follower > place and run.fixed and line.runs[follower - 1].fixed:
            return until, None
        needed = run.setup_of_its_own + line.setup_seconds(family, run.mode.family)
        if needed == run.spent:
            return until, None
        setup = self._setup_before(run, needed)
        if setup is None and needed:
            return None
        begins = run.start if setup is None else setup[0]
        if follower > place:
            return (until, (run, setup, needed)) if begins >= line.busy_until[follower - 1] else None
        return begins, (run, setup, needed)

    def _setup_before(self, run: Run, seconds: int) -> Span | None:
        """The latest time for a setup before a run; None when there is none."""
        if not seconds:
            return None
        crew = self.crew_of(run)
        time = self.machine_time if run.fixed else crew.setup_time
        begin = time.retreat(run.start, seconds)
        if begin < self.earliest:
            return None
        matrix = self.line.matrix
        if matrix is not None and matrix.needs_job and not run.fixed and begin < self.arrival_of(run):
            return None
        setup = (begin, time.advance(begin, seconds))
        if not run.fixed and not self._people_for(run, crew, setup):
            return None
        return setup

    def _people_for(self, run: Run, crew: Crew, setup: Span) -> bool:
        """Whether the people of a booked run are there for another setup too."""
        self.hold(run, crew, -1)
        free = self._free_from(crew, setup, run.end) <= setup[0]
        self.hold(run, crew, 1)
        return free

    def hold(self, run: Run, crew: Crew, sign: int) -> None:
        """Hold (1) or release (-1) the people of a run."""
        for pool, count in crew.whole:
            self.people[pool].hold(run.start if run.fixed else run.held_from, run.end, sign * count)
        if run.setup is not None and not run.fixed:
            for pool, count in crew.at_setup:
                self.people[pool].hold(*run.setup, sign * count)

    def _free_from(self, crew: Crew, setup: Span, end: int) -> int:
        """`setup[0]` when the people are free, else when to try again."""
        begin = setup[0]
        again = begin
        for pool, count in crew.whole:
            free = self.people[pool].free_from(begin, end, count)
            if free > begin:
                again = max(again, free)
        for pool, count in crew.at_setup:
            both = count + sum(other for name, other in crew.whole if name == pool)
            free = self.people[pool].free_from(begin, setup[1], both)
            if free > begin:
                again = max(again, free)
        return again

    def _ready(self, wish: Wish, mode: Mode, crew: Crew) -> tuple[int, int]:
        """When processing may begin here so that it does not end before it may; and when the parts arrive."""
        arrival, until = wish.ready, wish.end_after
        together = wish.recipe is not None and self.line.machine.batch_capacity > 1
        for stream in wish.streams:
            if together:
                arrival = max(arrival, stream.last)
                continue
            arrival = max(arrival, stream.first)
            last = -(-mode.duration * min(stream.quantity, stream.pieces) // stream.pieces)
            until = max(until, stream.last, crew.run_time.advance(stream.last, last))
        ready = max(arrival, self.earliest)
        return begin_for(crew.run_time, until, mode.duration, wish.resumable, ready), arrival

    def _in_gap(self, wish: Wish, mode: Mode, crew: Crew, place: int, free: int) -> Slot | None:
        line = self.line
        self.looked_at += 1
        needed = mode.setup + line.setup_seconds(line.family_before(place), mode.family)
        rest = self.follow_up(place, mode.family)
        if rest is None:
            return None
        until, change = rest
        slot = self._place(wish, mode, crew, needed, free, until)
        if slot is None:
            return None
        return slot._replace(after=change) if self._in_order(slot, wish.name, place) else None

    def _in_order(self, slot: Slot, name: str, place: int) -> bool:
        """Whether it stands at that place for the verifier too: what takes no time could stand elsewhere."""
        runs = self.line.runs
        key = (slot.start if slot.setup is None else slot.setup[0], slot.end, name)
        return (place == 0 or runs[place - 1].key < key) and (place == len(runs) or key < runs[place].key)

    def _place(self, wish: Wish, mode: Mode, crew: Crew, setup: int, free: int, until: int) -> Slot | None:
        """The earliest time between `free` and `until` at which machine and people are there."""
        ready, arrival = self._ready(wish, mode, crew)
        matrix = self.line.matrix
        begin = max(free, self.earliest)
        if setup and matrix is not None and matrix.needs_job:
            begin = max(begin, arrival)
        while True:
            done = crew.setup_time.advance(begin, setup)
            start, end = process(crew.run_time, max(ready, done), mode.duration, wish.resumable)
            if end > until or end >= NEVER:
                return None
            span = None
            if setup:
                at = crew.setup_time.retreat(start, setup)
                span = (at, crew.setup_time.advance(at, setup))
            if not crew.pools:
                break
            held = start if span is None else span[0]
            again = self._free_from(crew, span or (start, start), end)
            if again <= held:
                break
            if again >= until:
                return None
            # Whoever holds the people lets them go at `again`: nothing can begin before.
            begin = again
            ready = ready if setup else max(ready, again)
        return Slot(end, start, span, setup, mode, crew.pools)

    def _join(self, wish: Wish, mode: Mode, crew: Crew, before: int) -> Slot | None:
        """The first booked batch of the recipe that still has room for it."""
        line = self.line
        matrix = line.matrix
        ready, arrival = self._ready(wish, mode, crew)
        for run in line.runs[bisect_left(line.starts, ready) :]:
            if run.end >= before:
                return None
            self.looked_at += 1
            fits = (
                run.recipe == wish.recipe
                and not run.fixed
                and run.load + wish.load <= line.machine.batch_capacity
                and mode.duration <= run.mode.duration
                and run.mode.family == mode.family
                and run.mode.operators == mode.operators
                and mode.setup <= run.setup_of_its_own
            )
            if not fits or run.crew != crew.pools:
                continue
            if not wish.resumable and run.end - run.start != run.mode.duration:
                continue
            if matrix is not None and matrix.needs_job and run.setup and run.setup[0] < arrival:
                continue
            return Slot(run.end, run.start, run.setup, run.spent, mode, run.crew, joins=run)
        return None


def begin_for(time: Calendar, end: int, duration: int, resumable: bool, ready: int) -> int:
    """The earliest moment from `ready` on at which work may begin so as not to end before `end`."""
    if end <= ready + duration:
        return ready
    if end >= NEVER:
        return NEVER
    if not resumable or not duration:
        return max(ready, end - duration)
    start = max(ready, time.retreat(end, duration))
    opened = time.next_open(start)
    # When `end` is in closed time, a second of work has to lie behind it.
    return start if time.advance(opened, duration) >= end else opened + 1


def process(time: Calendar, ready: int, duration: int, resumable: bool) -> Span:
    """Start and end of processing that may begin at `ready`."""
    if ready >= NEVER:
        return NEVER, NEVER
    if not duration:
        return ready, ready
    if resumable:
        start = time.next_open(ready)
        return start, time.advance(start, duration)
    start = time.fit(ready, duration)
    return start, start + duration
