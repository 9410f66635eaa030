"""The queue of one kind of operations in front of one machine, best first at any moment.

Values follow `rules`: `value - max(0, deadline - t) / patience`. While an operation is early the discount
shrinks at the same pace for all, so that their order stands still; when its deadline passes it moves to the
other heap. An early operation whose deadline has passed without anybody noticing is rated too high, hence
comes to the top, is noticed there, and moves: the best is always exact.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

LateEntry = tuple[float, int, int]
"""(-value, operation, number of its mode)."""
EarlyEntry = tuple[float, int, int, float]
"""(-(value - deadline / patience), operation, number of its mode, value)."""


class Candidate(NamedTuple):
    """The best operation of a queue."""

    score: float
    operation: int
    mode: int
    late: bool


class Queue:
    """Operations of one kind, waiting.

    Attributes
    ----------
    blocked_until
        No operation of the kind can begin earlier (its crew is away, or a batch is being waited for).
    """

    __slots__ = ("_deadline", "_early", "_late", "_patience", "_taken", "blocked_until", "kind")

    def __init__(self, kind: int, deadline: list[float], patience: float, taken: bytearray) -> None:
        self.kind = kind
        self.blocked_until = 0
        self._deadline = deadline
        self._patience = patience
        self._taken = taken
        self._late: list[LateEntry] = []
        self._early: list[EarlyEntry] = []

    def push(self, operation: int, mode: int, value: float, t: int) -> None:
        """Let an operation wait here."""
        deadline = self._deadline[operation]
        if deadline <= t:
            heapq.heappush(self._late, (-value, operation, mode))
        else:
            heapq.heappush(self._early, (deadline / self._patience - value, operation, mode, value))

    def best(self, t: int) -> Candidate | None:
        """The most urgent operation that waits here and was not begun elsewhere; it keeps waiting."""
        taken, late, early = self._taken, self._late, self._early
        while early:
            entry = early[0]
            operation = entry[1]
            if taken[operation]:
                heapq.heappop(early)
            elif self._deadline[operation] <= t:
                heapq.heappop(early)
                heapq.heappush(late, (-entry[3], operation, entry[2]))
            else:
                break
        while late and taken[late[0][1]]:
            heapq.heappop(late)
        if early:
            score = t / self._patience - early[0][0]
            if not late or (-score, early[0][1]) < (late[0][0], late[0][1]):
                return Candidate(score, early[0][1], early[0][2], False)
        if late:
            return Candidate(-late[0][0], late[0][1], late[0][2], True)
        return None

    def remove(self, candidate: Candidate) -> None:
        """Take out what `best` has just answered."""
        if candidate.late:
            heapq.heappop(self._late)
        else:
            heapq.heappop(self._early)

    def waiting(self, t: int) -> list[Candidate]:
        """All operations that wait here, best first; for batches, whose queues are short."""
        if self.best(t) is None:
            return []
        found = [Candidate(-value, i, mode, True) for value, i, mode in self._late if not self._taken[i]]
        for _, i, mode, value in self._early:
            if not self._taken[i]:
                discount = max(0.0, self._deadline[i] - t) / self._patience
                found.append(Candidate(value - discount, i, mode, False))
        found.sort(key=lambda candidate: (-candidate.score, candidate.operation))
        return found

    def discard(self, operation: int) -> None:
        """Take out one operation, wherever it stands."""
        self._late = [entry for entry in self._late if entry[1] != operation]
        self._early = [entry for entry in self._early if entry[1] != operation]
        heapq.heapify(self._late)
        heapq.heapify(self._early)
