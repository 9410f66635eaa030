"""Brings events, periods and memberships into DuckDB, with everything that could reach a network switched
off."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lienmach.engines.indicators.compile import ENVELOPE_COLUMNS
from lienmach.engines.indicators.names import events_table
from lienmach.engines.indicators.periods import Calendar, Period
from lienmach.engines.indicators.schema import EventSchema, FieldType

if TYPE_CHECKING:
    import duckdb

SQL_TYPES = {
    FieldType.ID: "VARCHAR",
    FieldType.TEXT: "VARCHAR",
    FieldType.INT: "BIGINT",
    FieldType.DECIMAL: "DECIMAL(18, 6)",
    FieldType.BOOL: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.TIMESTAMP: "TIMESTAMP",
}
_ENVELOPE_SQL = {"string": "VARCHAR", "timestamp": "TIMESTAMP", "boolean": "BOOLEAN"}


def connect(*, threads: int = 1, memory_mb: int = 1024) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that installs, loads and fetches nothing."""
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "threads": str(threads),
            "memory_limit": f"{memory_mb}MB",
        },
    )


def events_create(connection: duckdb.DuckDBPyConnection, schema: EventSchema) -> None:
    """A table for the events of a type, empty when it is new."""
    columns = [f'"{name}" {_ENVELOPE_SQL[kind]}' for name, kind in ENVELOPE_COLUMNS.items()]
    columns += [f'"f_{name}" {SQL_TYPES[kind]}' for name, kind in schema.fields.items()]
    connection.execute(f'CREATE TABLE IF NOT EXISTS "{events_table(schema.type)}" ({", ".join(columns)})')


def events_from_ndjson(
    connection: duckdb.DuckDBPyConnection, schemas: Iterable[EventSchema], path: Path
) -> None:
    """Load a file of events, one JSON object per line: the envelope, and ``body`` with the typed fields.

    Fields that a schema does not name are ignored; types without a schema are skipped. The content hash is
    taken over the envelope (without ``recorded_at``) and the declared fields, so it does not depend on key
    order. Events that are there already stay.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE incoming AS SELECT json AS j FROM read_ndjson_objects($path)",
        {"path": str(path)},
    )
    for schema in schemas:
        columns = {
            "event_id": "j->>'$.event_id'",
            "time": _instant("j->>'$.time'"),
            "recorded_at": _instant("j->>'$.recorded_at'"),
            "organisation": "j->>'$.organisation'",
            "subject": "j->>'$.subject'",
            "origin": "j->>'$.origin'",
            "corrects": "j->>'$.corrects'",
            "retract": "coalesce(CAST(j->>'$.retract' AS BOOLEAN), false)",
            **{f"f_{name}": _field(name, kind) for name, kind in schema.fields.items()},
        }
        _events_insert(connection, schema, columns, "incoming WHERE j->>'$.type' = $type", schema.type)
    connection.execute("DROP TABLE incoming")


def events_from_sealed(
    connection: duckdb.DuckDBPyConnection,
    schema: EventSchema,
    path: Path,
    *,
    columns: Container[str],
    absent: Mapping[str, Any],
) -> None:
    """Load a sealed Parquet file of a type's events; the caller has verified it.

    ``columns`` are those of the file (fields with the prefix ``f_``); ``absent`` gives values for fields that
    the type has got since. A sealed file holds no subject.
    """
    found: dict[str, str] = {
        name: f'"{name}"' if name in columns else "NULL" for name in ENVELOPE_COLUMNS if name != "content"
    }
    for name, kind in schema.fields.items():
        value = f'"f_{name}"' if f"f_{name}" in columns else _literal(absent.get(name))
        found[f"f_{name}"] = f"CAST({value} AS {SQL_TYPES[kind]})"
    source = "read_parquet('" + str(path).replace("'", "''") + "')"
    _events_insert(connection, schema, found, source, None)


def _events_insert(
    connection: duckdb.DuckDBPyConnection,
    schema: EventSchema,
    columns: Mapping[str, str],
    source: str,
    type_: str | None,
) -> None:
    """Insert typed columns with their content hash. Names come from checked schemas, never from events."""
    table = events_table(schema.type)
    events_create(connection, schema)
    hashed = ", ".join(f'"{name}" := CAST("{name}" AS VARCHAR)' for name in columns if name != "recorded_at")
    inner = ", ".join(f'{value} AS "{name}"' for name, value in columns.items())
    names = ", ".join(f'"{name}"' for name in columns)
    insert = (
        f'INSERT INTO "{table}" ({names}, content) '  # noqa: S608
        f"SELECT {names}, sha256(CAST(to_json(struct_pack({hashed})) AS VARCHAR)) "
        f"FROM (SELECT {inner} FROM {source})"
    )
    connection.execute(insert, {} if type_ is None else {"type": type_})


def _literal(value: Any) -> str:
    if value is None or isinstance(value, list | dict):
        return "NULL"
    return "'" + str(value).replace("'", "''") + "'"


def events_from_parquet(
    connection: duckdb.DuckDBPyConnection, schema: EventSchema, paths: Sequence[Path]
) -> None:
    """Read a type's segments in place; columns as `events_create` makes them."""
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    connection.execute(
        f'CREATE VIEW "{events_table(schema.type)}" AS '  # noqa: S608
        f"SELECT * FROM read_parquet([{listed}], union_by_name = true)"
    )


