"""Reading work orders and operations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lienmach.apps.production.models import Operation, OperationState, WorkOrder, WorkOrderState
from lienmach.apps.production.queries.missing import NotFound
from lienmach.kernel.scope import OrganisationScope


@dataclass(frozen=True)
class OperationRow:
    """One step of a work order, as planned and as reported."""

    id: UUID
    work_order: str
    work_order_state: str
    item: str
    orders: tuple[str, ...]
    position: int
    step: str
    machine: str
    quantity: int
    planned_start: datetime
    planned_end: datetime
    state: str
    good: int
    scrap: int
    started_at: datetime | None
    finished_at: datetime | None

    def behind(self, at: datetime) -> bool:
        """Whether it should have been started or finished by now and is not."""
        if self.state == OperationState.FINISHED:
            return False
        planned = self.planned_start if self.state == OperationState.PLANNED else self.planned_end
        return planned < at


@dataclass(frozen=True)
class WorkOrderRow:
    """A work order in a list."""

    id: UUID
    number: str
    item: str
    quantity: int
    orders: tuple[str, ...]
    state: str
    starts_at: datetime | None
    ends_at: datetime | None
    steps: int
    finished_steps: int


@dataclass(frozen=True)
class WorkOrderRecord(WorkOrderRow):
    """A work order with its operations."""

    operations: tuple[OperationRow, ...]


def work_order_list(scope: OrganisationScope, *, withdrawn: bool = False) -> list[WorkOrderRow]:
    """Return the work orders of the published plans, by planned start."""
    scope.require("production.work_read")
    rows = WorkOrder.objects.within(scope).prefetch_related("operations")
    if not withdrawn:
        rows = rows.exclude(state=WorkOrderState.WITHDRAWN)
    found = [_work_order(row) for row in rows.order_by("number")]
    return sorted(found, key=lambda row: (row.starts_at is None, row.starts_at, row.number))


def work_order_get(scope: OrganisationScope, *, number: str) -> WorkOrderRecord:
    """Return one work order with its operations or raise `NotFound`."""
    scope.require("production.work_read")
    row = WorkOrder.objects.within(scope).prefetch_related("operations").filter(number=number).first()
    if row is None:
        raise NotFound(f"No work order {number}.")
    listed = _work_order(row)
    operations = sorted(row.operations.all(), key=lambda operation: operation.position)
    return WorkOrderRecord(
        **{name: getattr(listed, name) for name in WorkOrderRow.__dataclass_fields__},
        operations=tuple(_operation(operation, row) for operation in operations),
    )


def operation_list(
    scope: OrganisationScope, *, machine: str = "", open_only: bool = True, limit: int | None = None
) -> list[OperationRow]:
    """Return operations of open work orders by planned start; of one machine when it is named."""
    scope.require("production.work_read")
    rows = Operation.objects.within(scope).select_related("work_order")
    if open_only:
        rows = rows.filter(work_order__state=WorkOrderState.OPEN).exclude(state=OperationState.FINISHED)
    if machine:
        rows = rows.filter(machine=machine)
    return [_operation(row, row.work_order) for row in rows.order_by("planned_start", "id")[:limit]]


def operation_get(scope: OrganisationScope, *, operation: UUID) -> OperationRow:
    """Return one operation or raise `NotFound`."""
    scope.require("production.work_read")
    row = Operation.objects.within(scope).select_related("work_order").filter(id=operation).first()
    if row is None:
        raise NotFound(f"No operation {operation}.")
    return _operation(row, row.work_order)


def operations_of_orders(scope: OrganisationScope, *, orders: Iterable[str]) -> list[OperationRow]:
    """Return the operations of work orders that serve any of the orders, withdrawn ones left out."""
    wanted = set(orders)
    rows = Operation.objects.within(scope).select_related("work_order")
    rows = rows.exclude(work_order__state=WorkOrderState.WITHDRAWN).order_by("planned_start", "id")
    return [_operation(row, row.work_order) for row in rows if wanted.intersection(row.work_order.orders)]


def _operation(row: Operation, work_order: WorkOrder) -> OperationRow:
    return OperationRow(
        id=row.id,
        work_order=work_order.number,
        work_order_state=work_order.state,
        item=work_order.item,
        orders=tuple(work_order.orders),
        position=row.position,
        step=row.step,
        machine=row.machine,
        quantity=row.quantity,
        planned_start=row.planned_start,
        planned_end=row.planned_end,
        state=row.state,
        good=row.good,
        scrap=row.scrap,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _work_order(row: WorkOrder) -> WorkOrderRow:
    operations = list(row.operations.all())
    return WorkOrderRow(
        id=row.id,
        number=row.number,
        item=row.item,
        quantity=row.quantity,
        orders=tuple(row.orders),
        state=row.state,
        starts_at=min((operation.planned_start for operation in operations), default=None),
        ends_at=max((operation.planned_end for operation in operations), default=None),
        steps=len(operations),
        finished_steps=sum(operation.state == OperationState.FINISHED for operation in operations),
    )
