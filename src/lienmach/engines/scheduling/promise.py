"""When could one more order be done, if everything that is booked stays where it is?

The new operations go into the gaps, each where it ends earliest. Nothing that is booked moves: only a setup
in front of a booked operation may become another one, when the new operation before it leaves the machine in
another family and there is time for that setup.
"""

from __future__ import annotations

from lienmach.engines.scheduling.binding import with_reasons
from lienmach.engines.scheduling.insertion import Booked, NoRoom
from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.result import Infeasible, Obstacle, ObstacleKind
from lienmach.engines.scheduling.solution import Solution
from lienmach.engines.scheduling.solve import UnverifiedError
from lienmach.engines.scheduling.verify import verify


def promise(problem: Problem, booked: Solution) -> Solution | Infeasible:
    """Add what is not booked yet to a schedule.

    Parameters
    ----------
    problem
        All jobs, those that are booked and those that are not.
    booked
        Places of the operations that stay.

    Returns
    -------
    Solution or Infeasible
        The whole schedule with reasons, accepted by the verifier, or the operation that fits nowhere.

    Raises
    ------
    UnverifiedError
        When the verifier refuses the schedule, or a booked operation moved: when `booked` was not a valid
        schedule, or by a fault in this package.
    """
    state = Booked(problem, booked)
    new = [operation.id for _, operation in problem.operations() if operation.id not in booked.by_operation]
    try:
        state.insert(new)
    except NoRoom as refused:
        return Infeasible((Obstacle(ObstacleKind.NEVER_OPEN, refused.operation, str(refused)),))
    solution = state.solution()
    report = verify(problem, solution)
    faults = [violation.message for violation in report.violations[:20]]
    faults += [f"Operation {name} moved." for name in moved(booked, solution)]
    if faults:
        raise UnverifiedError("The promise breaks rules:\n" + "\n".join(faults))
    return with_reasons(problem, solution)


def moved(before: Solution, after: Solution) -> list[str]:
    """Operations of `before` that are on another machine or at another time in `after`."""
    return [
        placed.operation
        for placed in before.operations
        for now in (after.by_operation[placed.operation],)
        if (now.machine, now.start, now.end, now.operators)
        != (placed.machine, placed.start, placed.end, placed.operators)
    ]
