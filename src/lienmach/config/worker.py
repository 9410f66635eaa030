"""The worker process: sequences evidence, delivers it to subscribers, runs jobs as child processes."""

import logging
import os
import secrets
import subprocess
import sys
import time
from datetime import UTC, datetime
from types import FrameType

from django.db import OperationalError, close_old_connections

from lienmach.kernel.evidence.sequencer import Contended, sequence
from lienmach.kernel.evidence.subscribers import all_subscribers, declaration_errors, deliver
from lienmach.kernel.jobs.services import job_claim
from lienmach.kernel.scope import SystemScope

logger = logging.getLogger(__name__)

IDLE_S = 0.2
BREATH_S = 0.002  # between batches, so that the web process gets the database too
PARALLEL_JOBS = 2


class BadDeclarations(Exception):
    """Subscribers read event types or fields that do not exist."""


class Worker:
    """One worker: `step()` does what there is to do, `run()` repeats it until `stop()`."""

    def __init__(self) -> None:
        if errors := declaration_errors():
            raise BadDeclarations("\n".join(errors))
        self.name = f"worker-{os.getpid()}-{secrets.token_hex(3)}"
        self.children: list[subprocess.Popen[bytes]] = []
        self.stopping = False

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Finish the step at hand, then end."""
        self.stopping = True

    def run(self) -> None:
        """Work until told to stop; then end the children (their jobs are taken over by lease)."""
        logger.info("%s works", self.name)
        while not self.stopping:
            try:
                busy = self.step()
            except (Contended, OperationalError) as error:
                logger.warning("The database was busy (%s); trying again", error)
                busy = False
            close_old_connections()
            time.sleep(BREATH_S if busy else IDLE_S)
        for child in self.children:
            child.terminate()
        for child in self.children:
            child.wait(timeout=10)

    def step(self) -> bool:
        """Do one round of everything; say whether there was anything to do."""
        at = datetime.now(UTC)
        done = sequence()
        for each in all_subscribers():
            done += deliver(each, at=at)
            time.sleep(BREATH_S)
        return self._start_job(at) or done > 0

    def _start_job(self, at: datetime) -> bool:
        self.children = [child for child in self.children if child.poll() is None]
        if len(self.children) >= PARALLEL_JOBS:
            return False
        job = job_claim(SystemScope(), worker=self.name, at=at)
        if job is None:
            return False
        self.children.append(
            subprocess.Popen(
                [sys.executable, "-m", "lienmach.kernel.jobs.child", str(job.id), self.name],
                stdin=subprocess.DEVNULL,
            )
        )
        return True
