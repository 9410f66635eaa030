"""Child processes that end for sure: each in a group of its own, asked first, then killed with its children.

On Windows a group hears Ctrl-Break instead of a signal, and `taskkill` ends a whole tree.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence

Process = subprocess.Popen[bytes]


def spawn(command: Sequence[str], *, stdin: int = subprocess.DEVNULL) -> Process:
    """Start `command` in a process group of its own, so that Ctrl-C reaches this process only."""
    environment = os.environ.copy()
    if sys.platform == "win32":
        group = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(command, stdin=stdin, env=environment, creationflags=group)
    return subprocess.Popen(command, stdin=stdin, env=environment, start_new_session=True)


def ask_to_end(process: Process) -> None:
    """Ask a process to end by itself."""
    with contextlib.suppress(OSError):  # it has ended by itself
        if sys.platform == "win32":
            process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            process.terminate()


def kill(process: Process) -> None:
    """End a process and everything it started, at once. Harmless when it has ended already."""
    with contextlib.suppress(OSError):  # nothing of the group is left
        if sys.platform == "win32":
            subprocess.run(
                ["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False
            )
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)


def end_all(processes: Iterable[Process], *, grace_s: float) -> None:
    """Ask all processes to end, wait `grace_s` seconds for all together, kill what is left of them."""
    processes = list(processes)
    for process in processes:
        ask_to_end(process)
    deadline = time.monotonic() + grace_s
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.05, deadline - time.monotonic()))
    for process in processes:
        kill(process)
