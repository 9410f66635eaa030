"""Production's pages: parse, one call into services or queries, answer."""

from lienmach.apps.production.views.board import board
from lienmach.apps.production.views.deliveries import (
    order_ship,
    shipment,
    shipment_link,
    shipments,
)
from lienmach.apps.production.views.floor import floor, operation, operation_sent
from lienmach.apps.production.views.orders import order, orders
from lienmach.apps.production.views.plans import (
    plan,
    plan_file,
    plan_progress,
    plan_publish,
    plan_stop,
    plans,
    template_file,
    upload,
    workbook,
)
from lienmach.apps.production.views.promises import promise
from lienmach.apps.production.views.receipt import receipt, receipt_proof
from lienmach.apps.production.views.work import work_order, work_orders, work_sheets

__all__ = [
    "board",
    "floor",
    "operation",
    "operation_sent",
    "order",
    "order_ship",
    "orders",
    "plan",
    "plan_file",
    "plan_progress",
    "plan_publish",
    "plan_stop",
    "plans",
    "promise",
    "receipt",
    "receipt_proof",
    "shipment",
    "shipment_link",
    "shipments",
    "template_file",
    "upload",
    "work_order",
    "work_orders",
    "work_sheets",
    "workbook",
]
