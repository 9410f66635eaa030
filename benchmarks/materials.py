"""Netting: time for 20,000 bill lines, and agreement with an independent oracle on 1,000 random bills.

python benchmarks/materials.py            prints the table
python benchmarks/materials.py --write    also keeps it in benchmarks/results/materials.md
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

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
from lienmach.engines.materials.solve import plan_materials
from lienmach.engines.materials.tests.bills import random_bills
from lienmach.engines.materials.tests.test_materials import oracle
from lienmach.engines.materials.verify import verify

DAY = 86_400


def factory(lines: int, demands: int, seed: int = 0) -> MaterialsProblem:
    """A bill of five levels: products at the top, bought parts at the bottom, shared between."""
    rng = random.Random(seed)
    per_item = 5
    made = lines // per_item
    bought = made // 2
    levels = 4
    components: list[Component] = []
    items: list[Item] = []
    for number in range(made):
        level = number * levels // made
        below = range(made * (level + 1) // levels, made * (level + 2) // levels)
        children: set[str] = set()
        while len(children) < per_item:
            if level < levels - 1 and rng.random() < 0.5:
                children.add(f"M{rng.choice(below)}")
            else:
                children.add(f"B{rng.randrange(bought)}")
        components.extend(
            Component(
                f"M{number}", child, rng.choice((Decimal(1), Decimal(2), Decimal("0.35"))), Decimal("0.02")
            )
            for child in sorted(children)
        )
        items.append(
            Item(
                f"M{number}",
                made=True,
                on_hand=Decimal(rng.choice((0, 0, 20))),
                lead_time=rng.randrange(1, 5) * DAY,
                run_time=Decimal(60),
                scrap=rng.choice((Decimal(0), Decimal("0.02"))),
            )
        )
    for number in range(bought):
        items.append(
            Item(
                f"B{number}",
                resolution=Decimal("0.01"),
                on_hand=Decimal(rng.randrange(0, 500)),
                safety_stock=Decimal(rng.choice((0, 50))),
                lead_time=rng.randrange(2, 30) * DAY,
                lot=rng.choice(
                    (
                        LotRule(),
                        LotRule(minimum=Decimal(100), multiple=Decimal(25)),
                        LotRule(Lot.FIXED, fixed=Decimal(500)),
                        LotRule(Lot.PERIOD, period=7 * DAY),
                    )
                ),
            )
        )
    receipts = tuple(
        Receipt(f"PO-{number}", f"B{rng.randrange(bought)}", Decimal(200), rng.randrange(-3, 30) * DAY)
        for number in range(bought // 3)
    )
    orders = tuple(
        Demand(
            f"SO-{number}",
            f"M{number % (made // levels)}",
            Decimal(rng.randrange(5, 100)),
            rng.randrange(10, 120) * DAY,
            rng.choice((1, 2, 4)),
        )
        for number in range(demands)
    )
    return MaterialsProblem(tuple(items), tuple(components), receipts, orders)


def measure_large(demands: int, seed: int) -> tuple[str, ...]:
    began = time.process_time()
    problem = factory(20_000, demands, seed)
    built = time.process_time()
    plan = plan_materials(problem)
    planned = time.process_time()
    faults = verify(problem, plan)
    return (
        str(seed),
        f"{len(problem.components):,}",
        f"{demands:,}",
        f"{len(plan.needs):,}",
        f"{len(plan.orders):,}",
        f"{len(plan.pegs):,}",
        f"{built - began:.2f}",
        f"{planned - built:.2f}",
        f"{time.process_time() - planned:.2f}",
        str(len(faults)),
    )


def agreement(count: int) -> tuple[int, int]:
    """How many of the random bills are netted as by the oracle, and how many plans have faults."""
    equal = faulty = 0
    for seed in range(count):
        problem = replace(random_bills(seed, simple=True), safety_stock=SafetyStock.FIRST)
        planned: Counter[str] = Counter()
        for order in plan_materials(problem).orders:
            planned[order.item] += order.quantity  # type: ignore[assignment]
        equal += {name: quantity for name, quantity in oracle(problem).items() if quantity} == planned
        mixed = random_bills(seed)
        faulty += bool(verify(mixed, plan_materials(mixed)))
    return equal, faulty


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    rows = [measure_large(demands, seed) for demands in (100, 300, 1_000) for seed in range(2)]
    equal, faulty = agreement(1_000)
    head = (
        "seed",
        "bill lines",
        "demands",
        "needs",
        "orders",
        "pegs",
        "build s",
        "net and peg s",
        "verify s",
        "faults",
    )
    lines = [
        "# Materials: netting and pegging",
        "",
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}; CPU seconds of the process.",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        f"Net requirements equal to the independent oracle: {equal} of 1,000 random bills. "
        f"Plans with any fault (negative stock included) on 1,000 random bills with late receipts, lots and "
        f"safety stock: {faulty}.",
        "",
    ]
    sys.stdout.write("\n".join(lines))
    if arguments.write:
        (Path(__file__).parent / "results" / "materials.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
