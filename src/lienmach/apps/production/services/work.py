"""What the floor reports."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lienmach.apps.production.events import OperationReported
from lienmach.apps.production.models import (
    Operation,
    OperationReport,
    OperationState,
    ReportKind,
    WorkOrder,
    WorkOrderState,
)
from lienmach.kernel.evidence import record
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import OrganisationScope

MOST_OVER_PLAN = 10  # per cent: more good pieces than that is a slip of the finger


class ReportRefused(Exception):
    """The report contradicts what is known; the message is for the operator."""


@dataclass(frozen=True)
class Reported:
    """The operation after the report; `repeated` when the same report had already been counted."""

    operation: UUID
    work_order: str
    state: str
    good: int
    scrap: int
    repeated: bool


@transaction.atomic
def operation_report(
    scope: OrganisationScope,
    *,
    operation: UUID,
    kind: str,
    client_id: str,
    at: datetime,
    good: int = 0,
    scrap: int = 0,
) -> Reported:
    """Record that an operation started, made pieces, or was finished.

    A report with a `client_id` that was already counted changes nothing and answers the same.

    Raises
    ------
    ReportRefused
        When the operation is already finished, its work order withdrawn, or the quantity cannot be.
    """
    scope.require("production.operation_report")
    row = Operation.objects.within(scope).select_for_update().select_related("work_order").get(id=operation)
    if OperationReport.objects.within(scope).filter(client_id=client_id).exists():
        return _answer(row, repeated=True)
    _refuse_contradictions(row, kind, good, scrap)
    if row.started_at is None:
        row.started_at = at
    row.good += good
    row.scrap += scrap
    row.state = OperationState.STARTED
    if kind == ReportKind.FINISHED:
        row.state, row.finished_at = OperationState.FINISHED, at
    row.save()
    _close_work_order(row.work_order)
    event = record(
        scope,
        OperationReported(
            work_order=row.work_order.number,
            operation=row.code,
            report=kind,
            machine=row.machine,
            good=good,
            scrap=scrap,
            orders=row.work_order.orders,
            planned_start=row.planned_start,
            planned_end=row.planned_end,
        ),
        subject=f"work-order:{row.work_order_id}",
        time=at,
        at=at,
    )
    report = OperationReport(
        id=uuid7(at),
        organisation_id=scope.organisation,
        operation=row,
        client_id=client_id,
        kind=kind,
        good=good,
        scrap=scrap,
        reported_at=at,
        event=event.event_id,
    )
    report.full_clean()
    report.save(force_insert=True)
    return _answer(row, repeated=False)


def _refuse_contradictions(row: Operation, kind: str, good: int, scrap: int) -> None:
    if row.work_order.state == WorkOrderState.WITHDRAWN:
        raise ReportRefused(_("This work order was withdrawn by a newer plan. Scan the new sheet."))
    if row.state == OperationState.FINISHED:
        raise ReportRefused(_("This step is already finished."))
    if kind == ReportKind.STARTED and row.state != OperationState.PLANNED:
        raise ReportRefused(_("This step has already been started."))
    if good < 0 or scrap < 0:
        raise ReportRefused(_("A quantity cannot be negative."))
    if kind == ReportKind.PROGRESSED and good + scrap == 0:
        raise ReportRefused(_("Enter how many pieces were made."))
    most = row.quantity * (100 + MOST_OVER_PLAN) // 100
    if row.good + good > most:
        raise ReportRefused(
            _("%(made)s good pieces are more than the %(planned)s planned. Check the number.")
            % {"made": row.good + good, "planned": row.quantity}
        )


def _close_work_order(work_order: WorkOrder) -> None:
    left = work_order.operations.exclude(state=OperationState.FINISHED).exists()
    if not left and work_order.state == WorkOrderState.OPEN:
        work_order.state = WorkOrderState.DONE
        work_order.save()


def _answer(row: Operation, *, repeated: bool) -> Reported:
    return Reported(row.id, row.work_order.number, row.state, row.good, row.scrap, repeated)
