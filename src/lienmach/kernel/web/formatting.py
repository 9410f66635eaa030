"""Numbers, money, dates and durations as people in Vietnam write them, in Vietnamese and in English.

Every function takes the language, so that it works the same in a page, a workbook and a command. An absent
value is `NOTHING`, never 0: unknown is not a number.
"""

from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

NOTHING = "–"
NARROW = "\u202f"  # narrow no-break space, between a number and its unit
NO_BREAK = "\u00a0"
MINUS = "\u2212"


class Language(StrEnum):
    """A language of the interface."""

    VI = "vi"
    EN = "en"


THOUSANDS = {Language.VI: ".", Language.EN: ","}
DECIMAL = {Language.VI: ",", Language.EN: "."}
WEEKDAYS = {
    Language.VI: ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
HOURS = {Language.VI: "giờ", Language.EN: "h"}
MINUTES = {Language.VI: "phút", Language.EN: "min"}
DAYS = {Language.VI: "ngày", Language.EN: "d"}


def language_of(code: str | None) -> Language:
    """Return the language for Django's code (`vi`, `en-gb`, None); what we do not speak is Vietnamese."""
    return Language.EN if (code or "").lower().startswith("en") else Language.VI


def number(value: Decimal | float | None, *, language: Language, decimals: int | None = None) -> str:
    """Return `value` with separators of the language: 1.234.567,5 in Vietnamese, 1,234,567.5 in English.

    Parameters
    ----------
    decimals
        Digits after the separator, half up, as taught in school. None keeps what an integer or Decimal has;
        a float then gets at most two, without trailing zeros, because it is seldom known better.
    """
    if value is None or value != value:  # NaN is the only thing unequal to itself
        return NOTHING
    exact = Decimal(str(value))
    if decimals is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    elif isinstance(value, float):
        exact = exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        exact = exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()
    whole, _, fraction = f"{abs(exact):,f}".partition(".")
    text = whole.replace(",", THOUSANDS[language]) + (DECIMAL[language] + fraction if fraction else "")
    return MINUS + text if exact < 0 else text


def quantity(
    value: Decimal | float | None, unit: str, *, language: Language, decimals: int | None = None
) -> str:
    """Return a number and its unit, which never part at a line's end."""
    if value is None:
        return NOTHING
    return f"{number(value, language=language, decimals=decimals)}{NO_BREAK}{unit}"


def money(value: int | None, *, language: Language, currency: str = "VND") -> str:
    """Return an amount: 1.234.567 ₫ in Vietnamese, VND 1,234,567 in English. Đồng are whole.

    Parameters
    ----------
    value
        The amount in the currency's smallest unit in use: đồng for VND, cents for what has cents.
    """
    if value is None:
        return NOTHING
    if currency == "VND":
        amount = number(value, language=language)
        return f"{amount}{NO_BREAK}₫" if language is Language.VI else f"VND{NO_BREAK}{amount}"
    amount = number(Decimal(value) / 100, language=language, decimals=2)
    return f"{amount}{NO_BREAK}{currency}" if language is Language.VI else f"{currency}{NO_BREAK}{amount}"


def share(value: Decimal | float | None, *, language: Language, decimals: int = 1) -> str:
    """Return a share of 1 as a percentage: 0.835 → 83,5% or 83.5%."""
    if value is None:
        return NOTHING
    return f"{number(Decimal(str(value)) * 100, language=language, decimals=decimals)}%"


def day(value: date | datetime | None, *, zone: tzinfo | None = None) -> str:
    """Return 21/11/2026. A moment is first taken to `zone`, because the date depends on it."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime) and zone is not None and value.tzinfo is not None:
        value = value.astimezone(zone)
    return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def day_short(value: date | datetime, *, language: Language, zone: tzinfo | None = None) -> str:
    """Return the weekday and the day, for the axis of a plan: T7 21/11 or Sat 21/11."""
    if isinstance(value, datetime) and zone is not None and value.tzinfo is not None:
        value = value.astimezone(zone)
    return f"{WEEKDAYS[language][value.weekday()]}{NO_BREAK}{value.day:02d}/{value.month:02d}"


def month(value: date, *, language: Language) -> str:
    """Return a month: 11/2026 in both languages ("tháng 11/2026" where the sentence needs the word)."""
    return (
        f"{value.month:02d}/{value.year:04d}"
        if language is Language.EN
        else f"tháng{NO_BREAK}{value.month}/{value.year:04d}"
    )


def clock(value: datetime, *, zone: tzinfo | None = None) -> str:
    """Return the time of day, 24 hours: 14:05."""
    if zone is not None and value.tzinfo is not None:
        value = value.astimezone(zone)
    return f"{value.hour:02d}:{value.minute:02d}"


def moment(value: datetime | None, *, zone: tzinfo | None = None) -> str:
    """Return 21/11/2026 14:05 in `zone`."""
    if value is None:
        return NOTHING
    return f"{day(value, zone=zone)}{NO_BREAK}{clock(value, zone=zone)}"


def duration(value: timedelta | float | None, *, language: Language, rough: bool = False) -> str:
    """Return a duration in hours and minutes: 26 giờ 5 phút, 26 h 5 min.

    Parameters
    ----------
    value
        A timedelta, or seconds. Rounded to whole minutes; more than nothing is never shown as 0.
    rough
        Say days and hours from two days on (24-hour days, elapsed time, not working days).
    """
    if value is None:
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    sign = MINUS if seconds < 0 else ""
    seconds = abs(seconds)
    minutes = int(seconds / 60 + 0.5)
    if minutes == 0:
        return f"{'< 1' if seconds else '0'}{NO_BREAK}{MINUTES[language]}"
    parts: list[tuple[int, str]]
    if rough and minutes >= 2 * 24 * 60:
        hours = int(seconds / 3600 + 0.5)
        parts = [(hours // 24, DAYS[language]), (hours % 24, HOURS[language])]
    else:
        parts = [(minutes // 60, HOURS[language]), (minutes % 60, MINUTES[language])]
    shown = [f"{number(amount, language=language)}{NO_BREAK}{unit}" for amount, unit in parts if amount]
    return sign + " ".join(shown)
