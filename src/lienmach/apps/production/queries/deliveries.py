"""Reading shipments: ours, and the receiver's view of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from lienmach.apps.production.models import Shipment
from lienmach.apps.production.queries.missing import NotFound
from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.log.proofs import event_proof
from lienmach.kernel.evidence.queries import event_list
from lienmach.kernel.identity.models import Organisation
from lienmach.kernel.scope import LinkScope, OrganisationScope


@dataclass(frozen=True)
class ReceiptRow:
    """What the receiver said last."""

    received_at: datetime
    quantity: int
    good_quantity: int
    disputed: bool
    remark: str
    confirmed_at: datetime


@dataclass(frozen=True)
class ShipmentRow:
    """A shipment, with the receiver's word when there is one."""

    id: UUID
    number: str
    order_id: UUID
    order: str
    item: str
    quantity: int
    promised: date
    carrier: str
    dispatched_at: datetime
    receipt: ReceiptRow | None

    def on_time(self, zone: ZoneInfo) -> bool | None:
        """Whether it arrived by the promised day, complete; None while the receiver has not spoken."""
        if self.receipt is None:
            return None
        arrived = self.receipt.received_at.astimezone(zone).date()
        return arrived <= self.promised and self.receipt.quantity >= self.quantity


@dataclass(frozen=True)
class ShipmentRecord(ShipmentRow):
    """A shipment with what was recorded about it, newest first."""

    events: tuple[Event, ...]


@dataclass(frozen=True)
class ShipmentForReceiver:
    """What the receiver of a shipment is shown: nothing else of the workshop."""

    number: str
    workshop: str
    order: str
    item: str
    quantity: int
    promised: date
    dispatched_on: date
    carrier: str
    today: date
    receipt: ReceiptRow | None
    events: tuple[Event, ...]


def shipment_list(scope: OrganisationScope) -> list[ShipmentRow]:
    """Return all shipments, unconfirmed ones first, then the newest."""
    scope.require("production.order_read")
    rows = Shipment.objects.within(scope).select_related("order", "receipt").order_by("-dispatched_at")
    return sorted(shipment_rows(rows), key=lambda row: row.receipt is not None)


def shipment_get(scope: OrganisationScope, *, shipment: UUID) -> ShipmentRecord:
    """Return one shipment with its history or raise `NotFound`."""
    scope.require("production.order_read")
    rows = Shipment.objects.within(scope).select_related("order", "receipt").filter(id=shipment)
    found = shipment_rows(rows)
    if not found:
        raise NotFound(f"No shipment {shipment}.")
    events = tuple(event_list(scope, subject=f"shipment:{shipment}"))
    return ShipmentRecord(**vars(found[0]), events=events)


def shipment_rows(shipments: Iterable[Shipment]) -> list[ShipmentRow]:
    """Return plain rows of shipments whose order and receipt are loaded."""
    return [
        ShipmentRow(
            id=row.id,
            number=row.number,
            order_id=row.order_id,
            order=row.order.code,
            item=row.order.item,
            quantity=row.quantity,
            promised=row.promised,
            carrier=row.carrier,
            dispatched_at=row.dispatched_at,
            receipt=_receipt(row),
        )
        for row in shipments
    ]


def shipment_for_receiver(scope: LinkScope, *, at: datetime) -> ShipmentForReceiver:
    """Return the one shipment that the link is about or raise `NotFound`."""
    scope.require("production.receipt_confirm")
    rows = Shipment.objects.within(scope).select_related("order", "receipt")
    row = rows.filter(id=scope.subject.removeprefix("shipment:")).first()
    if row is None:
        raise NotFound("This link leads to no shipment.")
    workshop = Organisation.objects.get(id=scope.organisation)
    zone = ZoneInfo(workshop.time_zone)
    return ShipmentForReceiver(
        number=row.number,
        workshop=workshop.name,
        order=row.order.code,
        item=row.order.item,
        quantity=row.quantity,
        promised=row.promised,
        dispatched_on=row.dispatched_at.astimezone(zone).date(),
        carrier=row.carrier,
        today=at.astimezone(zone).date(),
        receipt=_receipt(row),
        events=tuple(event for event in event_list(scope) if event.type.startswith("production.")),
    )


def receiver_proof(scope: LinkScope, *, event: UUID) -> bytes:
    """Return the proof file of an event about the link's shipment, with what the receiver may see of it.

    Raises
    ------
    EventNotFound, NotProvable
    """
    scope.require("production.receipt_confirm")
    return event_proof(scope, event_id=event, disclose=("public", "partner")).to_bytes()


def _receipt(row: Shipment) -> ReceiptRow | None:
    receipt = getattr(row, "receipt", None)
    if receipt is None:
        return None
    return ReceiptRow(
        received_at=receipt.received_at,
        quantity=receipt.quantity,
        good_quantity=receipt.good_quantity,
        disputed=receipt.disputed,
        remark=receipt.remark,
        confirmed_at=receipt.confirmed_at,
    )
