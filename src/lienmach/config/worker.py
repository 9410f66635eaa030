"""The worker process: sequences, delivers and publishes evidence, runs jobs as child processes."""

import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections

from lienmach.config.processes import Process, end_all, kill, spawn
from lienmach.kernel.evidence.changes import Changes
from lienmach.kernel.evidence.log.publish import run_publisher
from lienmach.kernel.evidence.sequencer import run_sequencer
from lienmach.kernel.evidence.subscribers import declaration_errors, deliver, subscribers_due
from lienmach.kernel.jobs.leases import job_claim, job_release, job_renew
from lienmach.kernel.jobs.upkeep import upkeep_ask
from lienmach.kernel.scope import SystemScope

logger = logging.getLogger(__name__)

IDLE_S = 0.2
LONGEST_REST_S = 1.0  # what comes due by the clock waits no longer
BREATH_S = 0.002  # between batches, so that the web process gets the database too
PARALLEL_JOBS = 2
UPKEEP_S = 60  # how often it is asked whether something is to be sealed
RENEW_S = 2  # how often leases are renewed and requests to stop are heard
STOP_GRACE_S = 30  # for a job that was asked to stop and does not listen
END_GRACE_S = 3


class BadDeclarations(Exception):
    """Subscribers read event types or fields that do not exist."""


@dataclass
class Child:
    """The process of one job.

    `unwanted_at` is when it was seen that somebody wants it to stop, or that the job is not ours any more.
    """

    job: UUID
    process: Process
    unwanted_at: float | None = None


class Worker:
    """One worker: `step()` does what there is to do, `run()` repeats it until `stop()`."""

    def __init__(self) -> None:
        if errors := declaration_errors():
            raise BadDeclarations("\n".join(errors))
        self.name = f"worker-{os.getpid()}-{secrets.token_hex(3)}"
        self.children: list[Child] = []
        self.stopping = False
        self._renewed = 0.0
        self._turn = threading.Lock()
        self._sequenced = threading.Event()
        self._upkept = time.monotonic()

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Finish the step at hand, then end."""
        self.stopping = True

    def run(self) -> None:
        """Work until told to stop, by `stop()` or a signal; then end the jobs' processes."""
        self._listen()
        logger.info("%s works", self.name)
        ended = threading.Event()
        threads = self._start_threads(ended)
        changes = Changes()
        try:
            while not self.stopping:
                try:
                    changes.any()
                    if self.step():
                        time.sleep(BREATH_S)
                    else:
                        self._rest(changes)
                except (OperationalError, InterfaceError) as error:
                    logger.warning("The database was busy (%s); trying again", error)
                    close_old_connections()
                    time.sleep(IDLE_S)
        finally:
            ended.set()
            self._end_children()
            for thread in threads:
                thread.join(timeout=END_GRACE_S)
        logger.info("%s ended", self.name)

    def _start_threads(self, ended: threading.Event) -> list[threading.Thread]:
        """Start what must not wait for subscribers: places for events, checkpoints and their witnesses."""
        bodies: dict[str, Callable[[], None]] = {
            "sequencer": lambda: run_sequencer(ended, turn=self._turn, sequenced=self._sequenced.set),
            "publisher": lambda: run_publisher(ended),
        }
        threads = [threading.Thread(target=body, name=name, daemon=True) for name, body in bodies.items()]
        for thread in threads:
            thread.start()
        return threads

    def _rest(self, changes: Changes) -> None:
        """Wait for something to do: a place given out, somebody's commit, a process of ours, a second."""
        until = time.monotonic() + LONGEST_REST_S
        while not self.stopping and not self._sequenced.wait(IDLE_S):
            if self.children or changes.any() or time.monotonic() > until:
                break
        self._sequenced.clear()

    def _listen(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):  # the last is Windows' way to ask
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.stop)

    def step(self) -> bool:
        """Do one round of everything; say whether there was anything to do."""
        at = datetime.now(UTC)
        self._tend_children(at)
        done = 0
        for each in subscribers_due(at=at):
            if self.stopping:
                return False
            with self._turn:
                done += deliver(each, at=at)
            time.sleep(BREATH_S)
        if time.monotonic() - self._upkept > UPKEEP_S:
            self._upkept = time.monotonic()
            upkeep_ask(SystemScope(), at=at)
        return self._start_job(at) or done > 0

    def _start_job(self, at: datetime) -> bool:
        if len(self.children) >= PARALLEL_JOBS:
            return False
        job = job_claim(SystemScope(), worker=self.name, at=at)
        if job is None:
            return False
        command = [sys.executable, "-m", "lienmach.kernel.jobs.child", str(job.id), self.name]
        # The pipe is never written to: when this process dies it closes, and the child ends itself.
        self.children.append(Child(job.id, spawn(command, stdin=subprocess.PIPE)))
        return True

    def _tend_children(self, at: datetime) -> None:
        """Give back the jobs of processes that died; renew leases; end what nobody wants any more."""
        for child in [child for child in self.children if child.process.poll() is not None]:
            self.children.remove(child)
            self._bury(child)
            if child.process.returncode:
                job_release(
                    SystemScope(),
                    job=child.job,
                    worker=self.name,
                    at=at,
                    reason=f"Its process ended with code {child.process.returncode}.",
                )
        now = time.monotonic()
        if not self.children or now - self._renewed < RENEW_S:
            return
        self._renewed = now
        renewed = job_renew(
            SystemScope(), worker=self.name, jobs=[child.job for child in self.children], at=at
        )
        for child in self.children:
            wanted = child.job in renewed.held - renewed.stop
            child.unwanted_at = None if wanted else child.unwanted_at or now
            if child.unwanted_at is not None and now - child.unwanted_at > STOP_GRACE_S:
                logger.warning("Ending the process of job %s, which does not stop by itself", child.job)
                kill(child.process)

    def _bury(self, child: Child) -> None:
        kill(child.process)  # whatever the job's process may have left behind
        if child.process.stdin is not None:
            child.process.stdin.close()

    def _end_children(self) -> None:
        end_all((child.process for child in self.children), grace_s=END_GRACE_S)
        for child in self.children:
            self._bury(child)
            job_release(
                SystemScope(),
                job=child.job,
                worker=self.name,
                at=datetime.now(UTC),
                reason="The worker stopped.",
                counts=False,
            )
        self.children.clear()
