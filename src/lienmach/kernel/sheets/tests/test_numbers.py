"""Numbers as people write them; the documented rules of `parse/number.py`."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienmach.kernel.sheets import Column, Kind, Text
from lienmach.kernel.sheets.parse import Misread, parse
from lienmach.kernel.sheets.parse.number import readings_of

WHOLE = Column("n", Kind.INTEGER, Text(vi="Số", en="Number"), unit=Text(vi="cái", en="pieces"))
EXACT = Column("n", Kind.DECIMAL, Text(vi="Số", en="Number"), unit=Text(vi="kg", en="kg"))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("2.000", 2000),
        ("1,500", 1500),
        ("1.234.567", 1234567),
        ("1 234 567", 1234567),
        ("1\u00a0234", 1234),
        ("12,0", 12),
        ("15 cái", 15),
        ("-3", -3),
        ("\u22123", -3),
        (12.0, 12),
        ("0012", 12),
        ("1'000", 1000),
    ],
)
def test_whole_numbers(written: object, number: int) -> None:
    """In a column of whole numbers a group of three digits is a group of thousands."""
    assert parse(written, WHOLE) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("0,01", "0.01"),
        ("0.125", "0.125"),
        ("1,5", "1.5"),
        (",5", "0.5"),
        ("1234,567", "1234.567"),
        ("1.234.567,89", "1234567.89"),
        ("2,5 kg", "2.5"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "1E-7"),
        ("100,0", "100.0"),
    ],
)
def test_fractions(written: object, number: str) -> None:
    """Both conventions are understood; what a spreadsheet keeps as a number is taken as it is shown."""
    assert parse(written, EXACT) == Decimal(number)


@pytest.mark.parametrize("written", ["1.500", "2,999", "2.000", "12.345"])
def test_what_can_be_read_in_two_ways_is_given_back(written: str) -> None:
    """Guessing would be wrong by a factor of a thousand, half of the time."""
    with pytest.raises(Misread) as caught:
        parse(written, EXACT)
    assert caught.value.code == "ambiguous_number"
    assert "can be read as" in caught.value.reason


def test_limits_decide_between_two_readings() -> None:
    """A scrap rate of at most 100 cannot be 1500."""
    rate = Column("n", Kind.DECIMAL, Text(vi="Số", en="Number"), minimum=0, maximum=100)
    assert parse("1.500", rate) == Decimal("1.5")
    price = Column("n", Kind.DECIMAL, Text(vi="Số", en="Number"), minimum=1000)
    assert parse("1.500", price) == 1500


@pytest.mark.parametrize(
    "written",
    ["abc", "1e5", "1..5", "1,2,3", "1.23.456", "12.3456.789", "--5", "5-", "NaN", "inf", "½", "1.234,5,6"],
)
def test_what_is_no_number(written: str) -> None:
    """No partial reading: a cell is a number as a whole or not at all."""
    for column in (WHOLE, EXACT):
        with pytest.raises(Misread) as caught:
            parse(written, column)
        assert caught.value.code == "not_a_number"


def test_a_fraction_is_no_whole_number() -> None:
    """It is not rounded in silence."""
    for written in (12.5, "12,5"):
        with pytest.raises(Misread) as caught:
            parse(written, WHOLE)
        assert caught.value.code == "not_an_integer"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_both_conventions_mean_the_same(number: Decimal) -> None:
    """A number written with thousands and two decimals has one reading, in Vietnamese and in English."""
    english = f"{number:,.2f}"
    vietnamese = english.translate(str.maketrans(",.", ".,"))
    assert readings_of(english) == readings_of(vietnamese) == [number]


@given(st.text(max_size=20))
def test_any_text_is_read_or_given_back(text: str) -> None:
    """No text makes the reader fall over."""
    for column in (WHOLE, EXACT):
        try:
            parse(text, column)
        except Misread as misread:
            assert misread.reason and misread.remedy
