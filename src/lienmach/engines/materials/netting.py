"""Gross to net for one item: which orders to plan, and for when.

All quantities here are whole numbers of the item's resolution. The sweep goes through time once; dates are
exact, there are no buckets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lienmach.engines.materials.lots import lot_size
from lienmach.engines.materials.problem import Lot


class LotUnits(NamedTuple):
    """A lot rule in whole numbers of the item's resolution."""

    kind: Lot
    minimum: int
    multiple: int | None
    fixed: int | None
    period: int


class Net(NamedTuple):
    """An order that netting asks for, and the number of the requirement that made it necessary."""

    quantity: int
    at: int
    cause: int


def net(
    requirements: Sequence[tuple[int, int]],
    on_hand: int,
    receipts: Sequence[tuple[int, int]],
    lot: LotUnits,
    earliest: Callable[[int], int],
) -> list[Net]:
    """The orders without which the stock would run out.

    Parameters
    ----------
    requirements
        (time, quantity), sorted by time; what should always be in stock is a requirement at the start.
    receipts
        (time, quantity) of open receipts, sorted by time.
    earliest
        The earliest moment at which a new order of some quantity could be there.

    Notes
    -----
    An open receipt that comes after the requirement is used all the same when a new order could not be there
    before it; otherwise a new order would only add to the stock of tomorrow.
    """
    planned: list[Net] = []
    available = on_hand
    arrived = 0
    for number, (at, quantity) in enumerate(requirements):
        while arrived < len(receipts) and receipts[arrived][0] <= at:
            available += receipts[arrived][1]
            arrived += 1
        available -= quantity
        if available >= 0:
            continue
        possible = max(at, earliest(-available))
        while available < 0 and arrived < len(receipts) and receipts[arrived][0] <= possible:
            available += receipts[arrived][1]
            arrived += 1
        if available < 0:
            missing = -available
            if lot.kind is Lot.PERIOD:
                missing = _of_period(requirements, receipts, number, arrived, available, at + lot.period)
            size = lot_size(missing, lot.kind, lot.minimum, lot.multiple, lot.fixed)
            planned.append(Net(size, at, number))
            available += size
    return planned


def _of_period(
    requirements: Sequence[tuple[int, int]],
    receipts: Sequence[tuple[int, int]],
    number: int,
    arrived: int,
    available: int,
    until: int,
) -> int:
    """What is missing at the worst moment before `until`."""
    worst = available
    for at, quantity in requirements[number + 1 :]:
        if at >= until:
            break
        while arrived < len(receipts) and receipts[arrived][0] <= at:
            available += receipts[arrived][1]
            arrived += 1
        available -= quantity
        worst = min(worst, available)
    return -worst
