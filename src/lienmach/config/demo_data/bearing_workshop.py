"""A bearing workshop of 25 machines: turning, heat treatment, grinding, superfinishing, washing, assembly.

Three levels: a bearing is assembled from rings, a ring is ground from a blank, a blank is turned and hardened
from bought steel tube. Bearing designations, bores, outside diameters and widths are those of ISO 15; balls,
masses and times are plausible and invented, as are all firms.
"""

import random
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import pairwise
from math import pi
from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]

STEEL_G_PER_MM3 = 0.00785
GENERATED = "(tên tạo ra)"
"""Stands behind every invented name."""


@dataclass(frozen=True, slots=True)
class Size:
    """A deep groove ball bearing: boundary dimensions in millimetres, its balls, how often it is ordered."""

    designation: str
    bore: int
    outside: int
    width: int
    balls: int
    ball: str
    weight: int

    @property
    def tube(self) -> str:
        """The steel tube its rings are turned from."""
        return "THEP-ONG-40" if self.outside <= 40 else "THEP-ONG-62" if self.outside <= 62 else "THEP-ONG-80"

    @property
    def recipe(self) -> str:
        """Pieces with the same wall are hardened together."""
        return {"THEP-ONG-40": "NL-MONG", "THEP-ONG-62": "NL-VUA", "THEP-ONG-80": "NL-DAY"}[self.tube]

    @property
    def slowness(self) -> Decimal:
        """Machining time relative to a 6204."""
        return Decimal(self.outside * self.width) / (47 * 14)


SIZES = (
    Size("6200", 10, 30, 9, 7, "4.763", 3),
    Size("6201", 12, 32, 10, 7, "5.953", 3),
    Size("6202", 15, 35, 11, 8, "5.953", 4),
    Size("6203", 17, 40, 12, 8, "6.747", 5),
    Size("6204", 20, 47, 14, 8, "7.938", 8),
    Size("6205", 25, 52, 15, 9, "7.938", 7),
    Size("6206", 30, 62, 16, 9, "9.525", 5),
    Size("6207", 35, 72, 17, 9, "11.112", 3),
    Size("6208", 40, 80, 18, 9, "12.000", 2),
    Size("6304", 20, 52, 15, 7, "9.525", 3),
    Size("6305", 25, 62, 17, 7, "11.500", 3),
    Size("6306", 30, 72, 19, 8, "12.303", 2),
)

SEALS = {"2RS": ("NAP", "hai nắp cao su", "Nắp cao su"), "ZZ": ("CHAN", "hai nắp thép", "Nắp thép")}

MACHINE_GROUPS: tuple[tuple[str, str, int, str, int | None], ...] = (
    ("TIEN", "Máy tiện CNC", 7, "hai-ca", None),
    ("NHIET", "Lò tôi", 2, "lien-tuc", 600),
    ("RAM", "Lò ram", 1, "lien-tuc", 1200),
    ("MAI-MAT", "Máy mài hai mặt", 2, "hai-ca", None),
    ("MAI-TRON", "Máy mài vô tâm", 2, "hai-ca", None),
    ("MAI-LO", "Máy mài lỗ", 2, "hai-ca", None),
    ("MAI-RANH", "Máy mài rãnh lăn", 3, "hai-ca", None),
    ("SIEU-TINH", "Máy mài siêu tinh", 2, "hai-ca", None),
    ("RUA", "Máy rửa", 1, "hai-ca", 300),
    ("LAP", "Bàn lắp ráp", 2, "hai-ca", None),
    ("KIEM", "Máy đo ồn và đóng gói", 1, "hai-ca", None),
)
"""Group, name of its machines, how many, calendar, pieces per load of those that work in loads."""

CUSTOMERS = tuple(
    f"{name} {GENERATED}"
    for name in (
        "Quạt điện Gió Lành", "Máy bơm Suối Mát", "Xe đạp Cánh Én", "Cơ khí Bông Lúa", "Máy may Kim Bạc",
        "Băng tải Con Thoi", "Động cơ Hạt Mầm", "Máy nông nghiệp Đồng Xanh", "Phụ tùng Vó Ngựa",
        "Thang máy Mây Cao", "Xuất khẩu Buồm Trắng", "Đại lý Ngõ Nhỏ", "Máy gỗ Vân Lim", "Bảo trì Tay Thợ",
    )
)  # fmt: skip


