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
    for machine in sorted(frozen_on):
        if shop.unlimited[machine]:
            continue
        after_movable = False
        for i, family in _families(shop, bookings, machine):
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
    for machine, blocks in enumerate(floor.blocks):
        reserved = {i for block in blocks if not block.frozen for i in block.operations}
        if not reserved:
            continue
        for block in blocks:
            if not block.frozen and len(block.operations) > 1:
                floor.mark_batch(block.operations)
        for i, family in _families(floor.shop, floor.booked, machine):
            booking = floor.booked[i]
            if i in reserved and booking is not None:
                seconds = floor.shop.setup_seconds(floor.shop.mode_on(i, machine)[1], family)
                placement = _with_setup(floor.shop, machine, booking.placement, seconds)
                floor.booked[i] = booking._replace(placement=placement)


def _families(shop: Shop, bookings: Sequence[Booking | None], machine: int) -> Iterator[tuple[int, int]]:
    """The operations of a machine in sequence, each with the family that the machine is set up for before."""
    sequence = sorted(
        (booking.placement.start, booking.placement.end, booking.batch, i)
        for i, booking in enumerate(bookings)
        if booking is not None and booking.machine == machine
    )
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
