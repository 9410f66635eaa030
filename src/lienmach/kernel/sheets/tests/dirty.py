"""A deliberately dirty workbook: bad cells planted where the answer is known.

`planted` says for every bad cell where it stands and what must be reported; everything else in the file is
valid, so a report beside the plan is as wrong as a missing one.
"""

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from lienmach.kernel.sheets.scan import address
from lienmach.kernel.sheets.tests.workshop import MACHINE_HEADS, ORDER_HEADS, STEP_HEADS, written

Cell = Any


def uncalculated(tab: Any, row: int, column: int, book: Any) -> None:
    """A formula without a result, as programs other than Excel write it."""
    tab.write_formula(row, column, "=1+1", None, "")


def failed(tab: Any, row: int, column: int, book: Any) -> None:
    """A formula whose reference was lost."""
    tab.write_formula(row, column, "=A1/0", None, "#DIV/0!")


def negative_time(tab: Any, row: int, column: int, book: Any) -> None:
    """A difference of times that went below zero."""
    tab.write_number(row, column, -0.5, book.add_format({"num_format": "hh:mm"}))


BAD_CELLS: dict[tuple[str, int], list[tuple[Cell, str]]] = {
    ("Máy", 0): [("", "required"), (uncalculated, "formula_not_calculated"), (1e18, "digits_lost")],
    ("Máy", 1): [("", "required"), ("\u00a0 \u200b", "required"), (failed, "formula_error")],
    ("Mặt hàng", 1): [
        ("một", "not_a_number"),
        (1.5, "not_an_integer"),
        (0, "out_of_range"),
        ("", "required"),
    ],
    ("Mặt hàng", 2): [("M-không-có", "dangling_reference"), (failed, "formula_error")],
    ("Mặt hàng", 3): [
        ("lâu", "not_a_duration"),
        ("1.500", "ambiguous_number"),
        (0, "out_of_range"),
        ("-2", "out_of_range"),
        (negative_time, "negative_time"),
        ("1:75", "not_a_duration"),
        ("", "required"),
    ],
    ("Mặt hàng", 4): [
        ("2,999", "ambiguous_number"),
        ("nặng", "not_a_number"),
        (-1, "out_of_range"),
        (date(2026, 5, 1), "date_for_number"),
        (uncalculated, "formula_not_calculated"),
        (True, "not_a_number"),
    ],
    ("Đơn hàng", 0): [
        ("", "required"),
        (date(2026, 1, 2), "not_a_code"),
        (uncalculated, "formula_not_calculated"),
    ],
    ("Đơn hàng", 1): [("SP-XX", "dangling_reference"), ("", "required")],
    ("Đơn hàng", 2): [
        ("12,5", "not_an_integer"),
        ("nhiều", "not_a_number"),
        (0, "out_of_range"),
        (-4, "out_of_range"),
        ("1.23.4", "not_a_number"),
        ("", "required"),
        (failed, "formula_error"),
    ],
    ("Đơn hàng", 3): [
        ("31/02/2026", "not_a_date"),
        ("12/31/2026", "not_a_date"),
        ("sớm", "not_a_date"),
        (7.5, "not_a_date"),
        ("01/01/0026", "implausible_year"),
        ("", "required"),
        (negative_time, "negative_time"),
    ],
    ("Đơn hàng", 4): [("rất gấp", "not_a_choice"), (3, "not_a_choice")],
}
"""(sheet, column) → what can be planted there and what it must be called."""


@dataclass
class DirtyWorkbook:
    """The file and the truth about it."""

    content: bytes = b""
    planted: set[tuple[str, str, str]] = field(default_factory=set)
    """(sheet, address, code) of each error."""
    rows: dict[str, int] = field(default_factory=dict)
    """Number of data rows per sheet."""


def make_dirty(seed: int, *, orders: int = 60, share: float = 0.3) -> DirtyWorkbook:
    """A workbook in which about `share` of the rows have bad cells, and all of it looks hand-made."""
    rng = random.Random(seed)
    made = DirtyWorkbook()
    sheets: dict[str, list[list[Cell]]] = {
        "Máy": [["Danh sách máy của xưởng"], [], MACHINE_HEADS],
        "Mặt hàng": [_nfd(STEP_HEADS)],
        "Đơn hàng": [["", "CÔNG TY (DỮ LIỆU TẠO RA)"], [head.upper() + " * " for head in ORDER_HEADS]],
    }
    machines = [[f"M{number:02d}", rng.choice(["Tiện", "Mài"])] for number in range(24)]
    items = [[f"SP{number:02d}", 1, rng.choice(machines)[0], "1,25", 0.5] for number in range(12)]
    order_rows = [
        [f"DH{number:03d}", rng.choice(items)[0], rng.choice(["1.500", 20, "300"]), _due(rng), "Cao"]
        for number in range(orders)
    ]
    for title, rows in (("Máy", machines), ("Mặt hàng", items), ("Đơn hàng", order_rows)):
        made.rows[title] = len(rows)
        # Rows that others refer to keep their key: a planted error must not cause a second one elsewhere.
        keyed = {"Máy": rows[:4], "Mặt hàng": rows[:6]}.get(title, [])
        used = {row[2] for row in items} if title == "Máy" else {row[1] for row in order_rows}
        for row in rows:
            number = len(sheets[title])
            plan = _plan(rng, title, share, keeps_key=row in keyed or row[0] in used)
            shown: list[Cell] = list(row)
            for column, (cell, code) in plan.items():
                shown[column] = cell
                made.planted.add((title, address(number, column), code))
            sheets[title].append(shown)
            _add_noise(rng, title, sheets[title], row)
    made.content = written(sheets)
    return made


def _plan(rng: random.Random, title: str, share: float, *, keeps_key: bool) -> dict[int, tuple[Cell, str]]:
    plan: dict[int, tuple[Cell, str]] = {}
    columns = [column for sheet, column in BAD_CELLS if sheet == title and not (keeps_key and column == 0)]
    for column in columns:
        if rng.random() < share / 2 and len(plan) < 2:
            plan[column] = rng.choice(BAD_CELLS[title, column])
    return plan


def _add_noise(rng: random.Random, title: str, rows: list[list[Cell]], row: list[Cell]) -> None:
    """What people leave between rows and must not be taken for data, nor for an error."""
    noise: list[Callable[[], list[Cell]]] = [
        list,
        lambda: ["", "\u00a0", ""],
        lambda: ["Tổng cộng", *([""] * (len(row) - 2)), 99],
        lambda: list({"Máy": MACHINE_HEADS, "Mặt hàng": STEP_HEADS, "Đơn hàng": ORDER_HEADS}[title]),
    ]
    if rng.random() < 0.15:
        rows.append(rng.choice(noise)())


def _nfd(words: list[str]) -> list[str]:
    """As some telephones and Macs store Vietnamese: letters and marks apart."""
    return [unicodedata.normalize("NFD", word) for word in words]


def _due(rng: random.Random) -> Cell:
    day = date(2026, 1, 1) + timedelta(days=rng.randrange(360))
    return rng.choice([day, day.strftime("%d/%m/%Y"), day.isoformat(), f" {day:%d-%m-%Y}\u00a0"])