def events_to_parquet(connection: duckdb.DuckDBPyConnection, schema: EventSchema, path: Path) -> None:
    """Write a type's events as one segment, sorted by time and id."""
    target = str(path).replace("'", "''")
    table = events_table(schema.type)
    rows = f'SELECT * FROM "{table}" ORDER BY time, event_id, recorded_at'  # noqa: S608
    connection.execute(f"COPY ({rows}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def memberships_load(
    connection: duckdb.DuckDBPyConnection,
    rows: Iterable[tuple[str, str, str, date, date | None]],
) -> None:
    """Load (location, level, unit, valid_from, valid_to): for a location and level the days must not
    overlap."""
    connection.execute(
        "CREATE OR REPLACE TABLE location_units "
        "(location VARCHAR, level VARCHAR, unit VARCHAR, opens DATE, closes DATE)"
    )
    _insert(connection, "location_units", [tuple(row) for row in rows], 5)


def asked_load(
    connection: duckdb.DuckDBPyConnection,
    *,
    asked: Sequence[Period],
    calendar: Calendar,
    known_before: datetime,
    only: Iterable[str] = (),
) -> None:
    """Load what one run asks: periods with their local edges, the knowledge instant, the events to
    recount."""
    if known_before.tzinfo is None:
        raise ValueError("known_before needs a time zone: an instant is meant.")
    connection.execute(
        "CREATE OR REPLACE TABLE asked_periods (period VARCHAR, opens TIMESTAMP, closes TIMESTAMP)"
    )
    rows = [(one.label, calendar.midnight(one.opens), calendar.midnight(one.closes)) for one in asked]
    _insert(connection, "asked_periods", rows, 3)
    connection.execute("CREATE OR REPLACE TABLE asked_instant (known_before TIMESTAMP)")
    _insert(connection, "asked_instant", [(known_before.astimezone(UTC).replace(tzinfo=None),)], 1)
    connection.execute("CREATE OR REPLACE TABLE asked_events (listed_id VARCHAR)")
    _insert(connection, "asked_events", [(event_id,) for event_id in sorted(only)], 1)


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]], width: int
) -> None:
    batch = 500
    for start in range(0, len(rows), batch):
        some = rows[start : start + batch]
        marks = ", ".join(["(" + ", ".join("?" * width) + ")"] * len(some))
        connection.execute(
            f'INSERT INTO "{table}" VALUES {marks}',  # noqa: S608 - the table names are ours
            [value for row in some for value in row],
        )


def _instant(text: str) -> str:
    return f"CAST(CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)"


def _field(name: str, kind: FieldType) -> str:
    text = f"j->'$.body'->>'{name}'"
    if kind is FieldType.TIMESTAMP:
        return _instant(text)
    return f"CAST({text} AS {SQL_TYPES[kind]})"


def schemas_by_type(schemas: Iterable[EventSchema]) -> Mapping[str, EventSchema]:
    return {schema.type: schema for schema in schemas}
