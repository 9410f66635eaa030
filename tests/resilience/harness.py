"""A platform of its own for tests that kill processes: own data folder, own database, real workers.

On SQLite a file in a temporary folder; with `DATABASE_URL` a new database on that PostgreSQL server.
"""

import contextlib
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]
START_S = 60


class Platform:
    """Starts workers and commands on one database; ends what is left of them."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.fails_at = folder / "fails-at"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LIENMACH_")},
            "LIENMACH_DATA": str(folder),
            "LIENMACH_SECRET": "only-for-tests",
            "DJANGO_SETTINGS_MODULE": "tests.resilience.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "DATABASE_URL": database,
            "PROBE_FAILS_AT": str(self.fails_at),
        }
        self.organisation = ""
        self.processes: list[subprocess.Popen[Any]] = []

    def command(self, *arguments: str) -> Any:
        """Run one command of `commands.py`; return its answer."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.resilience.commands", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def thrower(self, seed: int) -> subprocess.Popen[str]:
        """Start the process that throws balls when told how many."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.resilience.commands", "throw", str(seed)],
            cwd=ROOT, env=self.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def worker(self) -> "WorkerProcess":
        """Start `lienmach worker` and wait until it works."""
        worker = WorkerProcess(self.start("-m", "lienmach", "worker"))
        worker.wait_until_it_works()
        return worker

    def spare(self) -> "WorkerProcess":
        """Start a process that is ready to work and waits for `go()`: kills need not wait for imports."""
        return WorkerProcess(self.start("-m", "tests.resilience.commands", "work"))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a Python process of this platform that is ended with it."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT, env=self.environment, text=True, stderr=subprocess.PIPE, stdin=subprocess.PIPE,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def end(self) -> None:
        """Kill what is still running."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


class WorkerProcess:
    """A worker, what it said, and how to end it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._works = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if line.rstrip().endswith(" works"):
                self._works.set()

    def go(self) -> None:
        """Let a spare worker work."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        self.wait_until_it_works()

    def wait_until_it_works(self) -> None:
        """Wait for its first line."""
        assert self._works.wait(START_S), f"The worker did not start: {self.said}"

    def kill(self) -> None:
        """Kill it without warning."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Ask it to end; it must do so quickly and cleanly."""
        self.process.terminate()
        assert self.process.wait(timeout=10) == 0, self.said


@contextlib.contextmanager
def platform() -> Iterator[Platform]:
    """Yield a fresh platform; remove it afterwards."""
    with (
        database_of_its_own() as database,
        tempfile.TemporaryDirectory(prefix="lienmach-resilience-", ignore_cleanup_errors=True) as name,
    ):
        fresh = Platform(Path(name), database)
        try:
            fresh.organisation = fresh.command("prepare")["organisation"]
            yield fresh
        finally:
            fresh.end()


@contextlib.contextmanager
def database_of_its_own() -> Iterator[str]:
    """Yield the address of a new database on the server of `DATABASE_URL`, or '' for SQLite."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        yield ""
        return
    import psycopg

    name = f"resilience_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def kill_at_random(
    here: Platform, *, kills: int, events: int, seed: int, workers: int = 1, spares: bool = True
) -> dict[str, Any]:
    """Let `events` flow while a worker is killed `kills` times at random points; return the final report.

    With several workers one of them is killed each time while the others go on. With `spares` the next
    worker has imported everything beforehand; otherwise each is a `lienmach worker` started after the kill.
    """
    chance = random.Random(seed)
    thrower = here.thrower(seed)
    assert thrower.stdin is not None
    spare = here.spare() if spares else None
    running = [here.worker() for _ in range(workers)]
    thrown = 0
    for kill in range(1, kills + 1):
        share = events * kill // kills - thrown
        thrown += share
        thrower.stdin.write(f"{share}\n")
        thrower.stdin.flush()
        # Every other time early, while it connects and begins; every other time well into its work.
        time.sleep(chance.uniform(0, 0.02 * share + (0.2, 1.2)[kill % 2]))
        running.pop(chance.randrange(len(running))).kill()
        if spare is None:
            running.append(here.worker())
        else:
            spare.go()
            running.append(spare)
            spare = here.spare() if kill < kills else None
    thrower.stdin.close()
    thrower.wait(timeout=120)
    report: dict[str, Any] = here.command("report", "120")
    for worker in running:
        worker.end()
    return {**report, "kills": kills, "thrown": thrown}
