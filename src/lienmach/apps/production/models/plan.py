"""Uploaded workbooks and the plans made from them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lienmach.kernel.identity.models import Owned


class Workbook(Owned):
    """One upload of the workshop's workbook, kept as it came, with everything that is wrong with it."""

    number = models.PositiveIntegerField()
    filename = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    problems = models.JSONField(default=list)
    accepted = models.BooleanField()
    orders = models.PositiveIntegerField(default=0)
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="production_workbook_number_once")
        ]


class PlanState(models.TextChoices):
    """Where a plan stands."""

    MAKING = "making", _("being made")
    FAILED = "failed", _("no plan")
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    SUPERSEDED = "superseded", _("superseded")


class Plan(Owned):
    """A plan, from the wish to make it to its publication; `document` holds the verified result."""

    number = models.PositiveIntegerField()
    workbook = models.ForeignKey(Workbook, on_delete=models.PROTECT, related_name="plans")
    state = models.CharField(max_length=12, choices=PlanState.choices, default=PlanState.MAKING)
    job = models.UUIDField(null=True, blank=True)
    starts_at = models.DateTimeField()
    cpu_seconds = models.PositiveIntegerField(default=10)
    objective = models.CharField(max_length=12, default="tardiness")
    document = models.JSONField(null=True, blank=True)
    obstacles = models.JSONField(default=list)
    orders = models.PositiveIntegerField(default=0)
    late_orders = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="production_plan_number_once"),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(state="published"),
                name="production_one_published_plan",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in PlanState]),
                name="production_plan_state_known",
            ),
        ]
