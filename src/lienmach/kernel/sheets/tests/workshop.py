"""A declared workbook with every kind of column, and helpers to write files by hand."""

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import xlsxwriter

from lienmach.kernel.sheets import Choice, Column, DurationUnit, Kind, Sheet, Text, Workbook

MACHINES = Sheet(
    "machines",
    Text(vi="Máy", en="Machines"),
    [
        Column("machine", Kind.CODE, Text(vi="Mã máy", en="Machine"), required=True, example="M-01"),
        Column("group", Kind.TEXT, Text(vi="Nhóm máy", en="Machine group"), required=True),
        Column("opens", Kind.TIME, Text(vi="Giờ mở", en="Opens"), default=time(7, 30)),
        Column("cooling", Kind.DURATION, Text(vi="Nguội", en="Cooling"), duration_unit=DurationUnit.HOURS),
        Column("running", Kind.BOOLEAN, Text(vi="Đang chạy", en="Running"), default=True),
        Column("skills", Kind.LIST, Text(vi="Tay nghề", en="Skills")),
    ],
    key=("machine",),
)

STEPS = Sheet(
    "steps",
    Text(vi="Mặt hàng", en="Items"),
    [
        Column("item", Kind.CODE, Text(vi="Mã hàng", en="Item"), required=True, repeats=True),
        Column("step", Kind.INTEGER, Text(vi="Bước", en="Step"), required=True, minimum=1, maximum=99),
        Column("machine", Kind.REFERENCE, Text(vi="Máy", en="Machine"), refers_to="machines.machine"),
        Column(
            "minutes",
            Kind.DURATION,
            Text(vi="Phút mỗi cái", en="Minutes per piece"),
            aliases=("phút/cái",),
            required=True,
            more_than=0,
        ),
        Column(
            "mass", Kind.DECIMAL, Text(vi="Khối lượng", en="Mass"), unit=Text(vi="kg", en="kg"), minimum=0
        ),
    ],
    key=("item", "step"),
    required=True,
)

ORDERS = Sheet(
    "orders",
    Text(vi="Đơn hàng", en="Orders"),
    [
        Column(
            "order", Kind.CODE, Text(vi="Mã đơn", en="Order"), required=True, note=Text(vi="Số đơn", en="No.")
        ),
        Column("item", Kind.REFERENCE, Text(vi="Mã hàng", en="Item"), refers_to="steps.item", required=True),
        Column(
            "quantity",
            Kind.INTEGER,
            Text(vi="Số lượng", en="Quantity"),
            required=True,
            more_than=0,
            example=500,
        ),
        Column("due", Kind.DATE, Text(vi="Hạn giao", en="Due date"), aliases=("deadline",), required=True),
        Column("ordered", Kind.DATETIME, Text(vi="Lúc đặt", en="Ordered at")),
        Column(
            "priority",
            Kind.CHOICE,
            Text(vi="Ưu tiên", en="Priority"),
            choices=[
                Choice("high", Text(vi="Cao", en="High"), aliases=("gấp",)),
                Choice("normal", Text(vi="Thường", en="Normal")),
            ],
            default="normal",
        ),
        Column("customer", Kind.TEXT, Text(vi="Khách hàng", en="Customer")),
    ],
    key=("order",),
    required=True,
)

WORKSHOP = Workbook(
    "workshop",
    Text(vi="Sổ kế hoạch xưởng", en="Workshop workbook"),
    [MACHINES, STEPS, ORDERS],
    note=Text(vi="Điền từ trái sang phải.", en="Fill in from left to right."),
)

ROWS: dict[str, list[dict[str, Any]]] = {
    "machines": [
        {
            "machine": "M-01",
            "group": "Tiện",
            "opens": time(6, 0),
            "cooling": timedelta(hours=36),
            "running": True,
        },
        {"machine": "007", "group": "Mài", "running": False, "skills": ("mài", "gá đặt")},
    ],
    "steps": [
        {
            "item": "6204",
            "step": 1,
            "machine": "M-01",
            "minutes": timedelta(seconds=75),
            "mass": Decimal("0.106"),
        },
        {"item": "6204", "step": 2, "machine": "007", "minutes": timedelta(minutes=2)},
    ],
    "orders": [
        {"order": "ĐH-1", "item": "6204", "quantity": 1500, "due": date(2026, 2, 28), "priority": "high"},
        {
            "order": "ĐH-2",
            "item": "6204",
            "quantity": 20,
            "due": date(2026, 12, 1),
            "ordered": datetime(2026, 11, 21, 7, 30),
            "customer": "=1+1",
        },
    ],
}


def written(sheets: dict[str, list[list[Any]]], *, formats: bool = True) -> bytes:
    """A workbook of the given cells; a cell may be a function of (worksheet, row, column, book)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    day, moment, clock = (
        book.add_format({"num_format": text}) for text in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm", "hh:mm")
    )
    for title, rows in sheets.items():
        tab = book.add_worksheet(title)
        for number, row in enumerate(rows):
            for position, value in enumerate(row):
                if callable(value):
                    value(tab, number, position, book)
                elif isinstance(value, datetime):
                    tab.write_datetime(number, position, value, moment)
                elif isinstance(value, date):
                    tab.write_datetime(number, position, value, day)
                elif isinstance(value, time):
                    tab.write_datetime(number, position, value, clock)
                elif value is not None and value != "":
                    tab.write(number, position, value)
    book.close()
    return out.getvalue()


MACHINE_HEADS = ["Mã máy", "Nhóm máy"]
STEP_HEADS = ["Mã hàng", "Bước", "Máy", "Phút mỗi cái", "Khối lượng (kg)"]
ORDER_HEADS = ["Mã đơn", "Mã hàng", "Số lượng", "Hạn giao", "Ưu tiên"]
"""Headings as a person types them; the other columns are optional."""


def small(
    orders: list[list[Any]] | None = None,
    steps: list[list[Any]] | None = None,
    machines: list[list[Any]] | None = None,
    **more: list[list[Any]],
) -> bytes:
    """A workbook that imports, except for what the caller puts in."""
    return written(
        {
            "Máy": machines or [MACHINE_HEADS, ["M1", "Tiện"]],
            "Mặt hàng": steps or [STEP_HEADS, ["A", 1, "M1", 1.5, 0.2]],
            "Đơn hàng": orders or [ORDER_HEADS, ["D1", "A", 10, date(2026, 12, 1), "Cao"]],
            **more,
        }
    )
