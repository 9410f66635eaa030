"""Reading work orders and operations."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from lienmach.apps.production.models import Operation, OperationState, WorkOrder, WorkOrderState
from lienmach.apps.production.queries.missing import NotFound
from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.queries import event_list
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
    events: tuple[Event, ...] = ()


def work_order_list(scope: OrganisationScope, *, withdrawn: bool = False) -> list[WorkOrderRow]:
    """Return the work orders of the published plans, open ones first, by planned start."""
    scope.require("production.work_read")
    rows = _with_progress(WorkOrder.objects.within(scope))
    if not withdrawn:
        rows = rows.exclude(state=WorkOrderState.WITHDRAWN)
    found = [_work_order(row) for row in rows.order_by("starts_at", "number")]
    return sorted(found, key=lambda row: row.state != WorkOrderState.OPEN)


def work_order_get(scope: OrganisationScope, *, number: str) -> WorkOrderRecord:
    """Return one work order with its operations or raise `NotFound`."""
    scope.require("production.work_read")
    rows = _with_progress(WorkOrder.objects.within(scope)).prefetch_related("operations")
    row = rows.filter(number=number).first()
    if row is None:
        raise NotFound(f"No work order {number}.")
    return replace(_record(row), events=tuple(event_list(scope, subject=f"work-order:{row.id}")))


def work_sheet_list(scope: OrganisationScope, *, number: str = "", limit: int = 24) -> list[WorkOrderRecord]:
    """Return the next open work orders with their operations, or the one that is named."""
    scope.require("production.work_read")
    rows = _with_progress(WorkOrder.objects.within(scope)).prefetch_related("operations")
    rows = rows.filter(number=number) if number else rows.filter(state=WorkOrderState.OPEN)
    return [_record(row) for row in rows.order_by("starts_at", "number")[:limit]]


def _record(row: Any) -> WorkOrderRecord:
    listed = _work_order(row)
    operations = sorted(row.operations.all(), key=lambda operation: operation.position)
    return WorkOrderRecord(
        **{name: getattr(listed, name) for name in WorkOrderRow.__dataclass_fields__},
        operations=tuple(_operation(operation, row) for operation in operations),
    )


@dataclass(frozen=True)
class FloorState:
    """What is going on: the first of each kind by planned start, and how many there are."""

    behind: tuple[OperationRow, ...]
    behind_count: int
    running_count: int
    next_up: tuple[OperationRow, ...]


def floor_state(scope: OrganisationScope, *, at: datetime, limit: int = 20) -> FloorState:
    """Return which steps are behind the plan, how many run, and what comes next."""
    scope.require("production.work_read")
    rows = _open_operations(scope)
    planned, started = Q(state=OperationState.PLANNED), Q(state=OperationState.STARTED)
    behind = rows.filter((planned & Q(planned_start__lt=at)) | (started & Q(planned_end__lt=at)))
    next_up = rows.filter(planned, planned_start__gte=at)
    return FloorState(
        behind=_listed(behind, limit),
        behind_count=behind.count(),
        running_count=rows.filter(started).count(),
        next_up=_listed(next_up, limit // 2),
    )


def machine_list(scope: OrganisationScope) -> list[tuple[str, int]]:
    """Return the machines with open operations, and how many each has."""
    scope.require("production.work_read")
    counted = _open_operations(scope).values("machine").annotate(count=Count("id")).order_by("machine")
    return [(row["machine"], row["count"]) for row in counted]


def operation_list(
    scope: OrganisationScope, *, machine: str = "", limit: int | None = None
) -> list[OperationRow]:
    """Return open operations by planned start; of one machine when it is named."""
    scope.require("production.work_read")
    rows = _open_operations(scope)
    if machine:
        rows = rows.filter(machine=machine)
    return list(_listed(rows, limit))


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
    served = [
        identifier
        for identifier, codes in WorkOrder.objects.within(scope)
        .exclude(state=WorkOrderState.WITHDRAWN)
        .values_list("id", "orders")
        if wanted.intersection(codes)
    ]
    rows = Operation.objects.within(scope).select_related("work_order").filter(work_order__in=served)
    return list(_listed(rows, None))


def _open_operations(scope: OrganisationScope) -> QuerySet[Operation]:
    rows = Operation.objects.within(scope).select_related("work_order")
    return rows.filter(work_order__state=WorkOrderState.OPEN).exclude(state=OperationState.FINISHED)


def _listed(rows: QuerySet[Operation], limit: int | None) -> tuple[OperationRow, ...]:
    return tuple(_operation(row, row.work_order) for row in rows.order_by("planned_start", "id")[:limit])


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


def _with_progress(rows: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
    """The rows with their planned start and end, and how many steps there are and are finished."""
    finished = Q(operations__state=OperationState.FINISHED)
    return rows.annotate(
        starts_at=Min("operations__planned_start"),
        ends_at=Max("operations__planned_end"),
        steps=Count("operations"),
        finished_steps=Count("operations", filter=finished),
    )


def _work_order(row: Any) -> WorkOrderRow:
    return WorkOrderRow(
        id=row.id,
        number=row.number,
        item=row.item,
        quantity=row.quantity,
        orders=tuple(row.orders),
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        steps=row.steps,
        finished_steps=row.finished_steps,
    )
