"""A plan as rows."""

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lienmach.apps.production.planning.bargains import cost_phrase
from lienmach.apps.production.planning.explain import remedy_effect, remedy_phrase
from lienmach.apps.production.planning.plan import Plan as VerifiedPlan
from lienmach.apps.production.planning.plan import PlannedPurchase, Remedy
from lienmach.apps.production.presentation.tables import (
    PLAN_ORDERS,
    PRICED_REMEDIES,
    PURCHASES,
    REMEDIES,
    joined,
)
from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.tables import Table


def plan_orders(plan: VerifiedPlan) -> tuple[Table, list[dict[str, Any]]]:
    """Return the table of a plan's orders with their dates, late ones first."""
    ordered = sorted(plan.orders, key=lambda order: (-order.late_s * order.weight, order.end, order.code))
    rows = [
        {
            "code": order.code,
            "state": (Meaning.BAD, _("late")) if order.late_s else (Meaning.GOOD, _("in time")),
            "item": order.item,
            "quantity": order.quantity.normalize(),
            "customer": order.customer,
            "due": plan.timeline.day(order.due - 1),
            "ready": plan.timeline.day(order.end),
        }
        for order in ordered
    ]
    return PLAN_ORDERS, rows


def plan_purchases(plan: VerifiedPlan) -> tuple[Table, list[dict[str, Any]]]:
    """Return the table of what a plan has to buy, the first to order first."""
    return PURCHASES, bought(plan.purchases)


def plan_remedies(plan: VerifiedPlan, language: str) -> tuple[Table, list[dict[str, Any]]]:
    """Return the table of what would help, what gains most first; with money where any of it is known."""
    rows = [
        {
            "remedy": _remedy(remedy, language),
            "by_days": rank,
            "by_money": plan.rank_by_money(remedy),
            "saves": remedy.saves,
            "cost": remedy.cost,
            "net": remedy.net,
        }
        for rank, remedy in enumerate(plan.remedies, start=1)
    ]
    return PRICED_REMEDIES if plan.money_known else REMEDIES, rows


def _remedy(remedy: Remedy, language: str) -> SafeString:
    """What to do, with what it gains and what its cost is made of below."""
    below = [text for text in (remedy_effect(remedy, language), cost_phrase(remedy, language)) if text]
    return format_html(
        "<strong>{}</strong>{}",
        remedy_phrase(remedy, language),
        format_html_join("", '<br><span class="small muted">{}</span>', ((text,) for text in below)),
    )


def bought(purchases: Iterable[PlannedPurchase]) -> list[dict[str, Any]]:
    return [
        {
            "item": purchase.item,
            "quantity": purchase.quantity.normalize(),
            "unit": purchase.unit,
            "order_by": purchase.order_by,
            "arrives": purchase.arrives,
            "supplier": purchase.supplier,
            "orders": joined(purchase.orders),
            "lead": _("assumed") if purchase.lead_time_assumed else _("given"),
        }
        for purchase in purchases
    ]
