"""CP-SAT as a helper of the planner: small shops against PyJobShop with CP-SAT at the same CPU seconds.

    python benchmarks/planner_exact.py INSTANCE[:DUE_FACTOR]… [--seconds S]

Each line is appended to benchmarks/results/planner-exact.csv as soon as it is known; every schedule, the
opponent's too, passes the verifier. PyJobShop gets at least the CPU seconds that the planner used, building
its model included; importing OR-Tools counts for neither.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable

from planner_panel import instances, keep, pyjobshop
from scheduling import checked, planned

from lienmach.engines.scheduling.budget import work_for
from lienmach.engines.scheduling.formats import with_due_dates
from lienmach.engines.scheduling.result import Objective


def compare(name: str, factor: str, seconds: float) -> None:
    problem, objective = instances()[name].problem, Objective.MAKESPAN
    if factor:
        problem, objective = with_due_dates(problem, factor), Objective.TARDINESS
    ours, used = planned(problem, objective, work_for(seconds, problem))
    began = time.process_time()
    theirs = pyjobshop(problem, objective, max(seconds, used))
    keep("exact", {"instance": name, "due_factor": factor, "operations": problem.operation_count,
         "objective": objective.value, "budget_s": seconds, "cpu_s": round(used, 1),
         "pyjobshop_cpu_s": round(time.process_time() - began, 1),
         "planner": ours.evaluation.rank(objective)[0], "bound": ours.lower_bound, "by": ours.method,
         "pyjobshop": "none" if theirs is None else checked(problem, theirs).rank(objective)[0],
         })  # fmt: skip


def main(arguments: Iterable[str] | None = None) -> None:
    import ortools.sat.python.cp_model  # noqa: F401 - loaded before anybody's seconds are counted

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instances", nargs="+")
    parser.add_argument("--seconds", type=float, default=30.0)
    chosen = parser.parse_args(None if arguments is None else list(arguments))
    for each in chosen.instances:
        name, _, factor = each.partition(":")
        compare(name, factor, chosen.seconds)


if __name__ == "__main__":
    main()
