"""Dates and times of day as people write them; the day comes before the month."""

# ruff: noqa: DTZ001 - spreadsheets know no zones
import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

from lienmach.kernel.sheets.parse.outcome import Doubted, Misread
from lienmach.kernel.sheets.parse.words import fold, one_line, shown

_EPOCH = datetime(1899, 12, 30)
"""Day 0 of spreadsheet dates (from March 1900 on; earlier ones are off by a day and not accepted)."""

_EARLIEST, _LATEST = 1900, 2199
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})")
_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) (?:thang|thg) (\d{1,2}) (?:nam )?(\d{4})")
_CLOCK = re.compile(
    r"(\d{1,2})\s*(?:[:hg]|giờ|gio)\s*(?:(\d{1,2})\s*(?:phút|phut|ph|p|m)?)?(?::(\d{2})(?:\.\d+)?)?\s*(am|pm|sa|ch)?",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"[T\s,]+")


def parse_date(raw: Any) -> date | Doubted:
    """A day. A time of day beside it is left out, with a warning unless it is midnight.

    Raises
    ------
    Misread
        Not a date, or one outside the years 1900 to 2199.
    """
    moment = _moment(raw)
    if moment is None:
        raise _not_a_date(raw)
    day = moment.date()
    if moment.time() != time(0):
        return Doubted(
            day,
            "time_left_out",
            _("'%(value)s' has a time of day; only the date is used.") % {"value": shown(raw)},
            _("Nothing to do if the date is right."),
        )
    return day


def parse_datetime(raw: Any) -> datetime:
    """A day and a time of day; a day alone is its midnight.

    Raises
    ------
    Misread
        Neither.
    """
    moment = _moment(raw)
    if moment is None:
        raise _not_a_date(raw)
    return moment


def parse_time(raw: Any) -> time:
    """A time of day: ``7:30``, ``7h30``, ``07:30:00``, ``5:30 PM``, ``5:30 CH``; ``24:00`` is midnight.

    A bare number from 1 to 24 is an hour; a smaller one is a fraction of the day, as spreadsheets keep times.

    Raises
    ------
    Misread
        Not a time of day.
    """
    clock: time | None = None
    match raw:
        case datetime() if raw.year <= 1900 or _is_on_the_first_day(raw):
            clock = raw.time()
        case time():
            clock = raw
        case timedelta() if timedelta(0) <= raw <= timedelta(days=1):
            clock = (_EPOCH + raw).time()
        case date() if not isinstance(raw, datetime) and raw.year <= 1900:
            clock = time(0)
        case bool():
            pass
        case int() | float() if 1 <= raw <= 24 and raw == int(raw):
            clock = time(int(raw) % 24)
        case int() | float() if 0 <= raw < 1:
            clock = _to_second(_EPOCH + timedelta(days=raw)).time()
        case str():
            clock = _clock(one_line(raw))
    if clock is None:
        raise Misread(
            "not_a_time",
            _("'%(value)s' is not a time of day.") % {"value": shown(raw)},
            _("Write it as 07:30."),
        )
    return clock


def _is_on_the_first_day(moment: datetime) -> bool:
    return moment - _EPOCH < timedelta(days=2)


def _moment(raw: Any) -> datetime | None:
    match raw:
        case datetime():
            moment: datetime | None = raw
        case date():
            moment = datetime(raw.year, raw.month, raw.day)
        case bool():
            moment = None
        case int() | float() if 61 <= raw < 110_000:
            moment = _to_second(_EPOCH + timedelta(days=raw))
        case str():
            moment = _moment_in_words(one_line(raw))
        case _:
            moment = None
    if moment is not None and not _EARLIEST <= moment.year <= _LATEST:
        raise Misread(
            "implausible_year",
            _("The year in '%(value)s' cannot be right.") % {"value": shown(raw)},
            _("Write the year with four digits, between 1900 and 2199."),
        )
    return moment


def _moment_in_words(text: str) -> datetime | None:
    day = _day(text)
    if day:
        return datetime(day.year, day.month, day.day)
    parts = _SPLIT.split(text.removesuffix("Z"))
    for cut in range(1, len(parts)):
        for day_text, clock_text in ((parts[:cut], parts[cut:]), (parts[cut:], parts[:cut])):
            day, clock = _day(" ".join(day_text)), _clock(" ".join(clock_text))
            if day and clock is not None:
                moment = datetime.combine(day, clock)
                return moment + timedelta(days=1) if " ".join(clock_text).startswith("24") else moment
    return None


def _day(text: str) -> date | None:
    parts = _day_month_year(text)
    if parts is None:
        return None
    day, month, year = parts
    if 1 <= month <= 12 and year >= 1 and 1 <= day <= monthrange(year, month)[1]:
        return date(year, month, day)
    return None


def _day_month_year(text: str) -> tuple[int, int, int] | None:
    if match := _DAY_FIRST.fullmatch(text) or _IN_WORDS.fullmatch(fold(text)):
        day, month, year = (int(part) for part in match.groups())
        return day, month, year + 2000 if len(match[3]) == 2 else year
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
        return day, month, year
    return None


def _clock(text: str) -> time | None:
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    half = (match[4] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in {"pm", "ch"} else 0)
    if (hour, minute, second) == (24, 0, 0):
        return time(0)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _to_second(moment: datetime) -> datetime:
    """Spreadsheets keep times as fractions of a day, which are off by some microseconds."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _not_a_date(raw: Any) -> Misread:
    reason = _("'%(value)s' is not a date.") % {"value": shown(raw)}
    parts = _day_month_year(one_line(raw)) if isinstance(raw, str) else None
    suggestion = date(2026, 2, 28)
    if parts:
        day, month, year = parts
        if month > 12 >= day and 1 <= month <= 31:
            suggestion = date(year, day, min(month, monthrange(year, day)[1]))
            return Misread(
                "not_a_date",
                reason,
                _("The day comes before the month. Write it as %(day_first)s or %(iso)s.")
                % _both(suggestion),
            )
        if 1 <= month <= 12 and year >= 1:
            suggestion = date(year, month, max(1, min(day, monthrange(year, month)[1])))
    return Misread("not_a_date", reason, _("Write it as %(day_first)s or %(iso)s.") % _both(suggestion))


def _both(day: date) -> dict[str, str]:
    return {"day_first": day.strftime("%d/%m/%Y"), "iso": day.isoformat()}
