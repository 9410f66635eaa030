"""Words as people type them: one spelling for storing, one for comparing, one for showing."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language

from lienmach.kernel.i18n.fold import fold as fold_marks

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u0000"))
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EXCEL_ESCAPE = re.compile(r"_x000[dD]_")
_BLANKS = re.compile(r"[^\S\n]+")
_NOT_A_WORD = re.compile(r"[^0-9a-z]+")
_BRACKETS = re.compile(r"[(\[{（][^)\]}）]*[)\]}）]")
_LONGEST_SHOWN = 80


def clean(text: str) -> str:
    """`text` in NFC, without invisible characters, with plain blanks, stripped; line breaks stay."""
    if text.isascii() and text.isprintable() and "  " not in text and "_x000" not in text:
        return text.strip()
    text = _EXCEL_ESCAPE.sub("", unicodedata.normalize("NFC", text)).translate(_INVISIBLE)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return _BLANKS.sub(" ", _CONTROL.sub("", text)).strip()


def one_line(text: str) -> str:
    """`clean`, with line breaks turned into blanks."""
    return " ".join(clean(text).split())


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The form in which wordings are compared: no case, diacritics, punctuation or double blanks.

    >>> fold("  HẠN   Giao*:")
    'han giao'
    """
    return _NOT_A_WORD.sub(" ", fold_marks(unicodedata.normalize("NFKC", text))).strip()


def fold_heading(text: str) -> str:
    """`fold` of a heading without its unit or remark in brackets; with them where nothing else is left."""
    return fold(_BRACKETS.sub(" ", text)) or fold(text)


def fold_code(text: str) -> str:
    """The form in which codes are compared: no case, no double blanks. Diacritics and punctuation matter."""
    return text.casefold()


def number_text(number: float | Decimal) -> str:
    """A number as an identifier would be written: no trailing zeros, no exponent.

    >>> number_text(12.0)
    '12'
    """
    if isinstance(number, float):
        number = Decimal(f"{number:.15g}")
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: Any) -> str:
    """A cell's value as the person who typed it would recognise it, on one line and not too long."""
    vietnamese = (get_language() or "en").startswith("vi")
    match value:
        case None:
            text = ""
        case bool():
            text = "TRUE" if value else "FALSE"
        case int() | float() | Decimal():
            text = number_text(Decimal(value) if isinstance(value, int) else value)
            text = text.replace(".", ",") if vietnamese else text
        case datetime():
            text = value.strftime("%d/%m/%Y %H:%M") if vietnamese else value.strftime("%Y-%m-%d %H:%M")
        case date():
            text = value.strftime("%d/%m/%Y") if vietnamese else value.isoformat()
        case time():
            text = value.strftime("%H:%M" if not value.second else "%H:%M:%S")
        case timedelta():
            text = hours_minutes(value)
        case tuple() | list():
            text = ", ".join(str(part) for part in value)
        case _:
            text = one_line(str(value))
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def hours_minutes(duration: timedelta) -> str:
    """``37:30``, with seconds (and their fraction) only where there are any; hours may exceed 24."""
    sign = "-" if duration < timedelta(0) else ""
    seconds, micro = divmod(abs(duration) // timedelta(microseconds=1), 1_000_000)
    hours, rest = divmod(seconds, 3600)
    text = f"{sign}{hours}:{rest // 60:02d}"
    if rest % 60 or micro:
        text += f":{rest % 60:02d}" + (f".{micro:06d}".rstrip("0") if micro else "")
    return text
