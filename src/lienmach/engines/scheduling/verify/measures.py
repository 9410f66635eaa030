"""How good a schedule is, computed from it and the problem alone."""

from __future__ import annotations

from lienmach.engines.scheduling.result import Evaluation
from lienmach.engines.scheduling.verify.view import View


def evaluation(view: View) -> Evaluation:
    """All objectives of a complete schedule."""
    problem, placed = view.problem, view.solution.by_operation
    job_ends = {job.id: max(placed[each.id].end for each in job.operations) for job in problem.jobs}
    lateness = {job.id: job_ends[job.id] - job.due for job in problem.jobs if job.due is not None}
    weights = {job.id: job.weight for job in problem.jobs}
    return Evaluation(
        makespan=max(job_ends.values(), default=problem.start) - problem.start,
        weighted_tardiness=sum(weights[name] * late for name, late in lateness.items() if late > 0),
        late_jobs=sum(late > 0 for late in lateness.values()),
        setup_seconds=_setup_seconds(view),
        job_ends=job_ends,
        work_in_progress=_work_in_progress(view, job_ends),
        moved=_moved(view),
    )


def _setup_seconds(view: View) -> int:
    """Working seconds of all setups; the members of a batch share theirs."""
    spent = {
        (item.machine.id, item.placed.setup_start): view.open_time(item, setup=True).between(
            item.placed.setup_start, item.placed.setup_end
        )
        for item in view.items.values()
        if item.placed.setup_start is not None and item.placed.setup_end is not None
    }
    return sum(spent.values())


def _work_in_progress(view: View, job_ends: dict[str, int]) -> int:
    placed = view.solution.by_operation
    leaves = {
        job.id: job_ends[job.id] if job.due is None else max(job_ends[job.id], job.due)
        for job in view.problem.jobs
    }
    job_of = {operation.id: job.id for job, operation in view.problem.operations()}
    for precedence in view.problem.precedences:
        before, after = job_of[precedence.before], job_of[precedence.after]
        if before != after:
            leaves[before] = max(leaves[before], placed[precedence.after].start)
    first = {job.id: min(placed[each.id].start for each in job.operations) for job in view.problem.jobs}
    return sum(leaves[name] - first[name] for name in first)


def _moved(view: View) -> int:
    count = 0
    for place in view.problem.previous:
        now = view.solution.by_operation.get(place.operation)
        if now is not None:
            away = abs(now.start - place.start) > view.problem.tolerance
            count += away or now.machine != place.machine
    return count
