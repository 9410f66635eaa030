"""Shipments and what their receivers said."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lienmach.apps.production.models.order import Order
from lienmach.kernel.identity.models import Owned


class Shipment(Owned):
    """Goods of one order handed over; `promised` is the promise that stood at that moment."""

    number = models.CharField(_("shipment"), max_length=80)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    quantity = models.PositiveIntegerField(_("quantity"))
    promised = models.DateField(_("promised"))
    carrier = models.CharField(_("carrier"), max_length=120, blank=True)
    dispatched_at = models.DateTimeField()
    client_id = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], name="production_shipment_number_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "client_id"], name="production_shipment_counted_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="production_shipment_quantity_positive"
            ),
        ]


class Receipt(Owned):
    """What the receiver says now of a shipment; every statement is an event, this row is the last one."""

    shipment = models.OneToOneField(Shipment, on_delete=models.PROTECT, related_name="receipt")
    received_at = models.DateTimeField()
    quantity = models.PositiveIntegerField(_("received"))
    good_quantity = models.PositiveIntegerField(_("good"))
    disputed = models.BooleanField(default=False)
    remark = models.CharField(_("remark"), max_length=500, blank=True)
    confirmed_at = models.DateTimeField()
    event = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(good_quantity__lte=models.F("quantity")),
                name="production_receipt_good_within_received",
            )
        ]
