"""The planner's search against best known values, the order-by-order planner, and PyJobShop with CP-SAT.

    python benchmarks/planner_panel.py makespan [SECONDS]     Brandimarte, Dauzere-Peres: gap to best known
    python benchmarks/planner_panel.py greedy [SECONDS]       every sixth due-dated instance, against greedy
    python benchmarks/planner_panel.py opponent [SECONDS]     the panel, PyJobShop + CP-SAT at the same CPU
    python benchmarks/planner_panel.py setups [SECONDS]       1,000 operations, 5 families, against dispatch

Names of instances after the seconds choose among them (ta71js:1.5 with its due factor, 0 a seed of setups).

Seconds are CPU seconds of the process. Each line is appended to benchmarks/results/planner-<what>.csv as soon
as it is known; the verifier passes every schedule, the opponents' too.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scheduling import DATA, checked, planned
from scheduling_generated import workshop
from scheduling_greedy import ORDERINGS, Greedy

from lienmach.engines.scheduling.budget import work_for
from lienmach.engines.scheduling.dispatch import dispatch
from lienmach.engines.scheduling.draft import rank_of, solution_of
from lienmach.engines.scheduling.formats import read, with_due_dates
from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.rules import rules_for
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution

RESULTS = Path(__file__).parent / "results"
TUNED_ON = (
    "la16", "mk10", "dpp18a", "la21", "dpp07a", "dpp16a", "la24", "ta06js", "mk13", "ta71js", "bv246",
    "bv250",
)  # fmt: skip
"""Instances that the search was tuned on: reported, but not counted in the means."""
PANEL = (
    ("dpp16a", "1.5"), ("ta71js", "1.5"), ("bv246", "1.5"), ("ta06js", "1.3"), ("la34", "1.5"),
    ("bv278", "1.3"), ("dpp13a", ""), ("mk13", "1.3"), ("bv208", "1.3"), ("la19", "1.3"), ("la24", "1.5"),
    ("mk05", "1.5"),
    ("mk10", ""), ("dpp18a", "1.5"), ("la16", "1.3"), ("mk07", "1.5"), ("ft10", "1.3"), ("ta01js", ""),
    ("ta71js", "1.3"), ("bv289", "1.5"),
)  # fmt: skip
"""Four of up to 100 operations, two between, nine of 200 to 500 (three for makespan), five larger ones."""


@dataclass(frozen=True)
class Instance:
    name: str
    problem: Problem
    best_known: int


def instances() -> dict[str, Instance]:
    """Every public instance by name."""
    found = {}
    with (DATA / "best_known_bounds.csv").open() as file:
        for row in csv.DictReader(file):
            problem = read((DATA / row["file"]).read_text())
            found[row["instance"]] = Instance(row["instance"], problem, int(row["upper_bound"]))
    return found


def keep(what: str, row: dict[str, object]) -> None:
    """Append one line to the results, and show it."""
    path = RESULTS / f"planner-{what}.csv"
    fresh = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(row)
    sys.stdout.write(" ".join(f"{key}={value}" for key, value in row.items()) + "\n")
    sys.stdout.flush()


def by_rules(problem: Problem, objective: Objective) -> Solution:
    """The best schedule of all dispatch rules."""
    shop = Shop(problem)
    drafts = [dispatch(shop, rule) for rule in rules_for(shop, tardiness=objective is Objective.TARDINESS)]
    whole = [draft for draft in drafts if not draft.obstacles]
    return solution_of(shop, min(whole, key=lambda draft: rank_of(shop, draft, objective)))


def makespan(seconds: float, only: Collection[str]) -> None:
    gaps: dict[str, list[float]] = {"mk": [], "dpp": []}
    for name, each in instances().items():
        group = next((prefix for prefix in gaps if name.startswith(prefix)), None)
        if group is None or (only and name not in only):
            continue
        result, used = planned(each.problem, Objective.MAKESPAN, work_for(seconds, each.problem))
        value = result.evaluation.makespan
        gap = value / each.best_known - 1
        gaps[group].append(gap)
        keep("makespan", {"instance": name, "budget_s": seconds, "cpu_s": round(used, 1), "makespan": value,
             "best_known": each.best_known, "gap_percent": round(100 * gap, 2)})  # fmt: skip
    for group, values in gaps.items():
        if not values:
            continue
        sys.stdout.write(f"{group}: mean gap {100 * sum(values) / len(values):.2f} %\n")


def greedy(seconds: float, only: Collection[str]) -> None:
    ratios = []
    chosen = [each for each in instances().values() if all(job.due is None for job in each.problem.jobs)]
    for number, each in enumerate(chosen[::6]):
        factor = ("1.3", "1.5")[number % 2]
        if only and each.name not in only:
            continue
        problem = with_due_dates(each.problem, factor)
        order_by_order = min(
            checked(problem, Greedy(problem).plan(ordering)).weighted_tardiness for ordering in ORDERINGS
        )
        rules = checked(problem, by_rules(problem, Objective.TARDINESS)).weighted_tardiness
        result, used = planned(problem, Objective.TARDINESS, work_for(seconds, problem))
        value = result.evaluation.weighted_tardiness
        if each.name not in TUNED_ON:
            ratios.append((value + 1) / (order_by_order + 1))
        keep("greedy", {"instance": each.name, "due_factor": factor, "operations": problem.operation_count,
             "budget_s": seconds, "cpu_s": round(used, 1), "greedy": order_by_order, "dispatch": rules,
             "planner": value})  # fmt: skip
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    sys.stdout.write(f"planner / greedy, geometric mean of values + 1: {mean:.3f} over {len(ratios)}\n")


def opponent(seconds: float, only: Collection[str]) -> None:
    known = instances()
    for name, factor in PANEL:
        if only and not {name, f"{name}:{factor}"} & set(only):
            continue
        problem = known[name].problem
        objective = Objective.MAKESPAN
        if factor:
            problem, objective = with_due_dates(problem, factor), Objective.TARDINESS
        result, used = planned(problem, objective, work_for(seconds, problem))
        began = time.process_time()
        theirs = pyjobshop(problem, objective, max(seconds, used))
        keep("opponent", {"instance": name, "due_factor": factor, "operations": problem.operation_count,
             "objective": objective.value, "budget_s": seconds, "cpu_s": round(used, 1),
             "pyjobshop_cpu_s": round(time.process_time() - began, 1),
             "planner": result.evaluation.rank(objective)[0],
             "pyjobshop": "none" if theirs is None else checked(problem, theirs).rank(objective)[0],
             })  # fmt: skip


def pyjobshop(problem: Problem, objective: Objective, cpu_seconds: float) -> Solution | None:
    """PyJobShop's schedule with CP-SAT on one worker; building its model counts as its time, too."""
    from pyjobshop import Model

    until = time.process_time() + cpu_seconds
    model = Model()
    machines = {machine.id: model.add_machine() for machine in problem.machines}
    tasks = {}
    names: list[tuple[str, str]] = []
    modes: list[str] = []
    for job in problem.jobs:
        due = {} if job.due is None else {"due_date": job.due}
        theirs = model.add_job(weight=job.weight, release_date=job.release, **due)
        for operation in job.operations:
            task = tasks[operation.id] = model.add_task(job=theirs)
            names.append((operation.id, job.id))
            for mode in operation.modes:
                model.add_mode(task, machines[mode.machine], duration=mode.duration)
                modes.append(mode.machine)
    for precedence in problem.precedences:
        model.add_end_before_start(tasks[precedence.before], tasks[precedence.after])
    if objective is Objective.TARDINESS:
        model.set_objective(weight_total_tardiness=1)
    else:
        model.set_objective(weight_makespan=1)
    with interrupted(until):
        answer = model.solve(solver="ortools", time_limit=3600, display=False, num_workers=1)
    if answer.best is None or not answer.best.tasks:
        return None
    return Solution(
        tuple(
            ScheduledOperation(name, job, modes[task.mode], task.start, task.end)
            for (name, job), task in zip(names, answer.best.tasks, strict=True)
        )
    )


