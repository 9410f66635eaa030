"""When work that begins at a moment ends, as pieces in which it ends a fixed time after it began."""

from __future__ import annotations

from typing import NamedTuple

from lienmach.engines.scheduling.calendar import NEVER, Calendar


class Piece(NamedTuple):
    """Work that starts in `first..last`, both included, ends `span` after its start."""

    first: int
    last: int
    span: int


def pieces(time: Calendar, duration: int, resumable: bool, first: int, last: int) -> list[Piece]:
    """All starts from `first` to `last` in which the work fits, sorted.

    Work of no duration may start at any moment.
    """
    if not duration:
        return [Piece(first, last, 0)] if first <= last else []
    found: list[Piece] = []
    t = first
    while t <= last:
        t = time.next_open(t) if resumable else time.fit(t, duration)
        end = time.advance(t, duration) if t < NEVER else NEVER
        if t > last or end >= NEVER:
            break
        # The span is the same until the start, or the end, meets the end of an open interval.
        room = min(time.closing(t) - 1 - t, time.closing(end - 1) - end, last - t)
        piece = Piece(t, t + room, end - t)
        if found and found[-1].last == t - 1 and found[-1].span == piece.span:
            piece = Piece(found.pop().first, piece.last, piece.span)
        found.append(piece)
        t = piece.last + 1
    return found
