"""The scheduling engine: any size in time, and against the order-by-order planner.

    python benchmarks/scheduling.py generated          10,000 generated operations within 10 CPU seconds
    python benchmarks/scheduling.py public [SECONDS]   the public sets: greedy opponent, best known values
    python benchmarks/scheduling.py rate               work per CPU second, for `budget.WORK_PER_CPU_SECOND`

`--write` keeps the tables in benchmarks/results/. The public sets are read from LIENMACH_TEST_DATA (default
../shared/data). Every schedule, the opponent's too, passes the verifier or the run stops.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import math
import os
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scheduling_generated import workshop
from scheduling_greedy import ORDERINGS, Greedy

from lienmach.engines.scheduling.budget import work_for
from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.draft import rank_of, solution_of
from lienmach.engines.scheduling.formats import read, with_due_dates
from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.result import Evaluation, Objective, Planned
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.solution import Solution
from lienmach.engines.scheduling.solve import solve
from lienmach.engines.scheduling.verify import verify

DATA = Path(os.environ.get("LIENMACH_TEST_DATA", "../shared/data")) / "production"
SHOWN = ("la16", "mk10", "dpp18a", "ta01js", "ta71js", "bv246", "bv289")
KINDS: dict[str, dict[str, bool | int]] = {
    "calendars, alternatives, setups": {},
    "the same with people": {"people": True},
    "the same with furnaces": {"furnaces": True},
    "with people and furnaces": {"people": True, "furnaces": True},
    "calendars and alternatives only": {"families": 0},
}


def checked(problem: Problem, solution: Solution) -> Evaluation:
    report = verify(problem, solution)
    if not report.ok or report.evaluation is None:
        raise SystemExit(f"Not a valid schedule: {report.violations[:3]}")
    return report.evaluation


def planned(problem: Problem, objective: Objective, budget: int, seed: int = 0) -> tuple[Planned, float]:
    began = time.process_time()
    result = solve(problem, objective=objective, budget=budget, seed=seed)
    seconds = time.process_time() - began
    if not isinstance(result, Planned):
        raise SystemExit(f"No schedule: {result.obstacles[:3]}")
    return result, seconds


def geometric_mean(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    heads = list(head)
    return [
        "| " + " | ".join(heads) + " |",
        "|" + "---|" * len(heads),
        *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows),
        "",
    ]


def machine() -> str:
    return (
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores "
        f"(shared), Python {platform.python_version()}, no compiled code; CPU seconds of the process."
    )


# -- any size ----------------------------------------------------------------------------------------------


def generated() -> list[str]:
    rows = []
    for name, options in KINDS.items():
        problem = workshop(10_000, **options)  # type: ignore[arg-type]
        one, first = planned(problem, Objective.TARDINESS, 1)
        full, seconds = planned(problem, Objective.TARDINESS, work_for(10.0, problem))
        row = [name, f"{first:.1f}", f"{seconds:.1f}", full.method]
        row += [f"{each.evaluation.weighted_tardiness / 3600:,.0f}" for each in (one, full)]
        if "people" in options:
            row.append("-")
        else:
            greedy = min(
                checked(problem, Greedy(problem).plan(ordering)).weighted_tardiness for ordering in ORDERINGS
            )
            row.append(f"{greedy / 3600:,.0f}")
        rows.append(row)
    return [
        "# Scheduling: 10,000 generated operations",
        "",
        machine(),
        "",
        "40 machines in 10 groups, two or three shifts with breaks, Sundays and a week of Tet off, 6 setup "
        "families per group, 1-3 alternatives of different speed, one operation in ten must not pause "
        "(`benchmarks/scheduling_generated.py`, seed 0). Objective weighted tardiness, in weighted hours. "
        "The seconds count everything from the problem to the verified plan with reasons.",
        "",
        *table(
            (
                "problem",
                "first rule only, s",
                "budget of 10 s, s used",
                "found by",
                "tardiness, first rule",
                "tardiness, 10 s",
                "greedy, best of 4 orders",
            ),
            rows,
        ),
    ]


# -- public sets -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One instance with one objective, and what everybody made of it."""

    instance: str
    group: str
    factor: str
    operations: int
    greedy: int
    rules: int
    searched: int
    best_known: int | None
    seconds: float


