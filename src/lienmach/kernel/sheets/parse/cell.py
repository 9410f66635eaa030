"""The reading of a cell by the kind of its column."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lienmach.kernel.sheets.columns import Choice, Column, Kind
from lienmach.kernel.sheets.parse.duration import parse_duration
from lienmach.kernel.sheets.parse.moment import parse_date, parse_datetime, parse_time
from lienmach.kernel.sheets.parse.number import not_a_number, parse_decimal, parse_integer
from lienmach.kernel.sheets.parse.outcome import Doubted, Misread
from lienmach.kernel.sheets.parse.words import clean, fold, number_text, one_line, shown

_YES = frozenset({"co", "c", "yes", "y", "true", "t", "dung", "x", "1", "v", "ok", "chon"})
_NO = frozenset({"khong", "k", "ko", "no", "n", "false", "f", "sai", "0"})
_TICKS = frozenset("✓✔☑√")
_MOST_DIGITS_OF_A_NUMBER = 15
_LONGEST_CODE = 200
_LONGEST_TEXT = 32_767


def parse(raw: Any, column: Column) -> Any:
    """The typed value of a cell that is not blank.

    Parameters
    ----------
    raw
        What the cell holds: text, a number, a date …
    column
        What it should be.

    Returns
    -------
    Any
        A value of the column's kind, or ``Doubted`` around one.

    Raises
    ------
    Misread
        The cell does not hold what the column asks for.
    """
    if isinstance(raw, float) and not isfinite(raw):
        raise not_a_number(raw)
    value = _READERS[column.kind](raw, column)
    plain = value.value if isinstance(value, Doubted) else value
    _check_limits(plain, raw, column)
    if column.check is not None and (reason := column.check(plain)):
        raise Misread("not_allowed", reason, _("Correct the cell."))
    return value


def is_blank(raw: Any) -> bool:
    """Whether a cell holds nothing that a person could see."""
    return raw is None or raw == "" or (isinstance(raw, str) and not clean(raw))


def _text(raw: Any, column: Column) -> str:
    text = clean(raw) if isinstance(raw, str) else shown_plain(raw)
    if len(text) > _LONGEST_TEXT:
        raise Misread("too_long", _("The text is too long."), _("Shorten it."))
    return text


def _code(raw: Any, column: Column) -> str | Doubted:
    if isinstance(raw, float | int) and not isinstance(raw, bool):
        return _code_from_number(raw, column)
    if not isinstance(raw, str):
        raise Misread(
            "not_a_code",
            _("'%(value)s' is a date or a time, and a code is expected.") % {"value": shown(raw)},
            _("The spreadsheet may have made a date of the code: format the cell as text and type it again."),
        )
    text = one_line(raw)
    if len(text) > _LONGEST_CODE:
        raise Misread("too_long", _("The code is too long."), _("Shorten it."))
    return text


def _code_from_number(raw: float, column: Column) -> str | Doubted:
    text = number_text(raw)
    if len(text.lstrip("-")) > _MOST_DIGITS_OF_A_NUMBER:
        raise Misread(
            "digits_lost",
            _("'%(value)s' is kept as a number, which holds 15 digits only.") % {"value": text},
            _("Format the cell as text and type the code again."),
        )
    if column.digits and text.isdigit() and len(text) < column.digits:
        restored = text.zfill(column.digits)
        return Doubted(
            restored,
            "leading_zeros_restored",
            _("The spreadsheet dropped leading zeros: '%(value)s' is read as '%(restored)s'.")
            % {"value": text, "restored": restored},
            _("Format the column as text to keep them."),
        )
    return text


def _integer(raw: Any, column: Column) -> int:
    return parse_integer(raw, unit=_unit(column))


def _decimal(raw: Any, column: Column) -> Decimal:
    return parse_decimal(raw, allowed=lambda number: _breach(number, column) is None, unit=_unit(column))


def _duration(raw: Any, column: Column) -> timedelta:
    return parse_duration(raw, column.duration_unit, allowed=lambda length: _breach(length, column) is None)


def _boolean(raw: Any, column: Column) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, float | int) and raw in {0, 1}:
        return bool(raw)
    if isinstance(raw, str):
        word = fold(raw)
        if word in _YES or clean(raw) in _TICKS:
            return True
        if word in _NO:
            return False
    raise Misread(
        "not_yes_or_no",
        _("'%(value)s' is neither yes nor no.") % {"value": shown(raw)},
        _("Write yes or no."),
    )


def _choice(raw: Any, column: Column) -> str:
    word = fold(shown_plain(raw))
    key = _wordings(tuple(column.choices)).get(word)
    if key is None:
        language = get_language() or "en"
        permitted = "; ".join(choice.label.in_language(language) for choice in column.choices)
        raise Misread(
            "not_a_choice",
            _("'%(value)s' is not one of the permitted answers.") % {"value": shown(raw)},
            _("Choose one of: %(permitted)s.") % {"permitted": permitted},
        )
    return key


@lru_cache(maxsize=512)
def _wordings(choices: tuple[Choice, ...]) -> dict[str, str]:
    wordings: dict[str, str] = {}
    for choice in choices:
        for words in (choice.key, *choice.label.all(), *choice.aliases):
            wordings.setdefault(fold(words), choice.key)
    return wordings


def _list(raw: Any, column: Column) -> tuple[str, ...]:
    text = clean(raw) if isinstance(raw, str) else shown_plain(raw)
    parts = text.replace(";", ",").replace("\n", ",").split(",")
    return tuple(dict.fromkeys(part for part in map(one_line, parts) if part))


def shown_plain(raw: Any) -> str:
    """A cell as text that does not depend on the reader's language."""
    match raw:
        case bool():
            return "TRUE" if raw else "FALSE"
        case float() | int():
            return number_text(raw)
        case datetime():
            return raw.isoformat(sep=" ", timespec="minutes")
        case date() | time():
            return raw.isoformat()
        case _:
            return clean(str(raw))


