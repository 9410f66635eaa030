"""Random bills of materials with stock, receipts, lots, scrap and demands, one problem per number."""

from __future__ import annotations

import random
from decimal import Decimal

from lienmach.engines.materials.problem import (
    Component,
    Demand,
    Item,
    Lot,
    LotRule,
    MaterialsProblem,
    Receipt,
    SafetyStock,
)


def random_bills(seed: int, *, simple: bool = False) -> MaterialsProblem:
    """A few items on a few levels.

    Parameters
    ----------
    simple
        Enough time for everything, no late receipts, exact lots, and never two requirements of an item at the
        same moment (whose order would be a matter of importance): what a textbook oracle can follow.
    """
    rng = random.Random(seed)
    count = rng.randrange(2, 9)
    start = rng.choice([0, 50])
    resolutions = [
        rng.choice([Decimal(1), Decimal(1), Decimal("0.001"), Decimal("0.25")]) for _ in range(count)
    ]
    lines = []
    for child in range(1, count):
        for parent in range(child):
            if rng.random() < 0.4 or (parent == child - 1 and rng.random() < 0.5):
                quantity = rng.choice([Decimal(1), Decimal(2), Decimal("0.3"), Decimal("1.25")])
                lines.append(
                    Component(
                        f"I{parent}",
                        f"I{child}",
                        quantity,
                        waste=rng.choice([Decimal(0), Decimal("0.05")]),
                        operation=rng.choice(["", "10"]),
                        offset=0 if simple else rng.choice([0, 5]),
                    )
                )
    parents = {line.parent for line in lines}
    items = tuple(
        _item(rng, number, f"I{number}" in parents, resolution, simple)
        for number, resolution in enumerate(resolutions)
    )
    receipts = tuple(
        Receipt(
            f"R{number}",
            item.id,
            rng.randrange(1, 40) * item.resolution,
            start if simple else start + rng.randrange(-10, 300),
        )
        for number, item in enumerate(rng.choices(items, k=rng.randrange(0, 5)))
    )
    demands = tuple(
        Demand(
            f"D{number}",
            item.id,
            rng.randrange(1, 50) * item.resolution,
            start + (100_000 * (10 - number) if simple else rng.randrange(0, 400)),
            rng.randrange(0, 4),
        )
        for number, item in enumerate(rng.choices(items[:3], k=rng.randrange(0, 7)))
    )
    return MaterialsProblem(
        items,
        tuple(lines),
        receipts,
        demands,
        start,
        rng.choice(list(SafetyStock)),
    )


def _item(rng: random.Random, number: int, made: bool, resolution: Decimal, simple: bool) -> Item:
    lots = [LotRule(), LotRule()]
    if not simple:
        lots += [
            LotRule(minimum=12 * resolution, multiple=5 * resolution),
            LotRule(Lot.FIXED, fixed=30 * resolution),
            LotRule(Lot.PERIOD, period=100, minimum=10 * resolution),
        ]
    closed = None
    if not made and not simple and rng.random() < 0.5:
        closed = tuple((100 * k, 100 * k + rng.randrange(20, 99)) for k in range(-2, 6))
    return Item(
        f"I{number}",
        made=made,
        resolution=resolution,
        on_hand=rng.choice([0, 0, rng.randrange(60)]) * resolution,
        safety_stock=0 * resolution
        if simple and made
        else rng.choice([0, 0, rng.randrange(1, 20)]) * resolution,
        # Powers of 3: different ways down a bill take different times.
        lead_time=3**number if simple else rng.randrange(0, 60),
        run_time=Decimal(rng.choice([0, 1])) if made and not simple else Decimal(0),
        scrap=rng.choice([Decimal(0), Decimal("0.02"), Decimal("0.1")]) if made else Decimal(0),
        lot=rng.choice(lots),
        supplier_open=closed,
    )
