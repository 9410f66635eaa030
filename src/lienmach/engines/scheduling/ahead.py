"""Places ahead of the moving front: operations that are booked for later, between what is booked already.

The floor books at the front only: a machine that is free now begins something now. What has to be placed
together (see `groups`), and what is fitted into a plan again (see `replan`), is reserved for later here. A
reservation holds its machine like a frozen operation does; others may still be begun before it where they
leave it its time and its setup, and join its batch until it begins.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from lienmach.engines.scheduling.calendar import NEVER, Calendar
from lienmach.engines.scheduling.floor import IMPOSSIBLE, Block, Booking, Floor, Placement
from lienmach.engines.scheduling.shop import NO_FAMILY, Crew
from lienmach.engines.scheduling.streams import Tail, arrival, end_bound, start_bound, tails

_TRIES = 200
"""How often, per member, a group is moved before it is given up."""
_WAYS = 32
"""How many ways to choose among the alternatives of a group are tried when the usual one leads nowhere."""


class Slot(NamedTuple):
    """Where an operation could go."""

    placement: Placement
    machine: int
    kind: int
    work: int
    joins: Block | None = None


class Late(NamedTuple):
    """Why a group has no place: an operation, and the one after whose end it would start too late, if any."""

    operation: int
    after: int = -1


class _Wish(NamedTuple):
    """One mode of an operation with the bounds on it: its parts are there at `arrival`, work begins from
    `ready` on."""

    kind: int
    duration: int
    resumable: bool
    arrival: int
    ready: int
    tails: Sequence[Tail]
    end: int

    def process(self, time: Calendar, ready: int) -> tuple[int, int]:
        """Start and end of processing that may begin at `ready`."""
        bound = max(self.end, end_bound(time, self.tails))
        ready = start_bound(time, bound, self.duration, self.resumable, ready)
        if ready >= NEVER:
            return NEVER, NEVER
        if not self.duration:
            return ready, ready
        if self.resumable:
            start = time.next_open(ready)
            return start, time.advance(start, self.duration)
        start = time.fit(ready, self.duration)
        return start, start + self.duration


class Ahead:
    """Reservations on a floor.

    Attributes
    ----------
    now
        Nobody is asked to do anything before this moment.
    work
        Units of work spent, as in `dispatch`.
    """

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.shop = floor.shop
        self.now = floor.shop.start
        self.work = 0

    # -- questions ---------------------------------------------------------------------------------------

    def best(
        self,
        i: int,
        ready: int,
        end: int = -NEVER,
        latest: int = NEVER,
        modes: Iterable[int] | None = None,
        start: int = -NEVER,
    ) -> Slot | None:
        """The place where operation `i` ends first, not there before `ready` and not done before `end`.

        Parameters
        ----------
        start
            It is not begun before this moment; its setup may be.
        latest
            A start after this moment is worse than any before it.
        modes
            The alternatives to look at; by default all.
        """
        shop = self.shop
        found: Slot | None = None
        for mode in range(len(shop.modes[i])) if modes is None else modes:
            machine, duration, kind = shop.modes[i][mode]
            self.work += 12
            wish = self._wish(i, kind, duration, ready, end, start)
            slot = self._joined(i, wish, machine) or self._between(wish, machine)
            if slot is None:
                continue
            if found is None or _key(slot, latest) < _key(found, latest):
                found = slot
        return found

    def _wish(self, i: int, kind: int, duration: int, ready: int, end: int, start: int) -> _Wish:
        shop, booked = self.shop, self.floor.booked
        earlier = []
        for link in shop.into[i]:
            booking = booked[link.before]
            if booking is not None:
                ready = max(ready, arrival(shop, link, booking, kind))
                earlier.append((link, booking))
        return _Wish(
            kind,
            duration,
            shop.operations[i].resumable,
            ready,
            max(ready, start),
            tails(shop, earlier, duration, kind),
            end,
        )

    def _joined(self, i: int, wish: _Wish, machine: int) -> Slot | None:
        """The first batch that is reserved and has room for the operation."""
        if self.shop.kinds[wish.kind].recipe is None:
            return None
        for block in self.floor.blocks[machine][self.floor.next_block[machine] :]:
            if block.kind != wish.kind or block.start < wish.ready or block.end < wish.end:
                continue
            if block.placement is not None and self.may_join(i, wish.duration, block):
                return Slot(block.placement, machine, wish.kind, wish.duration, block)
        return None

    def may_join(self, i: int, duration: int, block: Block) -> bool:
        """Whether a batch of its kind has room for the operation."""
        operation = self.shop.operations[i]
        machine = self.shop.kinds[block.kind].machine
        if duration > block.work or block.load + operation.load > self.shop.capacity[machine]:
            return False
        crew = None if block.placement is None else block.placement.crew
        time = self.shop.machine_time[machine] if crew is None else crew.run_time
        return operation.resumable or not block.work or time.fit(block.start, block.work) == block.start

    def _between(self, wish: _Wish, machine: int) -> Slot | None:
        """The first place between what is booked on a machine, or after it."""
        floor = self.floor
        if floor.shop.unlimited[machine]:
            placement = self._in_gap(wish, machine, -NEVER, NO_FAMILY, -1)
            return None if placement.end >= NEVER else Slot(placement, machine, wish.kind, wish.duration)
        blocks = floor.blocks[machine]
        following = max(
            floor.next_block[machine], bisect_left(blocks, wish.ready, key=lambda block: block.start)
        )
        if following > floor.next_block[machine]:
            following -= 1
        while True:
            self.work += 1
            since, family = self._left_by(machine, following)
            if following == len(blocks) or blocks[following].held >= max(since, wish.ready):
                placement = self._in_gap(wish, machine, since, family, following)
                if placement.end < NEVER:
                    return Slot(placement, machine, wish.kind, wish.duration)
            if following == len(blocks):
                return None
            following += 1

    def _left_by(self, machine: int, following: int) -> tuple[int, int]:
        """When the machine is free before a block, and for which family it is set up then."""
        floor = self.floor
        since, first = floor.free[machine], floor.next_block[machine]
        blocks = floor.blocks[machine]
        if following > first:
            since = max(since, blocks[following - 1].end)
        while following > first:
            following -= 1
            if blocks[following].family != NO_FAMILY:
                return since, blocks[following].family
        return since, floor.family[machine]

    def _in_gap(self, wish: _Wish, machine: int, since: int, family: int, following: int) -> Placement:
        """The earliest place after `since`, when the machine is set up for `family`, and before a block."""
        wanted = self.shop.kinds[wish.kind]
        setup = self.shop.setup_seconds(wish.kind, family)
        left = wanted.family if wanted.family != NO_FAMILY else family

        def fits(end: int) -> bool:
            return following < 0 or self.floor.leaves_room(machine, following, end, left)

        if not wanted.crews:
            found = self._alone(wish, machine, since, setup)
            return found if found.end < NEVER and fits(found.end) else IMPOSSIBLE
        best = IMPOSSIBLE
        for crew in wanted.crews:
            self.work += 6
            found = self._with_crew(wish, crew, since, setup, fits)
            if found.end < best.end:
                best = found
        return best

    def _alone(self, wish: _Wish, machine: int, since: int, setup: int) -> Placement:
        time = self.shop.machine_time[machine]
        needs_job = self.shop.setup_needs_job[machine]
        ready = max(wish.ready, since)
        if setup and needs_job:
            begun = time.next_open(max(wish.arrival, since, time.retreat(ready, setup)))
            set_up = time.advance(begun, setup)
            start, end = wish.process(time, max(set_up, wish.ready))
            return Placement(end, start, begun, set_up)
        if setup:
            ready = max(ready, time.advance(since, setup))
        start, end = wish.process(time, ready)
        if not setup or end >= NEVER:
            return Placement(end, start, start, start)
        begun = time.retreat(start, setup)
        return Placement(end, start, begun, time.advance(begun, setup))

    def _with_crew(
        self, wish: _Wish, crew: Crew, since: int, setup: int, fits: Callable[[int], bool]
    ) -> Placement:
        needs_job = self.shop.setup_needs_job[self.shop.kinds[wish.kind].machine]
        t = wish.ready
        if setup:
            # The crew sets the machine up so as to be done when the work can begin.
            t = max(wish.arrival if needs_job else self.now, crew.setup_time.retreat(t, setup))
        t = max(t, since)
        while True:
            begun = crew.setup_time.next_open(t) if setup else t
            set_up = crew.setup_time.advance(begun, setup)
            if set_up >= NEVER:
                return IMPOSSIBLE
            start, end = wish.process(crew.run_time, max(set_up, wish.ready))
            if end >= NEVER or not fits(end):
                return IMPOSSIBLE
            if not setup:
                begun = set_up = start
            again = self.floor.crew_free(crew, begun, set_up, end)
            if again <= begun:
                return Placement(end, start, begun, set_up, crew)
            t = again

    # -- reservations ------------------------------------------------------------------------------------

    def reserve(self, i: int, slot: Slot) -> None:
        """Book an operation where `best` found a place for it."""
        floor, placement, machine = self.floor, slot.placement, slot.machine
        floor.booked[i] = Booking(machine, placement, -1)
        load = self.shop.operations[i].load
        if slot.joins is not None:
            slot.joins.operations.append(i)
            slot.joins.load += load
            return
        if placement.crew is not None:
            for pool, until, people in _holds(placement):
                insort(floor.reserved[pool], (placement.setup_start, until, people))
        if self.shop.unlimited[machine]:
            return
        wanted = self.shop.kinds[slot.kind]
        fixed = placement.crew is not None or self.shop.setup_needs_job[machine]
        # A machine that sets itself up does so in whatever time is left before the start.
        spare = None
        if fixed:
            spare = self._spent(slot)
        block = Block(
            placement.start,
            placement.end,
            wanted.family,
            wanted.setup,
            [i],
            held=placement.setup_start if fixed else placement.start,
            spare=spare,
            frozen=False,
            kind=slot.kind if wanted.recipe is not None else -1,
            work=slot.work,
            load=load,
            placement=placement,
        )
        blocks = floor.blocks[machine]
        place = bisect_left(blocks, (block.start, block.end), key=lambda each: (each.start, each.end))
        blocks.insert(max(place, floor.next_block[machine]), block)

    def _spent(self, slot: Slot) -> int:
        placement = slot.placement
        time = self.shop.machine_time[slot.machine]
        if placement.crew is not None:
            time = placement.crew.setup_time
        return time.work_between(placement.setup_start, placement.setup_end)

    def release(self, i: int, slot: Slot) -> None:
        """Take back what was reserved last."""
        floor, placement = self.floor, slot.placement
        floor.booked[i] = None
        if slot.joins is not None:
            slot.joins.operations.remove(i)
            slot.joins.load -= self.shop.operations[i].load
            return
        if placement.crew is not None:
            for pool, until, people in _holds(placement):
                floor.reserved[pool].remove((placement.setup_start, until, people))
        if not self.shop.unlimited[slot.machine]:
            blocks = floor.blocks[slot.machine]
            del blocks[next(k for k, block in enumerate(blocks) if i in block.operations)]

    def place_group(
        self,
        members: Sequence[int],
        ready: Mapping[int, int],
        modes: Mapping[int, Sequence[int]] | None = None,
    ) -> list[Slot] | Late:
        """Reserve a group as one: an operation is put off until what follows it can start in time.

        Every operation goes where it ends first; when that leads nowhere, other alternatives are tried. With
        `modes`, only those are.

        Returns
        -------
        One slot per member, all of them reserved; or, with nothing reserved, what stands in the way.
        """
        ends = dict.fromkeys(members, -NEVER)
        for i in members:
            for link in self.shop.onward[i]:
                committed = self.shop.operations[link.after].committed
                if link.max_wait is not None and committed is not None:
                    ends[i] = max(ends[i], committed.start - link.max_wait)
        every = modes or {i: range(len(self.shop.modes[i])) for i in members}
        found = first = self._place_group(members, ready, ends, every)
        if isinstance(first, Late) and first.after < 0:
            for chosen in islice(product(*every.values()), _WAYS):
                only = {i: (mode,) for i, mode in zip(members, chosen, strict=True)}
                found = self._place_group(members, ready, ends, only)
                if not isinstance(found, Late):
                    return found
            return first
        return found

    def _place_group(
        self,
        members: Sequence[int],
        ready: Mapping[int, int],
        wanted: Mapping[int, int],
        modes: Mapping[int, Iterable[int]],
    ) -> list[Slot] | Late:
        ends = dict(wanted)
        slots: list[Slot] = []
        for _ in range(_TRIES * len(members)):
            if len(slots) == len(members):
                return slots
            i = members[len(slots)]
            slot = self.best(i, ready[i], ends[i], self._latest(i), modes[i])
            late = Late(i) if slot is None else self._put_off(i, slot, members, ends)
            if isinstance(late, Late) or slot is None:
                self.give_back(members, slots, 0)
                return late if isinstance(late, Late) else Late(i)
            if late < len(slots):
                self.give_back(members, slots, late)
            else:
                self.reserve(i, slot)
                slots.append(slot)
        self.give_back(members, slots, 0)
        return Late(members[0])

    def _latest(self, i: int) -> int:
        """The latest start that the operations booked before `i` allow."""
        latest = NEVER
        for link in self.shop.into[i]:
            booking = self.floor.booked[link.before]
            if link.max_wait is not None and booking is not None:
                latest = min(latest, booking.placement.end + link.max_wait)
        return latest

    def _put_off(self, i: int, slot: Slot, members: Sequence[int], ends: dict[int, int]) -> int | Late:
        """How many members may stay: those before the first that has to end later than it does."""
        stays = len(members)
        for link in self.shop.into[i]:
            booking = self.floor.booked[link.before]
            if link.max_wait is None or booking is None:
                continue
            end = slot.placement.start - link.max_wait
            if booking.placement.end >= end:
                continue
            if link.before not in ends:
                return Late(i, link.before)
            ends[link.before] = end
            stays = min(stays, members.index(link.before))
        return stays

    def give_back(self, members: Sequence[int], slots: list[Slot], keep: int) -> None:
        """Release the reservations of all members but the first `keep`."""
        while len(slots) > keep:
            slot = slots.pop()
            self.release(members[len(slots)], slot)


def _key(slot: Slot, latest: int) -> tuple[bool, int, int]:
    return (slot.placement.start > latest, slot.placement.end, slot.placement.start)


def _holds(placement: Placement) -> Iterable[tuple[int, int, int]]:
    """(pool, until, people) of everybody held from the start of the setup."""
    crew = placement.crew
    if crew is None:
        return
    for pool, people in crew.whole:
        if placement.end > placement.setup_start:
            yield pool, placement.end, people
    for pool, people in crew.setup:
        if placement.setup_end > placement.setup_start:
            yield pool, placement.setup_end, people