_READERS: dict[Kind, Callable[[Any, Column], Any]] = {
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.REFERENCE: _code,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.DURATION: _duration,
    Kind.DATE: lambda raw, column: parse_date(raw),
    Kind.DATETIME: lambda raw, column: parse_datetime(raw),
    Kind.TIME: lambda raw, column: parse_time(raw),
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.LIST: _list,
}


def _unit(column: Column) -> tuple[str, ...]:
    percent = ("%",) if column.in_percent else ()
    return (*(column.unit.all() if column.unit else ()), *percent)


def _check_limits(value: Any, raw: Any, column: Column) -> None:
    if column.minimum is column.maximum is column.more_than is None:
        return
    remedy = _breach(value, column)
    if remedy is not None:
        raise Misread(
            "out_of_range", _("'%(value)s' is outside the permitted range.") % {"value": shown(raw)}, remedy
        )


def _breach(value: Any, column: Column) -> str | None:
    """The limit that `value` breaks, as a sentence; ``None`` if it breaks none."""
    more_than, minimum, maximum = (
        _limit(bound, column) for bound in (column.more_than, column.minimum, column.maximum)
    )
    if more_than is not None and value <= more_than:
        return _("It must be more than %(limit)s.") % {"limit": _limit_shown(column.more_than)}
    if minimum is not None and value < minimum:
        return _("It must be at least %(limit)s.") % {"limit": _limit_shown(column.minimum)}
    if maximum is not None and value > maximum:
        return _("It must be at most %(limit)s.") % {"limit": _limit_shown(column.maximum)}
    return None


def _limit(bound: Any, column: Column) -> Any:
    if bound is None or isinstance(bound, timedelta) or column.kind is not Kind.DURATION:
        return bound
    return column.duration_unit.length * float(bound)


def _limit_shown(bound: Any) -> str:
    return shown(bound)
