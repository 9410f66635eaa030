"""Weekdays as people write them: ``T2-T7``, ``Thứ 2 - Thứ 6``, ``CN``, ``Mon-Sat``, ``hằng ngày``."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

_EVERY_DAY = {"hang ngay", "moi ngay", "ca tuan", "every day", "everyday", "daily", "all", "t2-cn", "mon-sun"}
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_VIETNAMESE = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}
_RANGE = re.compile(r"\s*(?:-|–|—|\bto\b|\bden\b|→)\s*")


def parse_weekdays(text: str) -> frozenset[int]:
    """Return the weekdays meant, Monday = 0.

    Raises
    ------
    ValueError
        Naming the part that is not a weekday.
    """
    plain = _plain(text)
    if plain in _EVERY_DAY:
        return frozenset(range(7))
    days: set[int] = set()
    for part in re.split(r"[,;/+&\n]|\bva\b|\band\b", plain):
        if not part.strip():
            continue
        ends = [_day(word) for word in _RANGE.split(part.strip()) if word]
        if len(ends) == 1:
            days.add(ends[0])
        elif len(ends) == 2:
            days.update((ends[0] + step) % 7 for step in range((ends[1] - ends[0]) % 7 + 1))
        else:
            raise ValueError(part.strip())
    if not days:
        raise ValueError(text)
    return frozenset(days)


def refuse_weekdays(text: str) -> str | None:
    """Return why ``text`` is not a list of weekdays, or None when it is one (for ``Column.check``)."""
    try:
        parse_weekdays(text)
    except ValueError as problem:
        return _("“%(word)s” is not a weekday. Write it like Mon-Sat or Mon,Wed,Sun.") % {"word": problem}
    return None


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _day(word: str) -> int:
    name = word.strip().strip(".")
    if name in {"cn", "chu nhat", "8"}:
        return 6
    for index, english in enumerate(_ENGLISH):
        if re.fullmatch(rf"{english}[a-z]*", name):
            return index
    short = re.fullmatch(r"(?:t|thu)?\s*\.?\s*([2-7]|hai|ba|tu|nam|sau|bay)", name)
    if short is None:
        raise ValueError(word)
    number = short.group(1)
    return int(number) - 2 if number.isdigit() else _VIETNAMESE[number]
