"""Filters of a declaration: a closed set of operators over typed fields.

Semantics, the same on every engine. A comparison with an absent field is false, whatever the operator; only
``is_null`` and ``not_null`` look at absence. A timestamp compared with a date is taken as its local day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lienmach.engines.indicators.schema import MOMENTS, NUMERIC, ORDERED, EventSchema, FieldType

EQUALITY = ("eq", "ne")
ORDER = ("lt", "le", "gt", "ge")
MEMBERSHIP = ("in", "not_in")
ABSENCE = ("is_null", "not_null")
OPERATORS = (*EQUALITY, *ORDER, *MEMBERSHIP, *ABSENCE)

Refuse = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Condition:
    """``field op other`` or ``field op value``; ``value`` is a tuple for in and not_in."""

    field: str
    type: FieldType
    op: str
    other: str | None = None
    other_type: FieldType | None = None
    value: Any = None

    @property
    def by_day(self) -> bool:
        """Whether a timestamp meets a date, so that both are compared as local days."""
        right = self.other_type if self.other is not None else _type_of_value(self.value)
        return {self.type, right} == MOMENTS


@dataclass(frozen=True)
class Filter:
    """All (or any) of the parts hold. All of nothing is true; any of nothing cannot be declared."""

    how: str
    parts: tuple[Condition | Filter, ...]

    @classmethod
    def everything(cls) -> Filter:
        return cls("all_of", ())


def read_filters(data: Any, path: str, schema: EventSchema, refuse: Refuse) -> Filter:
    """Read a list of conditions, all of which must hold; problems go to ``refuse``."""
    if not isinstance(data, list):
        refuse(path, "must be a list of conditions.", 'Write where = [{ field = "...", op = "..." }].')
        return Filter.everything()
    parts = [_part(item, f"{path}[{index}]", schema, refuse) for index, item in enumerate(data)]
    return Filter("all_of", tuple(part for part in parts if part is not None))


def _part(item: Any, path: str, schema: EventSchema, refuse: Refuse) -> Condition | Filter | None:
    if not isinstance(item, dict):
        refuse(path, "is not a condition.", 'Write { field = "...", op = "..." }.')
        return None
    for how in ("all_of", "any_of"):
        if how in item:
            if set(item) != {how} or not isinstance(item[how], list) or not item[how]:
                refuse(path, f"{how} stands alone and holds at least one condition.", "")
                return None
            parts = [_part(one, f"{path}.{how}[{i}]", schema, refuse) for i, one in enumerate(item[how])]
            return Filter(how, tuple(part for part in parts if part is not None))
    return _condition(item, path, schema, refuse)


def _condition(item: Mapping[str, Any], path: str, schema: EventSchema, refuse: Refuse) -> Condition | None:
    ok = True

    def wrong(reason: str, remedy: str = "") -> None:
        nonlocal ok
        ok = False
        refuse(path, reason, remedy)

    for key in item:
        if key not in ("field", "op", "other", "value"):
            wrong(f"unknown key '{key}'.", "Known: field, op, other, value.")
    name, op, other = item.get("field"), item.get("op"), item.get("other")
    kind = schema.type_of(str(name))
    if kind is None:
        wrong(f"{schema.type} has no field '{name}'.", f"It has: {', '.join(sorted(schema.fields))}.")
    if op not in OPERATORS:
        wrong(f"unknown operator '{op}'.", f"One of: {', '.join(OPERATORS)}.")
    sides = sum(key in item for key in ("other", "value"))
    if op in ABSENCE and sides:
        wrong(f"{op} takes neither value nor other.")
    if op in OPERATORS and op not in ABSENCE and sides != 1:
        wrong(f"{op} needs either value or other.")
    other_kind = schema.type_of(str(other)) if other is not None else None
    if other is not None and other_kind is None:
        wrong(f"{schema.type} has no field '{other}'.", f"It has: {', '.join(sorted(schema.fields))}.")
    if not ok or kind is None:
        return None
    value = item.get("value")
    reason = _mismatch(kind, str(op), other_kind, value, has_other=other is not None)
    if reason:
        wrong(reason)
        return None
    if op in MEMBERSHIP:
        value = tuple(item["value"])
    return Condition(str(name), kind, str(op), other, other_kind, value)


def _mismatch(kind: FieldType, op: str, other: FieldType | None, value: Any, *, has_other: bool) -> str:
    """Why the two sides cannot be compared; empty when they can."""
    if op in ABSENCE:
        return ""
    if op in ORDER and kind not in ORDERED:
        return f"{op} needs a field with an order; this one is {kind}."
    if op in MEMBERSHIP:
        if has_other or not isinstance(value, list) or not value:
            return f"{op} needs a list of at least one value."
        bad = [one for one in value if not _comparable(kind, _type_of_value(one))]
        return f"{bad[0]!r} is not a value of type {kind}." if bad else ""
    if has_other:
        return "" if _comparable(kind, other) else f"{kind} cannot be compared with {other}."
    return "" if _comparable(kind, _type_of_value(value)) else f"{value!r} is not a value of type {kind}."


def _comparable(left: FieldType, right: FieldType | None) -> bool:
    if right is None:
        return False
    texts = {FieldType.ID, FieldType.TEXT}
    return left == right or {left, right} <= texts or {left, right} <= NUMERIC or {left, right} == MOMENTS


def _type_of_value(value: Any) -> FieldType | None:
    """The field type of a literal. A timestamp without a zone has no instant and is refused."""
    if isinstance(value, bool):
        return FieldType.BOOL
    if isinstance(value, int):
        return FieldType.INT
    if isinstance(value, str):
        return FieldType.TEXT
    if isinstance(value, datetime):
        return FieldType.TIMESTAMP if value.tzinfo is not None else None
    if isinstance(value, date):
        return FieldType.DATE
    return None
