"""CPU seconds as units of work, so that the same budget gives the same schedule on every computer.

A solver counts what it does (operations that arrive, alternatives, queues and candidates it looks at) and
stops by that count. People think in seconds: `work_for` translates with a fixed rate, measured once on two
slow cores (`benchmarks/scheduling.py`), so that a usual computer stays below the seconds that were asked
for. The budget, not the seconds, is what a result records.
"""

from __future__ import annotations

from lienmach.engines.scheduling.problem import Problem

WORK_PER_CPU_SECOND = 700_000
"""Units of work done in one CPU second, rounded down from the slowest kind of problem measured."""


def work_for(cpu_seconds: float) -> int:
    """The work budget that stands for so many CPU seconds.

    Raises
    ------
    ValueError
        When the seconds are not positive.
    """
    if not cpu_seconds > 0:
        raise ValueError(f"CPU seconds must be more than 0, not {cpu_seconds}.")
    return max(1, int(cpu_seconds * WORK_PER_CPU_SECOND))


def one_pass(problem: Problem) -> int:
    """Roughly the work of scheduling a problem once: what the smallest sensible budget is."""
    return sum(3 + len(operation.modes) for _, operation in problem.operations())
