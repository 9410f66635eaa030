"""Why a walk could not schedule everything, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lienmach.engines.scheduling.ahead import Late
from lienmach.engines.scheduling.floor import Booking
from lienmach.engines.scheduling.problem import Commitment
from lienmach.engines.scheduling.result import Obstacle, ObstacleKind
from lienmach.engines.scheduling.shop import Link, Shop
from lienmach.engines.scheduling.streams import arrival, end_bound, tails


def broken_commitments(shop: Shop, bookings: Sequence[Booking | None]) -> Iterator[Obstacle]:
    """Frozen operations whose predecessors end too late (or too early) for them to stay."""
    for i, operation in enumerate(shop.operations):
        committed = operation.committed
        if committed is None or committed.kind is not Commitment.FROZEN:
            continue
        for link in shop.into[i]:
            earlier = shop.operations[link.before]
            if earlier.committed is None and not _in_time(shop, link, bookings):
                message = (
                    f"Operation {operation.id} is frozen at {committed.start}, but {earlier.id} "
                    f"before it cannot be done by then: release {operation.id}."
                )
                yield Obstacle(ObstacleKind.COMMITMENT, operation.id, message)


def _in_time(shop: Shop, link: Link, bookings: Sequence[Booking | None]) -> bool:
    before, after = bookings[link.before], bookings[link.after]
    if before is None or after is None:
        return False
    duration, kind = shop.mode_on(link.after, after.machine)
    start, end = after.placement.start, after.placement.end
    if arrival(shop, link, before, kind) > start:
        return False
    if link.max_wait is not None and start > before.placement.end + link.max_wait:
        return False
    if link.transfer is None:
        return True
    crew = after.placement.crew
    time = shop.machine_time[after.machine] if crew is None else crew.run_time
    left = tails(shop, [(link, before)], duration, kind)
    return end_bound(time, left) <= end


def never_fits(shop: Shop, i: int, ready: int) -> Obstacle:
    """An operation that no open time is left for."""
    operation = shop.operations[i]
    machines = ", ".join(sorted(mode.machine for mode in operation.modes))
    message = (
        f"Operation {operation.id}, ready at {ready}, fits no open time of {machines} that is left: "
        "extend the calendar, allow it to pause over closed time, or add an alternative."
    )
    return Obstacle(ObstacleKind.NEVER_OPEN, operation.id, message)


def cannot_wait(shop: Shop, members: Sequence[int], late: Late) -> Obstacle:
    """A group for which there is no place."""
    operation = shop.operations[late.operation]
    if late.after >= 0:
        before = shop.operations[late.after]
        wait = next(link.max_wait for link in shop.into[late.operation] if link.before == late.after)
        message = (
            f"Operation {operation.id} must start at most {wait} s after {before.id} ends, which is already "
            f"fixed, but its machine or people are not free in time: release what holds them, or do "
            f"{before.id} again."
        )
        return Obstacle(ObstacleKind.COMMITMENT, operation.id, message)
    listed = ", ".join(shop.operations[i].id for i in members)
    machines = ", ".join(sorted(mode.machine for mode in operation.modes))
    message = (
        f"Operations {listed} belong together by maximum waits, but there is no time left on {machines} for "
        f"{operation.id} that keeps them: allow a longer wait, extend the calendar, or add an alternative."
    )
    return Obstacle(ObstacleKind.WAIT, operation.id, message)


def unreached(
    shop: Shop,
    taken: Sequence[int],
    missing: Sequence[int],
    ready_at: Sequence[int],
    obstacles: Iterable[Obstacle],
) -> list[Obstacle]:
    """Operations that were never begun, because they wait for one that is an obstacle."""
    named = {obstacle.operation for obstacle in obstacles}
    found = []
    for i, operation in enumerate(shop.operations):
        if taken[i] or operation.id in named:
            continue
        if missing[i]:
            message = f"Operation {operation.id} waits for an operation that cannot be scheduled."
            found.append(Obstacle(ObstacleKind.BLOCKED, operation.id, message))
        else:
            found.append(never_fits(shop, i, ready_at[i]))
    return found
