"""A draft becomes the plan that the workshop works by: orders, promises, work orders, and their events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lienmach.apps.production.events import OrderAccepted, OrderPromised, PlanPublished
from lienmach.apps.production.models import Operation, Order, Plan, PlanState, WorkOrder, WorkOrderState
from lienmach.apps.production.planning.documents import plan_from_document
from lienmach.apps.production.planning.plan import Plan as VerifiedPlan
from lienmach.apps.production.planning.plan import PlannedOrder, PlannedTask
from lienmach.apps.production.services.planning import PlanRefused
from lienmach.kernel.evidence import record
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import OrganisationScope


@transaction.atomic
def plan_publish(scope: OrganisationScope, *, plan: UUID, at: datetime) -> None:
    """Publish a draft; the plan published before is superseded and its open work orders are withdrawn.

    Raises
    ------
    PlanRefused
        When the plan is not a draft.
    """
    scope.require("production.plan_publish")
    row = Plan.objects.within(scope).select_for_update().get(id=plan)
    if row.state == PlanState.PUBLISHED:
        return
    if row.state != PlanState.DRAFT or row.document is None:
        raise PlanRefused(_("Only a draft can be published."))
    Plan.objects.within(scope).filter(state=PlanState.PUBLISHED).update(state=PlanState.SUPERSEDED)
    WorkOrder.objects.within(scope).filter(state=WorkOrderState.OPEN).update(state=WorkOrderState.WITHDRAWN)
    row.state, row.published_at = PlanState.PUBLISHED, at
    row.save()
    verified = plan_from_document(row.document)
    for planned in verified.orders:
        _take_order(scope, row, verified, planned, at)
    _issue_work_orders(scope, row, verified, at)
    record(
        scope,
        PlanPublished(
            plan=str(row.id),
            orders=len(verified.orders),
            late_orders=len(verified.late_orders),
            operations=len(verified.tasks),
            machines=len({task.machine for task in verified.tasks}),
            method=verified.measure.method,
            assumptions=[assumption.code for assumption in verified.assumptions],
            workbook=row.workbook.sha256,
        ),
        subject=f"plan:{row.id}",
        time=at,
        at=at,
    )


def _take_order(
    scope: OrganisationScope, plan: Plan, verified: VerifiedPlan, planned: PlannedOrder, at: datetime
) -> None:
    due = verified.timeline.day(planned.due - 1)
    promised = verified.timeline.day(planned.end)
    order = Order.objects.within(scope).select_for_update().filter(code=planned.code).first()
    before = order.promised if order else None
    if order is None:
        order = Order(id=uuid7(at), organisation_id=scope.organisation, code=planned.code, accepted_at=at)
    accepted = order.plan_id is None
    order.item, order.quantity, order.due = planned.item, int(planned.quantity), due
    order.customer, order.promised, order.plan = planned.customer, promised, plan
    order.planned_end = verified.timeline.moment(planned.end)
    order.full_clean()
    order.save()
    subject = f"order:{order.id}"
    if accepted:
        body: Any = OrderAccepted(
            order=order.code,
            item=order.item,
            ordered_quantity=order.quantity,
            due=due,
            customer=order.customer,
        )
        record(scope, body, subject=subject, time=at, at=at)
    if promised != before:
        body = OrderPromised(order=order.code, promised=promised, due=due, before=before)
        record(scope, body, subject=subject, time=at, at=at)


def _issue_work_orders(scope: OrganisationScope, plan: Plan, verified: VerifiedPlan, at: datetime) -> None:
    by_job: dict[str, list[PlannedTask]] = {}
    for task in sorted(verified.tasks, key=lambda task: (task.start, task.end, task.id)):
        by_job.setdefault(task.job, []).append(task)
    due_of = {order.code: order.due for order in verified.orders}
    work_orders, operations = [], []
    for index, (job, tasks) in enumerate(by_job.items(), start=1):
        dues = [due_of[order] for order in tasks[0].orders if order in due_of]
        work_order = WorkOrder(
            id=uuid7(at),
            organisation_id=scope.organisation,
            number=f"{plan.number}-{index:03d}",
            plan=plan,
            job=job,
            item=tasks[0].item,
            quantity=sum(task.quantity for task in tasks if task.step == tasks[0].step),
            orders=list(tasks[0].orders),
            due=verified.timeline.moment(min(dues)) if dues else None,
        )
        work_orders.append(work_order)
        operations += [
            Operation(
                id=uuid7(at),
                organisation_id=scope.organisation,
                work_order=work_order,
                position=position,
                code=task.id,
                step=task.step,
                machine=task.machine,
                quantity=task.quantity,
                planned_start=verified.timeline.moment(task.start),
                planned_end=verified.timeline.moment(task.end),
            )
            for position, task in enumerate(tasks, start=1)
        ]
    WorkOrder.objects.bulk_create(work_orders)
    Operation.objects.bulk_create(operations, batch_size=500)
