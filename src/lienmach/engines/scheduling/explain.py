"""Why is an order late? The chain of what waited for what, backwards from its last operation.

The chain divides the time from its root to the order's end without gaps or overlaps: every second is spent
on the order's own work, on another order's work that held the machine or the people, on a setup, on a wait
that the process needs, on closed time, or before the root (a release, a material, the plan's start). Whoever
wants the order earlier has to shorten something in the chain.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.solution import Binding, BindingKind, ScheduledOperation, Solution


class CauseKind(StrEnum):
    """What a stretch of the chain was spent on."""

    OWN_WORK = "own work"
    """Processing the order itself (or what goes into it); the place is the machine."""
    MACHINE = "machine"
    """Another order on the machine it needed; the place is the machine."""
    OPERATOR = "operator"
    """Another order held the people it needed; the place is the pool."""
    SETUP = "setup"
    """Changing the machine over; the place is the machine."""
    WAIT = "wait"
    """A wait that the process needs, or a batch or machine that the plan kept waiting; the place is the
    machine."""
    CALENDAR = "calendar"
    """Closed time; the place is the machine or pool."""
    MATERIAL = "material"
    """Material that comes late; the place is its reason."""
    RELEASE = "release"
    """The order may not begin earlier; the place is the job."""
    FROZEN = "frozen"
    """A confirmed or running operation that stands where it stands; the place is that operation."""
    START = "start"
    """The plan's start: the chain has no slack at all."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One piece of the chain, in time order; `operation` and `job` are whose work or wait it was."""

    kind: CauseKind
    place: str
    operation: str
    job: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cause:
    """All stretches of the same kind and place together."""

    kind: CauseKind
    place: str
    seconds: int
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a job ends when it ends.

    Parameters
    ----------
    causes
        Longest first; own work is among them, because doing it faster or elsewhere is a remedy too.
    """

    job: str
    end: int
    due: int | None
    chain: tuple[Stretch, ...]
    causes: tuple[Cause, ...]

    @property
    def late_by(self) -> int:
        """Seconds after the due date; 0 when in time or without due date."""
        return 0 if self.due is None else max(0, self.end - self.due)


def explain(problem: Problem, solution: Solution, job: str) -> Explanation:
    """Explain one job of a schedule that has its reasons (see `binding.with_reasons`).

    Raises
    ------
    ValueError
        When there is no such job, or the schedule has no reasons.
    """
    order = next((each for each in problem.jobs if each.id == job), None)
    if order is None:
        raise ValueError(f"There is no job '{job}' in the problem.")
    last = max(
        (solution.by_operation[operation.id] for operation in order.operations),
        key=lambda placed: (placed.end, placed.start),
    )
    chain = tuple(reversed(_Chain(problem, solution, order.id, last).stretches))
    return Explanation(order.id, last.end, order.due, chain, _sum_up(chain))


def explain_late(problem: Problem, solution: Solution) -> tuple[Explanation, ...]:
    """Explanations of all late jobs, the costliest first."""
    weights = {job.id: job.weight for job in problem.jobs}
    late = []
    for job in problem.jobs:
        end = max(solution.by_operation[operation.id].end for operation in job.operations)
        if job.due is not None and end > job.due:
            late.append(explain(problem, solution, job.id))
    late.sort(key=lambda each: (-weights[each.job] * each.late_by, -each.late_by, each.job))
    return tuple(late)


class _Chain:
    """The stretches found so far, backwards: everything after `upto` is accounted for."""

    def __init__(self, problem: Problem, solution: Solution, job: str, last: ScheduledOperation) -> None:
        self.origin = problem.start
        self.solution = solution
        self.family = _contributing_jobs(problem, job)
        self.upto = last.end
        self.stretches: list[Stretch] = []
        self._walk(last)

    def _spend(self, kind: CauseKind, place: str, whose: ScheduledOperation, start: int) -> None:
        """The time from `start` to what is accounted for was spent on `kind`."""
        if start < self.upto:
            self.stretches.append(Stretch(kind, place, whose.operation, whose.job, start, self.upto))
            self.upto = start

    def _walk(self, last: ScheduledOperation) -> None:
        placed: ScheduledOperation | None = last
        # What another order's work kept: the machine, or the people of a pool.
        kept = (CauseKind.MACHINE, last.machine)
        seen: set[str] = set()
        while placed is not None and placed.operation not in seen:
            seen.add(placed.operation)
            if placed.reason is None:
                raise ValueError(
                    f"Operation {placed.operation} has no reason: call binding.with_reasons first."
                )
            kind, place = (CauseKind.OWN_WORK, placed.machine) if placed.job in self.family else kept
            self._spend(kind, place, placed, placed.start)
            if placed.setup_start is not None:
                self._spend(
                    CauseKind.SETUP, placed.machine, placed, max(placed.setup_start, placed.reason.at)
                )
            placed, kept = self._follow(placed, self._before_closing(placed, placed.reason))

    def _before_closing(self, placed: ScheduledOperation, reason: Binding) -> Binding:
        """The reason under the closed time, with that time accounted for."""
        while reason.before is not None:
            closed = reason.kind is BindingKind.CALENDAR
            kind, place = (CauseKind.CALENDAR, reason.cause) if closed else (CauseKind.WAIT, placed.machine)
            self._spend(kind, place, placed, reason.before.at)
            reason = reason.before
        return reason

    def _follow(
        self, placed: ScheduledOperation, reason: Binding
    ) -> tuple[ScheduledOperation | None, tuple[CauseKind, str]]:
        """The operation that the reason leads to (None at the root), and what it kept."""
        kept = (CauseKind.MACHINE, placed.machine)
        cause = self.solution.by_operation.get(reason.cause)
        if cause is None or reason.kind not in _LEADS_ON:
            if reason.kind in _ROOTS:
                kind = _ROOTS[reason.kind]
                place = placed.machine if reason.kind is BindingKind.SETUP else reason.cause
                self._spend(kind, place, placed, self.origin)
            return None, kept
        if reason.kind is BindingKind.OPERATOR:
            pool = next((pool for pool in cause.operators if pool in placed.operators), placed.machine)
            self._spend(CauseKind.OPERATOR, pool, cause, reason.at)
            return cause, (CauseKind.OPERATOR, pool)
        if reason.kind is BindingKind.BATCH:
            # The batch began when this member was ready; its processing is already accounted for.
            self._spend(CauseKind.WAIT, placed.machine, placed, reason.at)
            return cause, kept
        spent_on = CauseKind.SETUP if reason.kind is BindingKind.SETUP else CauseKind.WAIT
        self._spend(spent_on, placed.machine, placed, cause.end)
        return cause, kept


_LEADS_ON = {
    BindingKind.PRECEDENCE,
    BindingKind.MACHINE,
    BindingKind.SETUP,
    BindingKind.BATCH,
    BindingKind.OPERATOR,
}

_ROOTS = {
    BindingKind.START: CauseKind.START,
    BindingKind.RELEASE: CauseKind.RELEASE,
    BindingKind.MATERIAL: CauseKind.MATERIAL,
    BindingKind.FROZEN: CauseKind.FROZEN,
    BindingKind.SETUP: CauseKind.SETUP,
}


def _contributing_jobs(problem: Problem, job: str) -> set[str]:
    """The job and all whose parts go into it."""
    job_of = {operation.id: each.id for each, operation in problem.operations()}
    into: dict[str, set[str]] = defaultdict(set)
    for precedence in problem.precedences:
        before, after = job_of[precedence.before], job_of[precedence.after]
        if before != after:
            into[after].add(before)
    found = {job}
    pending = [job]
    while pending:
        for before in sorted(into[pending.pop()] - found):
            found.add(before)
            pending.append(before)
    return found


def _sum_up(chain: tuple[Stretch, ...]) -> tuple[Cause, ...]:
    """Stretches of the same kind and place together, longest first."""
    seconds: dict[tuple[CauseKind, str], int] = defaultdict(int)
    operations: dict[tuple[CauseKind, str], dict[str, None]] = defaultdict(dict)
    for stretch in chain:
        seconds[stretch.kind, stretch.place] += stretch.end - stretch.start
        operations[stretch.kind, stretch.place][stretch.operation] = None
    causes = [
        Cause(kind, place, total, tuple(operations[kind, place])) for (kind, place), total in seconds.items()
    ]
    return tuple(sorted(causes, key=lambda cause: (-cause.seconds, cause.kind, cause.place)))
