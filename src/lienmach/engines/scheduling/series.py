"""One operation after the other, each where it ends first between what is placed already.

Where dispatch walks through time and asks what could begin now, this walks through a list and asks where the
next one fits. With the starts of a plan as the list, what nothing has happened to comes out where it was.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from lienmach.engines.scheduling.ahead import Ahead, Late, Slot
from lienmach.engines.scheduling.draft import Draft
from lienmach.engines.scheduling.floor import Floor
from lienmach.engines.scheduling.obstacles import broken_commitments, cannot_wait, never_fits, unreached
from lienmach.engines.scheduling.setups import finish
from lienmach.engines.scheduling.shop import Shop


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the operations would like to stand.

    Parameters
    ----------
    order
        Per operation: the smaller is placed first, as soon as all that comes before it is placed.
    earliest
        Per operation: not before this moment.
    home
        Per operation: its mode of choice, or -1 when there is none.
    patience
        Seconds that an operation is put off at home before it looks elsewhere.
    yields
        An operation that cannot be placed when it wishes gives way: it is placed after those whose order is
        less than so much larger. 0 pushes back what follows, infinity leaves all others where they are.
    together
        Batches to be kept: lists of operations.
    """

    order: Sequence[float]
    earliest: Sequence[int]
    home: Sequence[int]
    patience: int
    yields: float = 0.0
    together: Sequence[Sequence[int]] = ()


def in_series(shop: Shop, wishes: Wishes) -> Draft:
    """Schedule a whole shop in the order of a list.

    Returns
    -------
    Draft
        Complete, or with every obstacle found.
    """
    return _Series(shop, wishes).run()


class _Series:
    def __init__(self, shop: Shop, wishes: Wishes) -> None:
        self.shop = shop
        self.wishes = wishes
        self.floor = Floor(shop)
        self.ahead = Ahead(self.floor)
        count = len(shop.operations)
        self.taken = bytearray(count)
        self.obstacles = list(self.floor.obstacles)
        # What is placed at once: groups, batches that are kept, and single operations.
        self.units: list[tuple[int, ...]] = []
        self.unit_of = [-1] * count
        for i, booking in enumerate(self.floor.booked):
            self.taken[i] = booking is not None
        for group in shop.groups.groups:
            self._unite(group.members)
        for members in wishes.together:
            if all(self.unit_of[i] < 0 and not self.taken[i] for i in members):
                self._unite(tuple(members))
        for i in range(count):
            if self.unit_of[i] < 0:
                self._unite((i,))
        self.missing = [len(links) for links in shop.into]
        self.unit_missing = [
            sum(self.unit_of[link.before] != u for i in unit for link in shop.into[i])
            for u, unit in enumerate(self.units)
        ]
        self.waiting: list[tuple[float, float, int]] = []
        self.yielded = bytearray(len(self.units))

    def _unite(self, members: tuple[int, ...]) -> None:
        for i in members:
            self.unit_of[i] = len(self.units)
        self.units.append(members)

    def run(self) -> Draft:
        if not self.obstacles:
            for u, unit in enumerate(self.units):
                if not self.unit_missing[u] and not self.taken[unit[0]]:
                    self._offer(u)
            for i in range(len(self.taken)):
                if self.taken[i]:
                    self._release_followers(i)
            while self.waiting:
                self._place(heapq.heappop(self.waiting)[2])
            finish(self.floor)
            self.obstacles += broken_commitments(self.shop, self.floor.booked)
            ready = self.shop.earliest
            self.obstacles += unreached(self.shop, self.taken, self.missing, ready, self.obstacles)
        return Draft(self.floor.booked, self.obstacles, self.ahead.work)

    def _offer(self, u: int) -> None:
        heapq.heappush(self.waiting, (min(self.wishes.order[i] for i in self.units[u]), 0.0, u))

    def _yields(self, u: int) -> bool:
        """Let others go before a unit that has lost its place, once."""
        members = self.units[u]
        if self.yielded[u] or not self.wishes.yields or any(self.wishes.home[i] < 0 for i in members):
            return False
        for i in members:
            ready, start = self.shop.earliest[i], self.wishes.earliest[i]
            # Members that wait for one another are looked at as far as that is known.
            slot = self.ahead.best(i, ready, modes=(self.wishes.home[i],), start=start)
            if slot is None or slot.placement.start > max(ready, start):
                self.yielded[u] = 1
                key = min(self.wishes.order[i] for i in members) + self.wishes.yields
                urgency = min(self.shop.due[i] - self.shop.tail[i] for i in members)
                heapq.heappush(self.waiting, (key, urgency, u))
                return True
        return False

    def _release_followers(self, i: int) -> None:
        for link in self.shop.onward[i]:
            self.missing[link.after] -= 1
            u = self.unit_of[link.after]
            if u != self.unit_of[i]:
                self.unit_missing[u] -= 1
                if not self.unit_missing[u] and not self.taken[link.after]:
                    self._offer(u)

    def _place(self, u: int) -> None:
        members = self.units[u]
        if self._yields(u):
            return
        placed = True
        if self.shop.groups.number[members[0]] >= 0:
            placed = self._place_group(members)
        else:
            # The longest of a batch decides how long it takes; the others join it.
            for i in sorted(members, key=lambda i: (-self.shop.shortest[i], i)):
                placed = self._place_one(i) and placed
        if placed:
            for i in members:
                self._release_followers(i)

    def _place_one(self, i: int) -> bool:
        ready, start, home = self.shop.earliest[i], self.wishes.earliest[i], self.wishes.home[i]
        found: Slot | None = None
        if home >= 0:
            found = self.ahead.best(i, ready, modes=(home,), start=start)
        if found is None or found.placement.start > max(ready, start) + self.wishes.patience:
            other = self.ahead.best(i, ready, start=start)
            if found is None or (other is not None and _much_earlier(other, found, self.wishes.patience)):
                found = other
        self.taken[i] = 1
        if found is None:
            self.obstacles.append(never_fits(self.shop, i, ready))
            return False
        self.ahead.reserve(i, found)
        return True

    def _place_group(self, members: tuple[int, ...]) -> bool:
        ready = {i: max(self.shop.earliest[i], self.wishes.earliest[i]) for i in members}
        found: list[Slot] | Late = Late(members[0])
        home = {i: (self.wishes.home[i],) for i in members}
        if all(self.wishes.home[i] >= 0 for i in members):
            found = self.ahead.place_group(members, ready, home)
        if isinstance(found, Late):
            found = self.ahead.place_group(members, ready)
        for i in members:
            self.taken[i] = 1
        if isinstance(found, Late):
            self.obstacles.append(cannot_wait(self.shop, members, found))
            return False
        return True


def _much_earlier(other: Slot, found: Slot, patience: int) -> bool:
    return other.placement.end + patience < found.placement.end
