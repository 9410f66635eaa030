"""Promise a date in the app: asked of the published plan, by those who may; late orders say what helps."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from lienmach.apps.production.models import Order, Plan
from lienmach.apps.production.sheets import MINIMUM
from lienmach.apps.production.sheets.example import example_rows
from lienmach.kernel.sheets import write_template


@pytest.fixture
def shop(world: Any, signed_in: Any) -> Any:
    """A workshop whose owner is signed in: (client, base address, organisation)."""
    organisation = world.organisation("Cơ khí Hẹn Ngày")
    return signed_in(world.member(organisation)), f"/o/{organisation.slug}/production/", organisation


def publish(shop: Any, world: Any, *, due_in_days: int | None = None) -> tuple[Any, str]:
    """Plan and publish the example workbook, every order due on the same day when one is named."""
    client, base, _ = shop
    rows = example_rows(timezone.localdate())
    for order in rows["orders"] if due_in_days is not None else ():
        order["due"] = timezone.localdate() + timedelta(days=due_in_days or 0)
    file = SimpleUploadedFile("xuong.xlsx", write_template(MINIMUM, language="vi", rows=rows))
    answer = client.post(f"{base}plans/upload/", {"file": file, "cpu_seconds": 3})
    assert world.run_jobs() == 1
    assert client.post(f"{answer['Location']}publish/").status_code == 302
    return client, base


def test_without_a_published_plan_the_next_step_is_shown(shop: Any) -> None:
    """Nothing to ask yet: a way to the plans, no form."""
    client, base, _ = shop
    page = client.get(f"{base}promise/")
    assert page.status_code == 200
    assert f"{base}plans/" in page.content.decode()
    assert 'name="quantity"' not in page.content.decode()


def test_a_date_with_its_reason(shop: Any, world: Any) -> None:
    """Both languages; asking books nothing."""
    client, base = publish(shop, world)
    form = client.get(f"{base}promise/")
    assert 'name="quantity"' in form.content.decode()
    before = Plan.objects.get().document
    for language, heading in (("vi", "Ngày sớm nhất"), ("en", "Earliest date")):
        client.cookies["django_language"] = language
        page = client.get(f"{base}promise/", {"item": "VB-6204", "quantity": "50", "due": "31/12/2030"})
        assert page.status_code == 200, page.content.decode()[:500]
        text = page.content.decode()
        assert heading in text
        assert 'id="answer"' in text
        assert "THEP-GCR15" in text
    assert Plan.objects.get().document == before
    assert Order.objects.count() == 6


def test_what_cannot_be_asked_is_said_at_the_field(shop: Any, world: Any) -> None:
    """A quantity of nothing, an item that does not exist."""
    client, base = publish(shop, world)
    for wrong in ({"item": "VB-6204", "quantity": "0"}, {"item": "nothing", "quantity": "5"}):
        page = client.get(f"{base}promise/", wrong)
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.content.decode()


def test_a_plan_without_its_workshop_asks_for_a_new_one(shop: Any, world: Any) -> None:
    """Plans from before plans carried their workbook."""
    client, base = publish(shop, world)
    plan = Plan.objects.get()
    plan.document = plan.document | {"factory": None}
    plan.save()
    page = client.get(f"{base}promise/", {"item": "VB-6204", "quantity": "5"})
    assert page.status_code == 200
    assert 'name="quantity"' not in page.content.decode()


def test_operators_do_not_promise(shop: Any, world: Any, signed_in: Any) -> None:
    """Dates are promised by the owner and the planner."""
    _, base = publish(shop, world)
    operator = signed_in(world.member(shop[2], "operator"))
    assert operator.get(f"{base}promise/").status_code == 403


def test_the_api_answers_with_the_document(shop: Any, world: Any) -> None:
    """`lienmach.promise/1`; unknown items are not found; without a plan there is a conflict."""
    client, _, organisation = shop
    address = f"/api/v1/o/{organisation.slug}/production/promise"
    assert client.get(address, {"item": "VB-6204", "quantity": 5}).status_code == 409
    publish(shop, world)
    answer = client.get(address, {"item": "VB-6204", "quantity": 5, "wanted": "2030-01-31"})
    assert answer.status_code == 200, answer.content
    document = json.loads(answer.content)
    assert document["schema"] == "lienmach.promise/1"
    assert document["in_time"] is True
    assert document["held_by"]
    assert client.get(address, {"item": "nothing", "quantity": 5}).status_code == 404
    assert client.get(address, {"item": "VB-6204", "quantity": -5}).status_code == 422


def test_a_late_order_says_why_and_what_would_help(shop: Any, world: Any) -> None:
    """On the plan's page and on the order's own."""
    client, base = publish(shop, world, due_in_days=1)
    plan = Plan.objects.get()
    assert plan.late_orders
    assert plan.document["remedies"]
    page = client.get(f"{base}plans/{plan.id}/").content.decode()
    assert 'id="remedies"' in page
    helped = plan.document["remedies"][0]
    order = Order.objects.get(code=helped["gains"][0]["order"])
    record = client.get(f"{base}orders/{order.id}/").content.decode()
    assert 'id="late"' in record
    assert helped["text"]["vi"] in record or helped["text"]["en"] in record
