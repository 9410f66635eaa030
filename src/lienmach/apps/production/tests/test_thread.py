"""The thread through a workshop: workbook → plan → publish → floor → shipment → receipt, page by page."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from lienmach.apps.production.models import Operation, Order, Plan, Receipt, Shipment, WorkOrder
from lienmach.apps.production.sheets import FULL, MINIMUM
from lienmach.apps.production.sheets.example import example_rows
from lienmach.kernel.evidence.models import EventRecord
from lienmach.kernel.sheets import write_template


def workbook(rows: Any = None) -> SimpleUploadedFile:
    """The example workbook as an upload."""
    content = write_template(MINIMUM, language="vi", rows=rows or example_rows(timezone.localdate()))
    return SimpleUploadedFile("xuong.xlsx", content)


@pytest.fixture
def shop(world: Any, signed_in: Any) -> Any:
    """A workshop whose owner is signed in: (client, base address, organisation)."""
    organisation = world.organisation("Cơ khí Thử Nghiệm")
    return signed_in(world.member(organisation)), f"/o/{organisation.slug}/production/", organisation


@pytest.fixture
def published(shop: Any, world: Any) -> Any:
    """The same with a published plan."""
    client, base, organisation = shop
    answer = client.post(f"{base}plans/upload/", {"file": workbook(), "cpu_seconds": 1})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert client.get(answer["Location"]).status_code == 200
    assert world.run_jobs() == 1
    page = client.get(answer["Location"]).content.decode()
    assert "data-gantt" in page
    answer = client.post(f"{answer['Location']}publish/")
    assert answer.status_code == 302
    return client, base, organisation


def events(kind: str) -> list[dict[str, Any]]:
    """Bodies of the recorded events of a type."""
    return [json.loads(row.body) for row in EventRecord.objects.filter(type=f"production.{kind}")]


def test_a_published_plan_makes_orders_promises_and_work_orders_once(published: Any) -> None:
    """Publishing twice changes nothing: each order is accepted and promised once."""
    client, base, _ = published
    plan = Plan.objects.get()
    client.post(f"{base}plans/{plan.id}/publish/")
    assert Order.objects.count() == 6
    assert len(events("order_accepted")) == len(events("order_promised")) == 6
    assert len(events("plan_published")) == 1
    assert events("plan_published")[0]["orders"] == 6
    assert WorkOrder.objects.count() == 18
    for place in ("", "plans/", "orders/", "work/", "work/print/", "floor/", "shipments/"):
        assert client.get(base + place).status_code == 200, place
    assert client.get(f"{base}orders/{Order.objects.first().id}/").status_code == 200
    for kind in ("html", "xlsx", "json"):
        assert client.get(f"{base}plans/{plan.id}/plan.{kind}").status_code == 200
    assert client.get(f"{base}plans/{plan.id}/plan.exe").status_code == 404


def test_an_operator_reports_a_step_and_sending_twice_counts_once(
    published: Any, world: Any, signed_in: Any
) -> None:
    """A nervous finger or a bad network sends the same form again."""
    _, base, organisation = published
    client = signed_in(world.member(organisation, "operator"))
    operation = Operation.objects.order_by("planned_start").first()
    assert client.get(f"{base}plans/").status_code == 403
    address = f"{base}floor/{operation.id}/"
    assert client.get(address).status_code == 200
    started = {"kind": "started", "client_id": "aaaaaaaa-1"}
    for _again in range(2):
        assert client.post(address, started, follow=True).status_code == 200
    finished = {"kind": "finished", "good": operation.quantity, "scrap": 1, "client_id": "aaaaaaaa-2"}
    for _again in range(2):
        assert client.post(address, finished, follow=True).status_code == 200
    operation.refresh_from_db()
    assert (operation.state, operation.good, operation.scrap) == ("finished", operation.quantity, 1)
    assert [body["report"] for body in events("operation_reported")] == ["started", "finished"]
    assert client.post(address, finished | {"client_id": "aaaaaaaa-3"}).status_code == 409


def test_a_slip_of_the_finger_is_refused_with_the_numbers(published: Any) -> None:
    """10,000 pieces where 400 are planned."""
    client, base, _ = published
    operation = Operation.objects.order_by("planned_start").first()
    said = {"kind": "finished", "good": operation.quantity * 10, "scrap": 0, "client_id": "bbbbbbbb-1"}
    answer = client.post(f"{base}floor/{operation.id}/", said)
    assert answer.status_code == 409
    assert not events("operation_reported")


def test_a_receiver_confirms_by_a_link_and_may_correct(published: Any, client: Any) -> None:
    """The receiver's word is the event that counts; a correction points at the one before."""
    owner, base, _ = published
    order = Order.objects.order_by("code").first()
    ship = {"quantity": order.quantity, "carrier": "Xe nhà", "client_id": "cccccccc-1"}
    answer = owner.post(f"{base}orders/{order.id}/ship/", ship)
    assert answer.status_code == 302, answer.content.decode()
    page = owner.get(answer["Location"])
    address = "/l/" + page.content.decode().split("/l/")[1].split('"')[0].split("&")[0]
    again = owner.post(f"{base}orders/{order.id}/ship/", ship)
    assert again.status_code == 302
    assert Shipment.objects.count() == len(events("shipment_dispatched")) == 1
    owner.logout()
    assert owner.get(address).status_code == 200
    today = timezone.localdate().strftime("%d/%m/%Y")
    said = {"received_on": today, "quantity": order.quantity, "good_quantity": order.quantity}
    for _again in range(2):
        assert owner.post(address, said).status_code == 302
    assert len(events("receipt_confirmed")) == 1
    disputed = said | {"good_quantity": order.quantity - 3, "dispute": "1"}
    assert owner.post(address, disputed).status_code == 422
    assert owner.post(address, disputed | {"remark": "3 vòng bị xước"}).status_code == 302
    assert Receipt.objects.get().disputed
    first, second = EventRecord.objects.filter(type="production.receipt_confirmed").order_by("recorded_at")
    assert second.corrects == first.event_id
    assert {first.origin, second.origin} == {"confirmed"}
    future = said | {"received_on": "31/12/2099"}
    assert owner.post(address, future).status_code == 422
    assert owner.get("/l/not-a-token/production/").status_code == 404


