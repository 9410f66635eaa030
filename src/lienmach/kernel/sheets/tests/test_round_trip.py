"""What is written is read back, in either language: template, filled template, export."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienmach.kernel.sheets import Imported, import_workbook, write_template, write_xlsx
from lienmach.kernel.sheets.export import FORMULA_STARTS
from lienmach.kernel.sheets.parse.words import clean
from lienmach.kernel.sheets.tests.workshop import ROWS, WORKSHOP

_CODE = st.from_regex(r"[A-ZĐa-z0-9][A-ZĐÁa-z0-9._/-]{0,11}", fullmatch=True).filter(
    lambda code: code == clean(code)
)
_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=40),
    st.builds(str.__add__, st.sampled_from(FORMULA_STARTS[:4]), st.text("abc+()1", min_size=1)),
).map(clean)
_DAY = st.dates(date(1901, 1, 1), date(2199, 12, 31))
_MINUTE = st.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 31)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@st.composite
def workshops(draw: Any) -> dict[str, list[dict[str, Any]]]:
    """Rows that a valid workbook could hold."""
    unique = {"unique_by": lambda code: code.casefold()}
    machines = draw(st.lists(_CODE, min_size=1, max_size=2, **unique))
    items = draw(st.lists(_CODE, min_size=1, max_size=2, **unique))
    orders = draw(st.lists(_CODE, min_size=1, max_size=3, **unique))
    whole = st.integers(1, 10**9)
    return {
        "machines": [
            {
                "machine": machine,
                "group": draw(_TEXT.filter(bool)),
                "opens": draw(st.times().map(lambda at: at.replace(second=0, microsecond=0))),
                "cooling": draw(
                    st.none() | st.integers(0, 10**6).map(lambda minutes: timedelta(minutes=minutes))
                ),
                "running": draw(st.booleans()),
                "skills": draw(st.none() | st.lists(_CODE, min_size=1, max_size=3, unique=True).map(tuple)),
            }
            for machine in machines
        ],
        "steps": [
            {
                "item": item,
                "step": step,
                "machine": draw(st.none() | st.sampled_from(machines)),
                "minutes": timedelta(seconds=draw(st.integers(1, 10**6))),
                "mass": draw(
                    st.none() | st.decimals(0, 10**6, places=3).map(lambda mass: mass.normalize() + 0)
                ),
            }
            for item in items
            for step in (1, 2)
        ],
        "orders": [
            {
                "order": order,
                "item": draw(st.sampled_from(items)),
                "quantity": draw(whole),
                "due": draw(_DAY),
                "ordered": draw(st.none() | _MINUTE),
                "priority": draw(st.sampled_from(["high", "normal"])),
                "customer": draw(st.none() | _TEXT.filter(bool)),
            }
            for order in orders
        ],
    }


def _rows(result: Any) -> dict[str, list[dict[str, Any]]]:
    assert isinstance(result, Imported), [str(problem) for problem in result.problems]
    return {name: [dict(row) for row in rows] for name, rows in result.tables.items()}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(workshops(), st.sampled_from(["vi", "en"]))
def test_template_fill_import_export_import(rows: dict[str, list[dict[str, Any]]], language: str) -> None:
    """Whatever fits the declaration survives a filled template and an export unchanged."""
    first = _rows(import_workbook(write_template(WORKSHOP, language=language, rows=rows), WORKSHOP))
    assert first == rows
    assert _rows(import_workbook(write_xlsx(WORKSHOP, first, language=language), WORKSHOP)) == rows


@pytest.mark.parametrize("language", ["vi", "en"])
def test_defaults_are_marked_as_assumed(language: str) -> None:
    """What the file does not say is known not to have been said."""
    result = import_workbook(write_template(WORKSHOP, language=language, rows=ROWS), WORKSHOP)
    assert isinstance(result, Imported)
    first, second = result["machines"]
    assert first.assumed == frozenset()
    assert second.assumed == {"opens"}
    assert second["opens"] == time(7, 30)
    assert second["machine"] == "007"
    assert result["orders"][1].assumed == {"priority"}
    assert result["orders"][1]["customer"] == "=1+1"
    assert result["steps"][0]["mass"] == Decimal("0.106")
    assert result.warnings == ()


def test_an_empty_template_says_what_to_fill_in() -> None:
    """Importing the template as it came is answered by the first steps, not by a fall."""
    result = import_workbook(write_template(WORKSHOP, language="vi"), WORKSHOP)
    assert {problem.code for problem in result.problems} == {"empty_sheet"}
    assert {problem.sheet for problem in result.problems} == {"Mặt hàng", "Đơn hàng"}


def test_the_same_input_gives_the_same_bytes() -> None:
    """Law 7: files can be compared and cached by content."""
    assert write_template(WORKSHOP, language="vi", rows=ROWS) == write_template(
        WORKSHOP, language="vi", rows=ROWS
    )
    assert write_xlsx(WORKSHOP, ROWS, language="en") == write_xlsx(WORKSHOP, ROWS, language="en")
