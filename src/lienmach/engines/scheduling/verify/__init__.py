"""Is this schedule allowed, and how good is it? Asked by somebody who trusts no solver.

This package shares no scheduling function with the solvers: it reads the problem as its types say, counts
working time in its own way, and recomputes every objective. It needs the types in `problem`, `solution` and
`result` and nothing else, so a stranger can use it to call the planner a liar.

Rules that it checks, and what it leaves alone:

* every operation of the problem is placed once, on a machine of one of its modes, and nothing else is placed;
* processing takes exactly the mode's working time, in open time of the machine and of the people held for it;
  an operation that is not resumable lies in one open interval (for people: in the time all are there);
* a machine that is not unlimited does one operation or one batch at a time, its setup included;
* setups take the time that the family before and the mode ask for, in open time, after the operation before;
* batches share machine, start, end and recipe, fit the capacity, and take their longest member's time;
* precedences with minimum and maximum waits and transfer batches (as `Precedence` defines them);
* release and material dates, the plan's start;
* people: enough of them, of pools with the skill, at every instant;
* frozen and running operations stand where they were committed. Between two committed operations (and for
  their own dates, setups and calendars) nothing is checked: they are facts, not plans.
"""

from __future__ import annotations

from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.solution import Solution
from lienmach.engines.scheduling.verify.machines import machines
from lienmach.engines.scheduling.verify.measures import evaluation
from lienmach.engines.scheduling.verify.operations import (
    commitments,
    dates,
    durations,
    placements,
    precedences,
)
from lienmach.engines.scheduling.verify.people import operators
from lienmach.engines.scheduling.verify.report import Report, Violation, ViolationKind
from lienmach.engines.scheduling.verify.view import View

__all__ = ["Report", "Violation", "ViolationKind", "verify"]


def verify(problem: Problem, solution: Solution) -> Report:
    """Check a schedule against its problem.

    Returns
    -------
    Report
        Every violation with its place, in a fixed order, and the objectives recomputed.
    """
    view = View(problem, solution)
    violations = list(placements(view))
    complete = not violations
    for check in (commitments, durations, dates, precedences, machines, operators):
        violations.extend(check(view))
    return Report(tuple(violations), evaluation(view) if complete else None)
