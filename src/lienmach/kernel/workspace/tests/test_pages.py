"""The kernel's own pages: who gets in, and what they can do there."""

import pytest
from django.urls import reverse

from lienmach.kernel.testing import PASSWORD


@pytest.fixture
def workshop(world):
    return world.organisation("Xưởng thử", slug="xuong-thu")


@pytest.mark.parametrize("view", ["events", "members", "sharing"])
def test_an_owner_opens_every_page(world, workshop, signed_in, view):
    client = signed_in(world.member(workshop, "owner"))
    assert client.get(reverse(f"workspace:{view}", args=["xuong-thu"])).status_code == 200


@pytest.mark.parametrize("view", ["members", "sharing"])
def test_an_operator_does_not(world, workshop, signed_in, view):
    client = signed_in(world.member(workshop, "operator"))
    assert client.get(reverse(f"workspace:{view}", args=["xuong-thu"])).status_code == 403


def test_a_stranger_does_not_learn_that_the_organisation_exists(world, workshop, signed_in):
    client = signed_in(world.member(world.organisation(), "owner"))
    there = client.get(reverse("workspace:events", args=["xuong-thu"]))
    nowhere = client.get(reverse("workspace:events", args=["no-such-place"]))
    assert there.status_code == nowhere.status_code == 404


def test_nobody_signed_in_is_led_to_sign_in(client, workshop):
    answer = client.get(reverse("workspace:events", args=["xuong-thu"]))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_an_owner_adds_a_member_who_can_sign_in(world, workshop, signed_in, client):
    owner = signed_in(world.member(workshop, "owner"))
    answer = owner.post(
        reverse("workspace:member-add", args=["xuong-thu"]),
        {"name": "Bảy", "username": "bay", "password": "mot-mat-khau-dai", "role": "operator"},
    )
    assert answer.status_code == 302
    assert client.login(username="bay", password="mot-mat-khau-dai")


def test_a_weak_password_is_refused_with_its_reason_and_nothing_is_created(world, workshop, signed_in):
    owner = signed_in(world.member(workshop, "owner"))
    answer = owner.post(
        reverse("workspace:member-add", args=["xuong-thu"]),
        {"name": "Bảy", "username": "bay", "password": "123", "role": "operator"},
    )
    assert answer.status_code == 422
    assert b"bay" in answer.content
    assert "too short" in answer.content.decode()


def test_the_last_owner_cannot_be_removed(world, workshop, signed_in):
    membership = world.member(workshop, "owner")
    owner = signed_in(membership)
    owner.post(reverse("workspace:member-end", args=["xuong-thu", membership.id]))
    assert owner.get(reverse("workspace:events", args=["xuong-thu"])).status_code == 200


def test_log_in_page_works(world, workshop, client):
    world.member(workshop, "owner", world.person("chu"))
    answer = client.post(reverse("account_login"), {"login": "chu", "password": PASSWORD}, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0].startswith("/o/xuong-thu/")


def test_consent_is_given_shown_and_taken_back(world, workshop, signed_in):
    agency = world.organisation("Sở", kind="agency")
    owner = signed_in(world.member(workshop, "owner"))
    page = reverse("workspace:sharing", args=["xuong-thu"])
    owner.post(
        reverse("workspace:consent-give", args=["xuong-thu"]),
        {"purpose": "programme.evidence", "recipient": str(agency.id)},
    )
    (consent,) = owner.get(page).context["consents"]
    assert consent.recipient == "Sở"
    owner.post(reverse("workspace:consent-withdraw", args=["xuong-thu", consent.id]))
    assert owner.get(page).context["consents"] == []


def test_one_event_shows_its_envelope_and_history(world, workshop, signed_in):
    from lienmach.kernel.evidence.queries import event_list
    from lienmach.kernel.scope import SystemScope

    owner = signed_in(world.member(workshop, "owner"))
    event = event_list(SystemScope())[0]
    answer = owner.get(reverse("workspace:event", args=["xuong-thu", event.event_id]))
    assert answer.status_code == 200
    assert str(event.event_id) in answer.content.decode()