@contextmanager
def interrupted(until: float) -> Iterator[None]:
    """Interrupt CP-SAT, which then hands over its best, when the process has used so many CPU seconds."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            if time.process_time() >= until:
                os.kill(os.getpid(), signal.SIGINT)
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def hurried(problem: Problem) -> Problem:
    """The same orders due in an eighth of the time, so that setups compete with lateness."""
    jobs = (
        replace(job, due=None if job.due is None else job.release + (job.due - job.release) // 8)
        for job in problem.jobs
    )
    return replace(problem, jobs=tuple(jobs))


def setups(seconds: float, only: Collection[str]) -> None:
    for seed in range(3):
        if only and str(seed) not in only:
            continue
        problem = hurried(workshop(1_000, seed=seed, families=5))
        rules = checked(problem, by_rules(problem, Objective.TARDINESS))
        result, used = planned(problem, Objective.TARDINESS, work_for(seconds, problem))
        ours = result.evaluation
        keep("setups", {"seed": seed, "budget_s": seconds, "cpu_s": round(used, 1),
             "dispatch_tardiness": rules.weighted_tardiness, "planner_tardiness": ours.weighted_tardiness,
             "dispatch_setup_s": rules.setup_seconds, "planner_setup_s": ours.setup_seconds,
             "setup_ratio": round(ours.setup_seconds / max(1, rules.setup_seconds), 3)})  # fmt: skip


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = {"makespan": makespan, "greedy": greedy, "opponent": opponent, "setups": setups}
    parser.add_argument("what", choices=list(what))
    parser.add_argument("seconds", nargs="?", type=float, default=30.0)
    parser.add_argument("only", nargs="*", help="names of instances (seeds for setups); all if left out")
    chosen = parser.parse_args(None if arguments is None else list(arguments))
    what[chosen.what](chosen.seconds, chosen.only)


if __name__ == "__main__":
    main()
