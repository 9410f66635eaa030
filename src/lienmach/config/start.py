"""`lienmach start`: runs and supervises the web process and the worker together; one Ctrl-C stops both."""

import logging
import os
import signal
import subprocess
import sys
import time
from types import FrameType

logger = logging.getLogger(__name__)

GRACE_S = 15
RESTART_LIMIT = 5  # deaths within a minute after which the supervisor gives up and says so


class KeepsDying(Exception):
    """A child process dies again and again."""


class Supervisor:
    """Starts the children, restarts one that dies, ends all of them together."""

    def __init__(self, bind: str) -> None:
        host, _, port = bind.rpartition(":")
        self.commands = {
            "web": [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1",
                "--blocking-threads", "4", "--no-ws", "--host", host, "--port", port,
                "--log-level", "warning", "lienmach.config.wsgi:application",
            ],
            "worker": [sys.executable, "-m", "lienmach", "worker"],
        }  # fmt: skip
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: list[float] = []
        self.stopping = False

    def run(self) -> None:
        """Run until Ctrl-C or a termination signal.

        Raises
        ------
        KeepsDying
            When a child cannot be kept alive.
        """
        signal.signal(signal.SIGTERM, self._stop)
        try:
            for name in self.commands:
                self._start(name)
            while not self.stopping:
                time.sleep(0.2)
                self._revive()
        except KeyboardInterrupt:
            self.stopping = True
        finally:
            self._end_children()

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self, name: str) -> None:
        # In a group of its own, so that Ctrl-C reaches the supervisor only and the children end in order.
        new_group = 0x00000200 if sys.platform == "win32" else 0  # CREATE_NEW_PROCESS_GROUP
        self.children[name] = subprocess.Popen(
            self.commands[name],
            stdin=subprocess.DEVNULL,
            env=os.environ.copy(),
            creationflags=new_group,
            start_new_session=sys.platform != "win32",
        )

    def _revive(self) -> None:
        for name, child in list(self.children.items()):
            if child.poll() is None or self.stopping:
                continue
            now = time.monotonic()
            self.deaths = [death for death in self.deaths if now - death < 60] + [now]
            if len(self.deaths) >= RESTART_LIMIT:
                raise KeepsDying(f"The {name} process ended {len(self.deaths)} times within a minute.")
            logger.warning("The %s process ended with code %s; starting it again", name, child.returncode)
            self._start(name)

    def _end_children(self) -> None:
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + GRACE_S
        for child in self.children.values():
            try:
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
