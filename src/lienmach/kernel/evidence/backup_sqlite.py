"""The database of a backup when it is SQLite: a file in the data folder."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from lienmach.kernel.evidence.backup_database import HELD


class SqliteDatabase:
    """The file of a SQLite database (`backup_database.Database`)."""

    file = "lienmach.sqlite3"
    kind = "SQLite"

    def __init__(self, path: Path) -> None:
        self.path = path

    def copy(self, into: Path) -> datetime | None:
        """Copy it page by page in one transaction; others may go on writing."""
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(into)) as copy:
            source.backup(copy)
            erased = copy.execute("SELECT max(at) FROM evidence_erasure").fetchone()[0]
        return datetime.fromisoformat(erased).replace(tzinfo=UTC) if erased else None

    def occupied(self) -> str:
        """Say that there is one already."""
        return f"{self.path} is there already: set LIENMACH_DATA." if self.path.exists() else ""

    def bring_back(self, copy: Path, *, made_at: str) -> None:
        """Hold every log in the copy, then put it in place."""
        with closing(sqlite3.connect(copy)) as database:
            database.execute("UPDATE evidence_log SET held = ?", (HELD.format(made_at=made_at),))
            database.commit()
        copy.replace(self.path)
