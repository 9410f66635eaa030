"""A real factory's order book: 307 orders on four levels, planned, verified, compared with its own planner.

    python benchmarks/real_factory.py [--cpu-seconds 30] [--seed 0] [--data ../shared/data]

Reads `production/metal_forming_factory/` (see its README for the columns; choices that the files leave open
stand in `importers/metal_forming.py`). Three plans are made, each accepted by the verifier before it counts:
level 1 alone for makespan, all four levels for makespan, all four levels for weighted tardiness against the
dates that the planner promised. The planner's own placements go through the same verifier first, with machine
and order as he chose them, so that both sides obey the same rules. Writes results/real_factory.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from lienmach.apps.production.importers.metal_forming import (
    EPOCH,
    LEVELS,
    PlannerRow,
    read_factory,
    read_planner_rows,
)
from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.plan import NoPlan, Plan
from lienmach.engines.scheduling.result import Objective

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks/results/real_factory.md"
DAY_S = 86_400
QUANTILES = (0, 5, 25, 50, 75, 95, 100)
EQUAL_S = 3_600


def main() -> int:
    """Plan three times, compare, write the page."""
    options = argparse.ArgumentParser(description="The real factory's order book against its planner.")
    options.add_argument("--cpu-seconds", type=float, default=30.0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--data", default=os.environ.get("LIENMACH_TEST_DATA", str(ROOT / "../shared/data")))
    given = options.parse_args()
    folder = Path(given.data) / "production/metal_forming_factory"
    if not folder.is_dir():
        print(f"{folder} is not there: set LIENMACH_TEST_DATA or --data.", file=sys.stderr)
        return 2
    rows = read_planner_rows(folder)
    faults = planner_faults(rows)
    if faults:
        print("\n".join(faults[:20]), file=sys.stderr)
        return 1
    runs = [
        ("level 1, makespan", (1,), Objective.MAKESPAN),
        ("four levels, makespan", LEVELS, Objective.MAKESPAN),
        ("four levels, weighted tardiness", LEVELS, Objective.TARDINESS),
    ]
    sections = [head(rows, given)]
    for title, levels, objective in runs:
        began = time.process_time()
        factory = read_factory(folder, levels=levels)
        found = make_plan(
            factory,
            start=EPOCH.replace(tzinfo=ZoneInfo("UTC")),
            objective=objective,
            seed=given.seed,
            cpu_seconds=given.cpu_seconds,
        )
        spent = time.process_time() - began
        if isinstance(found, NoPlan):
            print("\n".join(found.obstacles), file=sys.stderr)
            return 1
        sections.append(section(title, found, rows, least_days(factory), spent))
        print(sections[-1], flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(sections), "utf-8")
    return 0


def planner_faults(rows: tuple[PlannerRow, ...]) -> list[str]:
    """Say where the planner's own plan breaks the rules that ours keeps: one order at a time per machine and
    level, levels one after the other, durations as the importer counts them (to the second)."""
    faults = []
    lines: dict[tuple[int, int], list[PlannerRow]] = {}
    orders: dict[int, list[PlannerRow]] = {}
    for row in rows:
        lines.setdefault((row.level, row.machine), []).append(row)
        orders.setdefault(row.order, []).append(row)
        off = abs((row.end - row.start).total_seconds() - row.work_s)
        if off > 1:
            faults.append(f"Order {row.order}, level {row.level}: planned {off:.0f} s off its own durations.")
    for key, placed in (*lines.items(), *orders.items()):
        placed.sort(key=lambda row: row.start)
        for before, after in pairwise(placed):
            if after.start < before.end:
                faults.append(f"{key}: order {after.order} starts before {before.order} ends.")
    return faults


def head(rows: tuple[PlannerRow, ...], given: argparse.Namespace) -> str:
    """Return the page's beginning."""
    span = {level: max(days(row.end) for row in rows if row.level <= level) for level in (1, 4)}
    made = f"{datetime.now(UTC):%Y-%m-%d} ({platform.machine()}, {os.cpu_count()} cores"
    return f"""# The real factory's order book

Written by `python benchmarks/real_factory.py` on {made}, Python {platform.python_version()}),
{given.cpu_seconds:g} CPU-s per plan translated into a work budget, seed {given.seed}.

307 orders, each through four levels; {len({row.machine for row in rows})} machines in the planner's plan.
Duration of an operation = production time + setup + 3,600 s, as in every row of the planner's plan.
Alternatives = the planner's machine and every machine that really ran the article, production time scaled by
mean rate. Promised date = the planner's end on the last level. Every plan below passed the independent
verifier; the planner's own plan was checked against the same rules and keeps them.

The bound over four levels is exact: four orders can only run on machine 4807, on every level, 78.9 days of
work each level; the longest takes 22.3 days a level, and the others go before it, after it, or make it wait.
No plan that keeps these rules (levels one after the other, lots whole, these alternatives) is shorter.

The planner's own: level 1 spans **{span[1]:.1f} days**, all four levels **{span[4]:.1f} days**.
"""


