"""Ship and receive hold each other in place, and whoever received takes the proof along."""

import json
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from lienmach.apps.production.models import Order
from lienmach.apps.production.tests.test_thread import published, shop  # noqa: F401 - fixtures
from lienmach.engines.ledger.disclosure import disclosure_parse
from lienmach.engines.ledger.merkle import leaf_hash
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.models import EventRecord, Leaf, Log, Opening
from lienmach.kernel.evidence.sequencer import sequence


def settle() -> None:
    """Sequence and publish."""
    while sequence(at=datetime.now(UTC)):
        pass
    Publisher().publish_all(at=datetime.now(UTC))


def received(published: Any) -> tuple[Any, str, str, EventRecord, EventRecord]:  # noqa: F811
    """An order shipped and confirmed: client, base, address of the link, the two events."""
    client, base, _ = published
    order = Order.objects.order_by("code").first()
    assert order is not None
    ship = {"quantity": order.quantity, "carrier": "Xe nhà", "client_id": "dddddddd-1"}
    page = client.get(client.post(f"{base}orders/{order.id}/ship/", ship)["Location"])
    address = "/l/" + page.content.decode().split("/l/")[1].split('"')[0].split("&")[0]
    today = timezone.localdate().strftime("%d/%m/%Y")
    said = {"received_on": today, "quantity": order.quantity, "good_quantity": order.quantity}
    assert client.post(address, said).status_code == 302
    sent = EventRecord.objects.get(type="production.shipment_dispatched")
    said_event = EventRecord.objects.get(type="production.receipt_confirmed")
    return client, base, address, sent, said_event


def test_a_receipt_names_the_shipments_leaf_in_the_partners_group_only(published: Any) -> None:  # noqa: F811
    """The reference is right before the leaf has its place, and the public group says nothing of trade."""
    _, _, _, sent, said = received(published)
    reference = json.loads(said.body)["shipment_leaf"]
    settle()
    log = Log.objects.get(organisation=said.organisation)
    assert (
        reference == f"{log.origin}#{leaf_hash(bytes(Leaf.objects.get(event_id=sent.event_id).data)).hex()}"
    )
    opened = {
        each.group: bytes(each.body).decode() for each in Opening.objects.filter(event_id=said.event_id)
    }
    assert reference in opened["partner"]
    for word in (reference, json.loads(said.body)["order"], json.loads(said.body)["shipment"], said.subject):
        assert word not in opened["public"]


def test_the_receiver_takes_proofs_of_this_shipment_along(published: Any) -> None:  # noqa: F811
    """Public and partner's group, of this shipment's events and no others; waiting ones say so."""
    client, _, address, sent, said = received(published)
    assert client.get(f"{address}proofs/{said.event_id}/").status_code == 409
    settle()
    client.logout()
    page = client.get(address).content.decode()
    for event in (sent, said):
        assert f"{address}proofs/{event.event_id}/" in page
        shown = disclosure_parse(client.get(f"{address}proofs/{event.event_id}/").content).verify()
        assert sorted(shown.groups) == ["partner", "public"]
    other = EventRecord.objects.filter(type="production.order_promised").first()
    assert other is not None
    assert client.get(f"{address}proofs/{other.event_id}/").status_code == 404


def test_business_pages_lead_to_the_proof(published: Any) -> None:  # noqa: F811
    """Order, shipment, work order and plan: how far each event has come, and the way to its proof."""
    client, base, _, sent, said = received(published)
    settle()
    home = base.removesuffix("production/")
    proof = f"{home}proof/leaves/{said.event_id}/"
    order = Order.objects.order_by("code").first()
    assert order is not None
    shipment = sent.subject.removeprefix("shipment:")
    plan = EventRecord.objects.filter(type="production.plan_published").latest("recorded_at")
    for address, event in (
        (f"{base}orders/{order.id}/", said),
        (f"{base}shipments/{shipment}/", said),
        (f"{base}plans/{plan.subject.removeprefix('plan:')}/", plan),
    ):
        text = client.get(address).content.decode()
        assert f"{home}proof/leaves/{event.event_id}/" in text, address
        assert "unwitnessed" in text, address
    page = client.get(proof).content.decode()
    assert "This entry names the hash of:" in page
    other = client.get(f"{home}proof/leaves/{sent.event_id}/").content.decode()
    assert "Its own hash is named by:" in other
