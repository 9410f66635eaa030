"""CPU seconds as units of work, so that the same budget gives the same schedule on every computer.

A solver counts what it does (operations that arrive, alternatives, queues and placements it looks at) and
stops by that count. People think in seconds: `work_for` translates with fixed rates, measured once on a slow
core (`benchmarks/scheduling.py rate`), so that a usual computer stays below the seconds that were asked for.
The budget, not the seconds, is what a result records.
"""

from __future__ import annotations

from importlib.util import find_spec

from lienmach.engines.scheduling.problem import Problem

WORK_PER_CPU_SECOND = 550_000
"""Units of work done in one CPU second on a busy machine; a quiet one does up to twice as many."""

PLAIN_IS_SLOWER = 20
"""Without Numba the same seconds stand for this much less work; the same work still gives the same plan."""

SECONDS_PER_OPERATION = 0.00012
"""What reading a problem, verifying the schedule and finding the reasons takes, beside the search."""


def work_for(cpu_seconds: float, problem: Problem | None = None) -> int:
    """The work budget that stands for so many CPU seconds; of them, `problem` takes some before the search.

    Raises
    ------
    ValueError
        When the seconds are not positive.
    """
    if not cpu_seconds > 0:
        raise ValueError(f"CPU seconds must be more than 0, not {cpu_seconds}.")
    rate = WORK_PER_CPU_SECOND if find_spec("numba") else WORK_PER_CPU_SECOND // PLAIN_IS_SLOWER
    left = cpu_seconds - SECONDS_PER_OPERATION * (problem.operation_count if problem else 0)
    # However little is asked for, the first rule is finished.
    return max(1, int(left * rate))
