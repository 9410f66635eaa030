"""Seeded workshops for what is measured on whole factories: nobody's real one, each short of something."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from lienmach.apps.production.planning.factory import (
    DEFAULT_ZONE,
    Closure,
    Component,
    Factory,
    Item,
    Machine,
    OperatorGroup,
    Order,
    Rates,
    Receipt,
    Shift,
    Step,
)

START = datetime(2026, 11, 23, 1, tzinfo=UTC)  # Monday 08:00 in Vietnam
TUESDAY = datetime(2026, 11, 24, tzinfo=ZoneInfo(DEFAULT_ZONE))
KINDS = ("mixed", "materials", "machines", "setups", "people", "furnace", "nights", "assembly")
GROUPS = ("TIEN", "PHAY", "KHOAN", "MAI", "LO", "LAP")
FAMILIES = ("A", "B", "C", "D")


def workshop(kind: str, seed: int, orders: int = 30, machines: int = 3) -> Factory:
    """Return a workshop of a kind; due dates are tight enough for a third or so of the orders to be late."""
    rng = random.Random(f"{kind} {seed}")
    bought = {f"VT-{k}": _bought(rng, kind, f"VT-{k}") for k in range(8)}
    items = dict(bought)
    levels = 3 if kind == "assembly" else 2
    for level in range(levels):
        parts = [code for code, item in items.items() if item.made]
        for number in range(8):
            code = f"SP-{level}{number}"
            items[code] = _made(rng, kind, code, list(bought), parts)
    made = [code for code, item in items.items() if item.made]
    span = 4 + orders * 10 // (machines * 4)
    return Factory(
        name=f"{kind} {seed}",
        items=items,
        machines=_machines(rng, kind, machines),
        orders=tuple(
            Order(
                f"DH-{number:04}",
                rng.choice(made),
                Decimal(rng.randint(20, 200)),
                due=TUESDAY + timedelta(days=rng.randint(2, max(3, span // 3))),
                weight=rng.choice((1, 1, 2, 4)),
            )
            for number in range(orders)
        ),
        calendars={
            "days": (
                Shift(frozenset(range(6)), time(8), time(12)),
                Shift(frozenset(range(6)), time(13), time(17)),
            ),
            "nights": (Shift(frozenset(range(5)), time(22), time(6)),),
        },
        closures=(Closure(TUESDAY + timedelta(days=11), TUESDAY + timedelta(days=13), "Bảo trì"),)
        if rng.random() < 0.5
        else (),
        stock={code: Decimal(rng.choice((0, 100, 400))) for code in bought}
        if kind == "materials"
        else {code: Decimal(rng.choice((0, 500, 4000))) for code in bought},
        receipts=tuple(
            Receipt(f"PO-{k}", code, Decimal(300), TUESDAY.date() + timedelta(days=1 + 3 * k))
            for k, code in enumerate(list(bought)[:3])
        ),
        operators=_people(kind, machines),
        rates=Rates(),
    )


def _bought(rng: random.Random, kind: str, code: str) -> Item:
    days = rng.choice((3, 7, 14, 21) if kind == "materials" else (1, 2, 4))
    return Item(
        code,
        lead_time_days=Decimal(days),
        lot_multiple=Decimal(rng.choice((0, 0, 50))),
        price=Decimal(rng.randint(5, 60) * 1000),
    )


def _made(rng: random.Random, kind: str, code: str, bought: list[str], parts: list[str]) -> Item:
    steps = []
    for position in range(rng.randint(2, 5)):
        group = rng.choice(GROUPS)
        if kind == "furnace" and position == 1:
            group = "LO"
        if kind == "machines" and position == 0:
            group = "TIEN"
        components = []
        if position == 0:
            components = [Component(each, Decimal("0.5")) for each in rng.sample(bought, rng.randint(1, 2))]
            if parts and (kind == "assembly" or rng.random() < 0.5):
                wanted = rng.sample(parts, min(len(parts), 2 if kind == "assembly" else 1))
                components += [Component(each, Decimal(1)) for each in wanted]
        furnace = group == "LO"
        setup = 0 if furnace else rng.choice((1800, 3600, 7200) if kind == "setups" else (0, 0, 900))
        steps.append(
            Step(
                str(10 * (position + 1)),
                group=group,
                seconds_per_piece=Decimal(0) if furnace else Decimal(rng.randint(20, 180)),
                cycle_seconds=rng.choice((7200, 14400)) if furnace else 0,
                recipe=rng.choice(("650", "860")) if furnace else "",
                setup_seconds=setup,
                family=rng.choice(FAMILIES) if setup else "",
                skill="tho" if group in ("TIEN", "PHAY", "LAP") else "",
                min_wait_seconds=rng.choice((0, 0, 0, 14400)),
                components=tuple(components),
            )
        )
    return Item(code, steps=tuple(steps), scrap=rng.choice((Decimal(0), Decimal("0.03"))))


def _machines(rng: random.Random, kind: str, count: int) -> dict[str, Machine]:
    found = {}
    for group in GROUPS:
        own = 1 if kind == "machines" and group == "TIEN" else count
        for number in range(1, own + 1):
            code = f"{group}-{number}"
            calendar = "nights" if kind == "nights" and rng.random() < 0.3 else "days"
            found[code] = Machine(
                code,
                group,
                calendar=calendar,
                batch_capacity=300 if group == "LO" else 0,
                rate_per_hour=Decimal(rng.randint(30, 200) * 1000),
            )
    return found


def _people(kind: str, machines: int) -> tuple[OperatorGroup, ...]:
    count = machines if kind == "people" else 3 * machines
    return (OperatorGroup("tổ cơ khí", ("tho",), count, rate_per_hour=Decimal(45_000)),)