def bearing_workshop_rows(*, first_day: date, seed: int = 0, orders: int = 150) -> Rows:
    """Rows of the full planning workbook.

    Parameters
    ----------
    first_day
        The workshop's today; due dates, receipts and closures are counted from it.
    seed
        Of every random choice.
    orders
        Number of customer orders; the due dates are spread so that the workshop is busy, not hopeless.
    """
    rng = random.Random(f"bearing workshop {seed}")  # noqa: S311 - generated data, not secrets
    products = [(size, seal) for size in SIZES for seal in SEALS if seal == "2RS" or size.weight >= 3]
    booked = _orders(rng, products, first_day, orders)
    needs = _needs(booked, products)
    return {
        "orders": booked,
        "steps": [
            *(row for size in SIZES for row in _blank_steps(size)),
            *(row for size in SIZES for row in _ring_steps(size)),
            *(row for size, seal in products for row in _bearing_steps(size, seal)),
        ],
        "machines": _machines(),
        "hours": _hours(),
        "items": _items(products),
        "bill": _bill(products),
        "alternatives": _alternatives(),
        "changeovers": _changeovers(),
        "closures": _closures(first_day),
        "stock": _stock(rng, needs),
        "receipts": _receipts(rng, needs, first_day),
        "operators": [{"skill": "THO-TIEN", "count": 6}, {"skill": "THO-MAI", "count": 8}],
    }


