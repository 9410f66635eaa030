"""Runs waiting jobs in the calling process: for tests and the demonstration, never for a server."""

from datetime import datetime

from lienmach.kernel.jobs.child import run
from lienmach.kernel.jobs.leases import job_claim
from lienmach.kernel.scope import SystemScope


def run_waiting(scope: SystemScope, *, at: datetime, worker: str = "inline") -> int:
    """Claim and run every waiting job, one after the other; return how many."""
    done = 0
    while (job := job_claim(scope, worker=worker, at=at)) is not None:
        run(job.id, worker)
        done += 1
    return done
