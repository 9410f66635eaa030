"""Customer orders as the published plans know them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lienmach.apps.production.models.plan import Plan
from lienmach.kernel.identity.models import Owned


class Order(Owned):
    """A customer's order; `promised` is what the last published plan promised."""

    code = models.CharField(_("order"), max_length=80)
    item = models.CharField(_("item"), max_length=80)
    quantity = models.PositiveIntegerField(_("quantity"))
    due = models.DateField(_("due"))
    customer = models.CharField(_("customer"), max_length=200, blank=True)
    promised = models.DateField(_("promised"), null=True, blank=True)
    planned_end = models.DateTimeField(null=True, blank=True)
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="production_order_code_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="production_order_quantity_positive"
            ),
        ]
