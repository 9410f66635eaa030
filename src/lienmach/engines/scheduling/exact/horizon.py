"""From when to when each operation can be of use: a schedule no worse than the incumbent keeps to it."""

from __future__ import annotations

from dataclasses import dataclass

from lienmach.engines.scheduling.calendar import ALWAYS_OPEN, NEVER
from lienmach.engines.scheduling.draft import Draft, rank_of
from lienmach.engines.scheduling.exact.calendars import Piece, pieces
from lienmach.engines.scheduling.problem import Commitment
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.shop import Crew, Shop


@dataclass(frozen=True, slots=True)
class Horizon:
    """Bounds of every operation.

    Parameters
    ----------
    first, last
        Per operation: earliest start and latest end of any schedule that is no worse than the incumbent.
    known
        Until then closed time is modelled; what would begin later is treated as if nothing closed any more,
        which can only make it end earlier.
    """

    first: list[int]
    last: list[int]
    known: int

    def pieces(self, shop: Shop, i: int, mode: int, crew: Crew | None) -> list[Piece]:
        """Starts and spans of one way to do an operation."""
        machine, duration, _ = shop.modes[i][mode]
        time = shop.machine_time[machine] if crew is None else crew.run_time
        latest = self.last[i] - duration
        if time is ALWAYS_OPEN or not duration:
            return [Piece(self.first[i], latest, duration)] if self.first[i] <= latest else []
        found = pieces(time, duration, shop.operations[i].resumable, self.first[i], min(latest, self.known))
        found = [_cut(piece, self.last[i]) for piece in found if piece.first + piece.span <= self.last[i]]
        if latest > self.known:
            found.append(Piece(max(self.first[i], self.known + 1), latest, duration))
        return found


def _cut(piece: Piece, last: int) -> Piece:
    return Piece(piece.first, min(piece.last, last - piece.span), piece.span)


def horizon(shop: Shop, objective: Objective, incumbent: Draft) -> Horizon:
    """Bounds that lose no schedule better than the incumbent."""
    ends = [booking.placement.end for booking in incumbent.bookings if booking is not None]
    known = max(ends)
    first = _earliest_starts(shop, ends)
    value = rank_of(shop, incumbent, objective)[0]
    if objective is Objective.MAKESPAN:
        last = [value] * len(ends)
    else:
        everything = _everything_done(shop, known)
        last = [everything] * len(ends)
        for i, number in enumerate(shop.job_of):
            job = shop.problem.jobs[number]
            if job.due is not None and job.weight:
                # Later than this, the order alone would cost more than the whole incumbent.
                last[i] = min(everything, job.due + value // job.weight)
    for i in reversed(shop.topological):
        if shop.operations[i].committed is not None:
            last[i] = ends[i]
            continue
        for following, wait in shop.after[i]:
            last[i] = min(last[i], _latest_start(shop, following, last[following]) - wait)
    return Horizon(first, last, known)


def _latest_start(shop: Shop, i: int, end: int) -> int:
    committed = shop.operations[i].committed
    if committed is None:
        return end - min(duration for _, duration, _ in shop.modes[i])
    return committed.start if committed.kind is Commitment.FROZEN else NEVER


def _earliest_starts(shop: Shop, incumbent_ends: list[int]) -> list[int]:
    """If every operation had every machine for itself; committed ones end when they end."""
    result = list(shop.earliest)
    for i in shop.topological:
        end = incumbent_ends[i]
        if shop.operations[i].committed is None:
            end = result[i] + min(duration for _, duration, _ in shop.modes[i])
        for following, wait in shop.after[i]:
            # What is committed keeps to its facts, whatever came before it.
            result[following] = max(result[following], end + wait)
    return result


def _everything_done(shop: Shop, known: int) -> int:
    """Some best schedule ends before: after `known` and what runs then, everything one after the other.

    Without closed time there is always an operation, a setup or a wait in progress until the last operation
    ends, or else everything after the gap could be moved earlier.
    """
    total = known
    latest = known
    for i, operation in enumerate(shop.operations):
        if operation.committed is not None:
            continue
        longest = 0
        for machine, duration, kind in shop.modes[i]:
            table = shop.setup_table[machine]
            setup = shop.kinds[kind].setup + max((max(row) for row in table or ()), default=0)
            longest = max(longest, setup + duration)
            crews = shop.kinds[kind].crews
            for time in [crew.run_time for crew in crews] or [shop.machine_time[machine]]:
                end = time.advance(known, duration)
                latest = max(latest, end if end < NEVER else known)
        total += longest + max((wait for _, wait in shop.after[i]), default=0)
    return total - known + latest
