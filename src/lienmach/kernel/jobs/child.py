"""Runs one claimed job in this process: `python -m lienmach.kernel.jobs.child JOB WORKER`.

A process of its own keeps heavy imports and crashes away from the worker, and gives memory back.
"""

import logging
import sys
import threading
from datetime import UTC, datetime
from uuid import UUID

import django

logger = logging.getLogger(__name__)


class RunningJob:
    """The job as its task sees it: reports progress, keeps the lease, hears a request to stop."""

    def __init__(self, job: UUID, worker: str) -> None:
        self.job = job
        self.worker = worker
        self._last = 0.0

    def report(self, progress: float | None, message: str) -> bool:
        """Show how far the work is. Returns False when somebody asked to stop."""
        from lienmach.kernel.jobs.services import job_keep
        from lienmach.kernel.scope import SystemScope

        return job_keep(
            SystemScope(),
            job=self.job,
            worker=self.worker,
            at=datetime.now(UTC),
            progress=progress,
            message=message,
        )


def _keep_alive(running: RunningJob, ended: threading.Event, every_s: float) -> None:
    from django.db import connection

    while not ended.wait(every_s):
        running.report(None, "")
    connection.close()


def run(job: UUID, worker: str) -> int:
    """Run the job; return the process's exit code (0 also for a task that failed: the failure is noted)."""
    from lienmach.kernel.jobs.models import Job
    from lienmach.kernel.jobs.services import job_end
    from lienmach.kernel.jobs.tasks import task_named
    from lienmach.kernel.scope import SystemScope

    row = Job.objects.get(id=job)
    declared = task_named(row.task)
    running, ended = RunningJob(job, worker), threading.Event()
    alive = threading.Thread(target=_keep_alive, args=(running, ended, declared.lease_s / 4), daemon=True)
    alive.start()
    result, error = None, ""
    try:
        result = declared.function(SystemScope(), running, **row.arguments)
    except Exception as failure:  # whatever a task raises is noted with the job and shown
        logger.exception("Job %s (%s) failed", job, row.task)
        error = f"{type(failure).__name__}: {failure}"
    finally:
        ended.set()
        alive.join()
    job_end(SystemScope(), job=job, worker=worker, at=datetime.now(UTC), result=result, error=error)
    return 0


if __name__ == "__main__":
    django.setup()
    sys.exit(run(UUID(sys.argv[1]), sys.argv[2]))
