"""By when could one more order be done? Seconds of CPU, and whether anybody had to move.

    python benchmarks/promise.py [--operations 2000] [--questions 30]

A seeded workshop is planned once (`plan.json`), with at least so many booked operations; then one more order
after the other is asked about, each as `lienmach promise plan.json` does it: read the document, put the plan
back on the machines, net what no order is promised, fit the new operations in, verify everything. Imports are
not counted. Each answer is checked: the verifier accepts the combined plan (the engine refuses otherwise),
and every booked operation stands where it stood.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import Counter
from decimal import Decimal

from workshops import KINDS, START, workshop

from lienmach.apps.production.planning.documents import plan_from_document, plan_json
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.plan import Plan
from lienmach.apps.production.planning.promise import Promise, Wanted, promise_date


def booked_plan(kind: str, operations: int) -> tuple[Plan, str]:
    """A plan with at least so many operations, and its document."""
    orders = operations // 6
    while True:
        plan = make_plan(workshop(kind, 1, orders, machines=max(3, orders // 40)), start=START, cpu_seconds=2)
        assert isinstance(plan, Plan), plan
        if len(plan.tasks) >= operations:
            return plan, plan_json(plan, cpu_seconds=2)
        orders = orders * operations // len(plan.tasks) + 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operations", type=int, default=2000)
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--kinds", default=",".join(KINDS))
    options = parser.parse_args()
    print("| workshop | booked operations | plan.json | CPU-s per question: median | worst | "
          "moved or refused | held by |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    for kind in options.kinds.split(","):
        plan, text = booked_plan(kind, options.operations)
        rng = random.Random(kind)
        items = sorted(code for code, item in plan.factory.items.items() if item.made) if plan.factory else []
        spent: list[float] = []
        held: Counter[str] = Counter()
        bad = 0
        for _ in range(options.questions):
            wanted = Wanted(rng.choice(items), Decimal(rng.randint(5, 500)))
            began = time.process_time()
            found = promise_date(plan_from_document(json.loads(text)), wanted)
            spent.append(time.process_time() - began)
            if not isinstance(found, Promise):
                bad += 1
                continue
            held[found.causes[0].kind.value if found.causes else "stock"] += 1
        reasons = ", ".join(f"{name} {count}" for name, count in held.most_common())
        print(
            f"| {kind} | {len(plan.tasks)} | {len(text) / 1e6:.1f} MB | {statistics.median(spent):.2f} | "
            f"{max(spent):.2f} | {bad} | {reasons} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
