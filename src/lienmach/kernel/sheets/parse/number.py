"""Numbers as they are written in Viet Nam and elsewhere.

A point or comma followed by exactly three digits can group thousands or start the fraction: ``1.500`` is
fifteen hundred to one person and one and a half to another. What decides, in this order:

1. Both signs occur: the last one starts the fraction (``1.234,5`` and ``1,234.5`` are the same number).
2. The sign occurs more than once: it groups (``1.234.567``).
3. The digits behind it are not exactly three, or the part before it starts with 0 or has more than three
   digits: it starts the fraction (``0,01``, ``1,5``, ``0.125``, ``1234.567``).
4. The column holds whole numbers: it groups (``2.000`` is two thousand).
5. Only one reading respects the column's limits: that one.
6. Otherwise nobody can know, and the cell is given back.

A cell that the spreadsheet itself keeps as a number is never ambiguous.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lienmach.kernel.sheets.parse.outcome import Misread
from lienmach.kernel.sheets.parse.words import one_line, shown

_BLANKS_INSIDE = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?:\D|$))")
_NUMBER = re.compile(r"([+-]?)(\d+(?:[.,]\d+)*|[.,]\d+)")
_MOST_DIGITS = 30


def parse_decimal(raw: Any, *, allowed: Callable[[Decimal], bool], unit: tuple[str, ...] = ()) -> Decimal:
    """A number with a fraction.

    Parameters
    ----------
    raw
        What the cell holds.
    allowed
        Whether the column's limits admit a value; used only to choose between two readings.
    unit
        Wordings of the column's unit, which may stand behind the number.

    Raises
    ------
    Misread
        Not a number, or one that can be read in two ways.
    """
    if isinstance(raw, float | int) and not isinstance(raw, bool):
        return Decimal(f"{raw:.15g}")
    readings = readings_of(_text(raw, unit))
    if not readings:
        raise not_a_number(raw)
    fitting = [reading for reading in readings if allowed(reading)] if len(readings) > 1 else readings
    if len(fitting) == 1:
        return fitting[0]
    grouped, fraction = sorted(readings, reverse=True)
    raise Misread(
        "ambiguous_number",
        _("'%(value)s' can be read as %(grouped)s or as %(fraction)s.")
        % {"value": shown(raw), "grouped": shown(grouped), "fraction": shown(fraction)},
        _("Write it without thousands separators: %(grouped)s, or %(fraction)s.")
        % {"grouped": shown(grouped), "fraction": shown(fraction)},
    )


def parse_integer(raw: Any, *, unit: tuple[str, ...] = ()) -> int:
    """A whole number; ``12,0`` is one, ``12,5`` is not.

    Raises
    ------
    Misread
        Not a whole number.
    """
    if isinstance(raw, float | int) and not isinstance(raw, bool):
        readings = [Decimal(f"{raw:.15g}")]
    else:
        readings = readings_of(_text(raw, unit))
    if not readings:
        raise not_a_number(raw)
    number = max(readings, key=abs)
    if number != int(number):
        raise Misread(
            "not_an_integer",
            _("'%(value)s' is not a whole number.") % {"value": shown(raw)},
            _("Write it without a fraction, for example %(example)s.") % {"example": int(number)},
        )
    return int(number)


def readings_of(text: str) -> list[Decimal]:
    """Every number that `text` may stand for: none, one, or two."""
    text = _BLANKS_INSIDE.sub("", text.replace("\u2212", "-").replace("\u2013", "-"))
    match = _NUMBER.fullmatch(text)
    if not match or len(text) > _MOST_DIGITS:
        return []
    sign, digits = match.groups()
    return [Decimal(sign + reading) for reading in _unsigned(digits)]


def _unsigned(digits: str) -> list[str]:
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        mark = max(".,", key=digits.rfind)
        whole, _mark, fraction = digits.rpartition(mark)
        grouping = "," if mark == "." else "."
        return [f"{whole.replace(grouping, '')}.{fraction}"] if _is_grouped(whole, grouping) else []
    mark = "." if points else ","
    if points + commas > 1:
        return [digits.replace(mark, "")] if _is_grouped(digits, mark) else []
    if not points + commas:
        return [digits]
    whole, _mark, fraction = digits.partition(mark)
    readings = [f"{whole or '0'}.{fraction}"]
    if len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        readings.append(whole + fraction)
    return readings


def _is_grouped(whole: str, mark: str) -> bool:
    first, *rest = whole.split(mark)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in rest)


def _text(raw: Any, unit: tuple[str, ...]) -> str:
    if isinstance(raw, date | datetime | time | timedelta):
        raise Misread(
            "date_for_number",
            _("'%(value)s' is a date or a time, and a number is expected.") % {"value": shown(raw)},
            _("The spreadsheet may have made a date of it: format the cell as a number and type it again."),
        )
    if not isinstance(raw, str):
        raise not_a_number(raw)
    text = one_line(raw)
    for wording in unit:
        if text.casefold().endswith(wording.casefold()):
            return text[: len(text) - len(wording)].rstrip()
    return text


def not_a_number(raw: Any) -> Misread:
    """The refusal of a cell that holds no number at all."""
    return Misread(
        "not_a_number",
        _("'%(value)s' is not a number.") % {"value": shown(raw)},
        _("Write digits only, for example 1500 or %(example)s.") % {"example": shown(Decimal("0.5"))},
    )
