"""Runs one claimed job in this process: `python -m lienmach.kernel.jobs.child JOB WORKER`.

A process of its own keeps heavy imports and crashes away from the worker, and gives memory back. It holds
the reading end of a pipe to its worker: when the worker is gone, however it went, the pipe closes and this
process ends itself and what it started. That works alike on every operating system.
"""

import json
import logging
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import django

logger = logging.getLogger(__name__)

REPORT_EVERY_S = 0.3
DATABASE_BUSY_WAIT = timedelta(seconds=5)


class RunningJob:
    """The job as its task sees it: takes reports, hears a request to stop. See `tasks.Running`."""

    def __init__(self, job: UUID, worker: str, attempt: int = 1) -> None:
        self.job = job
        self.worker = worker
        self.attempt = attempt
        self._written = float("-inf")
        self._pending: tuple[float | None, str] | None = None
        self._go_on = True

    def report(self, progress: float | None, message: str) -> bool:
        """Show how far the work is. Returns False when somebody asked to stop or the job was taken over."""
        self._pending = (progress, message)
        if time.monotonic() - self._written >= REPORT_EVERY_S:
            self.flush()
        return self._go_on

    def flush(self) -> None:
        """Write the last report that was held back, if any."""
        from lienmach.kernel.jobs.leases import job_report
        from lienmach.kernel.scope import SystemScope

        if self._pending is None:
            return
        progress, message = self._pending
        self._go_on = job_report(
            SystemScope(),
            job=self.job,
            worker=self.worker,
            at=datetime.now(UTC),
            progress=progress,
            message=message,
        )
        self._written, self._pending = time.monotonic(), None


def run(job: UUID, worker: str) -> int:
    """Run the job; return the process's exit code (0 also for a task that failed: the failure is noted)."""
    from django.db import OperationalError

    from lienmach.kernel.jobs.leases import job_end
    from lienmach.kernel.jobs.models import Job
    from lienmach.kernel.jobs.tasks import TryLater, task_named
    from lienmach.kernel.scope import SystemScope

    scope, row = SystemScope(), Job.objects.get(id=job)
    running = RunningJob(job, worker, row.attempts)
    result: dict[str, Any] | None = None
    try:
        result = task_named(row.task).function(scope, running, **row.arguments)
        running.flush()
        _refuse_what_is_not_json(result)
    except TryLater as later:
        _retry(job, worker, str(later), later.after)
    except OperationalError as busy:
        _retry(job, worker, f"The database was busy: {busy}", DATABASE_BUSY_WAIT)
    except Exception as failure:  # whatever a task raises is noted with the job and shown
        logger.exception("Job %s (%s) failed", job, row.task)
        error = f"{type(failure).__name__}: {failure}"
        job_end(scope, job=job, worker=worker, at=datetime.now(UTC), error=error)
    else:
        job_end(scope, job=job, worker=worker, at=datetime.now(UTC), result=result)
    return 0


def _retry(job: UUID, worker: str, reason: str, after: timedelta) -> None:
    from lienmach.kernel.jobs.leases import job_retry
    from lienmach.kernel.scope import SystemScope

    job_retry(SystemScope(), job=job, worker=worker, at=datetime.now(UTC), reason=reason, after=after)


def _refuse_what_is_not_json(result: Any) -> None:
    if result is not None and not isinstance(result, dict):
        raise TypeError(f"a task returns a dictionary, not {type(result).__name__}")
    json.dumps(result)


def _end_with_worker() -> None:
    """Wait until the worker's end of the pipe closes, then end this process and all it started."""
    # Not through sys.stdin: the lock of its buffer would be held by this thread when the process ends.
    while os.read(0, 1):
        pass
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def main() -> int:
    """Entry point of the process."""
    threading.Thread(target=_end_with_worker, daemon=True).start()
    django.setup()
    return run(UUID(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    sys.exit(main())
