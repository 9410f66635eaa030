"""A small invented workshop to fill the template with: turning, heat treatment, grinding, assembly."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

Rows = dict[str, list[dict[str, Any]]]

_ORDERS = (
    ("DH-001", "VB-6204", 400, 12),
    ("DH-002", "VB-6205", 250, 9),
    ("DH-003", "VB-6204", 600, 20),
    ("DH-004", "VB-6206", 150, 14),
    ("DH-005", "VB-6205", 500, 24),
    ("DH-006", "VB-6206", 300, 27),
)
_SIZES = (("6204", "1.5", "0.10"), ("6205", "1.8", "0.13"), ("6206", "2.2", "0.20"))
_MACHINES = (
    ("TIEN-01", "TIEN"),
    ("TIEN-02", "TIEN"),
    ("LO-01", "NHIET"),
    ("MAI-01", "MAI"),
    ("MAI-02", "MAI"),
    ("LAP-01", "LAP"),
)


def example_rows(first_day: date) -> Rows:
    """Return the rows of the minimum workbook; due dates count from ``first_day``."""
    return {
        "orders": [
            {"order": order, "item": item, "quantity": quantity, "due": first_day + timedelta(days=days)}
            for order, item, quantity, days in _ORDERS
        ],
        "steps": [row for size, minutes, steel in _SIZES for row in _bearing(size, minutes, steel)],
        "machines": [{"machine": machine, "group": group} for machine, group in _MACHINES],
        "hours": [
            {"days": "T2-T7", "start": time(8), "end": time(12)},
            {"days": "T2-T7", "start": time(13), "end": time(17)},
        ],
    }


def _bearing(size: str, minutes: str, steel: str) -> list[dict[str, Any]]:
    """A bearing of two rings and its balls: three items, the rings made here."""
    outer, inner, bearing = f"VN-{size}", f"VT-{size}", f"VB-{size}"
    turn = Decimal(minutes)
    return [
        _step(outer, "10", "TIEN", turn, "THEP-GCR15", Decimal(steel)),
        _step(outer, "20", "NHIET", Decimal("0.2")),
        _step(outer, "30", "MAI", turn * 2 / 3),
        _step(inner, "10", "TIEN", turn * 2 / 3, "THEP-GCR15", Decimal(steel) / 2),
        _step(inner, "20", "NHIET", Decimal("0.2")),
        _step(inner, "30", "MAI", turn / 2),
        _step(bearing, "10", "LAP", Decimal("0.6"), outer, Decimal(1)),
        {"item": bearing, "step": "10", "material": inner, "material_quantity": Decimal(1)},
        {"item": bearing, "step": "10", "material": f"BI-{size}", "material_quantity": Decimal(8)},
    ]


def _step(
    item: str,
    step: str,
    group: str,
    minutes: Decimal,
    material: str | None = None,
    quantity: Decimal | None = None,
) -> dict[str, Any]:
    return {
        "item": item,
        "step": step,
        "group": group,
        "minutes_per_piece": round(minutes, 2),
        "material": material,
        "material_quantity": quantity,
    }
