"""The table of sealed segments. It only grows; files are found by the hash of their manifest."""

from django.db import models


class Segment(models.Model):
    """A sealed stretch of the platform's sequence.

    `number` counts the stretches from 1 without gaps; a stretch sealed again after an erasure gets the next
    `revision`, and only the last one counts. `event` is the logged event that names `manifest`.
    """

    number = models.PositiveIntegerField()
    revision = models.PositiveSmallIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    manifest = models.CharField(max_length=64)
    event = models.UUIDField()
    sealed_at = models.DateTimeField()

    class Meta:
        app_label = "evidence"
        constraints = [
            models.UniqueConstraint(fields=["number", "revision"], name="segment_sealed_once"),
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="segment_not_empty"),
        ]