def public(seconds: float) -> list[str]:
    cases = []
    with (DATA / "best_known_bounds.csv").open() as file:
        for row in csv.DictReader(file):
            cases.extend(_cases(row, seconds))
            sys.stderr.write(f"\r{row['instance']}          ")
    sys.stderr.write("\n")
    return [
        "# Scheduling: public sets",
        "",
        machine(),
        "",
        f"`dispatch`: every rule once. `search`: `solve` with a budget of {seconds:g} s (the table gives the "
        "seconds that took). `greedy`: the order-by-order planner, best of its four orderings. Ratios are "
        "geometric means of (value + 1) / (greedy + 1). Due dates by the rule in the data's README.",
        "",
        *table(
            ("set", "objective", "cases", "dispatch / greedy", "search / greedy", "mean s"), _ratios(cases)
        ),
        "Mean gap to the best known makespan, and to the best known weighted tardiness of the complex job "
        "shops (batching, setups):",
        "",
        *table(("set", "cases", "greedy", "dispatch", "search"), _gaps(cases)),
        *table(
            ("instance", "due factor", "operations", "greedy", "dispatch", "search", "best known", "s"),
            (_row(case) for case in cases if case.instance in SHOWN or case.group == "cjs"),
        ),
    ]


def _cases(row: dict[str, str], seconds: float) -> Iterable[Case]:
    problem = read((DATA / row["file"]).read_text())
    group = row["file"].split("/")[-2] if row["file"].startswith("fjsp") else row["file"].split("/")[0]
    variants: list[tuple[str, Problem, Objective]] = [("", problem, Objective.TARDINESS)]
    if group != "cjs":
        variants = [("", problem, Objective.MAKESPAN)]
        variants += [(f, with_due_dates(problem, f), Objective.TARDINESS) for f in ("1.3", "1.5")]
    for factor, variant, objective in variants:
        greedy = min(
            checked(variant, Greedy(variant).plan(ordering)).rank(objective)[0] for ordering in ORDERINGS
        )
        rules = _rules_only(variant, objective)
        result, used = planned(variant, objective, work_for(seconds, variant))
        known = int(row["upper_bound"]) if not factor else None
        yield Case(
            row["instance"],
            group,
            factor,
            variant.operation_count,
            greedy,
            rules,
            result.evaluation.rank(objective)[0],
            known,
            used,
        )


def _rules_only(problem: Problem, objective: Objective) -> int:
    shop = Shop(problem)
    rules = rules_for(shop, tardiness=objective is Objective.TARDINESS)
    drafts = [draft for rule in rules if not (draft := dispatch(shop, rule)).obstacles]
    best = min(drafts, key=lambda draft: rank_of(shop, draft, objective))
    return checked(problem, solution_of(shop, best)).rank(objective)[0]


def _row(case: Case) -> tuple[object, ...]:
    values = (case.greedy, case.rules, case.searched, case.best_known or "")
    return (case.instance, case.factor or "-", case.operations, *values, f"{case.seconds:.1f}")


def _size(case: Case) -> str:
    return "<= 100" if case.operations <= 100 else "101-300" if case.operations <= 300 else "> 300"


def _ratios(cases: list[Case]) -> Iterable[tuple[object, ...]]:
    groups: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        objective = "makespan" if case.best_known and case.group != "cjs" else "weighted tardiness"
        if case.group != "cjs":
            groups[f"{_size(case)} operations", objective].append(case)
            groups["all of them", objective].append(case)
        else:
            groups["complex job shops", objective].append(case)
    for (name, objective), members in sorted(groups.items()):
        yield (
            name,
            objective,
            len(members),
            f"{geometric_mean((c.rules + 1) / (c.greedy + 1) for c in members):.3f}",
            f"{geometric_mean((c.searched + 1) / (c.greedy + 1) for c in members):.3f}",
            f"{sum(c.seconds for c in members) / len(members):.1f}",
        )


def _gaps(cases: list[Case]) -> Iterable[tuple[object, ...]]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.best_known:
            groups[case.group].append(case)
    for name, members in groups.items():

        def gap(values: Iterable[int], members: list[Case] = members) -> str:
            pairs = zip(values, members, strict=True)
            mean = sum(value / (case.best_known or 1) - 1 for value, case in pairs) / len(members)
            return f"{100 * mean:.1f} %"

        yield (
            name,
            len(members),
            gap(c.greedy for c in members),
            gap(c.rules for c in members),
            gap(c.searched for c in members),
        )


# -- rate --------------------------------------------------------------------------------------------------


def rate() -> list[str]:
    rows = []
    for name, options in KINDS.items():
        for size in (100, 2_000, 10_000):
            problem = workshop(size, **options)  # type: ignore[arg-type]
            result, seconds = planned(problem, Objective.TARDINESS, work_for(3.0, problem))
            rows.append((name, size, result.work, f"{seconds:.2f}", f"{result.work / seconds:,.0f}"))
    return [
        "# Work per CPU second",
        "",
        machine(),
        "",
        *table(("problem", "operations", "work", "s", "work/s"), rows),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("generated", "public", "rate"))
    parser.add_argument("seconds", nargs="?", type=float, default=2.0)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = {"generated": generated, "public": lambda: public(arguments.seconds), "rate": rate}[
        arguments.what
    ]()
    sys.stdout.write("\n".join(lines))
    if arguments.write:
        target = Path(__file__).parent / "results" / f"scheduling-{arguments.what}.md"
        target.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
