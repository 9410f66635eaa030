"""Does removing the named cause reduce the lateness? Asked of every late order of seeded workshops.

    python benchmarks/explanations.py [--cpu-seconds 3] [--seeds 5] [--orders 30]

A workshop is planned as `lienmach plan` does it, causes and remedies included. Then, for each late order, the
first cause it names is taken away (a twin for the machine, the material there at once, one more person, open
around the clock, no setup, no wait, half the work, no release date), and the workshop is planned again in
two ways:

* from the same plan: the order is pulled forward, everybody else stays; the schedule must pass the verifier
  of the changed problem, and the order must end earlier than when it is pulled forward with nothing changed;
* from nothing: `solve` with the same small budget with and without the cause, for comparison. Here chance
  has its say: another search finds another plan.

Remedies are checked the same way by the tests; here it is counted how many late orders get one.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass, field

from workshops import KINDS, START, workshop

from lienmach.apps.production.planning.booked import BookedPlan, put_back
from lienmach.apps.production.planning.counterfactual import Replanning
from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.plan import Plan, PlannedOrder
from lienmach.apps.production.planning.relief import without_cause
from lienmach.engines.scheduling.insertion import Booked, pull_forward
from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.result import Objective, Planned
from lienmach.engines.scheduling.solve import solve
from lienmach.engines.scheduling.verify import verify

PLENTY = 10**9
FROM_NOTHING = 200_000
MOST_FROM_NOTHING = 12
"""Late orders per workshop that are also planned from nothing."""


@dataclass
class Count:
    """What was seen."""

    late: int = 0
    helped: int = 0
    untested: int = 0
    joint: int = 0
    with_remedy: int = 0
    from_nothing: int = 0
    helped_from_nothing: int = 0
    refused: int = 0
    cpu: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Count) -> Count:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


def measure(factory: Factory, cpu_seconds: float) -> Count:
    """Plan a workshop and test the first cause of each late order."""
    count = Count()
    began = time.process_time()
    plan = make_plan(factory, start=START, cpu_seconds=cpu_seconds)
    count.cpu = time.process_time() - began
    assert isinstance(plan, Plan), plan
    booked = put_back(plan)
    replanning = Replanning(booked.built, booked.solution, plan.orders, PLENTY)
    unchanged = ends_from_nothing(booked.built.problem, booked)
    for number, order in enumerate(plan.late_orders):
        count.late += 1
        count.with_remedy += any(remedy.gain_of(order.code) for remedy in plan.remedies)
        if not order.causes:
            continue
        cause = order.causes[0]
        count.kinds[cause.kind.value] += 1
        count.untested += cause.gain_s is None
        count.joint += bool(cause.also)
        problem = booked.built.problem
        for kind, subject in ((cause.kind, cause.subject), *cause.also):
            problem = without_cause(booked.built, problem, kind, subject)
        earlier = pulled(problem, booked, replanning, order)
        count.refused += earlier is None
        count.helped += bool(earlier)
        if number < MOST_FROM_NOTHING and unchanged:
            ends = ends_from_nothing(problem, booked)
            if ends:
                own = replanning.delivering[order.code]
                count.from_nothing += 1
                count.helped_from_nothing += max(ends[n] for n in own) < max(unchanged[n] for n in own)
    return count


def pulled(problem: Problem, booked: BookedPlan, replanning: Replanning, order: PlannedOrder) -> bool | None:
    """Whether the order ends earlier in a verified plan of the changed workshop; None when it is refused."""
    family, own = replanning.families[order.code], replanning.delivering[order.code]
    state = Booked(problem, booked.solution)
    pull_forward(state, family, budget=10**6)
    after = state.solution()
    if not verify(problem, after).ok:
        return None
    before = booked.solution.by_operation
    if any(placed.end > before[placed.operation].end for placed in after.operations):
        return None
    return max(after.by_operation[name].end for name in own) < replanning.ends[order.code]


def ends_from_nothing(problem: Problem, booked: BookedPlan) -> dict[str, int]:
    """When each operation ends in a plan made anew with a small budget."""
    found = solve(problem, objective=Objective.TARDINESS, budget=FROM_NOTHING)
    return {p.operation: p.end for p in found.solution.operations} if isinstance(found, Planned) else {}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cpu-seconds", type=float, default=3.0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--orders", type=int, default=30)
    options = parser.parse_args()
    total = Count()
    print("| workshop | late orders | first cause removed: earlier | from nothing: earlier | joint | "
          "not tested | a remedy | CPU-s per plan | first causes |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        count = Count()
        for seed in range(options.seeds):
            count += measure(workshop(kind, seed, options.orders), options.cpu_seconds)
        row(kind, count, options.seeds)
        total += count
    row("all", total, options.seeds * len(KINDS))


def row(name: str, count: Count, plans: int) -> None:
    """Print one line of the table."""
    late = max(1, count.late)
    nothing = count.helped_from_nothing / max(1, count.from_nothing)
    kinds = ", ".join(f"{kind} {number}" for kind, number in count.kinds.most_common())
    print(
        f"| {name} | {count.late} | {count.helped / late:.1%} | {nothing:.0%} of {count.from_nothing} | "
        f"{count.joint} | {count.untested} | {count.with_remedy / late:.0%} | {count.cpu / plans:.1f} | "
        f"{kinds} |" + (f" refused {count.refused}" if count.refused else ""),
        flush=True,
    )


if __name__ == "__main__":
    main()
