"""Decisions become a schedule: machines, sequences and batches are given, the floor's rules say when.

Runs begin in the given sequence on each machine, each as early as the floor allows. People are not part of
the decisions: who comes first gets them, and among runs that could begin at the same moment the one that
stands earlier in the list.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lienmach.engines.scheduling.calendar import NEVER
from lienmach.engines.scheduling.draft import Draft
from lienmach.engines.scheduling.floor import Floor
from lienmach.engines.scheduling.problem import Commitment
from lienmach.engines.scheduling.shop import Shop


@dataclass(frozen=True, slots=True)
class Run:
    """What a machine does at one time: one operation, or a batch of one kind.

    Parameters
    ----------
    kind
        Index in `Shop.kinds`, which says the machine.
    """

    kind: int
    members: tuple[int, ...]


def runs_of(shop: Shop, draft: Draft) -> list[Run]:
    """The decisions behind a complete schedule, in the order of their starts; without what is committed."""
    groups: dict[tuple[int, int], list[int]] = {}
    for i, booking in enumerate(draft.bookings):
        if booking is not None and shop.operations[i].committed is None:
            key = (0, booking.batch) if booking.batch >= 0 else (1, i)
            groups.setdefault(key, []).append(i)
    rank = {i: position for position, i in enumerate(shop.topological)}
    found = []
    for members in groups.values():
        booking = draft.bookings[members[0]]
        if booking is None:
            continue
        kind = next(kind for machine, _, kind in shop.modes[members[0]] if machine == booking.machine)
        placement = booking.placement
        order = (placement.setup_start, placement.start, placement.end, min(rank[i] for i in members))
        found.append((order, Run(kind, tuple(members))))
    found.sort(key=lambda item: item[0])
    return [run for _, run in found]


def decode(shop: Shop, runs: Sequence[Run]) -> Draft | None:
    """The schedule in which every machine takes its runs in the order of the list.

    The order must respect the precedences. None when a run fits nowhere, or when a frozen operation could not
    stay where it is.
    """
    return _Decoding(shop, runs).run()


class _Decoding:
    def __init__(self, shop: Shop, runs: Sequence[Run]) -> None:
        self.shop = shop
        self.runs = runs
        self.floor = Floor(shop)
        self.run_of = {i: number for number, run in enumerate(runs) for i in run.members}
        self.ready = [max(shop.earliest[i] for i in run.members) for run in runs]
        # What a run still waits for: predecessors of its members, and the run before it on its machine.
        self.missing = [sum(len(shop.before[i]) for i in run.members) for run in runs]
        self.following = [-1] * len(runs)
        self.events: list[tuple[int, int]] = []
        newest: dict[int, int] = {}
        for number, run in enumerate(runs):
            machine = shop.kinds[run.kind].machine
            if shop.unlimited[machine]:
                continue
            if machine in newest:
                self.following[newest[machine]] = number
                self.missing[number] += 1
            else:
                self.ready[number] = max(self.ready[number], self.floor.free[machine])
            newest[machine] = number

    def run(self) -> Draft | None:
        if self.floor.obstacles:
            return None
        for number in range(len(self.runs)):
            if not self.missing[number]:
                heapq.heappush(self.events, (self.ready[number], number))
        for i, booking in enumerate(self.floor.booked):
            if booking is not None:
                self._release(i, booking.placement.end)
        begun = 0
        while self.events:
            t, number = heapq.heappop(self.events)
            if t >= NEVER:
                return None
            begun += self._begin(number, t)
        draft = Draft(self.floor.booked, [], 0)
        return draft if begun == len(self.runs) and _frozen_kept(self.shop, draft) else None

    def _begin(self, number: int, t: int) -> bool:
        """Begin a run if it can; otherwise it asks again later."""
        shop, floor, run = self.shop, self.floor, self.runs[number]
        machine = shop.kinds[run.kind].machine
        floor.settle(machine, t)
        if floor.free[machine] > t and not shop.unlimited[machine]:
            heapq.heappush(self.events, (floor.free[machine], number))
            return False
        duration = max(
            duration for i in run.members for where, duration, _ in shop.modes[i] if where == machine
        )
        resumable = all(shop.operations[i].resumable for i in run.members)
        placement = floor.place(run.kind, duration, resumable, t)
        if placement.wake > t:
            heapq.heappush(self.events, (placement.wake, number))
            return False
        floor.book(list(run.members), run.kind, placement)
        for i in run.members:
            self._release(i, placement.end)
        after = self.following[number]
        if after >= 0:
            self._arrive(after, placement.end)
        return True

    def _release(self, i: int, end: int) -> None:
        for following, wait in self.shop.after[i]:
            number = self.run_of.get(following)
            if number is not None:
                self._arrive(number, end + wait)

    def _arrive(self, number: int, t: int) -> None:
        self.missing[number] -= 1
        self.ready[number] = max(self.ready[number], t)
        if not self.missing[number]:
            heapq.heappush(self.events, (self.ready[number], number))


def _frozen_kept(shop: Shop, draft: Draft) -> bool:
    for i in _frozen(shop):
        committed = shop.operations[i].committed
        for before, wait in shop.before[i]:
            booking = draft.bookings[before]
            if booking is None or committed is None:
                return False
            if shop.operations[before].committed is None and booking.placement.end + wait > committed.start:
                return False
    return True


def _frozen(shop: Shop) -> Iterable[int]:
    for i, operation in enumerate(shop.operations):
        if operation.committed is not None and operation.committed.kind is Commitment.FROZEN:
            yield i
