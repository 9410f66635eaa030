"""Operations that have to be placed together, because what follows may not wait for long.

Glue hardens, steel cools: when `after` may start at most so long after `before`, it must be known where
`after` goes before `before` is begun. Operations joined by maximum waits form a group, together with
everything that lies between them; a group is placed as one as soon as all that comes before any of its
members is booked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lienmach.engines.scheduling.shop import Shop


@dataclass(frozen=True, slots=True)
class Group:
    """One group.

    Parameters
    ----------
    members
        In an order in which every operation comes after those it waits for.
    """

    members: tuple[int, ...]

    @property
    def leader(self) -> int:
        """The operation that stands in the queues for all of them."""
        return self.members[0]


class Groups:
    """The groups of a shop.

    Attributes
    ----------
    number
        Per operation: its group, or -1.
    missing
        Per group: precedences that lead into it from outside.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        count = len(shop.operations)
        self.number = [-1] * count
        self.groups: list[Group] = []
        if not shop.only_minimum_waits:
            self._find()
        self.missing = [
            sum(self.number[link.before] != g for i in group.members for link in shop.into[i])
            for g, group in enumerate(self.groups)
        ]

    def _find(self) -> None:
        shop = self.shop
        bound = [operation.committed is not None for operation in shop.operations]
        parts = _Parts(len(bound))
        grouped: set[int] = set()
        for links in shop.into:
            for link in links:
                if link.max_wait is None:
                    continue
                grouped.update(i for i in (link.before, link.after) if not bound[i])
                if not bound[link.before] and not bound[link.after]:
                    parts.join(link.before, link.after)
        while self._merge_circles(bound, parts):
            pass
        members: dict[int, list[int]] = {}
        tied = {parts.of(i) for i in grouped}
        for i in shop.topological:
            if not bound[i] and parts.of(i) in tied:
                members.setdefault(parts.of(i), []).append(i)
        for each in members.values():
            for i in each:
                self.number[i] = len(self.groups)
            self.groups.append(Group(tuple(each)))

    def _merge_circles(self, bound: list[bool], parts: _Parts) -> bool:
        """Put into one group what lies on a way from one of its members to another."""
        after: dict[int, set[int]] = {}
        for i, links in enumerate(self.shop.onward):
            for link in links:
                if not bound[link.before] and not bound[link.after]:
                    a, b = parts.of(i), parts.of(link.after)
                    if a != b:
                        after.setdefault(a, set()).add(b)
        circles = _circles(after)
        for circle in circles:
            for node in circle[1:]:
                parts.join(node, circle[0])
        return bool(circles)

    def lead_time(self, group: Group, ready: Sequence[int]) -> int:
        """When the leader may be begun at the earliest, looking at what the other members wait for."""
        need = dict.fromkeys(group.members, 0)
        for i in reversed(group.members):
            need[i] = ready[i]
            for link in self.shop.onward[i]:
                if link.max_wait is not None and link.after in need:
                    wanted = need[link.after] - link.max_wait - int(self.shop.shortest[i])
                    need[i] = max(need[i], wanted)
        return need[group.leader]


class _Parts:
    """Disjoint sets."""

    def __init__(self, count: int) -> None:
        self._root = list(range(count))

    def of(self, i: int) -> int:
        root = self._root
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    def join(self, i: int, j: int) -> None:
        self._root[self.of(i)] = self.of(j)


def _circles(after: dict[int, set[int]]) -> list[list[int]]:
    """Strongly connected parts of more than one node (Tarjan, without recursion)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    for first in sorted(after):
        if first in number:
            continue
        number[first] = low[first] = len(number)
        stack.append(first)
        on_stack.add(first)
        walks = [(first, iter(sorted(after.get(first, ()))))]
        while walks:
            node, following = walks[-1]
            step = next(following, None)
            if step is None:
                walks.pop()
                if walks:
                    parent = walks[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == number[node]:
                    part: list[int] = []
                    while not part or part[-1] != node:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    if len(part) > 1:
                        found.append(sorted(part))
            elif step not in number:
                number[step] = low[step] = len(number)
                stack.append(step)
                on_stack.add(step)
                walks.append((step, iter(sorted(after.get(step, ())))))
            elif step in on_stack:
                low[node] = min(low[node], number[step])
    return found
