"""The shop floor while a schedule is being built forwards in time: who is free when, and what fits where.

The floor only answers "if this operation were begun here now, when would it end?" and books what it is told
to. Which operation is begun is decided elsewhere.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

from lienmach.engines.scheduling.calendar import NEVER, Calendar
from lienmach.engines.scheduling.problem import Commitment, Committed
from lienmach.engines.scheduling.result import Obstacle, ObstacleKind
from lienmach.engines.scheduling.shop import NO_FAMILY, Block, Crew, Kind, Shop


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
        self._next_block = [0 for _ in machines]
        # Per pool: (end, people) of those at work now, and [start, end, people) of frozen bookings.
        self._busy: list[list[tuple[int, int]]] = [[] for _ in shop.pool_size]
        self._reserved: list[list[tuple[int, int, int]]] = [[] for _ in shop.pool_size]
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
                heapq.heappush(self._busy[pool], (placement.end, people))
            else:
                self._reserved[pool].append((placement.start, placement.end, people))

    def _start_running(self, running: dict[int, list[tuple[int, int]]]) -> None:
        for machine, items in running.items():
            if self.shop.unlimited[machine]:
                continue
            self.free[machine] = max(self.shop.start, *(end for _, end in items))
            self._remember_family(machine, items[0][0])
            if len(items) > 1:
                self._mark_batch([i for i, _ in items])

    def _remember_family(self, machine: int, i: int) -> None:
        kind = next(kind for where, _, kind in self.shop.modes[i] if where == machine)
        if self.shop.kinds[kind].family != NO_FAMILY:
            self.family[machine] = self.shop.kinds[kind].family

    def _make_blocks(self, frozen: dict[tuple[int, int, int], list[int]]) -> None:
        for (machine, start, end), members in sorted(frozen.items()):
            kind = next(kind for where, _, kind in self.shop.modes[members[0]] if where == machine)
            wanted = self.shop.kinds[kind]
            self.blocks[machine].append(Block(start, end, wanted.family, wanted.setup, tuple(members)))
            if len(members) > 1:
                self._mark_batch(members)
            if start < self.free[machine] and end > self.shop.start:
                name = self.shop.operations[members[0]].id
                where = self.shop.problem.machines[machine].id
                message = (
                    f"Operation {name} is frozen on machine {where} from {start}, "
                    f"but the operation running there ends at {self.free[machine]}: release the frozen one."
                )
                self.obstacles.append(Obstacle(ObstacleKind.COMMITMENT, name, message))

    def _mark_batch(self, members: list[int]) -> None:
        for i in members:
            booking = self.booked[i]
            if booking is not None:
                self.booked[i] = booking._replace(batch=self.batches)
        self.batches += 1

    # -- questions ---------------------------------------------------------------------------------------

    def settle(self, machine: int, t: int) -> None:
        """Let frozen operations that have begun by `t` take the machine."""
        blocks = self.blocks[machine]
        i = self._next_block[machine]
        while i < len(blocks) and blocks[i].start <= t:
            self.free[machine] = max(self.free[machine], blocks[i].end)
            if blocks[i].family != NO_FAMILY:
                self.family[machine] = blocks[i].family
            i += 1
        self._next_block[machine] = i

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
        if self._next_block[machine] < len(self.blocks[machine]) and placement.wake <= t:
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
        until = self._reserved_until(crew, t, ready if setup else t, end)
        if until > t:
            return Placement(end, wake=until)
        return Placement(end, start, t, ready, crew)

    def _people_free(self, pool: int, people: int, t: int) -> int:
        """When `people` of a pool are not at work any more, not counting frozen bookings."""
        busy = sorted(item for item in self._busy[pool] if item[0] > t)
        spare = self.shop.pool_size[pool] - sum(count for _, count in busy)
        for end, count in busy:
            if spare >= people:
                return t
            # Not enough now: one after the other they come back.
            spare += count
            t = end
        return t

    def _reserved_until(self, crew: Crew, t: int, setup_end: int, end: int) -> int:
        """`t` when the crew can be held without touching frozen bookings, else when to ask again."""
        demand: dict[int, list[tuple[int, int]]] = {}
        for holds, until in ((crew.whole, end), (crew.setup, setup_end)):
            for pool, people in holds:
                if until > t:
                    demand.setdefault(pool, []).append((until, people))
        for pool, holds_of_pool in demand.items():
            taken = [*self._busy[pool], *holds_of_pool]
            for instant in sorted({t, *(start for start, _, _ in self._reserved[pool])}):
                if not t <= instant < max(until for until, _ in holds_of_pool):
                    continue
                used = sum(count for until, count in taken if until > instant)
                frozen = [item for item in self._reserved[pool] if item[0] <= instant < item[1]]
                if frozen and used + sum(count for _, _, count in frozen) > self.shop.pool_size[pool]:
                    return min(until for _, until, _ in frozen)
        return t

    def _before_block(self, wanted: Kind, placement: Placement) -> Placement:
        """Keep the placement only if it leaves the next frozen operation its time and its setup."""
        machine = wanted.machine
        block = self.blocks[machine][self._next_block[machine]]
        family = wanted.family if wanted.family != NO_FAMILY else self.family[machine]
        setup = block.setup
        table = self.shop.setup_table[machine]
        if table is not None and family != NO_FAMILY and block.family != NO_FAMILY:
            setup += table[family][block.family]
        if self.shop.machine_time[machine].advance(placement.end, setup) <= block.start:
            return placement
        return Placement(block.end + placement.end - placement.start, wake=block.end)

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
                while self._busy[pool] and self._busy[pool][0][0] <= placement.setup_start:
                    heapq.heappop(self._busy[pool])
            for pool, people in placement.crew.whole:
                heapq.heappush(self._busy[pool], (placement.end, people))
            if placement.has_setup:
                for pool, people in placement.crew.setup:
                    heapq.heappush(self._busy[pool], (placement.setup_end, people))


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
