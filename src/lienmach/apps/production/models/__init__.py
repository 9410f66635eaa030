"""Production's tables and their constraints; no decisions."""

from lienmach.apps.production.models.delivery import Receipt, Shipment
from lienmach.apps.production.models.order import Order
from lienmach.apps.production.models.plan import Plan, PlanState, Workbook
from lienmach.apps.production.models.work import (
    Operation,
    OperationReport,
    OperationState,
    ReportKind,
    WorkOrder,
    WorkOrderState,
)

__all__ = [
    "Operation",
    "OperationReport",
    "OperationState",
    "Order",
    "Plan",
    "PlanState",
    "Receipt",
    "ReportKind",
    "Shipment",
    "WorkOrder",
    "WorkOrderState",
    "Workbook",
]
