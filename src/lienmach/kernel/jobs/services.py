"""What the people's side does to jobs: enqueue and stop. What workers do stands in `leases.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lienmach.kernel.ids import uuid7
from lienmach.kernel.jobs.leases import job_claim, job_end, job_release, job_renew, job_report, job_retry
from lienmach.kernel.jobs.models import Job, JobState
from lienmach.kernel.jobs.queries import JobNotFound
from lienmach.kernel.jobs.tasks import task_named
from lienmach.kernel.scope import Scope, organisation_of

__all__ = [
    "job_claim",
    "job_end",
    "job_enqueue",
    "job_enqueue_once",
    "job_release",
    "job_renew",
    "job_report",
    "job_retry",
    "job_stop",
]


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


def job_stop(scope: Scope, *, job: UUID, at: datetime) -> None:
    """Ask a job to stop: a waiting one ends, a running one stops with the best it has so far.

    Asking for one that has ended changes nothing.

    Raises
    ------
    JobNotFound
        When there is no such job within the scope.
    """
    with transaction.atomic():
        row = Job.objects.within(scope).select_for_update().filter(id=job).first()
        if row is None:
            raise JobNotFound(f"No job {job} that you may stop.")
        if row.state not in {JobState.QUEUED, JobState.RUNNING}:
            return
        if row.state == JobState.QUEUED:
            row.state, row.ended_at = JobState.STOPPED, at
        row.stop_requested = True
        row.save()
