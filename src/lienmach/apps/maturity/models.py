"""Work that fills criteria, as it was recorded, and answers that firms gave themselves."""

from django.db import models

from lienmach.kernel.identity.models import Owned


class WorkEvent(Owned):
    """A projection of somebody's event: enough to count it and to open it. Recomputable from the log."""

    event = models.UUIDField(unique=True)
    type = models.CharField(max_length=80)
    month = models.CharField(max_length=7)
    time = models.DateTimeField()
    corrects = models.UUIDField(null=True, blank=True)
    retract = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "type", "month"], name="work_event_month"),
            models.Index(fields=["corrects"], name="work_event_corrects"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.month}"


class Answer(Owned):
    """A firm's own answer; the newest one holds, the earlier ones stay."""

    instrument = models.CharField(max_length=40)
    criterion = models.CharField(max_length=10)
    points = models.PositiveSmallIntegerField(null=True, blank=True)
    numerator = models.PositiveBigIntegerField(null=True, blank=True)
    denominator = models.PositiveBigIntegerField(null=True, blank=True)
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=64)
    event = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(points__isnull=False, numerator=None, denominator=None)
                | models.Q(points=None, numerator__isnull=False, denominator__isnull=False),
                name="answer_is_points_or_ratio",
            )
        ]
        indexes = [models.Index(fields=["organisation", "instrument", "criterion"], name="answer_criterion")]

    def __str__(self) -> str:
        return self.criterion
