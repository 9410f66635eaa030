"""``plan.xlsx``: orders, work per machine, purchases and assumptions, one sheet each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lienmach.apps.production.planning.bargains import cost_phrase
from lienmach.apps.production.planning.documents.words import WORDS, word
from lienmach.apps.production.planning.explain import (
    assumption_sentence,
    reason_phrase,
    remedy_effect,
    remedy_phrase,
)
from lienmach.apps.production.planning.plan import Plan
from lienmach.kernel.sheets import Column, Kind, Sheet, Text, Workbook, write_xlsx

HOUR_S = 3_600


def _column(key: str, kind: Kind, name: str = "") -> Column:
    return Column(key, kind, Text(*WORDS[name or key]))


PLAN_WORKBOOK = Workbook(
    "plan",
    Text(*WORDS["title"]),
    [
        Sheet(
            "orders",
            Text(*WORDS["orders"]),
            [
                _column("order", Kind.CODE),
                _column("item", Kind.CODE),
                _column("quantity", Kind.DECIMAL),
                _column("customer", Kind.TEXT),
                _column("due", Kind.DATE),
                _column("promised", Kind.DATE),
                _column("state", Kind.TEXT),
                _column("late_hours", Kind.DECIMAL, "days_late"),
                _column("why", Kind.TEXT),
            ],
        ),
        Sheet(
            "tasks",
            Text(*WORDS["tasks"]),
            [
                _column("machine", Kind.CODE),
                _column("setup", Kind.DATETIME),
                _column("start", Kind.DATETIME),
                _column("end", Kind.DATETIME),
                _column("item", Kind.CODE),
                _column("step", Kind.CODE),
                _column("quantity", Kind.INTEGER),
                _column("for_orders", Kind.TEXT),
            ],
        ),
        Sheet(
            "purchases",
            Text(*WORDS["purchases"]),
            [
                _column("material", Kind.CODE),
                _column("quantity", Kind.DECIMAL),
                _column("unit", Kind.TEXT),
                _column("order_by", Kind.DATE),
                _column("arrives", Kind.DATE),
                _column("supplier", Kind.TEXT),
                _column("for_orders", Kind.TEXT),
            ],
        ),
        Sheet(
            "remedies",
            Text(*WORDS["remedies"]),
            [
                _column("remedy", Kind.TEXT),
                _column("effect", Kind.TEXT),
                _column("helps_orders", Kind.TEXT),
                _column("saves", Kind.INTEGER),
                _column("cost", Kind.INTEGER),
                _column("net", Kind.INTEGER),
                _column("by_days", Kind.INTEGER),
                _column("by_money", Kind.INTEGER),
                _column("made_of", Kind.TEXT),
            ],
        ),
        Sheet(
            "assumptions",
            Text(*WORDS["assumptions"]),
            [_column("assumed", Kind.TEXT, "assumptions"), _column("where", Kind.TEXT)],
        ),
    ],
)


def plan_xlsx(plan: Plan, *, language: str) -> bytes:
    """Return the plan as a workbook; the same plan gives the same bytes."""
    rows = {
        "orders": _orders(plan, language),
        "tasks": _tasks(plan),
        "purchases": _purchases(plan),
        "remedies": [
            {
                "remedy": remedy_phrase(remedy, language),
                "effect": remedy_effect(remedy, language),
                "helps_orders": ", ".join(code for code, _ in remedy.gains),
                "saves": remedy.saves,
                "cost": remedy.cost,
                "net": remedy.net,
                "by_days": rank,
                "by_money": plan.rank_by_money(remedy),
                "made_of": cost_phrase(remedy, language),
            }
            for rank, remedy in enumerate(plan.remedies, start=1)
        ],
        "assumptions": [
            {
                "assumed": assumption_sentence(assumption, language),
                "where": f"{assumption.sheet}.{assumption.column}",
            }
            for assumption in plan.assumptions
        ],
    }
    return write_xlsx(PLAN_WORKBOOK, rows, language=language, at=_wall_clock(plan, 0))


def _orders(plan: Plan, language: str) -> list[dict[str, Any]]:
    return [
        {
            "order": order.code,
            "item": order.item,
            "quantity": order.quantity,
            "customer": order.customer,
            "due": plan.timeline.day(order.due - 1),
            "promised": plan.timeline.day(order.end),
            "state": word("is_late" if order.late_s else "on_time", language),
            "late_hours": round(order.late_s / HOUR_S, 1) if order.late_s else None,
            "why": "; ".join(reason_phrase(cause, language) for cause in order.causes)
            if order.late_s
            else "",
        }
        for order in sorted(
            plan.orders, key=lambda order: (-order.late_s * order.weight, order.end, order.code)
        )
    ]


def _tasks(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "machine": task.machine,
            "setup": None if task.setup_start is None else _wall_clock(plan, task.setup_start),
            "start": _wall_clock(plan, task.start),
            "end": _wall_clock(plan, task.end),
            "item": task.item,
            "step": task.step,
            "quantity": task.quantity,
            "for_orders": ", ".join(task.orders),
        }
        for task in sorted(plan.tasks, key=lambda task: (task.machine, task.start, task.id))
    ]


def _purchases(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "material": purchase.item,
            "quantity": purchase.quantity,
            "unit": purchase.unit,
            "order_by": purchase.order_by,
            "arrives": purchase.arrives,
            "supplier": purchase.supplier,
            "for_orders": ", ".join(purchase.orders),
        }
        for purchase in plan.purchases
    ]


def _wall_clock(plan: Plan, second: int) -> datetime:
    """Return the local moment without its zone: spreadsheets know none."""
    return plan.timeline.moment(second).replace(tzinfo=None)
