"""A whole installation for a test: a data folder, a database on what the suite runs on, and its commands."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("DATABASE_URL", "")


@dataclass(frozen=True)
class Installation:
    """A data folder and the address of its database, empty for SQLite in the folder."""

    data: Path
    database: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this installation finds around it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LIENMACH_")}
        return {
            **kept, "LIENMACH_DATA": str(self.data), "DATABASE_URL": self.database,
            "PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "lienmach.config.settings",
        }  # fmt: skip

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command of ours."""
        done = subprocess.run(
            [sys.executable, "-m", "lienmach", *arguments], capture_output=True, text=True, check=False,
            env=self.environment,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done

    def add_organisation(self, number: int) -> None:
        """Make something happen: another organisation and its owner."""
        self.run(
            "add-organisation", f"Xưởng {number}", "--owner", f"chu-{number}",
            "--password", "mat-khau-dai-9",
        )  # fmt: skip

    def record(self) -> None:
        """Record an event in the log of the oldest organisation; nothing sequences it."""
        subprocess.run([sys.executable, "-c", _RECORD], env=self.environment, check=True)


_RECORD = """
import django; django.setup()
from datetime import UTC, datetime
from django.db import transaction
from lienmach.kernel.evidence import record
from lienmach.kernel.evidence.events import LogResumed
from lienmach.kernel.evidence.models import Log
from lienmach.kernel.evidence.platform_log import PLATFORM
from lienmach.kernel.scope import SystemScope
now, log = datetime.now(UTC), Log.objects.exclude(organisation=PLATFORM).earliest("id")
with transaction.atomic():
    record(SystemScope(), LogResumed(size=0, standing="", reason="probe"), subject="log:own",
           time=now, at=now, organisation=log.organisation)
"""


@dataclass
class Site:
    """Where installations are made; `installations()` gives one and takes their databases away afterwards."""

    _databases: list[str] = field(default_factory=list)

    def empty(self, data: Path) -> Installation:
        """Return an installation with nothing in its folder and its database."""
        return Installation(data, self._database("TEMPLATE template0") if SERVER else "")

    def copied(self, old: Installation, data: Path) -> Installation:
        """Return a second installation that holds what the first one holds now."""
        shutil.copytree(old.data, data)
        name = urlsplit(old.database).path.strip("/")
        return Installation(data, self._database(f'TEMPLATE "{name}"') if SERVER else "")

    def _database(self, how: str) -> str:
        name = f"installation_{secrets.token_hex(6)}"
        with server() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" {how}')
        self._databases.append(name)
        return urlsplit(SERVER)._replace(path=f"/{name}").geturl()

    def clear(self) -> None:
        """Remove the databases made here."""
        if not self._databases:
            return
        with server() as cursor:
            for name in self._databases:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def server(database: str = SERVER) -> Iterator[Any]:
    """Give a cursor on the server that the suite runs on, or in one database of it."""
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection, connection.cursor() as cursor:
        yield cursor


@contextmanager
def installations() -> Iterator[Site]:
    """Give a place for installations, and take their databases away afterwards."""
    site = Site()
    try:
        yield site
    finally:
        site.clear()
