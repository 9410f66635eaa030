"""Every change in production: keyword-only, one transaction, records its events."""

from lienmach.apps.production.services.delivery import (
    ReceiptRefused,
    ShipmentRefused,
    receipt_confirm,
    shipment_dispatch,
    shipment_link_renew,
)
from lienmach.apps.production.services.planning import (
    PlanRefused,
    plan_finish,
    plan_from_upload,
    plan_request,
    plan_stop,
    workbook_upload,
)
from lienmach.apps.production.services.publishing import plan_publish
from lienmach.apps.production.services.work import ReportRefused, operation_report

__all__ = [
    "PlanRefused",
    "ReceiptRefused",
    "ReportRefused",
    "ShipmentRefused",
    "operation_report",
    "plan_finish",
    "plan_from_upload",
    "plan_publish",
    "plan_request",
    "plan_stop",
    "receipt_confirm",
    "shipment_dispatch",
    "shipment_link_renew",
    "workbook_upload",
]
