"""What workers do to jobs: claim, renew, report, end, try again, give up.

A running job belongs to one worker for as long as its lease lasts. The worker renews the lease while the
job's process lives; when the worker is gone the lease runs out and another worker takes the job over.
Whoever has lost the lease can change nothing any more.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from lienmach.kernel.jobs.models import Job, JobState
from lienmach.kernel.jobs.tasks import UnknownTask, task_named
from lienmach.kernel.scope import SystemScope

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Renewed:
    """Which jobs a worker still holds, and which of those somebody asked to stop."""

    held: frozenset[UUID]
    stop: frozenset[UUID]


def job_claim(scope: SystemScope, *, worker: str, at: datetime) -> Job | None:
    """Take the oldest job that waits, or whose worker has died, for `worker`; `None` when there is none.

    A job that cannot be tried again ends as failed, with the reason, and the next one is looked at.
    """
    if not _claimable(at).exists():
        return None  # an idle worker takes no write lock
    with transaction.atomic():
        while (job := _locked(_claimable(at).order_by("created_at", "id")).first()) is not None:
            if (reason := _no_more(job)) is not None:
                _fail(job, reason, at)
                continue
            job.state, job.worker = JobState.RUNNING, worker
            job.attempts += 1
            job.started_at, job.not_before = at, None
            job.leased_until = _lease(job, at)
            job.save()
            return job
    return None


def _claimable(at: datetime) -> QuerySet[Job]:
    waits = Q(state=JobState.QUEUED) & (Q(not_before=None) | Q(not_before__lte=at))
    return Job.objects.filter(waits | Q(state=JobState.RUNNING, leased_until__lt=at))


def _locked(rows: QuerySet[Job]) -> QuerySet[Job]:
    """Pass over rows that another worker is claiming; on SQLite the transaction alone excludes it."""
    return rows.select_for_update(skip_locked=True) if connection.vendor == "postgresql" else rows


def _no_more(job: Job) -> str | None:
    try:
        declared = task_named(job.task)
    except UnknownTask as error:
        return f"{error} Install the app again, or leave this job be."
    if job.attempts < declared.attempts:
        return None
    return job.error or f"Its process or its worker died {job.attempts} times."


def _fail(job: Job, reason: str, at: datetime) -> None:
    logger.error("Job %s (%s) is given up: %s", job.id, job.task, reason)
    job.state, job.error = JobState.FAILED, reason
    job.ended_at, job.leased_until = at, None
    job.save()


def _lease(job: Job, at: datetime) -> datetime:
    return at + timedelta(seconds=task_named(job.task).lease_s)


def job_renew(scope: SystemScope, *, worker: str, jobs: Collection[UUID], at: datetime) -> Renewed:
    """Renew the leases of those `jobs` that `worker` still holds."""
    with transaction.atomic():
        rows = Job.objects.select_for_update().filter(id__in=jobs, worker=worker, state=JobState.RUNNING)
        held = list(rows)
        for row in held:
            row.leased_until = _lease(row, at)
            row.save(update_fields=["leased_until"])
    return Renewed(frozenset(row.id for row in held), frozenset(row.id for row in held if row.stop_requested))


def _held(job: UUID, worker: str) -> Job | None:
    return Job.objects.select_for_update().filter(id=job, worker=worker, state=JobState.RUNNING).first()


def job_report(
    scope: SystemScope, *, job: UUID, worker: str, at: datetime, progress: float | None, message: str
) -> bool:
    """Show progress and renew the lease; False when the lease is lost or somebody asked to stop."""
    with transaction.atomic():
        row = _held(job, worker)
        if row is None:
            return False
        row.leased_until = _lease(row, at)
        row.progress, row.message = progress, message[:300]
        row.save(update_fields=["leased_until", "progress", "message"])
        return not row.stop_requested


def job_end(
    scope: SystemScope,
    *,
    job: UUID,
    worker: str,
    at: datetime,
    result: dict[str, Any] | None = None,
    error: str = "",
) -> None:
    """Note how a job ended. A worker that lost its lease changes nothing."""
    with transaction.atomic():
        row = _held(job, worker)
        if row is None:
            return
        if error:
            _fail(row, error, at)
            return
        row.state = JobState.STOPPED if row.stop_requested and result is None else JobState.DONE
        row.ended_at, row.leased_until = at, None
        row.result, row.progress, row.error = result, 1.0, ""
        row.save()


def job_retry(
    scope: SystemScope, *, job: UUID, worker: str, at: datetime, reason: str, after: timedelta
) -> None:
    """Put a job back that could not do its work now, or fail it when its attempts are used up."""
    with transaction.atomic():
        row = _held(job, worker)
        if row is None:
            return
        _put_back(row, reason, at, at + after)


def job_release(
    scope: SystemScope, *, job: UUID, worker: str, at: datetime, reason: str, counts: bool = True
) -> None:
    """Give back a job whose process has ended without a word; it is tried again, or fails with `reason`.

    With `counts=False` (the platform stopped, not the job's fault) the try is not counted.
    """
    with transaction.atomic():
        row = _held(job, worker)
        if row is None:
            return
        if row.stop_requested:
            row.state, row.ended_at, row.leased_until = JobState.STOPPED, at, None
            row.save()
            return
        if not counts:
            row.attempts -= 1
        _put_back(row, reason if counts else "", at, None)


def _put_back(row: Job, reason: str, at: datetime, not_before: datetime | None) -> None:
    if row.attempts >= task_named(row.task).attempts:
        _fail(row, f"{reason} (tried {row.attempts} times)", at)
        return
    row.state, row.worker, row.leased_until = JobState.QUEUED, "", None
    row.not_before, row.error = not_before, reason
    row.save()
