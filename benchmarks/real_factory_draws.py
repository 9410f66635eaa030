"""The real factory's plans when rates and disruptions are drawn from its own records: a distribution.

    python benchmarks/real_factory_draws.py [--draws 400] [--cpu-seconds 10] [--seed 0]

Every plan keeps its machines and its sequence on each machine; what takes longer pushes what follows. A draw
meets every plan with the same luck: random numbers belong to an order on a level, not to a plan.

* Rate: a class of the stroke-rate table of the (machine, article) pair is drawn by its share and rules the
  whole order; the planned production time is scaled by it against the pair's mean.
* Disruption: with the probability `no_prod/contract_time` of the pair an operation has one, as long as a
  class drawn by its share, uniform inside it (the reading of the authors of the data; the last class, which
  their program never draws, is drawn too).
* A pair that never ran is stood in for by the pair that the order book names; a pair without recorded stops
  has none.

Plans with transfer batches hand over a part of an order as soon as it is made; the next level ends no earlier
than the last part has gone through it. Writes results/real_factory_draws.md.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import sys
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from zoneinfo import ZoneInfo

from real_factory import DAY_S, ROOT, at

from lienmach.apps.production.importers.metal_forming import (
    EPOCH,
    HANDLING_S,
    PlannerRow,
    read_factory,
    read_planner_rows,
    read_rates,
)
from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.plan import NoPlan
from lienmach.engines.scheduling.result import Objective

RESULTS = ROOT / "benchmarks/results/real_factory_draws.md"
MINUTE_S = 60
Pair = tuple[int, int]


@dataclass(frozen=True)
class Table:
    """Classes of a record: upper limits of their shares, and the interval of each."""

    limits: tuple[float, ...]
    classes: tuple[tuple[float, float], ...]

    def draw(self, luck: float) -> tuple[float, float]:
        """Return the class that a number from 0 to 1 falls into."""
        return self.classes[min(bisect(self.limits, luck * self.limits[-1]), len(self.classes) - 1)]


@dataclass(frozen=True)
class Placed:
    """An operation of a plan: where it stands and in which sequence."""

    order: int
    level: int
    machine: int
    start: float


@dataclass(frozen=True)
class Course:
    """A plan as machines and sequences; an order is handed on in `parts`; `days` is the planned span."""

    name: str
    parts: int
    days: float
    placed: tuple[Placed, ...]


class Records:
    """What the factory's machines did, and the order book."""

    def __init__(self, folder: Path) -> None:
        self.rows = {(row.order, row.level): row for row in read_planner_rows(folder)}
        self.mean = read_rates(folder)
        self.rates: dict[Pair, Table] = {}
        for row in _read(folder / "production_data_anonymised.csv"):
            found = [(k.split(), float(v)) for k, v in row.items() if " per " in k and v and float(v) > 0]
            classes = tuple((float(words[0]), float(words[2])) for words, _ in found)
            limits = tuple(accumulate(share for _, share in found))
            self.rates[int(row["machine"]), int(row["operation"])] = Table(limits, classes)
        self.stops: dict[Pair, tuple[float, Table]] = {}
        for row in _read(folder / "disruption_data_anonymised.csv"):
            edges = [key for key in row if key.strip().isdigit()]
            lower = [1.0, *(float(edge) for edge in edges[:-1])]
            classes = tuple(zip(lower, map(float, edges), strict=True))
            table = Table(tuple(accumulate(float(row[edge] or 0) for edge in edges)), classes)
            share = float(row["no_prod/contract_time"])
            self.stops[int(row["machine"]), int(row["operation"])] = (share, table)

    def seconds(self, row: PlannerRow, machine: int, luck: tuple[float, float, float, float]) -> float:
        """Return how long an order holds a machine in one draw."""
        pair = (machine, row.material_sim)
        if pair not in self.rates:
            pair = (row.machine_sim, row.material_sim)
        high, low = self.rates[pair].draw(luck[0])
        means = self.mean[row.material_sim]
        scaled = row.production_s * (high + low) / 2 / means[pair[0]]
        if machine != row.machine and machine in means:
            scaled *= means[machine] / means[row.machine_sim]
        stop = 0.0
        if pair in self.stops:
            share, table = self.stops[pair]
            if luck[1] < share:
                shortest, longest = table.draw(luck[2])
                stop = MINUTE_S * (shortest + luck[3] * (longest - shortest))
        return scaled + row.setup_s + HANDLING_S + stop


def run(
    course: Course, records: Records, lucks: Mapping[Pair, tuple[float, float, float, float]]
) -> dict[int, float]:
    """Return when each order ends on its last level in one draw."""
    free: dict[tuple[int, int], float] = {}
    came: dict[int, tuple[float, float]] = {}
    for each in course.placed:
        row = records.rows[each.order, each.level]
        takes = records.seconds(row, each.machine, lucks[each.order, each.level])
        first, ended = came.get(each.order, (0.0, 0.0))
        start = max(free.get((each.level, each.machine), 0.0), first)
        end = max(start + takes, ended + takes / course.parts if ended else 0.0)
        free[each.level, each.machine] = end
        came[each.order] = (start + takes / course.parts, end)
    return {order: end for order, (_, end) in came.items()}


