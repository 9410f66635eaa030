"""`lienmach check`: what is wrong with this installation, before anything runs."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

FREE_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """Something that is wrong (error) or unwise (warning), and what to do."""

    level: str
    what: str
    remedy: str


def findings() -> list[Finding]:
    """Return everything that is wrong, errors first. Later checks need earlier ones to hold."""
    found: list[Finding] = []
    for step in (_data_folder, _settings, _database, _declarations, _safety):
        found += _run(step)
        if any(finding.level == "error" for finding in found):
            break
    return sorted(found, key=lambda finding: finding.level != "error")


def _run(step: Callable[[], Iterator[Finding]]) -> list[Finding]:
    return list(step())


def _data_folder() -> Iterator[Finding]:
    from lienmach.config import environment

    wanted = Path(environment.get("LIENMACH_DATA")).expanduser()
    try:
        folder = environment.data_folder()
        probe = folder / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding(
            "error",
            f"The data folder {wanted} cannot be written: {error.strerror or error}.",
            "Make it writable for this user, or set LIENMACH_DATA to another folder.",
        )
        return
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        yield Finding(
            "warning",
            f"Only {free // 2**20} MB are free where the data folder {folder} lies.",
            "Free some space: the database stops writing when the disk is full.",
        )


def _settings() -> Iterator[Finding]:
    from lienmach.config import environment

    known = {setting.name for setting in environment.SETTINGS}
    for name in sorted(os.environ):
        if name.startswith("LIENMACH_") and name not in known and name != "LIENMACH_TEST_DATA":
            yield Finding(
                "warning",
                f"The environment variable {name} is not a setting.",
                "Check its spelling against docs/reference/settings.md, or remove it.",
            )
    if environment.get("LIENMACH_LANGUAGE") not in {"vi", "en"}:
        yield Finding("error", "LIENMACH_LANGUAGE is neither vi nor en.", "Set it to vi or en.")
    host, _, port = environment.get("LIENMACH_BIND").rpartition(":")
    if not host or not port.isdigit():
        yield Finding(
            "error",
            "LIENMACH_BIND is not an address and a port.",
            "Write it as 127.0.0.1:8000 or 0.0.0.0:8000.",
        )
    for read in (environment.database, environment.mail):
        try:
            read()
        except environment.BadSetting as error:
            yield Finding("error", str(error), "Correct the variable and start again.")


def _database() -> Iterator[Finding]:
    import django
    from django.db import Error, connection

    try:
        django.setup()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except ModuleNotFoundError as error:
        yield Finding(
            "error",
            f"The Python package {error.name} is missing.",
            "Install Liền Mạch with it: for PostgreSQL, pip install 'lienmach[postgres]'.",
        )
    except Error as error:
        yield Finding(
            "error",
            f"The database does not answer: {str(error).strip()}",
            "Check DATABASE_URL and that the database server runs and lets this user in.",
        )
    if connection.vendor == "sqlite" and sqlite3.sqlite_version_info < (3, 35):
        yield Finding(
            "error",
            f"SQLite {sqlite3.sqlite_version} is too old.",
            "Use a Python that brings SQLite 3.35 or later.",
        )


def _declarations() -> Iterator[Finding]:
    from django.core.checks import ERROR, run_checks

    from lienmach.kernel.evidence.subscribers import declaration_errors

    for error in declaration_errors():
        yield Finding(
            "error", error, "The app that subscribes and the app that records must fit: update both."
        )
    for message in run_checks():
        if message.level >= ERROR:
            yield Finding("error", str(message.msg), str(message.hint or "See the message."))


def _safety() -> Iterator[Finding]:
    from lienmach.config import environment

    host = environment.get("LIENMACH_BIND").rpartition(":")[0]
    reachable = host not in {"127.0.0.1", "localhost", "[::1]", "::1"}
    if reachable and environment.flag("LIENMACH_DEBUG"):
        yield Finding(
            "error",
            "LIENMACH_DEBUG is on while others can reach the server.",
            "Switch it off: error pages would show data and settings.",
        )
    if reachable and not environment.get("LIENMACH_URL").startswith("https://"):
        yield Finding(
            "warning",
            "Others can reach the server over plain HTTP: passwords travel readably, phones need a network.",
            "Put a proxy with TLS in front and set LIENMACH_URL to its https:// address.",
        )
