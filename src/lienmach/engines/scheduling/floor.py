"""The shop floor while a schedule is being built forwards in time: who is free when, and what fits where.

The floor only answers "if this operation were begun here now, when would it end?" and books what it is told
to. Which operation is begun is decided elsewhere.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import NamedTuple

from lienmach.engines.scheduling.calendar import NEVER, Calendar
from lienmach.engines.scheduling.problem import Commitment, Committed
from lienmach.engines.scheduling.result import Obstacle, ObstacleKind
from lienmach.engines.scheduling.shop import NO_FAMILY, Crew, Kind, Shop


class Placement(NamedTuple):
    """Where an operation would go.

    `wake` > the moment asked about means: not now, ask again then (`NEVER`: not on this machine at all).
    `everyone` says that the same holds for all operations of the kind.
    """

    end: int
    start: int = 0
    setup_start: int = 0
    setup_end: int = 0
    crew: Crew | None = None
    wake: int = 0
    everyone: bool = False

    @property
    def has_setup(self) -> bool:
        """Whether any setup time is spent."""
        return self.setup_end > self.setup_start


IMPOSSIBLE = Placement(NEVER, wake=NEVER)


class Booking(NamedTuple):
    """Where an operation went."""

    machine: int
    placement: Placement
    batch: int


@dataclass(slots=True)
class Block:
    """Time on a machine that is booked ahead: a frozen operation or batch, or a reservation (see `ahead`).

    Attributes
    ----------
    held
        From when on nothing else may be there.
    spare
        Working seconds of setup that are reserved before `start`, by a crew; None when the setup is done by
        the machine itself in whatever time is left before `start`.
    frozen
        It was there before this plan: what follows another frozen one is a fact.
    kind, work, load
        Of a batch that others may still join: kind, working seconds and load; kind -1 otherwise.
    placement
        Of a reservation.
    """

    start: int
    end: int
    family: int
    setup: int
    operations: list[int]
    held: int
    spare: int | None = None
    frozen: bool = True
    kind: int = -1
    work: int = 0
    load: int = 0
    placement: Placement | None = None

    def has_room(self, time: Calendar, end: int, seconds: int) -> bool:
        """Whether it can follow something that ends at `end`, after a setup of `seconds`."""
        if self.spare is None:
            return time.advance(end, seconds) <= self.start
        return seconds <= self.spare and end <= self.held


class Floor:
    """Machines and operator pools at the moving front of the schedule.

    Attributes
    ----------
    free, family
        Per machine: when its last operation ends, and the family it is set up for.
    booked
        Per operation: where it went, or None.
    obstacles
        Committed operations that cannot stay where they are.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        machines = range(len(shop.machine_time))
        self.free = [shop.start for _ in machines]
        self.family = list(shop.initial_family)
        self.blocks: list[list[Block]] = [[] for _ in machines]
        self.next_block = [0 for _ in machines]
        # Per pool: (end, people) of those at work now, and [start, end, people) of frozen bookings.
        self.busy: list[list[tuple[int, int]]] = [[] for _ in shop.pool_size]
        self.reserved: list[list[tuple[int, int, int]]] = [[] for _ in shop.pool_size]
        self.booked: list[Booking | None] = [None] * len(shop.operations)
        self.batches = 0
        self.obstacles: list[Obstacle] = []
        self._take_committed()

    # -- what is already bound ---------------------------------------------------------------------------

    def _take_committed(self) -> None:
        frozen: dict[tuple[int, int, int], list[int]] = {}
        running: dict[int, list[tuple[int, int]]] = {}
        for i, operation in enumerate(self.shop.operations):
            committed = operation.committed
            if committed is None:
                continue
            machine = self.shop.machine_index[committed.machine]
            crew = self._committed_crew(i, machine, committed)
            end = committed.start if committed.end is None else committed.end
            if committed.kind is Commitment.RUNNING:
                time = self.shop.machine_time[machine] if crew is None else crew.run_time
                end = time.advance(self.shop.start, committed.remaining or 0)
                running.setdefault(machine, []).append((i, end))
                if end == NEVER:
                    message = (
                        f"Operation {operation.id} runs on machine {committed.machine}, whose calendar ends "
                        "before it is done: extend the calendar."
                    )
                    self.obstacles.append(Obstacle(ObstacleKind.NEVER_OPEN, operation.id, message))
            if committed.kind is Commitment.FROZEN and not self.shop.unlimited[machine]:
                frozen.setdefault((machine, committed.start, end), []).append(i)
            placement = Placement(end, committed.start, committed.start, committed.start, crew)
            self.booked[i] = Booking(machine, placement, -1)
            self._hold_committed(placement, committed)
        self._start_running(running)
        self._make_blocks(frozen)
        for machine, items in running.items():
            # Of what was there before the running operation only the family is left, if it has none itself.
            began = min(self._committed_start(i) for i, _ in items)
            past = [block.family for block in self.blocks[machine] if block.start < began]
            if self._family_of(machine, [i for i, _ in items]) == NO_FAMILY:
                named = [family for family in past if family != NO_FAMILY]
                self.family[machine] = named[-1] if named else self.family[machine]
            del self.blocks[machine][: len(past)]

    def _committed_start(self, i: int) -> int:
        committed = self.shop.operations[i].committed
        return self.shop.start if committed is None else committed.start

    def _committed_crew(self, i: int, machine: int, committed: Committed) -> Crew | None:
        if not committed.operators:
            return None
        pools = tuple(self.shop.pool_index[name] for name in committed.operators)
        kind = next(kind for where, _, kind in self.shop.modes[i] if where == machine)
        return next((crew for crew in self.shop.kinds[kind].crews if crew.pools == pools), None)

    def _hold_committed(self, placement: Placement, committed: Committed) -> None:
        if placement.crew is None:
            return
        for pool, people in placement.crew.whole:
            if committed.kind is Commitment.RUNNING:
                heapq.heappush(self.busy[pool], (placement.end, people))
            else:
                insort(self.reserved[pool], (placement.start, placement.end, people))

    def _start_running(self, running: dict[int, list[tuple[int, int]]]) -> None:
        for machine, items in running.items():
            if self.shop.unlimited[machine]:
                continue
            self.free[machine] = max(self.shop.start, *(end for _, end in items))
            family = self._family_of(machine, [i for i, _ in items])
            if family != NO_FAMILY:
                self.family[machine] = family
            if len(items) > 1:
                self.mark_batch([i for i, _ in items])

    def _family_of(self, machine: int, members: list[int]) -> int:
        """The family of those that run or are frozen together: of the first that has one."""
        kinds = (self.shop.kinds[self.shop.mode_on(i, machine)[1]] for i in members)
        return next((kind.family for kind in kinds if kind.family != NO_FAMILY), NO_FAMILY)

    def _make_blocks(self, frozen: dict[tuple[int, int, int], list[int]]) -> None:
        for (machine, start, end), members in sorted(frozen.items()):
            setup = max(self.shop.kinds[self.shop.mode_on(i, machine)[1]].setup for i in members)
            family = self._family_of(machine, members)
            self.blocks[machine].append(Block(start, end, family, setup, members, held=start))
            if len(members) > 1:
                self.mark_batch(members)
            if start < self.free[machine] and end > self.shop.start:
                name = self.shop.operations[members[0]].id
                where = self.shop.problem.machines[machine].id
                message = (
                    f"Operation {name} is frozen on machine {where} from {start}, "
                    f"but the operation running there ends at {self.free[machine]}: release the frozen one."
                )
                self.obstacles.append(Obstacle(ObstacleKind.COMMITMENT, name, message))

    def mark_batch(self, members: list[int]) -> None:
        """Number a batch of booked operations."""
        for i in members:
            booking = self.booked[i]
            if booking is not None:
                self.booked[i] = booking._replace(batch=self.batches)
        self.batches += 1

    # -- questions ---------------------------------------------------------------------------------------

    def forget(self, t: int) -> None:
        """Drop bookings of people that are over by `t`, when nobody will ask about earlier moments."""
        for pool, booked in enumerate(self.reserved):
            self.reserved[pool] = [item for item in booked if item[1] > t]

    def settle(self, machine: int, t: int) -> None:
        """Let frozen operations that have begun by `t` take the machine."""
        blocks = self.blocks[machine]
        i = self.next_block[machine]
        while i < len(blocks) and blocks[i].start <= t:
            self.free[machine] = max(self.free[machine], blocks[i].end)
            if blocks[i].family != NO_FAMILY:
                self.family[machine] = blocks[i].family
            i += 1
        self.next_block[machine] = i

    def place(self, kind: int, duration: int, resumable: bool, t: int) -> Placement:
        """Begin an operation at `t` on the machine of `kind`, which must be free by then."""
        wanted = self.shop.kinds[kind]
        machine = wanted.machine
        setup = self.shop.setup_seconds(kind, self.family[machine])
        if not wanted.crews:
            time = self.shop.machine_time[machine]
            placement = self._place_alone(wanted, time, duration, resumable, setup, t)
        else:
            placement = self._place_with_crew(wanted, duration, resumable, setup, t)
        if self.next_block[machine] < len(self.blocks[machine]) and placement.wake <= t:
            return self._before_block(wanted, placement)
        return placement

    def _place_alone(
        self, wanted: Kind, time: Calendar, duration: int, resumable: bool, setup: int, t: int
    ) -> Placement:
        """Nobody is needed, so a setup may already have been done while the machine stood idle before `t`."""
        machine = wanted.machine
        early = not self.shop.setup_needs_job[machine]
        ready = t
        if setup:
            ready = max(t, time.advance(self.free[machine], setup)) if early else time.advance(t, setup)
        start, end = _process(time, ready, duration, resumable)
        if end >= NEVER:
            return IMPOSSIBLE
        if start > t and duration:
            opening = time.opening(start)
            # Waiting until the shop opens, if it delays nothing, leaves the machine to shorter operations.
            if opening > t and (
                early or not setup or _done_at(time, time, opening, setup, duration, resumable) <= end
            ):
                return Placement(end, wake=opening)
        if not setup:
            return Placement(end, start, start, start)
        setup_start = time.retreat(ready, setup) if early else time.next_open(t)
        return Placement(end, start, setup_start, time.advance(setup_start, setup))

    def _place_with_crew(self, wanted: Kind, duration: int, resumable: bool, setup: int, t: int) -> Placement:
        """The crew that gets it done first; the setup is not begun before `t`, when the crew is known."""
        best: Placement | None = None
        possible = False
        wake = NEVER
        everyone = True
        for crew in wanted.crews:
            held = crew.at_setup if setup else crew.whole
            available = max((self._people_free(pool, people, t) for pool, people in held), default=t)
            if available > t:
                possible, wake = True, min(wake, available)
                continue
            found = self._place_crew(crew, duration, resumable, setup, t)
            if found.end >= NEVER:
                continue
            possible = True
            if found.wake > t:
                wake = min(wake, found.wake)
                everyone = everyone and found.everyone
            elif best is None or found.end < best.end:
                best = found
        if best is not None:
            return best
        return Placement(NEVER, wake=wake, everyone=everyone) if possible else IMPOSSIBLE

    def _place_crew(self, crew: Crew, duration: int, resumable: bool, setup: int, t: int) -> Placement:
        ready = t
        if setup:
            setup_start = crew.setup_time.next_open(t)
            if setup_start > t:
                return Placement(setup_start, wake=setup_start, everyone=True)
            ready = crew.setup_time.advance(t, setup)
        time = crew.run_time
        start, end = _process(time, ready, duration, resumable)
        if end >= NEVER:
            return IMPOSSIBLE
        opening = time.opening(start) if start > t and duration else t
        if opening > t and (
            not setup or _done_at(crew.setup_time, time, opening, setup, duration, resumable) <= end
        ):
            return Placement(end, wake=opening, everyone=resumable and not setup)
        until = self.crew_free(crew, t, ready if setup else t, end)
        if until > t:
            return Placement(end, wake=until)
        return Placement(end, start, t, ready, crew)

    def _people_free(self, pool: int, people: int, t: int) -> int:
        """When `people` of a pool are not at work any more, not counting frozen bookings."""
        busy = sorted(item for item in self.busy[pool] if item[0] > t)
        spare = self.shop.pool_size[pool] - sum(count for _, count in busy)
        for end, count in busy:
            if spare >= people:
                return t
            # Not enough now: one after the other they come back.
            spare += count
            t = end
        return t

    def crew_free(self, crew: Crew, start: int, set_up: int, end: int) -> int:
        """`start` when the crew can be held from then on, else when the first shortage is over."""
        demand: dict[int, list[tuple[int, int]]] = {}
        for holds, until in ((crew.whole, end), (crew.setup, set_up)):
            for pool, people in holds:
                if until > start:
                    demand.setdefault(pool, []).append((until, people))
        for pool, wanted in demand.items():
            last = max(until for until, _ in wanted)
            booked = self.reserved[pool]
            others = [item for item in booked[: bisect_left(booked, (last,))] if item[1] > start]
            others += [(start, until, people) for until, people in self.busy[pool] if until > start]
            for instant in sorted({start, *(since for since, _, _ in others if since > start)}):
                there = [item for item in others if item[0] <= instant < item[1]]
                used = sum(people for _, _, people in there)
                used += sum(people for until, people in wanted if until > instant)
                if used > self.shop.pool_size[pool]:
                    return min(until for _, until, _ in there)
        return start

    def _before_block(self, wanted: Kind, placement: Placement) -> Placement:
        """Keep the placement only if it leaves what is booked ahead its time and its setup."""
        machine = wanted.machine
        following = self.next_block[machine]
        family = wanted.family if wanted.family != NO_FAMILY else self.family[machine]
        if self.leaves_room(machine, following, placement.end, family):
            return placement
        block = self.blocks[machine][following]
        return Placement(block.end + placement.end - placement.start, wake=block.end)

    def leaves_room(self, machine: int, following: int, end: int, family: int) -> bool:
        """Whether the block number `following` (and what it leads to) can follow `family` at `end`."""
        blocks = self.blocks[machine]
        frozen = False
        while following < len(blocks):
            block = blocks[following]
            seconds = block.setup
            table = self.shop.setup_table[machine]
            if table is not None and family != NO_FAMILY and block.family != NO_FAMILY:
                seconds += table[family][block.family]
            if not (frozen and block.frozen) and not block.has_room(
                self.shop.machine_time[machine], end, seconds
            ):
                return False
            if block.family != NO_FAMILY:
                return True
            # A block without a family leaves the machine as it was set up before.
            end, frozen = block.end, block.frozen
            following += 1
        return True

    # -- bookings ----------------------------------------------------------------------------------------

    def book(self, members: list[int], kind: int, placement: Placement) -> None:
        """Begin `members` together as `placement` says."""
        wanted = self.shop.kinds[kind]
        machine = wanted.machine
        batch = -1
        if len(members) > 1:
            batch = self.batches
            self.batches += 1
        for i in members:
            self.booked[i] = Booking(machine, placement, batch)
        if not self.shop.unlimited[machine]:
            self.free[machine] = placement.end
            if wanted.family != NO_FAMILY:
                self.family[machine] = wanted.family
        if placement.crew is not None:
            for pool, _ in placement.crew.at_setup:
                # Time only moves forward: whoever is done by now will not be asked about again.
                while self.busy[pool] and self.busy[pool][0][0] <= placement.setup_start:
                    heapq.heappop(self.busy[pool])
            for pool, people in placement.crew.whole:
                heapq.heappush(self.busy[pool], (placement.end, people))
            if placement.has_setup:
                for pool, people in placement.crew.setup:
                    heapq.heappush(self.busy[pool], (placement.setup_end, people))


def _process(time: Calendar, ready: int, duration: int, resumable: bool) -> tuple[int, int]:
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


def _done_at(
    setup_time: Calendar, run_time: Calendar, t: int, setup: int, duration: int, resumable: bool
) -> int:
    """When an operation would end if its setup were begun at `t`."""
    return _process(run_time, setup_time.advance(t, setup), duration, resumable)[1]
