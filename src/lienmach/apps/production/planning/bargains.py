"""What remedies cost in words, and which rates the owner would have to give to see more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lienmach.apps.production.planning.costs import hours, whole
from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.planning.plan import (
    CostKind,
    CostLine,
    CostUnit,
    Plan,
    Remedy,
    RemedyKind,
    amount_of,
)
from lienmach.kernel.web.formatting import language_of, number

PARTS = {
    CostKind.MACHINES: ("{quantity} giờ máy {subject} × {rate} đ", "{quantity} h of {subject} × {rate} đ"),
    CostKind.LABOUR: ("{quantity} giờ công {subject} × {rate} đ", "{quantity} h of {subject} × {rate} đ"),
    CostKind.OVERTIME: (
        "{quantity} giờ tăng ca {subject} × {rate} đ",
        "{quantity} h of overtime of {subject} × {rate} đ",
    ),
    CostKind.OUTSOURCING: (
        "{quantity} cái làm ngoài × {rate} đ",
        "{quantity} pieces done elsewhere × {rate} đ",
    ),
    CostKind.EXPEDITING: ("{quantity} chuyến về sớm × {rate} đ", "early deliveries: {quantity} × {rate} đ"),
}
KINDS = {
    CostKind.MACHINES: ("giờ máy", "machine hours"),
    CostKind.LABOUR: ("giờ công", "labour"),
    CostKind.OVERTIME: ("tăng ca", "overtime"),
    CostKind.OUTSOURCING: ("làm ngoài", "done elsewhere"),
    CostKind.EXPEDITING: ("hàng về sớm", "early deliveries"),
}
NOTHING_MORE = ("không tốn thêm", "costs nothing more")

COLUMNS = {
    "late": ("Phạt trễ mỗi ngày", "Late cost per day"),
    "pay": ("Lương mỗi giờ", "Pay per hour"),
    "machine": ("Chi phí mỗi giờ máy", "Cost per machine hour"),
    "price": ("Giá gia công mỗi cái", "Outsourced price per piece"),
    "surcharge": ("Phụ phí lấy gấp", "Expedite surcharge"),
}
"""Columns of the workbook that money comes from."""
_NEEDED = {
    RemedyKind.OVERTIME: ("pay", "machine"),
    RemedyKind.OPERATOR: ("pay", "machine"),
    RemedyKind.EXPEDITE: ("surcharge", "machine"),
    RemedyKind.OUTSOURCE: ("price", "machine"),
    RemedyKind.SPLIT: ("machine",),
    RemedyKind.ALTERNATIVE: ("machine",),
}


def cost_phrase(remedy: Remedy, language: str) -> str:
    """Return what a remedy's cost is made of; empty when it is not known."""
    if remedy.lines is None:
        return ""
    parts = [part for kind in CostKind if (part := _of_kind(kind, remedy.lines, language))]
    return "; ".join(parts) or NOTHING_MORE[_spoken(language)]


def missing_rates(plan: Plan, language: str) -> str:
    """Return which columns to fill to see what the plan's remedies cost and save; empty when none."""
    wanted = dict.fromkeys(_wanted(plan))
    if not wanted:
        return ""
    names = ", ".join(f"“{COLUMNS[key][_spoken(language)]}”" for key in COLUMNS if key in wanted)
    return (
        f"Chưa đủ đơn giá để tính hết tiền. Hãy ghi vào sổ tay xưởng: {names}.",
        f"Rates are missing to count all the money. Write into the workbook: {names}.",
    )[_spoken(language)]


def _of_kind(kind: CostKind, lines: Sequence[CostLine], language: str) -> str:
    """One line in full; several together, because what one machine takes another often saves."""
    own = [line for line in lines if line.kind is kind]
    if len(own) == 1:
        return _part(own[0], language)
    total = whole(amount_of(own))
    amount = number(total, language=language_of(language))
    return f"{KINDS[kind][_spoken(language)]} {amount} đ" if total else ""


def _part(line: CostLine, language: str) -> str:
    spoken = language_of(language)
    quantity = float(hours(line.quantity)) if line.unit is CostUnit.SECOND else line.quantity
    return PARTS[line.kind][_spoken(language)].format(
        quantity=number(quantity, language=spoken),
        subject=line.subject,
        rate=number(line.rate.normalize(), language=spoken),
    )


def _wanted(plan: Plan) -> Iterator[str]:
    given = _given(plan.factory) if plan.factory else {}
    for remedy in plan.remedies:
        if remedy.saves is None:
            yield "late"
        if remedy.lines is None:
            yield from (key for key in _NEEDED[remedy.kind] if not given.get(key))


def _given(factory: Factory) -> dict[str, bool]:
    """Which columns are filled wherever they could matter."""
    return {
        "pay": all(group.rate_per_hour for group in factory.operators),
        "machine": all(machine.rate_per_hour for machine in factory.machines.values()),
    }


def _spoken(language: str) -> int:
    return 1 if language.startswith("en") else 0
