"""The database of a backup when it is PostgreSQL: its own tools write and read a plain SQL script.

`pg_dump` and `psql` get the address and the password of the installation's own connection through the
environment, never on a command line, where everybody on the machine could read them.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from lienmach.kernel.evidence.backup_database import HELD, CannotBackUp, CannotRestore

# Extensions may bring relations of their own, which pg_dump leaves to them.
_RELATIONS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname <> 'information_schema'
AND n.nspname !~ '^pg_' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
# The script before it leaves an empty search path behind.
_HOLD = "RESET search_path;\nUPDATE evidence_log SET held = :'held';\n"


class NoTools(Exception):
    """PostgreSQL's client tools are missing, older than the server, or cannot be told how to reach it."""


class PostgresDatabase:
    """The PostgreSQL database of a connection (`backup_database.Database`)."""

    file = "lienmach.sql"
    kind = "PostgreSQL"

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection: Any = connection

    def copy(self, into: Path) -> datetime | None:
        """Dump the snapshot that the last erasure is read from; others may go on writing."""
        try:
            with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                cursor.execute("SELECT max(at) FROM evidence_erasure")
                erased: datetime | None = cursor.fetchone()[0]
                cursor.execute("SELECT pg_export_snapshot()")
                (snapshot,) = cursor.fetchone()
                self._run(
                    "pg_dump", "--no-password", "--no-owner", "--no-privileges", "--no-comments",
                    "--no-tablespaces", "--encoding=UTF8", f"--snapshot={snapshot}", f"--file={into}",
                )  # fmt: skip
        except (DatabaseError, NoTools, subprocess.CalledProcessError) as error:
            raise CannotBackUp(f"The database was not copied: {_said(error)}") from error
        return erased

    def occupied(self) -> str:
        """Say that it holds tables, or cannot be reached."""
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(_RELATIONS)
                (count,) = cursor.fetchone()
        except DatabaseError as error:
            return f"The database of DATABASE_URL cannot be asked: {_said(error)}"
        if not count:
            return ""
        name = self.connection.settings_dict["NAME"]
        return f"The database {name!r} is not empty: make a new one (createdb) and name it in DATABASE_URL."

    def bring_back(self, copy: Path, *, made_at: str) -> None:
        """Run the script, and hold every log, in one transaction."""
        hold = copy.with_name(f".{copy.name}.hold")
        hold.write_text(_HOLD, "ascii")
        try:
            self._run(
                "psql", "--no-password", "--no-psqlrc", "--quiet", "--single-transaction",
                "--set=ON_ERROR_STOP=1", f"--set=held={HELD.format(made_at=made_at)}",
                f"--file={copy}", f"--file={hold}",
            )  # fmt: skip
        except (DatabaseError, NoTools, subprocess.CalledProcessError) as error:
            raise CannotRestore(f"Nothing was restored: {_said(error)}") from error
        finally:
            hold.unlink()
        copy.unlink()

    def _run(self, tool: str, *arguments: str) -> None:
        self.connection.ensure_connection()
        environment, rest = address_of(self.connection.connection.pgconn.info)
        folder = tools_for(self.connection.pg_version // 10_000, environment)
        command = [str(folder / tool), *rest, *arguments]
        subprocess.run(command, env=environment, check=True, capture_output=True)


def address_of(known: Sequence[Any]) -> tuple[dict[str, str], list[str]]:
    """Return an environment that leads to the same server, and arguments for what has no name there.

    Raises
    ------
    NoTools
        For a secret that could only stand on a command line.
    """
    environment, rest = dict(os.environ), []
    for option in known:
        if option.val is None or option.val == option.compiled:
            continue
        word, value = option.keyword.decode(), option.val.decode()
        if option.envvar:
            environment[option.envvar.decode()] = value
        elif option.dispchar == b"*":
            raise NoTools(f"DATABASE_URL names {word}, which PostgreSQL's tools take from no environment.")
        elif option.dispchar != b"D":
            quoted = value.replace("\\", "\\\\").replace("'", "\\'")
            rest.append(f"{word}='{quoted}'")
    return environment, [f"--dbname={' '.join(rest)}"] if rest else []


def tools_for(server: int, environment: Mapping[str, str]) -> Path:
    """Return the folder of the tools that suit a server of this version: its own, or the next newer.

    Raises
    ------
    NoTools
    """
    found = {folder: version for folder in _folders() if (version := _version(folder, environment))}
    if fitting := {folder: version for folder, version in found.items() if version >= server}:
        return min(fitting, key=lambda folder: fitting[folder])
    seen = ", ".join(f"{version} in {folder}" for folder, version in found.items()) or "none"
    raise NoTools(
        f"pg_dump and psql of PostgreSQL {server} or newer are needed; found: {seen}. "
        f"Debian: apt install postgresql-client-{server}; elsewhere put their folder on the PATH."
    )


def _folders() -> Iterator[Path]:
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path).parent
    yield from Path("/usr/lib/postgresql").glob("*/bin")  # where Debian keeps every version it has


def _version(folder: Path, environment: Mapping[str, str]) -> int:
    """Return the lower main version of the two tools in a folder; 0 when one is not there."""
    versions = []
    for tool in ("pg_dump", "psql"):
        try:
            done = subprocess.run(
                [folder / tool, "--version"], env=environment, capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return 0
        said = re.search(r"\) (\d+)", done.stdout)
        versions.append(int(said[1]) if said else 0)
    return min(versions)


def _said(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return bytes(error.stderr).decode("utf-8", "replace").strip()
    return str(error).strip()
