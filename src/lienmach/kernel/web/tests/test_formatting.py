"""Numbers, dates and durations read as people in Vietnam write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lienmach.kernel.web import formatting
from lienmach.kernel.web.formatting import Language

VI, EN = Language.VI, Language.EN
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def plain(text):
    """Compare without minding which space is used."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234567, None, "1.234.567", "1,234,567"),
        (Decimal("1234.50"), None, "1.234,50", "1,234.50"),
        (1234.5, None, "1.234,5", "1,234.5"),
        (1234.0, None, "1.234", "1,234"),
        (100.0, None, "100", "100"),
        (0.1 + 0.2, None, "0,3", "0.3"),
        (2.345, 2, "2,35", "2.35"),
        (-12, None, "−12", "−12"),
        (0, None, "0", "0"),
        (1e15, None, "1.000.000.000.000.000", "1,000,000,000,000,000"),
        (None, None, "–", "–"),
        (float("nan"), 1, "–", "–"),
    ],
)
def test_numbers(value, decimals, vi, en):
    assert formatting.number(value, language=VI, decimals=decimals) == vi
    assert formatting.number(value, language=EN, decimals=decimals) == en


def test_money_is_whole_dong():
    assert plain(formatting.money(222_000_000, language=VI)) == "222.000.000 ₫"
    assert plain(formatting.money(222_000_000, language=EN)) == "VND 222,000,000"
    assert plain(formatting.money(1_999_50, language=EN, currency="USD")) == "USD 1,999.50"
    assert formatting.money(None, language=VI) == "–"


def test_shares():
    assert formatting.share(0.835, language=VI) == "83,5%"
    assert formatting.share(Decimal("0.965"), language=EN, decimals=0) == "97%"
    assert formatting.share(None, language=EN) == "–"


def test_a_moment_is_shown_in_the_zone_it_is_asked_for():
    """Late in the evening in UTC it is already tomorrow in Vietnam."""
    late = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)
    assert plain(formatting.moment(late, zone=HANOI)) == "21/11/2026 01:05"
    assert formatting.day(late, zone=HANOI) == "21/11/2026"
    assert formatting.day(date(2026, 1, 2)) == "02/01/2026"
    assert plain(formatting.day_short(late, language=VI, zone=HANOI)) == "T7 21/11"


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (timedelta(hours=26, minutes=5), "26 giờ 5 phút", "26 h 5 min"),
        (timedelta(minutes=45), "45 phút", "45 min"),
        (timedelta(hours=3), "3 giờ", "3 h"),
        (0, "0 phút", "0 min"),
        (20, "< 1 phút", "< 1 min"),
        (-5400, "−1 giờ 30 phút", "−1 h 30 min"),
        (timedelta(hours=1250), "1.250 giờ", "1,250 h"),
    ],
)
def test_durations(value, vi, en):
    """More than nothing is never shown as nothing."""
    assert plain(formatting.duration(value, language=VI)) == vi
    assert plain(formatting.duration(value, language=EN)) == en


def test_rough_durations_count_days():
    assert (
        plain(formatting.duration(timedelta(days=3, hours=4, minutes=31), language=EN, rough=True))
        == "3 d 5 h"
    )


@pytest.mark.parametrize("value", [0, 7, 1234, 98765.43, -1234567.891])
def test_numbers_agree_with_the_unicode_locale_data(value):
    """Our few lines say what CLDR says."""
    babel = pytest.importorskip("babel.numbers", reason="Babel is a development tool")
    for language in Language:
        expected = babel.format_decimal(value, "#,##0.##", locale=language.value).replace("-", "−")
        assert formatting.number(Decimal(str(value)), language=language, decimals=None).rstrip("0") in (
            expected.rstrip("0"),
            babel.format_decimal(value, "#,##0.###", locale=language.value).replace("-", "−").rstrip("0"),
        )
