"""Which supply serves which need of one item.

Needs choose in the order of their importance. Each takes, of what is there in time, first the order that was
planned for it, then stock and open receipts (the latest that is still in time, so that early supply is left
for early needs), then other planned orders; and only then what comes too late, the earliest first. So an
important need gets what is there, a less important one that is wanted earlier is not robbed without need.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple


class Want(NamedTuple):
    """A need: when, how much, and the number of the planned order that was made for it (-1: none)."""

    at: int
    quantity: int
    own: int


class Source(NamedTuple):
    """A supply: from when, how much, and whether it is firm (stock, receipt) or only planned."""

    at: int
    quantity: int
    firm: bool


def peg(
    wants: Sequence[Want], importance: Sequence[int], sources: Sequence[Source]
) -> list[tuple[int, int, int]]:
    """Distribute supply over needs.

    Parameters
    ----------
    importance
        The numbers of the wants, most important first.
    sources
        Together at least as much as is wanted.

    Returns
    -------
    list of (want, source, quantity)
        Every want is served in full.
    """
    left = [source.quantity for source in sources]
    firm = _Shelf(sources, left, [i for i, source in enumerate(sources) if source.firm])
    planned = _Shelf(sources, left, [i for i, source in enumerate(sources) if not source.firm])
    pegs: list[tuple[int, int, int]] = []
    for number in importance:
        want = wants[number]
        missing = want.quantity

        def take(source: int, wanted: int, taker: int = number) -> int:
            taken = min(wanted, left[source])
            if taken:
                left[source] -= taken
                pegs.append((taker, source, taken))
            return wanted - taken

        if want.own >= 0 and sources[want.own].at <= want.at:
            missing = take(want.own, missing)
        for shelf in (firm, planned):
            while missing and (source := shelf.latest(want.at)) >= 0:
                missing = take(source, missing)
        while missing:
            late = [source for source in (firm.earliest(want.at), planned.earliest(want.at)) if source >= 0]
            missing = take(min(late, key=lambda source: (sources[source].at, source)), missing)
    return pegs


class _Shelf:
    """Sources by time, with used-up ones skipped in almost constant time."""

    def __init__(self, sources: Sequence[Source], left: list[int], members: list[int]) -> None:
        self._left = left
        self._order = sorted(members, key=lambda i: (sources[i].at, i))
        self._times = [sources[i].at for i in self._order]
        count = len(self._order)
        # Next place downwards (upwards) that may not be empty; place 0 (count) stands for none.
        self._down = list(range(count + 1))
        self._up = list(range(count + 1))

    def latest(self, at: int) -> int:
        """The latest source by `at` with something left, or -1."""
        place = bisect_right(self._times, at)
        place = self._find(self._down, place)
        while place and not self._left[self._order[place - 1]]:
            self._down[place] = place - 1
            place = self._find(self._down, place - 1)
        return self._order[place - 1] if place else -1

    def earliest(self, at: int) -> int:
        """The earliest source after `at` with something left, or -1."""
        count = len(self._order)
        place = self._find(self._up, bisect_right(self._times, at))
        while place < count and not self._left[self._order[place]]:
            self._up[place] = place + 1
            place = self._find(self._up, place + 1)
        return self._order[place] if place < count else -1

    @staticmethod
    def _find(links: list[int], place: int) -> int:
        root = place
        while links[root] != root:
            root = links[root]
        while links[place] != root:
            links[place], place = root, links[place]
        return root
