"""Every change of a job: enqueue, claim, keep alive, end, stop."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from lienmach.kernel.ids import uuid7
from lienmach.kernel.jobs.models import Job, JobState
from lienmach.kernel.jobs.tasks import task_named
from lienmach.kernel.scope import Scope, SystemScope, organisation_of


def job_enqueue(
    scope: Scope, *, task: str, arguments: dict[str, Any], at: datetime, organisation: UUID | None = None
) -> UUID:
    """Put a job into the queue in the caller's transaction; return its identifier."""
    task_named(task)
    job = Job(
        id=uuid7(at),
        organisation_id=organisation_of(scope, organisation),
        task=task,
        arguments=arguments,
        created_at=at,
    )
    job.full_clean(exclude=["arguments"])
    job.save(force_insert=True)
    return job.id


def job_enqueue_once(
    scope: Scope, *, task: str, arguments: dict[str, Any], at: datetime, organisation: UUID | None = None
) -> UUID:
    """Put a job into the queue unless the same one already waits there; return the waiting one."""
    owner = organisation_of(scope, organisation)
    waiting = Job.objects.filter(
        organisation_id=owner, task=task, arguments=arguments, state=JobState.QUEUED
    ).first()
    if waiting is not None:
        return waiting.id
    return job_enqueue(scope, task=task, arguments=arguments, at=at, organisation=organisation)


def job_claim(scope: SystemScope, *, worker: str, at: datetime) -> Job | None:
    """Take the oldest job that waits, or whose worker has died, for `worker`; `None` when there is none."""
    with transaction.atomic():
        _give_up_exhausted(at)
        rows = Job.objects.order_by("created_at")
        rows = rows.select_for_update(skip_locked=True) if connection.vendor == "postgresql" else rows
        job = (
            rows.filter(state=JobState.QUEUED).first()
            or rows.filter(state=JobState.RUNNING, leased_until__lt=at).first()
        )
        if job is None:
            return None
        job.state, job.worker = JobState.RUNNING, worker
        job.attempts += 1
        job.started_at = at
        job.leased_until = at + timedelta(seconds=task_named(job.task).lease_s)
        job.save()
        return job


def _give_up_exhausted(at: datetime) -> None:
    for job in Job.objects.filter(state=JobState.RUNNING, leased_until__lt=at):
        if job.attempts >= task_named(job.task).attempts:
            job.state, job.ended_at = JobState.FAILED, at
            job.error = f"Its process died {job.attempts} times."
            job.save()


def job_keep(
    scope: SystemScope,
    *,
    job: UUID,
    worker: str,
    at: datetime,
    progress: float | None = None,
    message: str = "",
) -> bool:
    """Renew the lease and show progress; False when the job was taken over or somebody asked to stop."""
    with transaction.atomic():
        row = Job.objects.select_for_update().filter(id=job, worker=worker, state=JobState.RUNNING).first()
        if row is None:
            return False
        row.leased_until = at + timedelta(seconds=task_named(row.task).lease_s)
        if message:
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
        row = Job.objects.select_for_update().filter(id=job, worker=worker, state=JobState.RUNNING).first()
        if row is None:
            return
        row.ended_at, row.leased_until = at, None
        if error:
            row.state, row.error = JobState.FAILED, error
        else:
            row.state = JobState.STOPPED if row.stop_requested and result is None else JobState.DONE
            row.result, row.progress = result, 1.0
        row.save()


def job_stop(scope: Scope, *, job: UUID, at: datetime) -> None:
    """Ask a job to stop: a waiting one ends, a running one stops with the best it has so far."""
    with transaction.atomic():
        row = Job.objects.within(scope).select_for_update().get(id=job)
        if row.state == JobState.QUEUED:
            row.state, row.ended_at = JobState.STOPPED, at
        row.stop_requested = True
        row.save()
