"""Dirty workbooks: every bad cell is named with its address, all at once; nothing is dropped in silence."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienmach.apps.production.planning.documents import factory_json, read_factory_json
from lienmach.apps.production.planning.factory import (
    Changeover,
    Factory,
    OperatorGroup,
    Rates,
    Shift,
    WorkInProgress,
)
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


FULL_STEPS = [
    "Mã sản phẩm", "Công đoạn", "Nhóm máy", "Phút/cái", "Phút mỗi mẻ", "Chế độ mẻ", "Họ gá đặt",
    "Tay nghề cần", "Số thợ cần", "Thợ cần khi", "Phút chờ tối thiểu", "Phút chờ tối đa", "Lô chuyển",
    "Ngày gia công ngoài", "Nơi gia công ngoài", "Giá gia công mỗi cái",
]  # fmt: skip


def full() -> dict[str, Any]:
    """A correct workbook with every optional sheet."""
    blank: list[Any] = [None] * 12
    return {
        "Đơn hàng": [[*ORDERS, "Phạt trễ mỗi ngày"], ["A1", "P", 100, "2026-12-01", "1.500.000"]],
        "Sản phẩm và công đoạn": [
            FULL_STEPS,
            [
                "P",
                10,
                "TIEN",
                "1,5",
                None,
                None,
                "6204",
                "tiện",
                1,
                "chỉ gá đặt",
                30,
                600,
                20,
                None,
                None,
                900,
            ],
            ["P", 20, "TIEN", 1, *blank],
            ["P", 30, "LO", None, 60, "R1", *[None] * 10],
            ["P", 40, None, None, *[None] * 9, 2, "Mạ Kim", 1200],
        ],
        "Máy": [
            [*MACHINES, "Sức chứa", "Đang gá họ", "Lịch làm việc", "Chi phí mỗi giờ máy"],
            ["T1", "Tien", None, "6204", "CA", 90000],
            ["L1", "LO", 50, None, "ca", None],
        ],
        "Giờ làm việc": [
            [*HOURS, "Lịch làm việc", "Tăng ca"],
            ["T2-T7", "22:00", "06:00", "ca", "không"],
            ["CN", "8:00", "12:00", "ca", "có"],
        ],
        "Vật tư và sản phẩm": [
            ["Mã", "Đơn giá", "Lô tối đa", "Phụ phí lấy gấp"],
            ["P", None, 40, None],
            ["Thép", 1000, None, 350000],
        ],
        "Chuyển đổi gá đặt": [["Nhóm máy", "Từ họ", "Sang họ", "Phút"], ["tien", "6204", "*", 15]],
        "Thợ": [
            ["Tay nghề", "Số người", "Mã thợ", "Lịch làm việc", "Lương mỗi giờ"],
            ["tiện, mài", 2, "TỔ 1", "ca", 45000],
        ],
        "Hàng đang làm dở": [
            ["Mã lô", "Mã sản phẩm", "Số lượng", "Công đoạn", "Đã xong", "Máy", "Đơn hàng"],
            ["L-1", "P", 30, 10, 5, "T1", "A1"],
        ],
        "Đơn giá chung": [["Tăng ca %", "Phạt trễ mỗi ngày"], [200, 500000]],
    }


def test_everything_that_can_be_said_is_read() -> None:
    """Every optional sheet and column in Vietnamese, in the habits of people who fill in workbooks."""
    factory = read(full())
    assert isinstance(factory, Factory), factory
    first, _, oven, out = factory.items["P"].steps
    assert (first.min_wait_seconds, first.max_wait_seconds, first.transfer_quantity) == (1800, 36000, 20)
    assert (first.skill, first.operator_during.value, first.family) == ("tiện", "setup", "6204")
    assert (oven.cycle_seconds, oven.recipe) == (3600, "R1")
    assert (out.outsourced_days, out.supplier, out.outsourced_price) == (2, "Mạ Kim", 1200)
    assert (first.outsourced_days, first.outsourced_price) == (0, 900)
    assert factory.items["Thép"].expedite_surcharge == 350_000
    assert factory.operators == (OperatorGroup("TỔ 1", ("tiện", "mài"), 2, "ca", Decimal(45000)),)
    assert [shift.overtime for shift in factory.calendars["ca"]] == [False, True]
    assert {machine.calendar for machine in factory.machines.values()} == {"ca"}
    assert factory.in_progress == (WorkInProgress("L-1", "P", 30, "10", 5, "T1", "A1"),)
    assert (factory.rates, factory.orders[0].lateness_per_day) == (
        Rates(Decimal(200), Decimal(500000)),
        1500000,
    )
    assert factory.changeovers == (Changeover("Tien", "6204", "*", 900),)
    assert factory.items["P"].lot_maximum == 40


def test_contradictions_of_the_full_workbook_are_all_named() -> None:
    """What could not be honoured is refused at its cell; nothing is ignored."""
    dirty = full()
    steps, lots, title = dirty["Sản phẩm và công đoạn"], dirty["Hàng đang làm dở"], "Sản phẩm và công đoạn"
    steps[1][8] = 3  # more people than any team has
    steps[1][11] = 10  # the maximum wait is below the minimum
    steps[2][12] = 5  # a transfer batch into a furnace
    steps[2][5] = "R9"  # a recipe without a load
    steps[2][8] = 2  # people without a skill
    steps[3][7] = "hàn"  # nobody can
    steps[4][2] = "TIEN"  # outsourced, and on a machine
    steps[4][10] = 60  # a wait after the last step
    steps.append(["Q", 10, "TIEN", 1, *[None] * 9, None, "Mạ Kim"])  # outsourced to, but no days
    dirty["Máy"][1][4] = "ca đêm"  # no such calendar
    dirty["Chuyển đổi gá đặt"][1][0] = "TIENN"  # no such group
    dirty["Vật tư và sản phẩm"][2] = ["Thep", 1000, 5]  # the largest lot of something bought
    dirty["Thợ"] += [["mài", 1, "tổ 1", None, None]]  # the team again
    lots += [
        ["A1", "P", 5, 20, 0, None, None],  # has an order's code
        ["L-2", "P", 5, 20, 5, None, None],  # all done
        ["L-3", "P", 80, 20, 0, "T1", "A1"],  # the machine runs L-1; more than is ordered
        ["L-4", "Q", 5, 20, 0, None, None],  # no such step
        ["L-5", "P", 5, 30, 0, "T1", None],  # cannot be done there
        ["L-6", "Q", 5, 10, 0, None, "A1"],  # the order is for another item
    ]
    dirty["Đơn giá chung"] += [[150, 0]]
    expected = {(title, cell) for cell in ("I2", "L2", "M3", "F3", "I3", "H4", "N5", "K5", "O6")}
    expected |= {("Hàng đang làm dở", cell) for cell in ("A3", "E4", "F5", "C5", "D6", "F7", "G8")}
    expected |= {("Máy", "E2"), ("Chuyển đổi gá đặt", "A2"), ("Vật tư và sản phẩm", "C3"), ("Thợ", "C3")}
    expected |= {("Đơn giá chung", "A3")}
    found = cells(read(dirty))
    assert expected <= found, expected - found
    assert found <= expected, found - expected


JUNK: list[Any] = [
    None, "", 0, -1, 1.5, 1e9, "x", "T1", "P", "A1", "10", "tiện", "6204", "ca", "CN", "T2-T7", "24:00",
    True, "có", "1,5", "12 phút", "TIEN", "LO", 50, "2026-12-01",
]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_stands_in_the_cells_is_read_or_refused(data: st.DataObject) -> None:
    """Any cells replaced by any junk, rows twice, sheets gone: a workshop or a list of problems, no crash.

    What is read also survives the way through its JSON document: both doors hold to the same rules.
    """
    sheets = full()
    for name in data.draw(st.lists(st.sampled_from(sorted(sheets)), min_size=1, max_size=3, unique=True)):
        rows = sheets[name]
        what = data.draw(st.sampled_from(["cell", "cell", "cell", "again", "gone", "new"]))
        row = data.draw(st.sampled_from(rows[1:]))
        if what == "gone":
            del sheets[name]
        elif what == "again":
            rows.append(list(row))
        elif what == "new":
            rows.append([data.draw(st.sampled_from(JUNK)) for _ in rows[0]])
        else:
            row[data.draw(st.integers(0, len(row) - 1))] = data.draw(st.sampled_from(JUNK))
    found = read(sheets)
    if isinstance(found, Factory):
        assert read_factory_json(factory_json(found)).described.factory == found
    else:
        assert found.errors and all(problem.reason and problem.remedy for problem in found.errors)
