"""A small workshop for the tutorial: seven machines, four products, twenty orders, the minimum workbook.

Pillow blocks with their shafts and bushes; plausible and invented.
"""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

Rows = dict[str, list[dict[str, Any]]]

_STEPS: tuple[tuple[str, str, str, str | None, str | None, str | None], ...] = (
    ("TRUC-20", "Tiện", "TIEN", "4", "THEP-TRON-22", "1.2"),
    ("TRUC-20", "Phay then", "PHAY", "2.5", None, None),
    ("TRUC-20", "Mài", "MAI", "3", None, None),
    ("TRUC-25", "Tiện", "TIEN", "5", "THEP-TRON-28", "1.9"),
    ("TRUC-25", "Phay then", "PHAY", "2.5", None, None),
    ("TRUC-25", "Mài", "MAI", "3.5", None, None),
    ("THAN-GOI", "Phay mặt", "PHAY", "6", "PHOI-GANG", "1"),
    ("THAN-GOI", "Khoan", "KHOAN", "3", None, None),
    ("GOI-20", "Lắp", "LAP", "5", "THAN-GOI", "1"),
    ("GOI-20", "Lắp", "", None, "TRUC-20", "1"),
    ("GOI-20", "Lắp", "", None, "VB-6204", "2"),
    ("GOI-25", "Lắp", "LAP", "6", "THAN-GOI", "1"),
    ("GOI-25", "Lắp", "", None, "TRUC-25", "1"),
    ("GOI-25", "Lắp", "", None, "VB-6205", "2"),
)

_MACHINES = (
    ("TIEN-1", "TIEN"), ("TIEN-2", "TIEN"), ("PHAY-1", "PHAY"), ("PHAY-2", "PHAY"), ("KHOAN-1", "KHOAN"),
    ("MAI-1", "MAI"), ("LAP-1", "LAP"),
)  # fmt: skip

_ORDERS = (
    ("GOI-20", 40, 7), ("TRUC-20", 80, 8), ("GOI-25", 30, 9), ("GOI-20", 60, 10), ("TRUC-25", 50, 10),
    ("GOI-25", 40, 12), ("TRUC-20", 120, 13), ("GOI-20", 50, 14), ("GOI-20", 80, 15), ("TRUC-25", 60, 16),
    ("GOI-25", 60, 17), ("GOI-20", 40, 19), ("TRUC-20", 100, 20), ("GOI-25", 50, 21), ("GOI-20", 70, 22),
    ("TRUC-25", 80, 23), ("GOI-20", 60, 24), ("GOI-25", 40, 26), ("TRUC-20", 160, 27), ("GOI-20", 90, 28),
)  # fmt: skip
"""Item, quantity, due so many days after the first."""


def minimum_workshop_rows(*, first_day: date) -> Rows:
    """Rows of the minimum planning workbook; due dates are counted from `first_day`, never on a Sunday."""
    return {
        "orders": [
            {"order": f"DH-{number:02d}", "item": item, "quantity": quantity, "due": _due(first_day, days)}
            for number, (item, quantity, days) in enumerate(_ORDERS, start=1)
        ],
        "steps": [
            {
                "item": item,
                "step": step,
                "group": group,
                "minutes_per_piece": Decimal(minutes) if minutes else None,
                "material": material,
                "material_quantity": Decimal(quantity) if quantity else None,
            }
            for item, step, group, minutes, material, quantity in _STEPS
        ],
        "machines": [{"machine": machine, "group": group} for machine, group in _MACHINES],
        "hours": [
            {"days": "T2-T7", "start": time(7, 30), "end": time(11, 30)},
            {"days": "T2-T7", "start": time(13), "end": time(17)},
        ],
    }


def _due(first_day: date, days: int) -> date:
    due = first_day + timedelta(days=days)
    return due - timedelta(days=1) if due.weekday() == 6 else due
