"""Where an order lost its time: the chain of steps behind its last one, each wait with its cause.

The chain follows the work (what had to be ready before a step could start); a wait is the time between being
ready and starting. Waits for the same thing are added up, the costliest first. The work itself is named too:
where it is the largest, no rearrangement saves the order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from lienmach.apps.production.planning.operations import Built
from lienmach.apps.production.planning.plan import Cause, CauseKind
from lienmach.engines.scheduling.problem import Precedence
from lienmach.engines.scheduling.solution import BindingKind, ScheduledOperation, Solution

MAXIMUM_CAUSES = 4
_WAITS = {
    BindingKind.MACHINE: CauseKind.MACHINE,
    BindingKind.SETUP: CauseKind.SETUP,
    BindingKind.OPERATOR: CauseKind.OPERATOR,
    BindingKind.CALENDAR: CauseKind.CALENDAR,
    BindingKind.BATCH: CauseKind.BATCH,
    BindingKind.FROZEN: CauseKind.MACHINE,
    BindingKind.CHOICE: CauseKind.CHOICE,
}
_Key = tuple[CauseKind, str]


class Chains:
    """Answers, for one schedule, what a job waited for."""

    def __init__(self, built: Built, solution: Solution) -> None:
        self._placed = solution.by_operation
        self._built = built
        self._before: dict[str, list[Precedence]] = defaultdict(list)
        for precedence in built.problem.precedences:
            self._before[precedence.after].append(precedence)
        self._operations = {operation.id: operation for _, operation in built.problem.operations()}
        self._release = {job.id: job.release for job in built.problem.jobs}

    def causes(self, last: str) -> tuple[Cause, ...]:
        """Return what the chain behind operation ``last`` lost time to, the costliest first."""
        lost: dict[_Key, int] = defaultdict(int)
        blockers: dict[_Key, dict[str, None]] = defaultdict(dict)
        current: str | None = last
        while current is not None:
            current = self._step_back(self._placed[current], lost, blockers)
        ranked = sorted(lost.items(), key=lambda entry: (-entry[1], entry[0]))
        return tuple(
            Cause(kind, subject, seconds, tuple(blockers[kind, subject]))
            for (kind, subject), seconds in ranked[:MAXIMUM_CAUSES]
            if seconds > 0
        )

    def _step_back(
        self,
        placed: ScheduledOperation,
        lost: dict[_Key, int],
        blockers: dict[_Key, dict[str, None]],
    ) -> str | None:
        """Account for one operation and return the one it had to wait for, or None at the chain's root."""
        lost[CauseKind.WORK, ""] += placed.end - placed.start
        ready, origin = self._ready(placed)
        self._wait(placed, placed.start - ready, lost, blockers)
        if origin in self._operations:
            return origin
        kind, subject = (CauseKind.MATERIAL, origin) if origin else (CauseKind.RELEASE, "")
        lost[kind, subject] += ready - self._built.problem.start
        return None

    def _ready(self, placed: ScheduledOperation) -> tuple[int, str]:
        """When everything the operation needs was there, and what came last: an operation or a material."""
        candidates = [(max(self._built.problem.start, self._release[placed.job]), "")]
        for precedence in self._before[placed.operation]:
            candidates.append((self._placed[precedence.before].end + precedence.min_wait, precedence.before))
        material = self._operations[placed.operation].material_ready
        if material is not None:
            candidates.append((material.at, material.reason))
        return max(candidates)

    def _wait(
        self,
        placed: ScheduledOperation,
        seconds: int,
        lost: dict[_Key, int],
        blockers: dict[_Key, dict[str, None]],
    ) -> None:
        if seconds <= 0:
            return
        reason = placed.reason
        kind = _WAITS.get(reason.kind, CauseKind.MACHINE) if reason else CauseKind.MACHINE
        subject = placed.machine
        if reason and kind is CauseKind.OPERATOR:
            step = self._built.operations[placed.operation].step
            subject = step.skill or reason.cause
        lost[kind, subject] += seconds
        if reason and reason.cause in self._built.operations:
            for order in self._built.operations[reason.cause].make.orders:
                if order not in self._built.operations[placed.operation].make.orders:
                    blockers[kind, subject][order] = None


def last_operations(built: Built, ends: Mapping[str, ScheduledOperation]) -> dict[str, str]:
    """Return the operation that ends each job."""
    result: dict[str, str] = {}
    for job in built.problem.jobs:
        result[job.id] = max(job.operations, key=lambda operation: (ends[operation.id].end, operation.id)).id
    return result