def test_a_workbook_with_errors_is_kept_and_every_cell_is_named(shop: Any) -> None:
    """Nothing is planned, nothing is lost."""
    client, base, _ = shop
    rows = example_rows(timezone.localdate())
    rows["orders"][0]["item"] = "VB-9999"
    rows["steps"][0]["group"] = "TIỆN"
    answer = client.post(f"{base}plans/upload/", {"file": workbook(rows), "cpu_seconds": 1})
    page = client.get(answer["Location"]).content.decode()
    assert "VB-9999" in page
    assert not Plan.objects.exists()


def test_another_organisation_sees_nothing(published: Any, world: Any, signed_in: Any) -> None:
    """A firm's data is its own."""
    _, base, _ = published
    stranger = signed_in(world.member(world.organisation()))
    plan = Plan.objects.get()
    assert stranger.get(f"{base}plans/{plan.id}/").status_code == 404
    other = f"/o/{world.organisation().slug}/production/"
    assert stranger.get(f"{other}plans/{plan.id}/").status_code == 404


def test_programs_read_plans_and_report_steps_once(published: Any) -> None:
    """The API says what the pages say; a repeated key is answered with the first answer."""
    client, _, organisation = published
    address = f"/api/v1/o/{organisation.slug}/production/"
    (plan,) = client.get(f"{address}plans").json()
    assert plan["state"] == "published"
    assert client.get(f"{address}plans/{plan['id']}").json()["document"]["schema"] == "lienmach.plan/1"
    assert len(client.get(f"{address}orders").json()) == 6
    step = client.get(f"{address}operations").json()[0]
    said = {"kind": "started", "client_id": "dddddddd-1"}
    options = {"content_type": "application/json", "headers": {"Idempotency-Key": "k1"}}
    reports = f"{address}operations/{step['id']}/reports"
    first, again = client.post(reports, said, **options), client.post(reports, said, **options)
    assert first.status_code == again.status_code == 200, first.content
    assert first.json() == again.json()
    other = client.post(reports, said, content_type="application/json")
    assert other.json()["repeated"] is True
    refused = client.post(reports, said | {"client_id": "dddddddd-2"}, content_type="application/json")
    assert refused.status_code == 409
    assert len(events("operation_reported")) == 1
    unknown = f"{address}operations/{plan['id']}/reports"
    assert client.post(unknown, said, content_type="application/json").status_code == 404


