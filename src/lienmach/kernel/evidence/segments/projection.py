"""From events to the columns of a segment: a pure function of the leaf and its public group, versioned.

No column holds what can be erased without the stretch being sealed again: neither subject nor actor, and of
the body only public fields.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from lienmach.kernel.evidence.envelope import Disclosure, disclosure_of
from lienmach.kernel.evidence.types import UnknownType, type_named

VERSION = 1
ENVELOPE = {
    "position": "BIGINT",
    "idx": "BIGINT",
    "leaf": "BLOB",
    "event_id": "VARCHAR",
    "time": "TIMESTAMP",
    "recorded_at": "TIMESTAMP",
    "organisation": "VARCHAR",
    "origin": "VARCHAR",
    "corrects": "VARCHAR",
    "retract": "BOOLEAN",
}
FIELD_PREFIX = "f_"
_TYPES: dict[Any, str] = {
    bool: "BOOLEAN",
    int: "BIGINT",
    float: "DOUBLE",
    str: "VARCHAR",
    date: "DATE",
    datetime: "TIMESTAMP",
    Decimal: "DECIMAL(38, 9)",
}


class Placed(NamedTuple):
    """An event in its place: what a segment is made of. `public` is its opened public group, None if erased.

    Identifiers are text, times text in UTC.
    """

    position: int
    leaf_index: int
    leaf: bytes
    event_id: str
    type: str
    version: int
    time: str
    recorded_at: str
    organisation: str
    origin: str
    corrects: str | None
    retract: bool
    public: bytes | None


def safe_fields(type_name: str) -> dict[str, str]:
    """Return the body fields of a type that may stand in a segment, with the type of their column.

    A type that no installed app declares has none.
    """
    try:
        fields = type_named(type_name).body.model_fields
    except UnknownType:
        return {}
    return {
        name: column_type(info.annotation)
        for name, info in fields.items()
        if disclosure_of(info) is Disclosure.PUBLIC
    }


def column_type(annotation: Any) -> str:
    """Return the type of a field's column; what has no type of its own stands there as JSON text."""
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        annotation = kinds[0] if len(kinds) == 1 else None
    return _TYPES.get(annotation, "VARCHAR")


def columns_of(type_name: str) -> dict[str, str]:
    """Return every column of a type's files."""
    return ENVELOPE | {FIELD_PREFIX + name: kind for name, kind in safe_fields(type_name).items()}


def expressions(type_name: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the SQL that gives each column from a row read by `reader_columns`.

    A field the event's version did not have yet is filled with its default, as readers see it; not when the
    group was erased. (A public field that may be null has null as its default: the two are one here.)
    """
    return {name: _typed(_source(type_name, name), name, kind) for name, kind in columns.items()}


def reader_columns(type_name: str) -> dict[str, str]:
    """Return what DuckDB is to read from a line (see `line_of`), so that each line is parsed once."""
    kinds = {"BLOB": "VARCHAR", "TIMESTAMP": "VARCHAR"}
    envelope = {name: kinds.get(kind, kind) for name, kind in ENVELOPE.items()}
    fields = ", ".join(f'"{name}" JSON' for name in safe_fields(type_name)) or '"-" JSON'
    return {**envelope, "public": f"STRUCT(body STRUCT({fields}))"}


def _source(type_name: str, name: str) -> str:
    if not name.startswith(FIELD_PREFIX):
        return f'"{name}"'
    field = name.removeprefix(FIELD_PREFIX)
    written = f'public.body."{field}"'
    default = _default(type_name, field)
    if default is None:
        return f"({written}->>'$')"
    text = json.dumps(default, ensure_ascii=False).replace("'", "''")
    return f"(CASE WHEN public.body IS NOT NULL THEN coalesce({written}, '{text}'::JSON) END->>'$')"


def _default(type_name: str, field: str) -> Any:
    info = type_named(type_name).body.model_fields[field]
    return None if info.is_required() else info.get_default(call_default_factory=True)


def _typed(text: str, name: str, kind: str) -> str:
    if kind == "BLOB":
        return f"unhex({text})"
    if name in ENVELOPE:
        return text if kind != "TIMESTAMP" else f"CAST({text} AS TIMESTAMP)"  # in UTC as it stands
    if kind == "TIMESTAMP":
        return f"CAST(CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)"
    return text if kind == "VARCHAR" else f"CAST({text} AS {kind})"


def line_of(placed: Placed) -> str:
    """Return one event as a line of JSON: its place, its header's columns, and its public group verbatim."""
    corrects = "null" if placed.corrects is None else f'"{placed.corrects}"'
    public = "" if placed.public is None else f',"public":{placed.public.decode()}'
    return (
        f'{{"position":{placed.position},"idx":{placed.leaf_index},"leaf":"{placed.leaf.hex()}",'
        f'"event_id":"{placed.event_id}","time":"{placed.time}","recorded_at":"{placed.recorded_at}",'
        f'"organisation":"{placed.organisation}","origin":"{placed.origin}","corrects":{corrects},'
        f'"retract":{"true" if placed.retract else "false"}{public}}}\n'
    )
