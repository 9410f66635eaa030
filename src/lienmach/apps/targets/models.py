"""Computed cells with what repeats them, the events behind them, and goals."""

from django.db import models

from lienmach.kernel.identity.models import Owned


class Snapshot(models.Model):
    """One computation of one indicator. Its columns are what is needed to repeat it bit for bit."""

    indicator = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    rule_hash = models.CharField(max_length=64)
    known_before = models.DateTimeField()
    position = models.BigIntegerField()
    map_day = models.DateField()
    quarantined = models.PositiveIntegerField()
    cpu_ms = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["indicator", "-known_before"], name="snapshot_newest")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.known_before:%Y-%m-%d %H:%M}"


class Cell(models.Model):
    """One number. `few` names the organisations behind it when there are too few to show it freely."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="cells")
    mode = models.CharField(max_length=8, choices=[("as_was", "as_was"), ("restated", "restated")])
    level = models.CharField(max_length=10)
    unit = models.CharField(max_length=12)
    period = models.CharField(max_length=7)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    contributors = models.PositiveIntegerField()
    self_reported = models.PositiveIntegerField()
    instrument = models.PositiveIntegerField()
    confirmed = models.PositiveIntegerField()
    registered = models.PositiveIntegerField()
    with_evidence = models.PositiveIntegerField()
    few = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "mode", "level", "unit", "period"], name="cell_once"),
            models.CheckConstraint(
                condition=models.Q(with_evidence__lte=models.F("registered")), name="cell_coverage_is_a_share"
            ),
        ]
        indexes = [models.Index(fields=["snapshot", "mode", "unit"], name="cell_unit")]

    def __str__(self) -> str:
        return f"{self.unit} {self.period}: {self.numerator}/{self.denominator}"


class Fact(models.Model):
    """An event as the cells count it: what a number opens down to."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="facts")
    mode = models.CharField(max_length=8)
    event = models.UUIDField()
    organisation = models.UUIDField()
    period = models.CharField(max_length=7)
    province = models.CharField(max_length=12)
    commune = models.CharField(max_length=12)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["snapshot", "mode", "province", "period"], name="fact_province"),
            models.Index(fields=["snapshot", "mode", "commune", "period"], name="fact_commune"),
            models.Index(fields=["snapshot", "event"], name="fact_event"),
        ]

    def __str__(self) -> str:
        return str(self.event)


class Target(Owned):
    """A goal that an agency set for a unit and a year. A later one for the same year replaces it, dated."""

    indicator = models.CharField(max_length=60)
    unit = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()
    value_bp = models.PositiveIntegerField()
    act = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    event = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "indicator", "unit", "year"],
                condition=models.Q(closed_at=None),
                name="target_open_once",
            ),
            models.CheckConstraint(condition=models.Q(value_bp__lte=10_000), name="target_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}: {self.value_bp / 100} %"
