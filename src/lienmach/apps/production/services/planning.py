"""Workbooks uploaded, plans asked for, made and stopped."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from lienmach.apps.production.models import (
    OperationState,
    Order,
    Plan,
    PlanState,
    Workbook,
    WorkOrder,
    WorkOrderState,
)
from lienmach.apps.production.planning.assumptions import Assumption
from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.services.numbering import next_number
from lienmach.apps.production.sheets import FULL, read_factory
from lienmach.kernel.ids import uuid7
from lienmach.kernel.jobs.services import job_enqueue, job_stop
from lienmach.kernel.scope import OrganisationScope, SystemScope
from lienmach.kernel.sheets import Problem, Rejected, import_workbook

TASK = "production.plan_make"
LEAST_CPU_S, MOST_CPU_S = 1, 600


class PlanRefused(Exception):
    """The plan cannot be asked for or published as things stand; the message is for the person."""


@transaction.atomic
def workbook_upload(
    scope: OrganisationScope, *, filename: str, content: bytes, language: str, at: datetime
) -> Workbook:
    """Keep an uploaded workbook together with everything that is wrong with it.

    A workbook with errors is kept too, so that nothing is lost and the person can look at the list again.
    """
    scope.require("production.plan_make")
    imported = import_workbook(content, FULL)
    factory = read_factory(imported, language=language)
    accepted = not isinstance(factory, Rejected)
    problems = () if isinstance(imported, Rejected) else imported.warnings
    problems += factory.problems if isinstance(factory, Rejected) else ()
    orders = 0 if isinstance(factory, Rejected) else len(factory.orders)
    workbook = Workbook(
        id=uuid7(at),
        organisation_id=scope.organisation,
        number=next_number(Workbook, organisation=scope.organisation),
        filename=filename[:200] or "workbook.xlsx",
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        problems=[_stored(problem) for problem in problems],
        accepted=accepted,
        orders=orders,
        uploaded_at=at,
    )
    workbook.full_clean(exclude=["problems", "content"])
    workbook.save(force_insert=True)
    return workbook


@transaction.atomic
def plan_from_upload(
    scope: OrganisationScope,
    *,
    filename: str,
    content: bytes,
    language: str,
    starts_at: datetime,
    cpu_seconds: int,
    at: datetime,
) -> tuple[Workbook, UUID | None]:
    """Keep an uploaded workbook and, when nothing is wrong with it, ask for a plan at once."""
    workbook = workbook_upload(scope, filename=filename, content=content, language=language, at=at)
    if not workbook.accepted:
        return workbook, None
    plan = plan_request(scope, workbook=workbook.id, starts_at=starts_at, cpu_seconds=cpu_seconds, at=at)
    return workbook, plan


@transaction.atomic
def plan_request(
    scope: OrganisationScope,
    *,
    workbook: UUID,
    starts_at: datetime,
    cpu_seconds: int,
    at: datetime,
    objective: str = "tardiness",
) -> UUID:
    """Ask for a plan from a workbook; the worker makes it. Returns the plan's identifier.

    Raises
    ------
    PlanRefused
        When the workbook has errors.
    """
    scope.require("production.plan_make")
    source = Workbook.objects.within(scope).get(id=workbook)
    if not source.accepted:
        raise PlanRefused(_("The workbook has errors. Correct them and upload it again."))
    plan = Plan(
        id=uuid7(at),
        organisation_id=scope.organisation,
        number=next_number(Plan, organisation=scope.organisation),
        workbook=source,
        starts_at=starts_at,
        cpu_seconds=min(max(cpu_seconds, LEAST_CPU_S), MOST_CPU_S),
        objective=objective,
        created_at=at,
    )
    plan.job = job_enqueue(scope, task=TASK, arguments={"plan": str(plan.id)}, at=at)
    plan.full_clean(exclude=["document", "obstacles"])
    plan.save(force_insert=True)
    return plan.id


@transaction.atomic
def plan_stop(scope: OrganisationScope, *, plan: UUID, at: datetime) -> None:
    """Ask the worker to stop planning with the best it has so far."""
    scope.require("production.plan_make")
    row = Plan.objects.within(scope).get(id=plan)
    if row.job is not None and row.state == PlanState.MAKING:
        job_stop(scope, job=row.job, at=at)


@transaction.atomic
def plan_finish(
    scope: SystemScope,
    *,
    plan: UUID,
    document: dict[str, Any] | None,
    obstacles: list[dict[str, str]],
    orders: int,
    late_orders: int,
    ends_at: datetime | None,
) -> None:
    """Keep what planning answered: a verified plan, or why there is none. Repeating it changes nothing."""
    row = Plan.objects.select_for_update().get(id=plan)
    if row.state != PlanState.MAKING:
        return
    row.document, row.obstacles = document, obstacles
    row.orders, row.late_orders, row.ends_at = orders, late_orders, ends_at
    row.state = PlanState.FAILED if document is None else PlanState.DRAFT
    row.save()


@dataclass(frozen=True)
class PlanSource:
    """What a plan is made from."""

    factory: Factory
    starts_at: datetime
    objective: str
    cpu_seconds: int
    notes: tuple[Assumption, ...]


def plan_source(scope: SystemScope, *, plan: UUID) -> PlanSource:
    """Return the workshop that a plan was asked for, read again from its workbook.

    Raises
    ------
    PlanRefused
        When the workbook can no longer be read; it was accepted when it was uploaded.
    """
    row = Plan.objects.select_related("workbook", "organisation").get(id=plan)
    factory = read_factory(
        import_workbook(bytes(row.workbook.content), FULL),
        name=row.organisation.name,
        zone=row.organisation.time_zone,
    )
    if isinstance(factory, Rejected):
        raise PlanRefused(" ".join(str(problem) for problem in factory.problems[:3]))
    shipped = _shipped_in_full(row.organisation_id)
    left = tuple(order for order in factory.orders if order.code not in shipped)
    gone = tuple(order.code for order in factory.orders if order.code in shipped)
    notes = [Assumption("already_shipped", "", gone, "orders", "order")] if gone else []
    begun = _begun_orders(row.organisation_id)
    if begun:
        notes.append(Assumption("work_in_progress", "", begun, "orders", "order"))
    factory = replace(factory, orders=left)
    return PlanSource(factory, row.starts_at, row.objective, row.cpu_seconds, tuple(notes))


def _shipped_in_full(organisation: UUID) -> set[str]:
    orders = Order.objects.filter(organisation_id=organisation).annotate(shipped=Sum("shipments__quantity"))
    return {order.code for order in orders if (order.shipped or 0) >= order.quantity}


def _begun_orders(organisation: UUID) -> tuple[str, ...]:
    """Orders with a step under way or done in a work order that is still open."""
    rows = WorkOrder.objects.filter(organisation_id=organisation, state=WorkOrderState.OPEN)
    begun = rows.filter(operations__state__in=(OperationState.STARTED, OperationState.FINISHED)).distinct()
    return tuple(sorted({order for orders in begun.values_list("orders", flat=True) for order in orders}))


def _stored(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "cell": problem.cell,
        "value": problem.value,
        "reason": problem.reason,
        "remedy": problem.remedy,
        "severity": problem.severity.value,
    }
