"""Tasks that misbehave on request."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from lienmach.kernel.jobs.tasks import Running, TryLater, task
from lienmach.kernel.scope import SystemScope


@task("probe.sum_compute")
def compute(scope: SystemScope, running: Running, *, numbers: list[int]) -> dict[str, Any]:
    """Do what it is asked."""
    running.report(0.5, "half way")
    return {"sum": sum(numbers)}


@task("probe.page_chatter")
def chatter(scope: SystemScope, running: Running, *, times: int) -> dict[str, Any]:
    """Report far too often."""
    for number in range(times):
        running.report(number / times, f"step {number}")
    running.report(1.0, "the last word")
    return {}


@task("probe.process_crash")
def crash(scope: SystemScope, running: Running) -> dict[str, Any]:
    """Die without a word, as from a fault in compiled code."""
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@task("probe.bill_refuse")
def refuse(scope: SystemScope, running: Running) -> dict[str, Any]:
    """Raise."""
    raise ValueError("the bill has no lines")


@task("probe.net_await", attempts=3)
def await_net(scope: SystemScope, running: Running) -> dict[str, Any]:
    """Find its means away, twice."""
    if running.attempt < 3:
        raise TryLater("the net is away", after=timedelta(seconds=10))
    return {"attempt": running.attempt}


@task("probe.answer_mangle")
def mangle(scope: SystemScope, running: Running) -> Any:
    """Return what is no JSON."""
    return {"path": Path("x")}


@task("probe.work_linger", lease_s=4)
def linger(scope: SystemScope, running: Running, *, folder: str, listens: bool = True) -> dict[str, Any]:
    """Work until asked to stop, with a process of its own; leave the process ids in `folder`."""
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(folder, f"child-{running.attempt}").write_text(f"{os.getpid()} {grandchild.pid}")
    while running.report(None, "working") or not listens:
        time.sleep(0.1)
    grandchild.kill()
    return {"stopped": True}
