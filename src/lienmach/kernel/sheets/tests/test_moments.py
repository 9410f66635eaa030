"""Dates, times and durations as people write them."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienmach.kernel.sheets import Column, DurationUnit, Kind, Text
from lienmach.kernel.sheets.parse import Doubted, Misread, parse

WORDS = Text(vi="Cột", en="Column")
DATE = Column("c", Kind.DATE, WORDS)
DATETIME = Column("c", Kind.DATETIME, WORDS)
TIME = Column("c", Kind.TIME, WORDS)
MINUTES = Column("c", Kind.DURATION, WORDS)
HOURS = Column("c", Kind.DURATION, WORDS, duration_unit=DurationUnit.HOURS)


@pytest.mark.parametrize(
    "written",
    [
        "28/02/2026",
        "28-2-2026",
        "28.02.2026",
        "2026-02-28",
        "2026/2/28",
        "28/2/26",
        "ngày 28 tháng 2 năm 2026",
        "28 tháng 2, 2026",
        46081.0,
        46081,
        date(2026, 2, 28),
        datetime(2026, 2, 28),
        "28/02/2026 00:00",
    ],
)
def test_ways_to_write_a_date(written: Any) -> None:
    """The day comes first, ISO dates and spreadsheet serials are understood."""
    assert parse(written, DATE) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("31/02/2026", "Write it as 28/02/2026 or 2026-02-28."),
        ("2026-02-30", "Write it as 28/02/2026 or 2026-02-28."),
        ("12/31/2026", "The day comes before the month. Write it as 31/12/2026 or 2026-12-31."),
        ("mai", "Write it as 28/02/2026 or 2026-02-28."),
        (5.0, "Write it as 28/02/2026 or 2026-02-28."),
        (True, "Write it as 28/02/2026 or 2026-02-28."),
        (time(7, 30), "Write it as 28/02/2026 or 2026-02-28."),
        ("40/13/2026", "Write it as 28/02/2026 or 2026-02-28."),
    ],
)
def test_what_is_no_date_comes_back_with_the_nearest_one(written: Any, remedy: str) -> None:
    """The message shows how it is written, with the day that was probably meant."""
    with pytest.raises(Misread) as caught:
        parse(written, DATE)
    assert caught.value.code == "not_a_date"
    assert caught.value.reason.endswith("is not a date.")
    assert caught.value.remedy == remedy


def test_years_that_cannot_be_right() -> None:
    """A slip of the finger moves a due date by millennia."""
    for written in ("28/02/0226", "2902-02-28", date(1899, 12, 31)):
        with pytest.raises(Misread) as caught:
            parse(written, DATE)
        assert caught.value.code == "implausible_year"


def test_a_time_beside_a_date_is_left_out_with_a_word() -> None:
    """Nothing is dropped in silence."""
    read = parse("28/02/2026 07:30", DATE)
    assert isinstance(read, Doubted)
    assert read.value == date(2026, 2, 28)


@pytest.mark.parametrize(
    "written",
    [
        "21/11/2026 7:30",
        "7:30 21/11/2026",
        "2026-11-21T07:30:00",
        "2026-11-21 07:30",
        "21/11/2026 7h30",
        "21/11/2026, 7 giờ 30 phút",
        46347.3125,
        datetime(2026, 11, 21, 7, 30),
    ],
)
def test_ways_to_write_a_date_with_a_time(written: Any) -> None:
    """Either order, ISO, words, serials."""
    assert parse(written, DATETIME) == datetime(2026, 11, 21, 7, 30)


def test_midnight_at_the_end_of_a_day() -> None:
    """``24:00`` is the beginning of the next day."""
    assert parse("21/11/2026 24:00", DATETIME) == datetime(2026, 11, 22)
    assert parse("24:00", TIME) == time(0, 0)


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("7:30", time(7, 30)),
        ("07:30:15", time(7, 30, 15)),
        ("7h30", time(7, 30)),
        ("7h", time(7)),
        ("7g30", time(7, 30)),
        ("7 giờ 30", time(7, 30)),
        ("7 giờ 30 phút", time(7, 30)),
        ("5:30 PM", time(17, 30)),
        ("5:30 CH", time(17, 30)),
        ("12:15 SA", time(0, 15)),
        (time(22, 0), time(22, 0)),
        (0.3125, time(7, 30)),
        (7.0, time(7)),
        (24.0, time(0)),
        (timedelta(hours=7.5), time(7, 30)),
    ],
)
def test_ways_to_write_a_time(written: Any, clock: time) -> None:
    """As on the board in the workshop."""
    assert parse(written, TIME) == clock


@pytest.mark.parametrize("written", ["25:00", "7:60", "sáng", "7.5.3", 7.5, "13:00 PM", "", True])
def test_what_is_no_time(written: Any) -> None:
    """Given back, not bent."""
    with pytest.raises(Misread):
        parse(written, TIME)


@pytest.mark.parametrize(
    ("written", "length"),
    [
        (1.25, timedelta(seconds=75)),
        ("1,25", timedelta(seconds=75)),
        ("1:30", timedelta(hours=1, minutes=30)),
        ("168:00:00", timedelta(hours=168)),
        ("0:00:45", timedelta(seconds=45)),
        ("90 phút", timedelta(minutes=90)),
        ("1,5 giờ", timedelta(minutes=90)),
        ("1h30", timedelta(minutes=90)),
        ("1 giờ 30 phút", timedelta(minutes=90)),
        ("1g30p", timedelta(minutes=90)),
        ("2 ngày", timedelta(days=2)),
        ("2 ngày 4 giờ", timedelta(hours=52)),
        ("45s", timedelta(seconds=45)),
        ("90'", timedelta(minutes=90)),
        (timedelta(hours=36), timedelta(hours=36)),
        (time(1, 30), timedelta(minutes=90)),
        (datetime(1900, 1, 1, 12, 0), timedelta(hours=36)),
        (date(1900, 1, 1), timedelta(hours=24)),
        ("0,001", timedelta(microseconds=60_000)),
    ],
)
def test_ways_to_write_a_duration(written: Any, length: timedelta) -> None:
    """A bare number counts minutes here; a clock value may pass 24 hours."""
    assert parse(written, MINUTES) == length


def test_a_bare_number_counts_in_the_columns_unit() -> None:
    """The same cell under another heading."""
    assert parse("36", HOURS) == timedelta(hours=36)
    assert parse("36:00", HOURS) == timedelta(hours=36)


@pytest.mark.parametrize(
    "written", ["lâu", "1:75", "30 phút 1 giờ", "1h30x", "5 tuần", True, date(2026, 1, 1), 1e12]
)
def test_what_is_no_duration(written: Any) -> None:
    """Given back with the way to write it in this column's unit."""
    with pytest.raises(Misread) as caught:
        parse(written, MINUTES)
    assert caught.value.code == "not_a_duration"
    assert "minutes" in caught.value.remedy


def test_an_ambiguous_duration_is_given_back() -> None:
    """``1.500`` minutes are a minute and a half, or a day."""
    with pytest.raises(Misread) as caught:
        parse("1.500", MINUTES)
    assert caught.value.code == "ambiguous_number"


@given(st.one_of(st.text(max_size=25), st.floats(), st.dates(), st.times()))
def test_any_cell_is_read_or_given_back(raw: Any) -> None:
    """No cell makes a reader fall over, and every refusal says why and what to do."""
    for column in (DATE, DATETIME, TIME, MINUTES):
        try:
            parse(raw, column)
        except Misread as misread:
            assert misread.reason and misread.remedy


@given(st.datetimes(datetime(1900, 3, 1), datetime(2199, 12, 31)))
def test_serials_mean_the_same_as_dates(moment: datetime) -> None:
    """A cell formatted as *General* shows a serial number; it is the same moment, to the second."""
    moment = moment.replace(microsecond=0)
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert parse(serial, DATETIME) == moment
