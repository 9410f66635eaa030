"""Columns written, compared and read with DuckDB, which is imported here only and reaches no network."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lienmach.kernel.evidence.segments.projection import Placed, expressions, line_of, reader_columns

if TYPE_CHECKING:
    import duckdb


class Unreadable(Exception):
    """The file is not the Parquet it should be."""


@contextmanager
def connected() -> "Iterator[duckdb.DuckDBPyConnection]":
    """A DuckDB in memory that installs, loads and fetches nothing; one thread, so that order is order."""
    from lienmach.engines.indicators.relations import connect

    connection = connect()
    try:
        yield connection
    finally:
        connection.close()


class Spool:
    """Events on their way into Parquet: one file of JSON lines per type and version, in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[tuple[str, int], int] = {}
        self._open: dict[tuple[str, int], Any] = {}

    def add(self, placed: Placed) -> None:
        """Keep an event."""
        key = (placed.type, placed.version)
        if key not in self._open:
            self._open[key] = self.path(key).open("w", encoding="utf-8")
            self.rows[key] = 0
        self._open[key].write(line_of(placed))
        self.rows[key] += 1

    def path(self, key: tuple[str, int]) -> Path:
        """Where the events of a type and version lie."""
        return self.folder / f"{key[0]}.v{key[1]}.ndjson"

    def close(self) -> None:
        """Write out what is held back."""
        for file in self._open.values():
            file.close()
        self._open.clear()


def write(
    connection: "duckdb.DuckDBPyConnection",
    spool: Path,
    type_name: str,
    columns: Mapping[str, str],
    target: Path,
) -> None:
    """Write the events of a spool file as Parquet, in the order of the sequence."""
    connection.execute(
        f"COPY ({_select(spool, type_name, columns)} ORDER BY position) TO {_text(target)} "
        "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192)"
    )


def first_difference(
    connection: "duckdb.DuckDBPyConnection",
    spool: Path,
    type_name: str,
    columns: Mapping[str, str],
    file: Path,
) -> tuple[int, str] | None:
    """Return the first position at which a file is not what the rows give, and the column; None if it is.

    Raises
    ------
    Unreadable
    """
    import duckdb

    connection.execute(f"CREATE OR REPLACE TEMP TABLE ours AS {_select(spool, type_name, columns)}")
    names = ", ".join(f'"{name}"' for name in columns)
    source = f"read_parquet({_text(file)})"
    try:
        found = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
        kinds = {name: kind.replace(" ", "") for name, kind, *_ in found}
        for name, kind in columns.items():
            if kinds.pop(name, None) != kind.replace(" ", ""):
                return _lowest(connection), f"column {name} is missing or of another type"
        if kinds:
            return _lowest(connection), f"there is a column {min(kinds)}"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE theirs AS SELECT {names} FROM {source}"  # noqa: S608
        )
    except duckdb.Error as error:
        raise Unreadable(f"{file.name} cannot be read: {error}") from error
    other = " OR ".join(f'o."{name}" IS DISTINCT FROM t."{name}"' for name in columns)
    row = connection.execute(
        "SELECT min(coalesce(o.position, t.position)), "  # noqa: S608
        "(SELECT count(*) FROM ours) - (SELECT count(*) FROM theirs) "
        f"FROM ours o FULL JOIN theirs t ON o.position = t.position WHERE {other}"
    ).fetchone()
    if row is not None and row[0] is None and row[1]:
        return _lowest(connection), f"{-row[1]} rows are there twice"
    if row is None or row[0] is None:
        return None
    position = int(row[0])
    return position, _differing(connection, columns, position)


def _lowest(connection: "duckdb.DuckDBPyConnection") -> int:
    row = connection.execute("SELECT min(position) FROM ours").fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _differing(connection: "duckdb.DuckDBPyConnection", columns: Mapping[str, str], position: int) -> str:
    rows = [
        connection.execute(f"SELECT * FROM {table} WHERE position = ?", [position]).fetchall()  # noqa: S608
        for table in ("ours", "theirs")
    ]
    if [len(each) for each in rows] != [1, 1]:
        return f"{len(rows[1])} rows instead of {len(rows[0])}"
    names = [
        name
        for name, ours, theirs in zip(columns, *(each[0] for each in rows), strict=False)
        if ours != theirs
    ]
    return "column " + ", ".join(names)


def _select(spool: Path, type_name: str, columns: Mapping[str, str]) -> str:
    selected = ", ".join(f'{value} AS "{name}"' for name, value in expressions(type_name, columns).items())
    read = ", ".join(f"\"{name}\": '{kind}'" for name, kind in reader_columns(type_name).items())
    return f"SELECT {selected} FROM read_ndjson({_text(spool)}, columns={{{read}}})"  # noqa: S608


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
