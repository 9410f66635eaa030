"""Rows written straight into a table: where thousands come at once, an object per row is most of the time."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

ROWS = 101
"""Rows per statement; with more the statement itself takes the time."""
FEW = 4
"""Below so many rows PostgreSQL gets statements, from there on a stream that begins slower and then flies."""
StoredId = UUID | str
"""An identifier as a database holds it: PostgreSQL as such, SQLite as 32 hex digits."""


def rows_insert(
    cursor: CursorWrapper, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows, several with each statement, in the caller's transaction.

    Values are given as the database's own columns hold them (identifiers through `stored_form`).
    """
    if cursor.db.vendor == "sqlite":
        _insert_together(cursor, table, columns, rows)
    elif len(rows) < FEW:
        cursor.executemany(_statement(table, columns, 1, "%s"), rows)
    else:
        _copy(cursor, table, columns, rows)


def _insert_together(
    cursor: CursorWrapper, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]
) -> None:
    # Past Django's cursor, which would read the whole statement each time to change its placeholders.
    with cursor.db.wrap_database_errors:
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS]
            values = [value for row in part for value in row]
            sqlite3.Cursor.execute(cursor.cursor, _statement(table, columns, len(part), "?"), values)


def _copy(cursor: CursorWrapper, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with cursor.db.wrap_database_errors, cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@lru_cache(maxsize=1024)
def _statement(table: str, columns: tuple[str, ...], rows: int, mark: str) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    row = f"({', '.join([mark] * len(columns))})"
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - names of our own


def stored_form() -> Callable[[UUID], StoredId]:
    """Return the function that gives an identifier as this database's own columns hold it."""
    return _itself if connection.features.has_native_uuid_field else _hex


def _itself(identifier: UUID) -> UUID:
    return identifier


def _hex(identifier: UUID) -> str:
    return identifier.hex
