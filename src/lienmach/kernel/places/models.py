"""Administrative units, their succession, and where locations lie; every row with the days it holds for."""

from django.db import models

from lienmach.kernel.ids import uuid7


class UnitVersion(models.Model):
    """What a unit was called and belonged to, over some days: `[valid_from, valid_to)`.

    `unit` is the unit's identity: opaque, never reused. The official code is an attribute that changes hands.
    """

    unit = models.CharField(max_length=12)
    level = models.CharField(max_length=10)
    code = models.CharField(max_length=5)
    name = models.CharField(max_length=60)
    folded = models.CharField(max_length=60)
    parent = models.CharField(max_length=12, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "valid_from"], name="unit_version_once_per_day"),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="unit_version_holds_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["level", "code"], name="unit_version_code"),
            models.Index(fields=["parent"], name="unit_version_parent"),
            models.Index(fields=["folded"], name="unit_version_folded"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitSuccession(models.Model):
    """The territory of one unit went, whole or in part, to another on a day."""

    from_unit = models.CharField(max_length=12)
    to_unit = models.CharField(max_length=12)
    effective = models.DateField()
    relation = models.CharField(max_length=5, choices=[("whole", "whole"), ("part", "part")])
    source = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["from_unit", "to_unit", "effective"], name="unit_succession_once")
        ]
        indexes = [models.Index(fields=["to_unit"], name="unit_succession_to")]

    def __str__(self) -> str:
        return f"{self.from_unit} → {self.to_unit}"


class Location(models.Model):
    """An address or site. It never moves: whoever moves gets another location."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class LocationUnit(models.Model):
    """The location lies in a unit over some days; known since `recorded_at`, withdrawn when found wrong."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="units")
    unit = models.CharField(max_length=12)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "valid_from"],
                condition=models.Q(withdrawn_at=None),
                name="location_unit_once_per_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.location_id} ∈ {self.unit}"
