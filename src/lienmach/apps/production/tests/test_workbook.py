"""Dirty workbooks: every bad cell is named with its address, all at once; nothing is dropped in silence."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from lienmach.apps.production.planning.factory import Factory, Shift
from lienmach.apps.production.sheets import FULL, MINIMUM, read_factory
from lienmach.apps.production.sheets.weekdays import parse_weekdays
from lienmach.apps.production.tests.workbooks import xlsx
from lienmach.kernel.sheets import Rejected, Severity, import_workbook

ORDERS = ["Mã đơn hàng", "Mã sản phẩm", "Số lượng", "Hạn giao"]
STEPS = ["Mã sản phẩm", "Công đoạn", "Nhóm máy", "Phút/cái", "Vật tư dùng", "Lượng vật tư mỗi cái"]
MACHINES = ["Mã máy", "Nhóm máy"]
HOURS = ["Các ngày", "Từ giờ", "Đến giờ"]


def read(sheets: dict[str, Any]) -> Factory | Rejected:
    with translation.override("vi"):
        return read_factory(import_workbook(xlsx(sheets), FULL), language="vi")


def cells(found: Factory | Rejected) -> set[tuple[str, str]]:
    assert isinstance(found, Rejected)
    return {(problem.sheet, problem.cell) for problem in found.problems if problem.severity is Severity.ERROR}


def clean() -> dict[str, Any]:
    return {
        "Đơn hàng": [ORDERS, ["A1", "P", 10, "2026-12-01"], ["A2", "p", "1000", "31/12/2026"]],
        "Sản phẩm và công đoạn": [
            STEPS,
            ["P", 10, "TIEN", "1,5", "Thep", "0,12"],
            [None, 20, "MAI", 2, None, None],
            [None, None, None, None, "Dau", "0.01"],
        ],
        "Máy": [MACHINES, ["T1", "Tien"], ["M1", "MAI"], ["M2", "MAI"]],
        "Giờ làm việc": [HOURS, ["T2-T7", "8:00", "12:00"], ["T2-T7", "13:00", "17:00"]],
    }


def test_the_minimum_workbook_has_four_sheets_and_fifteen_columns() -> None:
    """A stranger fills it in within an hour."""
    assert len(MINIMUM.sheets) <= 4
    assert sum(len(sheet.columns) for sheet in MINIMUM.sheets) <= 15
    full = {sheet.name: {column.key for column in sheet.columns} for sheet in FULL.sheets}
    for sheet in MINIMUM.sheets:
        assert {column.key for column in sheet.columns} <= full[sheet.name]


def test_a_workbook_as_people_write_it_is_read() -> None:
    """Commas for points, codes in any case, blanks that mean 'as above', two materials for a step."""
    factory = read(clean())
    assert isinstance(factory, Factory)
    assert [order.quantity for order in factory.orders] == [10, 1000]
    assert {order.item for order in factory.orders} == {"P"}
    first, second = factory.items["P"].steps
    assert (first.group, first.seconds_per_piece) == ("Tien", Decimal(90))
    assert [part.item for part in second.components] == ["Dau"]
    assert factory.calendars["standard"][0] == Shift(frozenset(range(6)), time(8), time(12))
    assert not factory.items["Thep"].made


def test_every_bad_cell_is_named_in_one_go() -> None:
    """Unreadable cells and cells that contradict each other come in one list."""
    dirty = clean()
    dirty["Đơn hàng"] += [
        ["A3", "Q", 5, "2026-12-01"],  # unknown item
        ["A1", "P", 5, "2026-12-01"],  # the order stands twice
        ["A5", "P", "nhiều", "2026-12-01"],  # not a number
        ["A6", "P", 2.5, "2026-12-01"],  # half a piece
        ["A7", "P", 5, "31/02/2026"],  # no such day
        [None, "P", 5, "2026-12-01"],  # no code
        ["A9", "P", -5, "2026-12-01"],  # negative
    ]
    dirty["Sản phẩm và công đoạn"] += [
        ["R", 10, "PHAY", 1, None, None],  # no machine of that group
        ["R", 20, None, None, None, None],  # neither place nor time
        ["R", 30, "MAI", 0, None, None],  # no time
        ["R", 40, "MAI", 1, "Thep", None],  # a material without quantity
        ["R", 40, "TIEN", 1, None, None],  # the step again, elsewhere
        ["R", 50, "MAI", 1, "R", 1],  # contains itself
    ]
    dirty["Máy"] += [["M1", "MAI"]]
    dirty["Giờ làm việc"] += [["thứ tám", "8:00", "9:00"], ["CN", "25:00", "9:00"]]
    found = cells(read(dirty))
    orders, steps = "Đơn hàng", "Sản phẩm và công đoạn"
    expected = {
        (orders, "B4"),
        (orders, "A5"),
        (orders, "C6"),
        (orders, "C7"),
        (orders, "D8"),
        (orders, "A9"),
    }
    expected |= {(orders, "C10"), (steps, "C5"), (steps, "C6"), (steps, "D6"), (steps, "D7"), (steps, "F8")}
    expected |= {(steps, "C9"), (steps, "E10"), ("Máy", "A5"), ("Giờ làm việc", "A4"), ("Giờ làm việc", "B5")}
    assert expected <= found, expected - found
    assert found <= expected, found - expected


def test_problems_have_reason_and_remedy_and_a_hint() -> None:
    """'TIENN' is close to a group that exists."""
    dirty = clean()
    dirty["Sản phẩm và công đoạn"][2][2] = "MAII"
    found = read(dirty)
    assert isinstance(found, Rejected)
    (problem,) = found.errors
    assert problem.cell == "C3"
    assert "MAI" in problem.remedy and problem.reason


def test_a_workbook_without_machines_and_hours_is_enough() -> None:
    """What is missing is assumed later, not refused."""
    sheets = clean()
    del sheets["Máy"], sheets["Giờ làm việc"]
    factory = read(sheets)
    assert isinstance(factory, Factory)
    assert not factory.machines and not factory.calendars


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("T2-T7", range(6)),
        ("Thứ 2 - Thứ 6", range(5)),
        ("Mon-Sat", range(6)),
        ("t7-cn", (5, 6)),
        ("T2, T4; CN", (0, 2, 6)),
        ("hằng ngày", range(7)),
        ("Thứ hai đến thứ bảy", range(6)),
    ],
)
def test_weekdays_are_read_as_people_write_them(text: str, days: Any) -> None:
    """One cell, many habits."""
    assert parse_weekdays(text) == frozenset(days)
