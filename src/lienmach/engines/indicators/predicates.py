"""Declared filters as Ibis expressions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lienmach.engines.indicators.filters import Condition, Filter
from lienmach.engines.indicators.schema import ENVELOPE, FieldType

if TYPE_CHECKING:
    import ibis.expr.types as ir


def predicate(where: Filter, rows: ir.Table, *, offset: Any) -> ir.BooleanValue:
    """Whether a row passes. ``offset`` is the interval from UTC to local time."""
    import ibis

    if not where.parts:
        return ibis.literal(True)
    parts = [
        predicate(part, rows, offset=offset)
        if isinstance(part, Filter)
        else _condition(part, rows, offset=offset)
        for part in where.parts
    ]
    return ibis.and_(*parts) if where.how == "all_of" else ibis.or_(*parts)


def _condition(condition: Condition, rows: ir.Table, *, offset: Any) -> ir.BooleanValue:
    import ibis

    left = _column(condition.field, rows)
    if condition.op == "is_null":
        return left.isnull()
    if condition.op == "not_null":
        return left.notnull()
    if condition.op in ("in", "not_in"):
        values = [_value(one) for one in condition.value]
        found = left.isin(values) if condition.op == "in" else left.notin(values)
        return ibis.coalesce(found, False)
    right = _value(condition.value) if condition.other is None else _column(condition.other, rows)
    if condition.by_day:
        moment = condition.type is FieldType.TIMESTAMP
        left, right = (_day(left, offset), right) if moment else (left, _day(right, offset))
    # An absent side makes a comparison unknown; a declaration counts what is known to hold.
    return ibis.coalesce(_compare(condition.op, left, right), False)


def _compare(op: str, left: Any, right: Any) -> Any:
    if op == "eq":
        return left == right
    if op == "ne":
        return left != right
    if op == "lt":
        return left < right
    if op == "le":
        return left <= right
    if op == "gt":
        return left > right
    return left >= right


def _column(name: str, rows: ir.Table) -> Any:
    return rows[name] if name in ENVELOPE and f"f_{name}" not in rows.columns else rows[f"f_{name}"]


def _value(value: Any) -> Any:
    import ibis

    if isinstance(value, datetime):
        return ibis.timestamp(value.astimezone(UTC).replace(tzinfo=None))
    return ibis.literal(value)


def _day(side: Any, offset: Any) -> Any:
    return (side + offset).date()
