"""Production for programs: /api/v1/o/<organisation>/production/…"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from lienmach.apps.production import queries, services
from lienmach.apps.production.models import ReportKind
from lienmach.apps.production.services import ReportRefused
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.api import Problem, idempotent
from lienmach.kernel.web.doors import door

router = Router()


class PlanOut(Schema):
    """A plan in a list."""

    id: UUID
    number: int
    state: str
    workbook: str
    orders: int
    late_orders: int
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime
    published_at: datetime | None


class ObstacleOut(Schema):
    """Why there is no plan."""

    kind: str
    place: str
    message: str


class PlanDocumentOut(PlanOut):
    """A plan with its document, `lienmach.plan/1`, once it is made; or the obstacles why there is none."""

    document: dict[str, Any] | None
    obstacles: list[ObstacleOut]


class OrderOut(Schema):
    """An order and where it stands."""

    id: UUID
    code: str
    item: str
    quantity: int
    customer: str
    due: date
    promised: date | None
    stage: str
    shipped: int
    received: int


class OperationOut(Schema):
    """One step of a work order, as planned and as reported."""

    id: UUID
    work_order: str
    item: str
    orders: list[str]
    step: str
    machine: str
    quantity: int
    planned_start: datetime
    planned_end: datetime
    state: str
    good: int
    scrap: int


class ReportIn(Schema):
    """What happened at a step."""

    kind: ReportKind
    client_id: str = Field(
        min_length=8, max_length=64, description="Made by the sender; the same one counts once."
    )
    good: int = Field(0, ge=0, le=10_000_000, description="Good pieces since the last report.")
    scrap: int = Field(0, ge=0, le=10_000_000, description="Spoilt pieces since the last report.")


class ReportOut(Schema):
    """The step after the report; `repeated` when it had been counted before."""

    operation: UUID
    work_order: str
    state: str
    good: int
    scrap: int
    repeated: bool


@router.get("plans", response=list[PlanOut], operation_id="production_plans")
@door("production.plan_read")
def plans(request: HttpRequest, scope: OrganisationScope) -> list[queries.PlanRow]:
    """The plans, newest first."""
    return queries.plan_list(scope)


@router.get("plans/{plan}", response={200: PlanDocumentOut, 404: Problem}, operation_id="production_plan")
@door("production.plan_read")
def plan(request: HttpRequest, scope: OrganisationScope, plan: UUID) -> queries.PlanRecord:
    """One plan with its document."""
    return queries.plan_get(scope, plan=plan)


@router.get("orders", response=list[OrderOut], operation_id="production_orders")
@door("production.order_read")
def orders(request: HttpRequest, scope: OrganisationScope) -> list[queries.OrderRow]:
    """All orders, the one most in danger first."""
    return queries.order_list(scope)


@router.get(
    "promise",
    response={200: dict[str, Any], 404: Problem, 409: Problem, 422: Problem},
    operation_id="production_promise",
)
@door("production.promise_ask")
def promise(
    request: HttpRequest,
    scope: OrganisationScope,
    item: Annotated[str, Query(min_length=1, max_length=64)],
    quantity: Annotated[Decimal, Query(gt=0, le=10_000_000)],
    wanted: date | None = None,
) -> Any:
    """By when one more order could be done, every booked order keeping its place: `lienmach.promise/1`.

    409: no plan is published that can be asked, or there is no date at all.
    """
    due = datetime.combine(wanted + timedelta(days=1), time()) if wanted else None
    try:
        answer = queries.promise_get(scope, item=item, quantity=quantity, due=due, at=timezone.now())
    except queries.NoPlanToAsk as nothing:
        return 409, Problem(detail=str(nothing))
    if answer.document is None:
        return 409, Problem(detail="No operation fits: there is no date.")
    return answer.document


@router.get("operations", response=list[OperationOut], operation_id="production_operations")
@door("production.work_read")
def operations(
    request: HttpRequest, scope: OrganisationScope, machine: str = ""
) -> list[queries.OperationRow]:
    """Operations that are still open, by planned start; of one machine when it is named."""
    return queries.operation_list(scope, machine=machine)


@router.post(
    "operations/{operation}/reports",
    response={200: ReportOut, 404: Problem, 409: Problem, 422: Problem},
    operation_id="production_operation_report",
)
@door("production.operation_report")
@idempotent
def operation_report(request: HttpRequest, scope: OrganisationScope, operation: UUID, body: ReportIn) -> Any:
    """Report that a step started, made pieces, or was finished. Sending it twice counts once."""
    queries.operation_get(scope, operation=operation)
    try:
        done = services.operation_report(
            scope,
            operation=operation,
            kind=body.kind,
            client_id=body.client_id,
            at=timezone.now(),
            good=body.good,
            scrap=body.scrap,
        )
    except ReportRefused as refused:
        return 409, Problem(detail=str(refused))
    return ReportOut.from_orm(done)