def courses(folder: Path, records: Records, cpu_seconds: float, seed: int) -> Iterator[Course]:
    """The planner's own plan, and ours: whole lots, and handed on in halves and quarters."""
    own = sorted(records.rows.values(), key=lambda row: (row.start, row.level))
    yield Course(
        "the planner's own",
        1,
        max((row.end - EPOCH).total_seconds() for row in own) / DAY_S,
        tuple(Placed(r.order, r.level, r.machine, (r.start - EPOCH).total_seconds()) for r in own),
    )
    for name, parts, objective in (
        ("whole lots, makespan", 1, Objective.MAKESPAN),
        ("whole lots, tardiness", 1, Objective.TARDINESS),
        ("handed on in halves, makespan", 2, Objective.MAKESPAN),
        ("handed on in halves, tardiness", 2, Objective.TARDINESS),
        ("handed on in quarters, tardiness", 4, Objective.TARDINESS),
    ):
        factory = in_parts(read_factory(folder), parts)
        start = EPOCH.replace(tzinfo=ZoneInfo("UTC"))
        plan = make_plan(factory, start=start, objective=objective, seed=seed, cpu_seconds=cpu_seconds)
        if isinstance(plan, NoPlan):
            raise SystemExit(f"No plan: {plan.obstacles[0].message}")
        tasks = sorted(plan.tasks, key=lambda task: (task.start, task.step))
        placed = (
            Placed(int(task.job), int(task.step[1:]), int(task.machine.split("-")[1]), task.start)
            for task in tasks
        )
        yield Course(name, parts, plan.makespan / DAY_S, tuple(placed))


def in_parts(factory: Factory, parts: int) -> Factory:
    """Return the workshop with every order handed on in so many equal parts."""
    if parts == 1:
        return factory
    quantity = {order.item: int(order.quantity) for order in factory.orders}
    items = {}
    for code, item in factory.items.items():
        part = -(-quantity[code] // parts)
        steps = [
            replace(step, transfer_quantity=part if part < quantity[code] else 0) for step in item.steps[:-1]
        ]
        items[code] = replace(item, steps=(*steps, item.steps[-1]))
    return replace(factory, items=items)


def main() -> int:
    options = argparse.ArgumentParser(
        description="The real factory's plans under drawn rates and disruptions."
    )
    options.add_argument("--draws", type=int, default=400)
    options.add_argument("--cpu-seconds", type=float, default=10.0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--data", default=os.environ.get("LIENMACH_TEST_DATA", str(ROOT / "../shared/data")))
    given = options.parse_args()
    folder = Path(given.data) / "production/metal_forming_factory"
    if not folder.is_dir():
        print(f"{folder} is not there: set LIENMACH_TEST_DATA or --data.", file=sys.stderr)
        return 2
    records = Records(folder)
    promised = {
        order: (row.end - EPOCH).total_seconds() for (order, level), row in records.rows.items() if level == 4
    }
    table = [
        run_all(course, records, promised, given.draws)
        for course in courses(folder, records, given.cpu_seconds, given.seed)
    ]
    RESULTS.write_text(page(table, given), "utf-8")
    print(RESULTS.read_text("utf-8"))
    return 0


@dataclass(frozen=True)
class Spread:
    """What became of a plan in all draws: spans in days and shares of dates kept, both sorted."""

    course: Course
    spans: list[float]
    kept: list[float]

    def line(self, own: Spread) -> str:
        """Return the plan's row, against the planner's own."""
        shown = [f"{self.course.days:.1f} | {self.course.days / own.course.days:.3f}"]
        shown += [f"{at(self.spans, 5):.1f} | **{at(self.spans, 50):.1f}** | {at(self.spans, 95):.1f}"]
        shown += [f"{statistics.mean(self.spans) / statistics.mean(own.spans):.3f}"]
        shown += [f"{at(self.kept, 5):.0%} | **{at(self.kept, 50):.0%}** | {at(self.kept, 95):.0%}"]
        return f"| {self.course.name} | {' | '.join(shown)} |"


def run_all(course: Course, records: Records, promised: Mapping[int, float], draws: int) -> Spread:
    """Run a plan through so many draws."""
    spans, kept = [], []
    for draw in range(draws):
        rng = random.Random(draw)
        lucks = {
            key: (rng.random(), rng.random(), rng.random(), rng.random()) for key in sorted(records.rows)
        }
        ends = run(course, records, lucks)
        spans.append(max(ends.values()) / DAY_S)
        kept.append(sum(ends[order] <= due for order, due in promised.items()) / len(promised))
    return Spread(course, sorted(spans), sorted(kept))


def page(table: list[Spread], given: argparse.Namespace) -> str:
    """Return the page of results."""
    lines = "\n".join(spread.line(table[0]) for spread in table)
    return f"""# The real factory under drawn rates and disruptions

Written by `python benchmarks/real_factory_draws.py` on {datetime.now(UTC):%Y-%m-%d} (x86_64,
{os.cpu_count()} cores); {given.draws} draws, {given.cpu_seconds:g} CPU-s per plan, seed {given.seed}.
How rates and stops are drawn stands in its docstring. All four levels; dates are the planner's own ends on
level 4; machines and sequences stay as planned. Spans in days.

| plan | planned | / planner's | drawn 5 % | median | 95 % | mean ratio | dates kept 5 % | median | 95 % |
|---|---|---|---|---|---|---|---|---|---|
{lines}

Whole lots cannot span less than 145.9 days as planned (`real_factory.md`), 0.801 of the planner's 182.1;
orders handed on in parts, as transfer batches, can.
"""


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    sys.exit(main())
