"""Pull operations forward: each moves to where it ends earlier, if there is such a place, and nobody moves
back."""

from __future__ import annotations

from collections.abc import Iterable

from lienmach.engines.scheduling.insertion.booked import Booked, NoRoom
from lienmach.engines.scheduling.insertion.line import Run

PASSES = 3


def pull_forward(booked: Booked, names: Iterable[str], *, budget: int) -> bool:
    """Pull operations forward, those that start first before the others, again and again until nothing moves.

    Parameters
    ----------
    budget
        Gaps that may be looked at.

    Returns
    -------
    bool
        Whether anything moved. No operation of the schedule ends later than before.
    """
    wanted = list(dict.fromkeys(name for name in names if name in booked.run_of))
    limit = booked.work + budget
    moved = False
    for _ in range(PASSES):
        again = False
        for name in sorted(wanted, key=lambda each: (booked.run_of[each].start, booked.number[each])):
            if booked.work >= limit:
                return moved or again
            again = _pull(booked, name) or again
        if not again:
            break
        moved = True
    return moved


def _pull(booked: Booked, name: str) -> bool:
    run = booked.run_of[name]
    if run.fixed:
        return False
    tied = _tied(booked, name)
    if len(tied) > 1:
        return _pull_together(booked, tied)
    if len(run.members) > 1 and _pull_out_of_batch(booked, name):
        return True
    if _no_earlier(booked, run):
        return False
    mark = booked.mark()
    members = list(run.members)
    end = run.end
    if not booked.take_out(run):
        return False
    slot = booked.best(members, before=end, on=run.machine if len(members) > 1 else None)
    if slot is None:
        booked.rollback(mark)
        return False
    booked.put(members, slot)
    if not booked.still_fits(members):
        booked.rollback(mark)
        return False
    return True


def _pull_out_of_batch(booked: Booked, name: str) -> bool:
    """Let an operation go without the others of its load, when it need not wait for them."""
    end = booked.run_of[name].end
    wish = booked.wish([name])
    if wish.ready + min(mode.duration for mode in booked.known[name][1].modes) >= end:
        return False
    mark = booked.mark()
    if not booked.leave(name):
        return False
    slot = booked.best([name], before=end)
    if slot is not None:
        booked.put([name], slot)
        if booked.still_fits([name]):
            return True
    booked.rollback(mark)
    return False


def _no_earlier(booked: Booked, run: Run) -> bool:
    """Whether no place at all could end it earlier."""
    ready = max(booked.wish([name]).ready for name in run.members)
    shortest = run.mode.duration
    if len(run.members) == 1:
        shortest = min(mode.duration for mode in booked.known[run.members[0]][1].modes)
    return ready + shortest >= run.end


def _tied(booked: Booked, name: str) -> list[str]:
    """Operations that may not wait long for each other move together."""
    found = {name}
    pending = [name]
    while pending:
        current = pending.pop()
        for precedence in (*booked.into[current], *booked.out[current]):
            other = precedence.after if precedence.before == current else precedence.before
            if precedence.max_wait is not None and other not in found and other in booked.run_of:
                found.add(other)
                pending.append(other)
    return booked.in_order(found)


def _pull_together(booked: Booked, names: list[str]) -> bool:
    runs: dict[int, Run] = {id(booked.run_of[name]): booked.run_of[name] for name in names}
    if any(run.fixed or len(run.members) > 1 for run in runs.values()):
        return False
    ends = {name: booked.run_of[name].end for name in names}
    mark = booked.mark()
    try:
        for run in runs.values():
            if not booked.take_out(run):
                booked.rollback(mark)
                return False
        booked.insert(names)
    except NoRoom:
        booked.rollback(mark)
        return False
    after = {name: booked.run_of[name].end for name in names}
    if any(after[name] > ends[name] for name in names) or after == ends or not booked.still_fits(names):
        booked.rollback(mark)
        return False
    return True
