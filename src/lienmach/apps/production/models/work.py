"""The work on the floor: work orders of the published plan, their operations, and what was reported."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lienmach.apps.production.models.plan import Plan
from lienmach.kernel.identity.models import Owned


class WorkOrderState(models.TextChoices):
    """Where a work order stands."""

    OPEN = "open", _("open")
    DONE = "done", _("done")
    WITHDRAWN = "withdrawn", _("withdrawn")


class WorkOrder(Owned):
    """The making of one item for one or more orders, as the published plan has it."""

    number = models.CharField(_("work order"), max_length=40)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="work_orders")
    job = models.CharField(max_length=160)
    item = models.CharField(_("item"), max_length=80)
    quantity = models.PositiveIntegerField(_("quantity"))
    orders = models.JSONField(default=list)
    due = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=WorkOrderState.choices, default=WorkOrderState.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], name="production_work_order_number_once"
            )
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="production_work_order_state")]


class OperationState(models.TextChoices):
    """Where an operation stands."""

    PLANNED = "planned", _("planned")
    STARTED = "started", _("started")
    FINISHED = "finished", _("finished")


class Operation(Owned):
    """One step of a work order on its machine, with what was reported so far."""

    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="operations")
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=200)
    step = models.CharField(_("step"), max_length=80)
    machine = models.CharField(_("machine"), max_length=80)
    quantity = models.PositiveIntegerField(_("quantity"))
    planned_start = models.DateTimeField()
    planned_end = models.DateTimeField()
    state = models.CharField(max_length=10, choices=OperationState.choices, default=OperationState.PLANNED)
    good = models.PositiveIntegerField(default=0)
    scrap = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["work_order", "position"], name="production_operation_position_once"
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "machine", "state"], name="production_operation_machine")
        ]


class ReportKind(models.TextChoices):
    """What an operator says."""

    STARTED = "started", _("started")
    PROGRESSED = "progressed", _("made pieces")
    FINISHED = "finished", _("finished")


class OperationReport(Owned):
    """One report from the floor. `client_id` is made where it is entered: sending twice counts once."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="reports")
    client_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    good = models.PositiveIntegerField(default=0)
    scrap = models.PositiveIntegerField(default=0)
    reported_at = models.DateTimeField()
    event = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "client_id"], name="production_report_counted_once"
            )
        ]