def section(title: str, plan: Plan, rows: tuple[PlannerRow, ...], bound: float, spent: float) -> str:
    """Return one plan compared with the planner, order by order; ``bound`` in days."""
    last_level = max(int(task.step.removeprefix("L")) for task in plan.tasks)
    shown = [row for row in rows if row.level <= last_level]
    planned = {row.order: days(row.end) for row in shown if row.level == last_level}
    ours = {int(order.code): order.end / DAY_S for order in plan.orders}
    gaps = sorted(ours[order] - planned[order] for order in planned)
    equal = sum(abs(gap) * DAY_S <= EQUAL_S for gap in gaps)
    later = sum(gap * DAY_S > EQUAL_S for gap in gaps)
    span, own = plan.makespan / DAY_S, max(planned.values())
    places = len({(row.level, row.machine) for row in shown}), len({task.machine for task in plan.tasks})
    means = statistics.mean(planned.values()), statistics.mean(ours.values())
    return f"""
## {title}

| | planner | this plan |
|---|---|---|
| span | {own:.1f} days | **{span:.1f} days** |
| of the planner's | 1 | **{span / own:.3f}** |
| above the lower bound of {bound:.1f} days | {own / bound - 1:.1%} | **{span / bound - 1:.1%}** |
| mean end of an order | {means[0]:.1f} days | {means[1]:.1f} days |
| machines used | {places[0]} | {places[1]} |

Order by order against the planner's end on level {last_level}: **{len(gaps) - equal - later} earlier,
{equal} equal (within an hour), {later} later**; late in sum {plan.weighted_tardiness / DAY_S:.1f} order-days.
Found by {plan.measure.method} in {spent:.0f} CPU-s.

Days later than the planner (negative: earlier), quantiles:

| {" | ".join(f"{quantile} %" for quantile in QUANTILES)} |
|{"---|" * len(QUANTILES)}
| {" | ".join(f"{at(gaps, quantile):+.1f}" for quantile in QUANTILES)} |
"""


def least_days(factory: Factory) -> float:
    """Return a lower bound of the span in days: the longest order, or what only one machine can do.

    To such a machine's work come the shortest way to it and the shortest way after it. Orders that can only
    take the same machines in the same sequence are a flow shop: while one of them goes all the way, each of
    the others either goes before it on the first machine, or after it on the last, or overtakes it somewhere
    and makes it wait there; so the others' shortest steps come on top of its whole way.
    """
    longest = 0
    flows: dict[tuple[str, ...], list[list[int]]] = {}
    bound_to: dict[str, list[tuple[int, int, int]]] = {}
    for item in factory.items.values():
        least = [min(option.fixed_seconds for option in step.alternatives) for step in item.steps]
        longest = max(longest, sum(least))
        if all(len(step.alternatives) == 1 for step in item.steps):
            way_taken = tuple(step.alternatives[0].machine for step in item.steps)
            flows.setdefault(way_taken, []).append(least)
        for position, step in enumerate(item.steps):
            if len(step.alternatives) == 1:
                way = (least[position], sum(least[:position]), sum(least[position + 1 :]))
                bound_to.setdefault(step.alternatives[0].machine, []).append(way)
    busiest = max(
        sum(work for work, _, _ in ways) + min(head for _, head, _ in ways) + min(tail for _, _, tail in ways)
        for ways in bound_to.values()
    )
    flow = max(
        sum(min(work) for work in orders) + max(sum(work) - min(work) for work in orders)
        for orders in flows.values()
    )
    return max(longest, busiest, flow) / DAY_S


def at(values: list[float], percent: int) -> float:
    """Return the value at a percentile of a sorted list (nearest rank)."""
    return values[min(len(values) - 1, round(percent / 100 * (len(values) - 1)))]


def days(moment: datetime) -> float:
    """Return days since the order book begins."""
    return (moment - EPOCH).total_seconds() / DAY_S


if __name__ == "__main__":
    sys.exit(main())
