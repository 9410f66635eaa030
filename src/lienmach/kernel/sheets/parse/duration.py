"""Durations: a number in the column's unit, hours and minutes, or words."""

# ruff: noqa: DTZ001 - spreadsheets know no zones
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lienmach.kernel.sheets.columns import DurationUnit
from lienmach.kernel.sheets.parse.number import parse_decimal, readings_of
from lienmach.kernel.sheets.parse.outcome import Misread
from lienmach.kernel.sheets.parse.words import fold, one_line, shown

_FIRST_DAY = datetime(1899, 12, 31)
_HOURS_MINUTES = re.compile(r"([+-]?)(\d{1,6}):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?")
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+|'|\")?\s*")
_LONGEST = timedelta(days=36_500)

_UNITS = {
    "giay": "seconds", "s": "seconds", "sec": "seconds", "secs": "seconds", "second": "seconds",
    "seconds": "seconds", '"': "seconds",
    "phut": "minutes", "ph": "minutes", "p": "minutes", "m": "minutes", "min": "minutes", "mins": "minutes",
    "minute": "minutes", "minutes": "minutes", "'": "minutes",
    "gio": "hours", "g": "hours", "h": "hours", "hr": "hours", "hrs": "hours", "hour": "hours",
    "hours": "hours", "tieng": "hours",
    "ngay": "days", "d": "days", "day": "days", "days": "days",
}  # fmt: skip


def parse_duration(raw: Any, unit: DurationUnit, *, allowed: Callable[[timedelta], bool]) -> timedelta:
    """A length of time: ``90`` (in `unit`), ``1:30``, ``36:00``, ``1h30``, ``90 phút``, ``1,5 giờ``.

    A cell formatted as a time of day counts from midnight, also beyond 24 hours.

    Raises
    ------
    Misread
        Not a length of time, or one that can be read in two ways.
    """
    match raw:
        case timedelta():
            duration: timedelta | None = _to_millisecond(raw)
        case datetime() if raw.year == 1900:
            duration = raw - _FIRST_DAY
        case date() if not isinstance(raw, datetime) and raw.year == 1900:
            duration = datetime(raw.year, raw.month, raw.day) - _FIRST_DAY
        case time():
            duration = datetime.combine(_FIRST_DAY, raw) - _FIRST_DAY
        case bool():
            duration = None
        case int() | float():
            duration = _times(parse_decimal(raw, allowed=bool), unit)
        case str():
            duration = _from_text(one_line(raw), raw, unit, allowed)
        case _:
            duration = None
    if duration is None or abs(duration) > _LONGEST:
        raise Misread(
            "not_a_duration",
            _("'%(value)s' is not a length of time.") % {"value": shown(raw)},
            {
                DurationUnit.SECONDS: _("Write seconds as a number (90), or hours and minutes as 1:30."),
                DurationUnit.MINUTES: _("Write minutes as a number (90), or hours and minutes as 1:30."),
                DurationUnit.HOURS: _("Write hours as a number (36), or hours and minutes as 36:00."),
                DurationUnit.DAYS: _("Write days as a number (2), or hours and minutes as 48:00."),
            }[unit],
        )
    return duration


def _from_text(
    text: str, raw: str, unit: DurationUnit, allowed: Callable[[timedelta], bool]
) -> timedelta | None:
    if match := _HOURS_MINUTES.fullmatch(text):
        sign, hours, minutes, seconds = match.groups()
        length = timedelta(
            hours=int(hours), minutes=int(minutes), seconds=float((seconds or "0").replace(",", "."))
        )
        return -length if sign == "-" else length
    if readings_of(text):
        return _times(parse_decimal(raw, allowed=lambda number: _fits(_times(number, unit), allowed)), unit)
    return _from_words(text)


def _from_words(text: str) -> timedelta | None:
    """``1h30``, ``1 giờ 30 phút``, ``2 ngày``: parts with a unit; a last part without one is a step finer."""
    total, position, finest = timedelta(0), 0, ""
    order = ["days", "hours", "minutes", "seconds"]
    while position < len(text):
        match = _PART.match(text, position)
        if not match:
            return None
        word = match[2] or ""
        name = _UNITS.get(fold(word) or word)
        if name is None:
            if word or finest not in {"hours", "minutes"} or match.end() < len(text):
                return None
            name = order[order.index(finest) + 1]
        if finest and order.index(name) <= order.index(finest):
            return None
        readings = readings_of(match[1])
        if len(readings) != 1:
            return None
        length = _times(readings[0], DurationUnit(name))
        if length is None:
            return None
        total, finest, position = total + length, name, match.end()
    return total if finest else None


def _times(number: Decimal, unit: DurationUnit) -> timedelta | None:
    if abs(number) * int(unit.length.total_seconds()) > int(_LONGEST.total_seconds()):
        return None
    microseconds = number * int(unit.length.total_seconds()) * 1_000_000
    return timedelta(microseconds=int(microseconds.to_integral_value()))


def _fits(duration: timedelta | None, allowed: Callable[[timedelta], bool]) -> bool:
    return duration is not None and allowed(duration)


def _to_millisecond(duration: timedelta) -> timedelta:
    return timedelta(milliseconds=round(duration / timedelta(milliseconds=1)))
