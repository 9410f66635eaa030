"""Every read in production: scope first, plain dataclasses out."""

from lienmach.apps.production.queries.board import Board, board_get
from lienmach.apps.production.queries.deliveries import (
    ShipmentForReceiver,
    ShipmentRecord,
    ShipmentRow,
    receiver_proof,
    shipment_for_receiver,
    shipment_get,
    shipment_list,
)
from lienmach.apps.production.queries.missing import NotFound
from lienmach.apps.production.queries.orders import OrderRecord, OrderRow, order_get, order_list
from lienmach.apps.production.queries.plans import (
    PlanRecord,
    PlanRow,
    WorkbookRecord,
    plan_get,
    plan_list,
    workbook_get,
    workbook_list,
)
from lienmach.apps.production.queries.work import (
    FloorState,
    OperationRow,
    WorkOrderRecord,
    WorkOrderRow,
    floor_state,
    machine_list,
    operation_get,
    operation_list,
    work_order_get,
    work_order_list,
    work_sheet_list,
)

__all__ = [
    "Board",
    "FloorState",
    "NotFound",
    "OperationRow",
    "OrderRecord",
    "OrderRow",
    "PlanRecord",
    "PlanRow",
    "ShipmentForReceiver",
    "ShipmentRecord",
    "ShipmentRow",
    "WorkOrderRecord",
    "WorkOrderRow",
    "WorkbookRecord",
    "board_get",
    "floor_state",
    "machine_list",
    "operation_get",
    "operation_list",
    "order_get",
    "order_list",
    "plan_get",
    "plan_list",
    "receiver_proof",
    "shipment_for_receiver",
    "shipment_get",
    "shipment_list",
    "work_order_get",
    "work_order_list",
    "work_sheet_list",
    "workbook_get",
    "workbook_list",
]
