"""A machine breaks down, an order rushes in: what a repair moves, against planning everything again.

    python benchmarks/replanning.py [--operations 2000] [--plan 12] [--again 12] [--seeds 2]

Prints a table in Markdown: operations moved (machine changed, or start moved by more than 15 minutes),
weighted tardiness, CPU seconds. Every plan passes the verifier; the frozen zone is compared besides.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from scheduling_generated import DAY, HOUR, workshop

from lienmach.engines.scheduling.budget import work_for
from lienmach.engines.scheduling.problem import Job, Problem, chain
from lienmach.engines.scheduling.repair import repair
from lienmach.engines.scheduling.replan import closed, freeze
from lienmach.engines.scheduling.result import Objective, Planned, Result
from lienmach.engines.scheduling.solution import Solution
from lienmach.engines.scheduling.solve import solve

TOLERANCE = 15 * 60
ZONE = 8 * HOUR


def tight(problem: Problem) -> Problem:
    """The workshop with a third of the time to its due dates, so that about every second order is late."""
    jobs = (
        replace(job, due=None if job.due is None else job.release + (job.due - job.release) // 3)
        for job in problem.jobs
    )
    return replace(problem, jobs=tuple(jobs), tolerance=TOLERANCE)


def broken(problem: Problem, solution: Solution, now: int) -> Problem:
    """The machine that has most to do in the next two days is out for a day."""
    soon = Counter(each.machine for each in solution.operations if now <= each.start < now + 2 * DAY)
    busiest = min(soon, key=lambda machine: (-soon[machine], machine))
    return closed(freeze(problem, solution, now + ZONE, now=now), busiest, (now, now + DAY))


def rushed(problem: Problem, solution: Solution, now: int) -> Problem:
    """An order as long as the longest, due in two days, five times as heavy as the heaviest."""
    frozen = freeze(problem, solution, now + ZONE, now=now)
    longest = max(problem.jobs, key=lambda job: len(job.operations))
    steps = tuple(
        replace(each, id=f"rush {number}", committed=None) for number, each in enumerate(longest.operations)
    )
    rush = Job("rush", steps, release=now, due=now + 2 * DAY, weight=20)
    return replace(frozen, jobs=(*frozen.jobs, rush), precedences=(*frozen.precedences, *chain(steps)))


EVENTS: dict[str, Callable[[Problem, Solution, int], Problem]] = {
    "breakdown, one day": broken,
    "rush order": rushed,
}


class Impossible(Exception):
    """What is frozen contradicts what happened; the message says what to release."""


def timed(make: Callable[[], Result]) -> tuple[Planned, float]:
    """A plan and its CPU seconds."""
    begun = time.process_time()
    result = make()
    if not isinstance(result, Planned):
        raise Impossible("; ".join(obstacle.message for obstacle in result.obstacles))
    return result, time.process_time() - begun


def changed(problem: Problem, before: Solution, after: Solution) -> int:
    """Operations of the frozen zone that stand elsewhere than before; there must be none.

    One that is running keeps its machine and its start; its end follows from the calendar.
    """
    count = 0
    for _, operation in problem.operations():
        if operation.committed is not None:
            old, new = before.by_operation[operation.id], after.by_operation[operation.id]
            count += (old.machine, old.start) != (new.machine, new.start)
    return count


def row(kind: str, seed: int, arguments: argparse.Namespace) -> None:
    """Both events in one workshop."""
    extra = kind == "people and furnaces"
    problem = tight(workshop(arguments.operations, seed=seed, people=extra, furnaces=extra))
    asked: dict[str, Any] = {"objective": Objective.TARDINESS}
    plan, _ = timed(lambda: solve(problem, budget=work_for(arguments.plan, problem), **asked))
    now = plan.evaluation.makespan * 3 // 10 // HOUR * HOUR
    for name, event in EVENTS.items():
        hit = event(problem, plan.solution, now)
        bound = sum(each.committed is not None for _, each in hit.operations())
        try:
            ours, seconds = timed(lambda hit=hit: repair(hit, plan.solution))  # type: ignore[misc]
        except Impossible as why:
            print(f"| {kind} | {seed} | {name} | {why} |")
            continue
        again, more = timed(
            lambda hit=hit: solve(hit, budget=work_for(arguments.again, hit), **asked)  # type: ignore[misc]
        )
        zone = changed(hit, plan.solution, ours.solution)
        moved, all_moved = ours.evaluation.moved, again.evaluation.moved
        late, again_late = ours.evaluation.weighted_tardiness, again.evaluation.weighted_tardiness
        print(
            f"| {kind} | {seed} | {name} | {hit.operation_count - bound} | {moved} | {all_moved} | "
            f"{moved / max(1, all_moved):.2f} | {late} | {again_late} | "
            f"{(late + 1) / (again_late + 1):.3f} | {zone} | {seconds:.1f} | {more:.1f} |",
            flush=True,
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=2000)
    parser.add_argument("--plan", type=float, default=12.0, help="CPU seconds asked for the first plan")
    parser.add_argument("--again", type=float, default=12.0, help="CPU seconds asked for planning again")
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    print(
        "| workshop | seed | event | free operations | moved | moved again | ratio | tardiness "
        "| planned again | ratio | frozen zone | s | s again |\n" + "|---" * 13 + "|"
    )
    for seed in range(arguments.seeds):
        for kind in ("machines only", "people and furnaces"):
            row(kind, seed, arguments)


if __name__ == "__main__":
    main()