def test_a_new_plan_withdraws_what_was_not_done(published: Any, world: Any) -> None:
    """Old sheets on the floor must not be worked by; promises change with an event only when the day does."""
    client, base, _ = published
    old = WorkOrder.objects.count()
    answer = client.post(f"{base}plans/upload/", {"file": workbook(), "cpu_seconds": 1})
    world.run_jobs()
    client.post(f"{answer['Location']}publish/")
    assert WorkOrder.objects.filter(state="withdrawn").count() == old
    assert Plan.objects.filter(state="published").count() == 1
    assert len(events("order_accepted")) == 6
    withdrawn = Operation.objects.filter(work_order__state="withdrawn").first()
    said = {"kind": "started", "client_id": "eeeeeeee-1"}
    assert client.post(f"{base}floor/{withdrawn.id}/", said).status_code == 409


def test_planning_that_finds_nothing_says_why(shop: Any, world: Any) -> None:
    """The plan's page lists the obstacles and leads back to the workbook."""
    client, base, _ = shop
    rows = example_rows(timezone.localdate())
    rows["hours"] = [{"days": "CN", "start": rows["hours"][0]["start"], "end": rows["hours"][0]["end"]}]
    content = write_template(
        FULL, language="vi", rows=rows | {"steps": [row | {"can_pause": False} for row in rows["steps"]]}
    )
    file = SimpleUploadedFile("xuong.xlsx", content)
    answer = client.post(f"{base}plans/upload/", {"file": file, "cpu_seconds": 1})
    world.run_jobs()
    page = client.get(answer["Location"]).content.decode()
    assert Plan.objects.get().state == "failed"
    assert Plan.objects.get().obstacles and "notice bad" in page


def test_what_was_shipped_in_full_is_not_planned_again(published: Any, world: Any) -> None:
    """And work under way that the new plan does not count off is said."""
    client, base, _ = published
    order = Order.objects.get(code="DH-001")
    ship = {"quantity": order.quantity, "client_id": "ffffffff-1"}
    assert client.post(f"{base}orders/{order.id}/ship/", ship).status_code == 302
    step = Operation.objects.filter(work_order__job="DH-002").first()
    client.post(f"{base}floor/{step.id}/", {"kind": "started", "client_id": "ffffffff-2"})
    client.post(f"{base}plans/upload/", {"file": workbook(), "cpu_seconds": 1})
    world.run_jobs()
    document = Plan.objects.order_by("-number").first().document
    assert {row["order"] for row in document["orders"]} == {f"DH-00{n}" for n in range(2, 7)}
    notes = {row["code"]: row["subjects"] for row in document["assumptions"]}
    assert notes["already_shipped"] == ["DH-001"]
    assert "DH-002" in notes["work_in_progress"]


def test_the_full_workbook_goes_the_whole_way(shop: Any, world: Any) -> None:
    """Lots on the floor, loads, people, subcontractors and money: planned, shown, published, on the floor."""
    client, base, _ = shop
    answer = client.get(f"{base}plans/template.xlsx?sheets=full&example=1")
    file = SimpleUploadedFile("day-du.xlsx", b"".join(answer) if answer.streaming else answer.content)
    answer = client.post(f"{base}plans/upload/", {"file": file, "cpu_seconds": 1})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert world.run_jobs() == 1
    assert client.post(f"{answer['Location']}publish/").status_code == 302
    assert Operation.objects.filter(machine="outside: Xử lý bề mặt Bắc Ninh").exists()
    assert WorkOrder.objects.filter(job="LO-71").exists()
    for place in ("", "plans/", "orders/", "work/", "work/print/", "floor/"):
        assert client.get(f"{base}{place}").status_code == 200
