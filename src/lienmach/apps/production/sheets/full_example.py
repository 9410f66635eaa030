"""The invented workshop of ``example`` with everything that the full workbook can say."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from lienmach.apps.production.sheets.example import Rows, example_rows

_SIZES = ("6204", "6205", "6206")


def full_example_rows(first_day: date) -> Rows:
    """Return the rows of the full workbook; dates count from ``first_day``."""
    rows = example_rows(first_day)
    return {
        **rows,
        "orders": [_order(row, number, first_day) for number, row in enumerate(rows["orders"])],
        "steps": [_step(row) for row in rows["steps"]] + _coating(),
        "machines": [_machine(row) for row in rows["machines"]],
        "hours": _hours(),
        "items": _items(),
        "bill": [
            {"item": f"VB-{size}", "component": "MO-BOI", "quantity_per": Decimal("0.004"),
             "waste_percent": 3, "step": "10"}
            for size in _SIZES
        ],
        "alternatives": [
            {"item": "VN-6206", "step": "30", "machine": "MAI-01", "minutes_per_piece": Decimal("1.47")},
            {"item": "VN-6206", "step": "30", "machine": "MAI-02", "minutes_per_piece": Decimal("1.9"),
             "fixed_minutes": 10},
        ],
        "changeovers": [
            {"group": "TIEN", "before": "6204", "after": "6205", "minutes": 20},
            {"group": "TIEN", "before": "6205", "after": "6206", "minutes": 25},
            {"group": "TIEN", "before": "6206", "after": "6204", "minutes": 45},
        ],
        "closures": [
            {"first_day": first_day + timedelta(days=20), "last_day": first_day + timedelta(days=26),
             "reason": "Tết"},
            {"machine": "MAI-01", "first_day": first_day + timedelta(days=3), "start": time(8),
             "end": time(12), "reason": "Bảo trì"},
        ],
        "stock": [
            {"item": "THEP-GCR15", "quantity": Decimal("85.5")},
            {"item": "BI-6204", "quantity": 4000},
            {"item": "VN-6205", "quantity": 40},
        ],
        "receipts": [
            {"receipt": "PO-118", "item": "THEP-GCR15", "quantity": 200,
             "due": first_day + timedelta(days=4)},
            {"receipt": "PO-121", "item": "BI-6205", "quantity": 5000, "due": first_day + timedelta(days=3)},
        ],
        "operators": [
            {"operators": "TO-TIEN", "skill": "THO-TIEN", "count": 1, "calendar": "standard",
             "rate_per_hour": 52_000},
            {"operators": "TO-LAP", "skill": ("THO-LAP", "THO-MAI"), "count": 2, "rate_per_hour": 45_000},
            {"operators": "TO-MAI", "skill": ("THO-MAI",), "count": 2, "rate_per_hour": 48_000},
        ],
        "in_progress": [
            {"lot": "LO-71", "item": "VN-6204", "quantity": 120, "step": "10", "done": 45,
             "machine": "TIEN-01", "started": datetime.combine(first_day, time(6))},
            {"lot": "LO-68", "item": "VT-6205", "quantity": 200, "step": "30"},
            {"lot": "LO-66", "item": "VB-6205", "quantity": 50, "step": "10", "order": "DH-002"},
        ],
        "rates": [{"overtime_percent": 150, "lateness_per_day": 2_000_000}],
    }  # fmt: skip


def _order(row: dict[str, Any], number: int, first_day: date) -> dict[str, Any]:
    more: dict[str, Any] = {"customer": ("Máy bơm Hải Dương", "Xe điện Miền Bắc")[number % 2]}
    if number == 1:
        more |= {"weight": 4, "lateness_per_day": 5_000_000}
    if number == 4:
        more |= {"earliest": first_day + timedelta(days=5)}
    return row | more


def _step(row: dict[str, Any]) -> dict[str, Any]:
    size = row["item"].partition("-")[2]
    match row.get("group"):
        case "TIEN":
            return row | {"step_name": "Tiện", "setup_minutes": 30, "family": size, "skill": "THO-TIEN",
                          "operator_during": "setup"}  # fmt: skip
        case "NHIET":
            return row | {"step_name": "Nhiệt luyện", "minutes_per_piece": None, "load_minutes": 150,
                          "recipe": "840-DAU", "min_wait_minutes": 120, "max_wait_minutes": 4320,
                          "can_pause": False}  # fmt: skip
        case "MAI":
            coated = row["item"] == "VN-6206"
            return row | {"step_name": "Mài", "skill": "THO-MAI", "fixed_minutes": 5,
                          "transfer_quantity": 50 if coated else None,
                          "outsourced_price": 3_500}  # fmt: skip
        case "LAP":
            return row | {"step_name": "Lắp ráp", "skill": "THO-LAP", "operator_count": 2}
    return row


def _coating() -> list[dict[str, Any]]:
    """Inspection and a coating done elsewhere, for one ring."""
    return [
        {"item": "VN-6206", "step": "40", "step_name": "Kiểm tra", "group": "LAP",
         "minutes_per_piece": Decimal("0.2")},
        {"item": "VN-6206", "step": "50", "step_name": "Phốt phát hóa", "outsourced_days": 2,
         "outsourced_to": "Xử lý bề mặt Bắc Ninh", "outsourced_price": 1_800},
    ]  # fmt: skip


def _machine(row: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "TIEN-01": {"name": "Máy tiện CNC", "initial_family": "6204", "rate_per_hour": 180_000},
        "TIEN-02": {"name": "Máy tiện cũ", "efficiency": 85, "rate_per_hour": 90_000},
        "LO-01": {"name": "Lò tôi", "load_capacity": 200, "calendar": "LO", "rate_per_hour": 250_000},
        "MAI-01": {"rate_per_hour": 120_000},
        "MAI-02": {"rate_per_hour": 120_000},
        "LAP-01": {"name": "Bàn lắp", "rate_per_hour": 40_000, "unlimited": True},
    }
    return {"calendar": "standard"} | row | more[row["machine"]]


def _hours() -> list[dict[str, Any]]:
    days = "T2-T7"
    return [
        {"calendar": "standard", "days": days, "start": time(8), "end": time(12)},
        {"calendar": "standard", "days": days, "start": time(13), "end": time(17)},
        {"calendar": "standard", "days": "T2-T6", "start": time(17), "end": time(19), "overtime": True},
        {"calendar": "LO", "days": days, "start": time(6), "end": time(22)},
        {"calendar": "LO", "days": "T2-T6", "start": time(22), "end": time(6)},
    ]


def _items() -> list[dict[str, Any]]:
    bought = [
        {"item": "THEP-GCR15", "name": "Thép ổ lăn", "unit": "kg", "lead_time_days": 5,
         "supplier": "Thép Việt Đức", "lot_minimum": 100, "lot_multiple": 25, "safety_stock": 20,
         "price": 42_000, "expedite_surcharge": 600_000},
        {"item": "MO-BOI", "name": "Mỡ bôi trơn", "unit": "kg", "lead_time_days": 3,
         "supplier": "Dầu nhờn Miền Nam", "lot_multiple": 1, "price": 120_000},
    ]  # fmt: skip
    balls = [
        {"item": f"BI-{size}", "name": f"Bi {size}", "unit": "viên", "lead_time_days": 7,
         "supplier": "Bi Phổ Yên", "lot_multiple": 1000, "price": 350, "expedite_surcharge": 250_000}
        for size in _SIZES
    ]  # fmt: skip
    made = [
        {"item": f"VN-{size}", "name": f"Vòng ngoài {size}", "scrap_percent": 2, "lot_maximum": 400}
        for size in _SIZES
    ]
    return [*bought, *balls, *made]