def _orders(rng: random.Random, products: list[tuple[Size, str]], first_day: date, count: int) -> list[Row]:
    rows = []
    horizon = max(20, count * 40 // 150)
    for number in range(1, count + 1):
        size, seal = rng.choices(products, weights=[size.weight for size, _seal in products])[0]
        due = first_day + timedelta(days=8 + rng.randrange(horizon))
        rows.append(
            {
                "order": f"DH-{number:03d}",
                "item": _bearing(size, seal),
                "quantity": rng.choice([200, 300, 400, 500, 500, 600, 800, 1000, 1000, 1500, 2000]),
                "due": due - timedelta(days=1) if due.weekday() == 6 else due,
                "customer": rng.choice(CUSTOMERS),
                "weight": rng.choices([1, 2, 4], weights=[14, 4, 2])[0],
            }
        )
    return sorted(rows, key=lambda row: (row["due"], row["order"]))


def _blank_steps(size: Size) -> list[Row]:
    rows = []
    for ring, minutes in (("PN", "0.55"), ("PT", "0.45")):
        item = f"{ring}-{size.designation}"
        family = f"T-{size.designation}"
        rows += [
            _step(item, 10, "TIEN", "Tiện phôi", size, minutes, family=family, setup=35, skill="THO-TIEN"),
            _load(item, 20, "NHIET", "Tôi", 150, size.recipe),
            _load(item, 30, "RAM", "Ram", 120, "RAM-170"),
        ]
        if size.designation == "6306":
            rows.append(
                {"item": item, "step": "40", "step_name": "Xử lý lạnh (gia công ngoài)", "outsourced_days": 2}
            )
    return rows


def _ring_steps(size: Size) -> list[Row]:
    rows = []
    family = f"M-{size.designation}"
    for ring, inside in (("VN", "MAI-TRON"), ("VT", "MAI-LO")):
        item = f"{ring}-{size.designation}"
        name = {"MAI-TRON": "Mài tròn ngoài", "MAI-LO": "Mài lỗ"}[inside]
        rows += [
            _step(item, 10, "MAI-MAT", "Mài hai mặt", size, "0.12", family=family, setup=20, skill="THO-MAI"),
            _step(item, 20, inside, name, size, "0.24", family=family, setup=30, skill="THO-MAI"),
            _step(
                item, 30, "MAI-RANH", "Mài rãnh lăn", size, "0.30", family=family, setup=40, skill="THO-MAI"
            ),
            _step(item, 40, "SIEU-TINH", "Mài siêu tinh rãnh", size, "0.16", family=family, setup=15),
        ]
    return rows


def _bearing_steps(size: Size, seal: str) -> list[Row]:
    item = _bearing(size, seal)
    return [
        _load(item, 10, "RUA", "Rửa vòng", 20, "RUA-DAU"),
        _step(
            item, 20, "LAP", "Lắp bi, tán vòng cách", size, "0.30", family=f"L-{size.designation}", setup=15
        ),
        _step(item, 30, "KIEM", "Đo ồn, bơm mỡ, đóng gói", size, "0.12"),
    ]


def _step(
    item: str,
    number: int,
    group: str,
    name: str,
    size: Size,
    minutes: str,
    *,
    family: str = "",
    setup: int | None = None,
    skill: str = "",
) -> Row:
    return {
        "item": item,
        "step": str(number),
        "group": group,
        "minutes_per_piece": _rounded(Decimal(minutes) * (1 + size.slowness) / 2),
        "step_name": name,
        "setup_minutes": setup,
        "family": family,
        "skill": skill,
    }


def _load(item: str, number: int, group: str, name: str, minutes: int, recipe: str) -> Row:
    return {
        "item": item,
        "step": str(number),
        "group": group,
        "step_name": name,
        "family": recipe,
        "load_minutes": minutes,
        "can_pause": False,
    }


def _machines() -> list[Row]:
    rows = []
    for group, name, count, calendar, capacity in MACHINE_GROUPS:
        for number in range(1, count + 1):
            rows.append(
                {
                    "machine": f"{group}-{number:02d}",
                    "group": group,
                    "name": f"{name} {number}",
                    "calendar": calendar,
                    # The oldest of a group is a little slower; furnaces take their time whatever their age.
                    "efficiency": 90 if number == count > 1 and capacity is None else 100,
                    "load_capacity": capacity,
                }
            )
    return rows


def _hours() -> list[Row]:
    shifts = [
        ("T2-T7", time(6), time(14), "hai-ca"),
        ("T2-T6", time(14), time(22), "hai-ca"),
        ("T2-CN", time(0), time(0), "lien-tuc"),
    ]
    return [
        {"days": days, "start": start, "end": end, "calendar": calendar}
        for days, start, end, calendar in shifts
    ]


def _items(products: list[tuple[Size, str]]) -> list[Row]:
    rows: list[Row] = []
    for size, seal in products:
        code, name = _bearing(size, seal), SEALS[seal][1]
        rows.append({"item": code, "name": f"Vòng bi cầu {size.designation}-{seal}, {name}", "unit": "cái"})
    for size in SIZES:
        for prefix, name in (("VN", "Vòng ngoài"), ("VT", "Vòng trong")):
            rows.append(
                {"item": f"{prefix}-{size.designation}", "name": f"{name} {size.designation}", "unit": "cái"}
            )
        for prefix, name in (("PN", "Phôi vòng ngoài"), ("PT", "Phôi vòng trong")):
            code = f"{prefix}-{size.designation}"
            rows.append(
                {
                    "item": code,
                    "name": f"{name} {size.designation} đã nhiệt luyện",
                    "unit": "cái",
                    "scrap_percent": 1,
                }
            )
    steel, balls, parts = (
        f"{name} {GENERATED}" for name in ("Thép ống Lò Đỏ", "Bi thép Hạt Tiêu", "Linh kiện Vòng Tay")
    )
    rows += [
        _bought(tube, f"Ống thép GCr15 đến Ø{tube[-2:]}", "kg", 14, steel, 200, 100)
        for tube in sorted({size.tube for size in SIZES})
    ]
    rows += [
        _bought(f"BI-{ball}", f"Bi thép Ø{ball.replace('.', ',')}", "viên", 20, balls, 5000, 1000)
        for ball in sorted({size.ball for size in SIZES})
    ]
    rows += [
        _bought(f"VC-{size.designation}", f"Vòng cách {size.designation}", "cái", 10, parts, 500, 100)
        for size in SIZES
    ]
    for prefix, _seal, name in SEALS.values():
        for size in SIZES:
            if prefix == "NAP" or size.weight >= 3:
                code = f"{prefix}-{size.designation}"
                rows.append(_bought(code, f"{name} {size.designation}", "cái", 7, parts, 1000, 200))
    rows.append(_bought("MO-BOI-TRON", "Mỡ bôi trơn", "kg", 5, parts, 15, 15))
    return rows


def _bought(
    code: str, name: str, unit: str, lead_time: int, supplier: str, minimum: int, multiple: int
) -> Row:
    return {
        "item": code,
        "name": name,
        "unit": unit,
        "lead_time_days": lead_time,
        "supplier": supplier,
        "lot_minimum": minimum,
        "lot_multiple": multiple,
    }


def _bill(products: list[tuple[Size, str]]) -> list[Row]:
    rows = []
    for size in SIZES:
        name = size.designation
        for blank, ring in (("PN", "VN"), ("PT", "VT")):
            steel = _steel(size, outer=blank == "PN")
            rows.append(_part(f"{blank}-{name}", size.tube, steel, "10", waste=3))
            rows.append(_part(f"{ring}-{name}", f"{blank}-{name}", 1, "10"))
    for size, seal in products:
        name, item = size.designation, _bearing(size, seal)
        rows += [
            _part(item, f"VN-{name}", 1, "10"),
            _part(item, f"VT-{name}", 1, "10"),
            _part(item, f"BI-{size.ball}", size.balls, "20"),
            _part(item, f"VC-{name}", 1, "20"),
            _part(item, f"{SEALS[seal][0]}-{name}", 2, "30"),
            _part(item, "MO-BOI-TRON", _rounded(Decimal("0.0015") * size.slowness, "0.0001"), "30"),
        ]
    return rows


def _part(item: str, component: str, quantity: Decimal | int, step: str, *, waste: int | None = None) -> Row:
    return {
        "item": item,
        "component": component,
        "quantity_per": quantity,
        "waste_percent": waste,
        "step": step,
    }


def _steel(size: Size, *, outer: bool) -> Decimal:
    """Kilograms of tube for one ring: its ring volume and the chips."""
    wall = 0.2 * (size.outside - size.bore)
    middle = size.outside - wall if outer else size.bore + wall
    grams = pi * middle * wall * size.width * STEEL_G_PER_MM3
    return _rounded(Decimal(grams * 1.35 / 1000), "0.001")


def _alternatives() -> list[Row]:
    """Large rings fit only the three newest lathes, the first of which is faster."""
    rows = []
    for size in SIZES:
        if size.outside < 72:
            continue
        for blank, minutes in (("PN", "0.55"), ("PT", "0.45")):
            usual = Decimal(minutes) * (1 + size.slowness) / 2
            for machine, factor in (("TIEN-01", "0.85"), ("TIEN-02", "1"), ("TIEN-03", "1.05")):
                rows.append(
                    {
                        "item": f"{blank}-{size.designation}",
                        "step": "10",
                        "machine": machine,
                        "minutes_per_piece": _rounded(usual * Decimal(factor)),
                    }
                )
    return rows


def _changeovers() -> list[Row]:
    """On the raceway grinders a change between neighbouring sizes is quicker than the usual setup."""
    rows = []
    for first, second in pairwise(SIZES):
        if first.designation[:2] != second.designation[:2]:
            continue
        for before, after in ((first, second), (second, first)):
            rows.append(
                {
                    "group": "MAI-RANH",
                    "before": f"M-{before.designation}",
                    "after": f"M-{after.designation}",
                    "minutes": 20,
                }
            )
    return rows


def _closures(first_day: date) -> list[Row]:
    new_year = date(first_day.year + 1, 1, 1)
    rows: list[Row] = [
        {
            "machine": "MAI-LO-02",
            "first_day": first_day + timedelta(days=9),
            "last_day": first_day + timedelta(days=10),
            "reason": "Bảo dưỡng trục chính",
        },
        {
            "machine": "LAP-01",
            "first_day": first_day + timedelta(days=15),
            "start": time(6),
            "end": time(10),
            "reason": "Sửa bàn lắp",
        },
    ]
    if first_day < new_year <= first_day + timedelta(days=90):
        rows.append({"first_day": new_year, "reason": "Tết Dương lịch"})
    return rows


def _needs(orders: list[Row], products: list[tuple[Size, str]]) -> dict[str, Decimal]:
    """Gross need of every bought material, to lay in a believable stock."""
    bill: dict[str, list[Row]] = {}
    for row in _bill(products):
        bill.setdefault(row["item"], []).append(row)
    needs: dict[str, Decimal] = {}

    def add(item: str, quantity: Decimal) -> None:
        for row in bill.get(item, []):
            add(row["component"], quantity * row["quantity_per"])
        if item not in bill:
            needs[item] = needs.get(item, Decimal(0)) + quantity

    for order in orders:
        add(order["item"], Decimal(order["quantity"]))
    return needs


def _stock(rng: random.Random, needs: dict[str, Decimal]) -> list[Row]:
    """A third to three quarters of each need lies in the store; of some sizes there are blanks, too."""
    rows: list[Row] = [
        {"item": item, "quantity": _lot(need * rng.randrange(35, 75) / 100)}
        for item, need in sorted(needs.items())
    ]
    for size in rng.sample(SIZES, 5):
        for blank in ("PN", "PT"):
            rows.append({"item": f"{blank}-{size.designation}", "quantity": rng.choice([100, 150, 200, 400])})
    return rows


def _receipts(rng: random.Random, needs: dict[str, Decimal], first_day: date) -> list[Row]:
    """What is on order covers most of the rest; somebody forgot a few materials."""
    rows: list[Row] = []
    for item, need in sorted(needs.items()):
        if rng.random() < 0.15:
            continue
        rows.append(
            {
                "receipt": f"MH-{len(rows) + 1:03d}",
                "item": item,
                "quantity": _lot(need * rng.randrange(30, 60) / 100),
                "due": first_day + timedelta(days=rng.randrange(3, 16)),
            }
        )
    return rows


def _bearing(size: Size, seal: str) -> str:
    return f"VB-{size.designation}-{seal}"


def _lot(quantity: Decimal) -> Decimal:
    """Rounded to what people count: hundreds, tens, or single pieces."""
    step = Decimal(100 if quantity >= 2000 else 10 if quantity >= 50 else 1)
    return max(step, (quantity / step).to_integral_value() * step)


def _rounded(number: Decimal, step: str = "0.01") -> Decimal:
    return number.quantize(Decimal(step)).normalize()
