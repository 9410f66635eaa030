"""Workshops with people, furnaces, shifts and frozen steps: the list search against dispatch and nudges.

    python benchmarks/scheduling_windows.py factories [SECONDS [ONLY]]   generated workshops, equal CPU
    python benchmarks/scheduling_windows.py batching [SECONDS [ONLY]]    the complex job shops with batching

Seconds are CPU seconds of the process. Each line is appended to benchmarks/results/planner-<what>.csv as soon
as it is known; every schedule passes the verifier. "Nudges" is what the planner did for such shops before:
all rules, then a search over priorities around the best of them. It is given twice the budget: its steps are
cheaper than they are counted.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterable
from dataclasses import replace

from planner_panel import keep
from scheduling import DATA, checked, planned
from scheduling_generated import workshop

from lienmach.engines.scheduling.bounds import lower_bound
from lienmach.engines.scheduling.budget import work_for
from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.draft import solution_of
from lienmach.engines.scheduling.formats import read
from lienmach.engines.scheduling.problem import Commitment, Committed, Problem
from lienmach.engines.scheduling.result import Evaluation, Objective
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.search import Search
from lienmach.engines.scheduling.shop import Shop

FACTORIES = (
    (60, 11, "people, furnaces, frozen"),
    (200, 12, "people, furnaces, frozen"),
    (200, 13, "people"),
    (400, 14, "people, furnaces, frozen"),
    (400, 15, "furnaces"),
    (800, 16, "people, furnaces, frozen"),
)


def factory(operations: int, seed: int, what: str) -> Problem:
    """A generated workshop with tight due dates; "frozen" binds what begins first to its place and people."""
    problem = workshop(operations, seed=seed, people="people" in what, furnaces="furnaces" in what)
    jobs = tuple(
        replace(job, due=None if job.due is None else job.release + (job.due - job.release) // 8)
        for job in problem.jobs
    )
    problem = replace(problem, jobs=jobs)
    return frozen(problem, operations // 20) if "frozen" in what else problem


def frozen(problem: Problem, count: int) -> Problem:
    """The same with the operations that a rule begins first frozen."""
    shop = Shop(problem)
    placed = solution_of(shop, dispatch(shop, rules_for(shop, tardiness=True)[0])).operations
    first = {each.operation: each for each in sorted(placed, key=lambda each: each.start)[:count]}
    jobs = []
    for job in problem.jobs:
        steps = []
        for step in job.operations:
            each = first.get(step.id)
            if each is not None:
                committed = Committed(
                    Commitment.FROZEN, each.machine, each.start, each.end, operators=each.operators
                )
                step = replace(step, committed=committed)
            steps.append(step)
        jobs.append(replace(job, operations=tuple(steps)))
    return replace(problem, jobs=tuple(jobs))


def nudges(problem: Problem, seconds: float) -> tuple[Evaluation, Evaluation, float]:
    """The best rule's schedule, the nudged one, and the CPU seconds spent."""
    began = time.process_time()
    shop = Shop(problem)
    bound = lower_bound(problem, Objective.TARDINESS)
    search = Search(shop, Objective.TARDINESS, work_for(seconds, problem), bound, None)
    search.try_rules()
    rules = checked(problem, solution_of(shop, search.found[0].draft))
    search.improve(0)
    best = checked(problem, solution_of(shop, search.found[0].draft))
    return rules, best, time.process_time() - began


def factories(seconds: float, only: str = "") -> None:
    for operations, seed, what in FACTORIES:
        if only not in f"{operations} {seed} {what}":
            continue
        problem = factory(operations, seed, what)
        rules, nudged, theirs = nudges(problem, 2 * seconds)
        result, used = planned(problem, Objective.TARDINESS, work_for(seconds, problem))
        ours = result.evaluation
        keep("factories", {"operations": operations, "seed": seed, "what": what, "budget_s": seconds,
             "rules": rules.weighted_tardiness, "nudges": nudged.weighted_tardiness,
             "nudges_s": round(theirs, 1), "planner": ours.weighted_tardiness, "planner_s": round(used, 1),
             "by": result.method, "bound": result.lower_bound,
             "ratio": round(ours.weighted_tardiness / max(1, nudged.weighted_tardiness), 3),
             "setup_ratio": round(ours.setup_seconds / max(1, nudged.setup_seconds), 3)})  # fmt: skip


def batching(seconds: float, only: str = "") -> None:
    with (DATA / "cjs/random-results.csv").open() as file:
        best_known = {row["Instance"]: int(row["Total Weighted Tardiness"]) for row in csv.DictReader(file)}
    for name, best in best_known.items():
        if only not in name:
            continue
        problem = read((DATA / f"cjs/{name}.cjs.input").read_text())
        result, used = planned(problem, Objective.TARDINESS, work_for(seconds, problem))
        value = result.evaluation.weighted_tardiness
        keep("batching", {"instance": name, "operations": problem.operation_count, "budget_s": seconds,
             "cpu_s": round(used, 1), "planner": value, "best_known": best, "by": result.method,
             "ratio": round(value / best, 3)})  # fmt: skip


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = {"factories": factories, "batching": batching}
    parser.add_argument("what", choices=list(what))
    parser.add_argument("seconds", nargs="?", type=float, default=10.0)
    parser.add_argument("only", nargs="?", default="", help="part of a name, or of a factory's description")
    chosen = parser.parse_args(None if arguments is None else list(arguments))
    what[chosen.what](chosen.seconds, chosen.only)


if __name__ == "__main__":
    main()
