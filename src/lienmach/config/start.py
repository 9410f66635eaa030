"""`lienmach start`: runs and supervises the web process and the worker together; one Ctrl-C stops both."""

import errno
import logging
import signal
import socket
import sys
import time
from types import FrameType

from lienmach.config.processes import Process, end_all, kill, spawn

logger = logging.getLogger(__name__)

GRACE_S = 8
RESTART_LIMIT = 5  # deaths within a minute after which the supervisor gives up and says so
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the last one is Windows', SIGHUP a closed terminal


class KeepsDying(Exception):
    """A child process cannot be kept alive; the message says why and what to do."""


class CannotListen(KeepsDying):
    """The web process cannot have its address and port."""


def split_bind(bind: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:8000` or `[::1]:8000`.

    Raises
    ------
    CannotListen
        When it is written in another way.
    """
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise CannotListen(f"“{bind}” is not an address and a port: write it as 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def check_port(bind: str) -> None:
    """Raise `CannotListen`, with the remedy, unless the address and port can be listened on now."""
    host, port = split_bind(bind)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if sys.platform != "win32":  # there it would let two programs share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise CannotListen(_why_not(host, port, error)) from None


def _why_not(host: str, port: int, error: OSError) -> str:
    remedy = f"--bind {host}:{port + 1 if port < 65535 else 8000} or LIENMACH_BIND"
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} at {host} is used by another program, perhaps another lienmach. "
            f"Stop that one, or choose another port: {remedy}."
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. Choose one above 1023: {remedy}."
    return f"{host} is not an address of this computer ({error.strerror or error}). Choose one: {remedy}."


class Supervisor:
    """Starts the children, restarts one that dies, ends all of them together."""

    def __init__(self, bind: str) -> None:
        self.bind = bind
        host, port = split_bind(bind)
        self.commands = {
            "web": [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1",
                "--blocking-threads", "4", "--no-ws", "--host", host, "--port", str(port),
                "--log-level", "warning", "--workers-kill-timeout", "3", "lienmach.config.wsgi:application",
            ],
            "worker": [sys.executable, "-m", "lienmach", "worker"],
        }  # fmt: skip
        self.children: dict[str, Process] = {}
        self.deaths: list[float] = []
        self.stopping = False

    def run(self) -> None:
        """Run until Ctrl-C or a termination signal; a second Ctrl-C does not wait for anything.

        Raises
        ------
        KeepsDying
            When a child cannot be kept alive.
        """
        check_port(self.bind)
        numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:  # as nohup sets it: a closed terminal is no reason to end
                signal.signal(number, self._stop)
        try:
            for name in self.commands:
                self.children[name] = spawn(self.commands[name])
            while not self.stopping:
                time.sleep(0.2)
                self._revive()
        finally:
            end_all(self.children.values(), grace_s=GRACE_S)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        if self.stopping and signum == signal.SIGINT:
            for child in self.children.values():
                kill(child)
        self.stopping = True

    def _revive(self) -> None:
        for name, child in list(self.children.items()):
            if child.poll() is None or self.stopping:
                continue
            kill(child)  # what it may have left behind, or the port stays taken
            now = time.monotonic()
            self.deaths = [death for death in self.deaths if now - death < 60] + [now]
            if len(self.deaths) >= RESTART_LIMIT:
                raise KeepsDying(
                    f"The {name} process ended {len(self.deaths)} times within a minute. "
                    "Its messages are above; `lienmach check` may say more."
                )
            if name == "web":
                check_port(self.bind)
            logger.warning("The %s process ended with code %s; starting it again", name, child.returncode)
            self.children[name] = spawn(self.commands[name])
