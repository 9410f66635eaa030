"""Entries and claims, with their constraints."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lienmach.kernel.identity.models import Owned


class EnterpriseKind(models.TextChoices):
    """What stands in a register."""

    ENTERPRISE = "enterprise", _("enterprise")
    BRANCH = "branch", _("branch")
    COOPERATIVE = "cooperative", _("cooperative")
    HOUSEHOLD = "household", _("business household")


class Enterprise(Owned):
    """One entry; it belongs to the agency that made it. The events are the truth, this is their present."""

    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=EnterpriseKind.choices)
    tax_code = models.CharField(_("tax code"), max_length=14, blank=True)
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    location = models.UUIDField()
    unit = models.CharField(max_length=12)
    unit_name = models.CharField(max_length=140)
    registered_on = models.DateField(_("in the register since"))
    event = models.UUIDField()
    claimed_by = models.UUIDField(null=True, blank=True)
    claimed_on = models.DateField(null=True, blank=True)
    claim_event = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "tax_code"],
                condition=~models.Q(tax_code=""),
                name="enterprise_tax_code_once",
            ),
            models.UniqueConstraint(
                fields=["claimed_by"],
                condition=models.Q(claimed_by__isnull=False),
                name="enterprise_claimed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "folded"], name="enterprise_unit_name"),
            models.Index(fields=["tax_code"], name="enterprise_tax_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Claim(Owned):
    """A firm's word that an entry is its own; it belongs to the firm until an officer decides."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="claims")
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "enterprise"],
                condition=models.Q(decided_at=None),
                name="claim_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} = {self.enterprise_id}?"
