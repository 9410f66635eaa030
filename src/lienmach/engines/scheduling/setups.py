"""Setups that are known only when the sequence of a machine is complete.

What is booked ahead keeps time free for the longest setup it may need; which one it needs depends on what was
begun before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lienmach.engines.scheduling.floor import Booking, Floor, Placement
from lienmach.engines.scheduling.shop import NO_FAMILY, Shop


def setups_of_frozen(shop: Shop, bookings: Sequence[Booking | None]) -> dict[int, tuple[int, int]]:
    """The setup before each frozen operation that follows a movable one; the floor kept the time free."""
    frozen_on = {
        shop.machine_index[operation.committed.machine]
        for operation in shop.operations
        if operation.committed is not None and operation.committed.end is not None
    }
    result: dict[int, tuple[int, int]] = {}
    for machine, sequence in _sequences(shop, bookings, frozen_on):
        after_movable = False
        for i, family in _families(shop, sequence, machine):
            committed = shop.operations[i].committed
            if committed is not None and after_movable:
                seconds = shop.setup_seconds(shop.mode_on(i, machine)[1], family)
                if seconds:
                    time = shop.machine_time[machine]
                    setup_start = time.retreat(committed.start, seconds)
                    result[i] = (setup_start, time.advance(setup_start, seconds))
            after_movable = committed is None
    return result


def finish(floor: Floor) -> None:
    """Number the reserved batches, and plan only the setups that reservations need in the end."""
    reserved: set[int] = set()
    on: set[int] = set()
    for machine, blocks in enumerate(floor.blocks):
        for block in blocks:
            if not block.frozen:
                on.add(machine)
                reserved.update(block.operations)
                if len(block.operations) > 1:
                    floor.mark_batch(block.operations)
    for machine, sequence in _sequences(floor.shop, floor.booked, on):
        for i, family in _families(floor.shop, sequence, machine):
            booking = floor.booked[i]
            if i in reserved and booking is not None:
                seconds = floor.shop.setup_seconds(floor.shop.mode_on(i, machine)[1], family)
                placement = _with_setup(floor.shop, machine, booking.placement, seconds)
                floor.booked[i] = booking._replace(placement=placement)


_Sequence = list[tuple[int, int, int, int]]
"""Start, end, batch, operation."""


def _sequences(
    shop: Shop, bookings: Sequence[Booking | None], machines: set[int]
) -> Iterator[tuple[int, _Sequence]]:
    """What is done on each of the machines, in the order of time."""
    found: dict[int, _Sequence] = {machine: [] for machine in sorted(machines) if not shop.unlimited[machine]}
    if found:
        for i, booking in enumerate(bookings):
            if booking is not None and booking.machine in found:
                placement = booking.placement
                found[booking.machine].append((placement.start, placement.end, booking.batch, i))
    for machine, sequence in found.items():
        yield machine, sorted(sequence)


def _families(shop: Shop, sequence: _Sequence, machine: int) -> Iterator[tuple[int, int]]:
    """The operations of a machine, each with the family that the machine is set up for before."""
    before = family = shop.initial_family[machine]
    last, named = -1, False
    for _, _, batch, i in sequence:
        # All members of a batch follow what was there before the first of them.
        if batch < 0 or batch != last:
            before, named = family, False
        last = batch
        yield i, before
        wanted = shop.kinds[shop.mode_on(i, machine)[1]].family
        if wanted != NO_FAMILY and not named:
            family, named = wanted, True


def _with_setup(shop: Shop, machine: int, placement: Placement, seconds: int) -> Placement:
    if not seconds:
        return placement._replace(setup_start=placement.start, setup_end=placement.start)
    time, end = shop.machine_time[machine], placement.start
    if placement.crew is not None:
        time, end = placement.crew.setup_time, placement.setup_end
    elif shop.setup_needs_job[machine]:
        end = placement.setup_end
    start = time.retreat(end, seconds)
    return placement._replace(setup_start=start, setup_end=time.advance(start, seconds))
