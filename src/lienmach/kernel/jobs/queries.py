"""Reading jobs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from lienmach.kernel.jobs.models import Job
from lienmach.kernel.scope import Scope


class JobNotFound(ObjectDoesNotExist, LookupError):
    """There is no such job within the scope; a door answers 404."""


@dataclass(frozen=True)
class JobStatus:
    """What pages show of a job."""

    id: UUID
    task: str
    state: str
    progress: float | None
    message: str
    result: dict[str, Any] | None
    error: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    stop_requested: bool

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {"done", "failed", "stopped"}


def job_get(scope: Scope, *, job: UUID) -> JobStatus:
    """Return one job within the scope or raise `JobNotFound`."""
    row = Job.objects.within(scope).filter(id=job).first()
    if row is None:
        raise JobNotFound(f"No job {job} that you may see.")
    return _status(row)


def job_list(scope: Scope, *, task: str | None = None, limit: int = 50) -> list[JobStatus]:
    """Return the newest jobs within the scope."""
    rows = Job.objects.within(scope).order_by("-created_at")
    if task is not None:
        rows = rows.filter(task=task)
    return [_status(row) for row in rows[:limit]]


def _status(row: Job) -> JobStatus:
    return JobStatus(
        id=row.id,
        task=row.task,
        state=row.state,
        progress=row.progress,
        message=row.message,
        result=row.result,
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        stop_requested=row.stop_requested,
    )
