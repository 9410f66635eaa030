"""How production's things look on a page: tables declared once, states and events in words."""

from lienmach.apps.production.presentation.history import ORIGINS, history
from lienmach.apps.production.presentation.orders import order_advice, order_evidence
from lienmach.apps.production.presentation.plans import plan_orders, plan_purchases, plan_remedies
from lienmach.apps.production.presentation.promises import promise_badge, promise_purchases, promise_tasks
from lienmach.apps.production.presentation.tables import (
    OPERATION_MEANING,
    OPERATIONS,
    ORDERS,
    PLAN_MEANING,
    PLANS,
    PROBLEMS,
    SHIPMENTS,
    STAGES,
    WORK_ORDERS,
    WORKBOOKS,
    linked,
    operation_badge,
    order_badge,
    plan_badge,
    receipt_badge,
    work_order_badge,
)

__all__ = [
    "OPERATIONS",
    "OPERATION_MEANING",
    "ORDERS",
    "ORIGINS",
    "PLANS",
    "PLAN_MEANING",
    "PROBLEMS",
    "SHIPMENTS",
    "STAGES",
    "WORKBOOKS",
    "WORK_ORDERS",
    "history",
    "linked",
    "operation_badge",
    "order_advice",
    "order_badge",
    "order_evidence",
    "plan_badge",
    "plan_orders",
    "plan_purchases",
    "plan_remedies",
    "promise_badge",
    "promise_purchases",
    "promise_tasks",
    "receipt_badge",
    "work_order_badge",
]
