"""Goods leave; the receiver says what arrived."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from lienmach.apps.production.events import ReceiptConfirmed, ShipmentDispatched
from lienmach.apps.production.models import Order, Receipt, Shipment
from lienmach.kernel.evidence import Origin, record
from lienmach.kernel.evidence.log.explorer import reference_of
from lienmach.kernel.evidence.queries import event_list
from lienmach.kernel.identity.models import Organisation
from lienmach.kernel.identity.services import link_issue
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import LinkScope, OrganisationScope

CONFIRM = "production.receipt_confirm"
NOON = time(12)


class ShipmentRefused(Exception):
    """The shipment cannot be as entered; the message is for the person."""


class ReceiptRefused(Exception):
    """The receiver's statement cannot be; the message is for the receiver."""


@dataclass(frozen=True)
class Dispatched:
    """The shipment, and the secret of the receiver's link: shown once, None when it was entered before."""

    id: UUID
    number: str
    token: str | None


@transaction.atomic
def shipment_dispatch(
    scope: OrganisationScope, *, order: UUID, quantity: int, carrier: str, client_id: str, at: datetime
) -> Dispatched:
    """Record that goods of an order left, and make the link by which the receiver confirms.

    Entering the same `client_id` twice ships once.

    Raises
    ------
    ShipmentRefused
        When nothing was promised yet, or more would be shipped than ordered.
    """
    scope.require("production.shipment_dispatch")
    row = Order.objects.within(scope).select_for_update().get(id=order)
    known = Shipment.objects.within(scope).filter(client_id=client_id).first()
    if known is not None:
        return Dispatched(known.id, known.number, None)
    if row.promised is None:
        raise ShipmentRefused(_("Publish a plan first: the promised date belongs on the shipment."))
    shipped = row.shipments.aggregate(total=Sum("quantity"))["total"] or 0
    if quantity < 1 or shipped + quantity > row.quantity:
        raise ShipmentRefused(
            _("Between 1 and %(left)s pieces can still be shipped.") % {"left": row.quantity - shipped}
        )
    shipment = Shipment(
        id=uuid7(at),
        organisation_id=scope.organisation,
        number=f"{row.code}/{row.shipments.count() + 1}",
        order=row,
        quantity=quantity,
        promised=row.promised,
        carrier=carrier,
        dispatched_at=at,
        client_id=client_id,
    )
    shipment.full_clean()
    shipment.save(force_insert=True)
    record(
        scope,
        ShipmentDispatched(
            shipment=shipment.number,
            order=row.code,
            item=row.item,
            quantity=quantity,
            ordered_quantity=row.quantity,
            promised=row.promised,
            carrier=carrier,
        ),
        subject=_subject(shipment),
        time=at,
        at=at,
    )
    token = link_issue(scope, permission=CONFIRM, subject=_subject(shipment), at=at)
    return Dispatched(shipment.id, shipment.number, token)


@transaction.atomic
def shipment_link_renew(scope: OrganisationScope, *, shipment: UUID, at: datetime) -> str:
    """Make another link for the receiver of a shipment; the earlier one keeps working until it expires."""
    scope.require("production.shipment_dispatch")
    row = Shipment.objects.within(scope).get(id=shipment)
    return link_issue(scope, permission=CONFIRM, subject=_subject(row), at=at)


@transaction.atomic
def receipt_confirm(
    scope: LinkScope,
    *,
    received_on: date,
    quantity: int,
    good_quantity: int,
    disputed: bool,
    remark: str,
    at: datetime,
) -> Receipt:
    """Record the receiver's statement. Saying the same again changes nothing; saying otherwise corrects it.

    Raises
    ------
    ReceiptRefused
        When the day lies outside shipment and today, or more pieces are good than were received.
    """
    scope.require(CONFIRM)
    shipment = _shipment_of(scope)
    zone = ZoneInfo(Organisation.objects.get(id=scope.organisation).time_zone)
    today = at.astimezone(zone).date()
    _refuse_impossible(shipment, received_on, today, quantity, good_quantity, zone)
    receipt = Receipt.objects.within(scope).filter(shipment=shipment).first()
    remark = remark.strip()[:500]
    said = (received_on, quantity, good_quantity, disputed, remark)
    if receipt is not None and said == _said(receipt, zone):
        return receipt
    received_at = at if received_on == today else datetime.combine(received_on, NOON, tzinfo=zone)
    received_at = max(received_at, shipment.dispatched_at)
    event = record(
        scope,
        ReceiptConfirmed(
            shipment=shipment.number,
            order=shipment.order.code,
            promised=shipment.promised,
            received=received_at,
            received_on=received_on,
            ordered_quantity=shipment.quantity,
            quantity=quantity,
            good_quantity=good_quantity,
            disputed=disputed,
            remark=remark,
            shipment_leaf=_leaf_of(scope, shipment),
        ),
        subject=_subject(shipment),
        time=received_at,
        at=at,
        origin=Origin.CONFIRMED,
        corrects=receipt.event if receipt else None,
    )
    if receipt is None:
        receipt = Receipt(id=uuid7(at), organisation_id=scope.organisation, shipment=shipment)
    receipt.received_at, receipt.quantity, receipt.good_quantity = received_at, quantity, good_quantity
    receipt.disputed, receipt.remark = disputed, remark
    receipt.confirmed_at, receipt.event = at, event.event_id
    receipt.full_clean()
    receipt.save()
    return receipt


def _shipment_of(scope: LinkScope) -> Shipment:
    shipment_id = scope.subject.removeprefix("shipment:")
    rows = Shipment.objects.within(scope).select_for_update(of=("self",)).select_related("order")
    return rows.get(id=shipment_id)


def _leaf_of(scope: LinkScope, shipment: Shipment) -> str:
    """How the receipt names the shipment's own entry: from then on the two hold each other in place.

    In the partner's group: a public reference would tell competitors who trades with whom.
    """
    sent = event_list(scope, type="production.shipment_dispatched", subject=_subject(shipment), limit=1)
    return reference_of(scope, event_id=sent[0].event_id).text if sent else ""


def _refuse_impossible(
    shipment: Shipment, received_on: date, today: date, quantity: int, good_quantity: int, zone: ZoneInfo
) -> None:
    if received_on > today:
        raise ReceiptRefused(_("The day of arrival lies in the future."))
    if received_on < shipment.dispatched_at.astimezone(zone).date():
        raise ReceiptRefused(_("The day of arrival lies before the shipment left."))
    if quantity < 0 or good_quantity < 0:
        raise ReceiptRefused(_("A quantity cannot be negative."))
    if good_quantity > quantity:
        raise ReceiptRefused(_("More good pieces than were received: check both numbers."))


def _said(receipt: Receipt, zone: ZoneInfo) -> tuple[date, int, int, bool, str]:
    return (
        receipt.received_at.astimezone(zone).date(),
        receipt.quantity,
        receipt.good_quantity,
        receipt.disputed,
        receipt.remark,
    )


def _subject(shipment: Shipment) -> str:
    return f"shipment:{shipment.id}"
