"""When an operation may begin whose parts come in transfer batches.

What has to hold is said in `problem.Precedence`. For the operation after, it comes to two bounds: it cannot
start before the first batch arrives, and it cannot end before the last one has arrived and been worked on.
"""

from __future__ import annotations

from collections.abc import Iterable

from lienmach.engines.scheduling.calendar import NEVER, Calendar
from lienmach.engines.scheduling.floor import Booking
from lienmach.engines.scheduling.problem import Commitment
from lienmach.engines.scheduling.shop import Link, Shop

Tail = tuple[int, int]
"""(moment, working seconds that have to follow it before the end)."""


def arrival(shop: Shop, link: Link, booking: Booking, kind: int) -> int:
    """When the parts arrive that an operation of `kind` needs to start, its predecessor being booked."""
    placement = booking.placement
    duration, kind_before = shop.mode_on(link.before, booking.machine)
    whole = shop.kinds[kind].recipe is not None or shop.kinds[kind_before].recipe is not None
    if link.transfer is None or whole:
        return placement.end + link.min_wait
    quantity = shop.operations[link.before].quantity
    first = -(-duration * link.transfer // quantity)
    time = shop.machine_time[booking.machine] if placement.crew is None else placement.crew.run_time
    begin, total = placement.start, duration
    committed = shop.operations[link.before].committed
    if committed is not None:
        # Facts need not take the time that was planned: what counts is what is left until their end.
        if committed.kind is Commitment.RUNNING:
            begin = shop.start
        total = time.work_between(begin, placement.end)
    done = max(0, total - (duration - first))
    return min(placement.end, time.advance(begin, done)) + link.min_wait


def tails(shop: Shop, links: Iterable[tuple[Link, Booking]], duration: int, kind: int) -> list[Tail]:
    """What has to follow the ends of the predecessors that hand over in batches."""
    if shop.kinds[kind].recipe is not None:
        return []
    found = []
    for link, booking in links:
        if link.transfer is None:
            continue
        quantity = shop.operations[link.after].quantity
        last = -(-duration * min(link.transfer, quantity) // quantity)
        found.append((booking.placement.end + link.min_wait, last))
    return found


def end_bound(time: Calendar, tails: Iterable[Tail]) -> int:
    """The end that the tails allow at the earliest."""
    return max((time.advance(moment, work) for moment, work in tails), default=-NEVER)


def start_bound(time: Calendar, end: int, duration: int, resumable: bool, ready: int) -> int:
    """The earliest moment from `ready` on at which work may begin so as not to end before `end`."""
    if end <= ready + duration:
        return ready
    if not resumable or not duration:
        return end - duration
    start = max(ready, time.retreat(end, duration))
    opened = time.next_open(start)
    # When `end` is in closed time, one second of work has to lie behind it.
    return start if time.advance(opened, duration) >= end else opened + 1
