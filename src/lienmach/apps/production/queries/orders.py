"""Reading orders: where each stands, and its whole history."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from lienmach.apps.production.models import (
    OperationState,
    Order,
    Shipment,
    WorkOrder,
    WorkOrderState,
)
from lienmach.apps.production.queries.deliveries import ShipmentRow, shipment_rows
from lienmach.apps.production.queries.missing import NotFound
from lienmach.apps.production.queries.promises import OrderAdvice, order_advice
from lienmach.apps.production.queries.work import OperationRow, operations_of_orders
from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.queries import event_list
from lienmach.kernel.scope import OrganisationScope


@dataclass(frozen=True)
class OrderRow:
    """An order in a list."""

    id: UUID
    code: str
    item: str
    quantity: int
    customer: str
    due: date
    promised: date | None
    steps: int
    finished_steps: int
    shipped: int
    received: int
    disputed: bool
    accepted_at: datetime

    @property
    def late_by(self) -> timedelta:
        """How much later than due it is promised; zero when in time."""
        if self.promised is None:
            return timedelta()
        return max(timedelta(), self.promised - self.due)

    @property
    def stage(self) -> str:
        """Where it stands: received, shipped, made, started or planned."""
        if self.received >= self.quantity:
            return "received"
        if self.shipped >= self.quantity:
            return "shipped"
        if self.steps and self.finished_steps == self.steps:
            return "made"
        return "started" if self.finished_steps else "planned"


@dataclass(frozen=True)
class OrderRecord(OrderRow):
    """An order with its operations, shipments and events."""

    operations: tuple[OperationRow, ...]
    shipments: tuple[ShipmentRow, ...]
    events: tuple[Event, ...]
    advice: OrderAdvice | None


def order_list(scope: OrganisationScope) -> list[OrderRow]:
    """Return all orders, the one most in danger first."""
    scope.require("production.order_read")
    orders = list(Order.objects.within(scope))
    progress = _progress(scope)
    shipments: dict[UUID, list[Shipment]] = defaultdict(list)
    for shipment in Shipment.objects.within(scope).select_related("receipt"):
        shipments[shipment.order_id].append(shipment)
    rows = [_order(order, progress, shipments[order.id]) for order in orders]
    return sorted(rows, key=lambda row: (row.stage == "received", -row.late_by, row.due, row.code))


def order_get(scope: OrganisationScope, *, order: UUID) -> OrderRecord:
    """Return one order with its history or raise `NotFound`."""
    scope.require("production.order_read")
    row = Order.objects.within(scope).filter(id=order).first()
    if row is None:
        raise NotFound(f"No order {order}.")
    shipments = list(row.shipments.select_related("receipt", "order").order_by("dispatched_at"))
    listed = _order(row, _progress(scope), shipments)
    operations = operations_of_orders(scope, orders=[row.code])
    events = _events(scope, row, shipments)
    return OrderRecord(
        **{name: getattr(listed, name) for name in OrderRow.__dataclass_fields__},
        operations=tuple(operations),
        shipments=tuple(shipment_rows(shipments)),
        events=tuple(events),
        advice=order_advice(scope, code=row.code) if listed.late_by else None,
    )


def _events(scope: OrganisationScope, order: Order, shipments: list[Shipment]) -> list[Event]:
    """Every event about the order, its work and its shipments, newest first."""
    work = [
        work_order.id
        for work_order in WorkOrder.objects.within(scope).only("id", "orders")
        if order.code in work_order.orders
    ]
    subjects = [
        f"order:{order.id}",
        *(f"shipment:{shipment.id}" for shipment in shipments),
        *(f"work-order:{identifier}" for identifier in work),
    ]
    found = [event for subject in subjects for event in event_list(scope, subject=subject)]
    return sorted(found, key=lambda event: (event.time, event.recorded_at), reverse=True)


def _progress(scope: OrganisationScope) -> dict[str, tuple[int, int]]:
    """Order → (steps, finished steps) over its work orders that were not withdrawn."""
    counted: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    rows = WorkOrder.objects.within(scope).exclude(state=WorkOrderState.WITHDRAWN)
    done = Count("operations", filter=Q(operations__state=OperationState.FINISHED))
    counts = rows.annotate(steps=Count("operations"), finished=done)
    for orders, steps, finished in counts.values_list("orders", "steps", "finished"):
        for order in orders:
            counted[order] = (counted[order][0] + steps, counted[order][1] + finished)
    return counted


def _order(order: Order, progress: dict[str, tuple[int, int]], shipments: list[Shipment]) -> OrderRow:
    steps, finished = progress.get(order.code, (0, 0))
    receipts = [shipment.receipt for shipment in shipments if hasattr(shipment, "receipt")]
    return OrderRow(
        id=order.id,
        code=order.code,
        item=order.item,
        quantity=order.quantity,
        customer=order.customer,
        due=order.due,
        promised=order.promised,
        steps=steps,
        finished_steps=finished,
        shipped=sum(shipment.quantity for shipment in shipments),
        received=sum(receipt.quantity for receipt in receipts),
        disputed=any(receipt.disputed for receipt in receipts),
        accepted_at=order.accepted_at,
    )
