"""Who acts for an organisation, in which role, and how that ends and begins again."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from lienmach.kernel.apps import permissions_of
from lienmach.kernel.evidence.queries import event_list
from lienmach.kernel.identity import queries, services
from lienmach.kernel.identity.models import Membership
from lienmach.kernel.scope import Denied, OrganisationScope
from lienmach.kernel.testing import PASSWORD

NEW = "mot-mat-khau-that-dai"


@pytest.fixture
def workshop(world):
    return world.organisation("Xưởng thử")


@pytest.fixture
def owner(world, workshop):
    return world.scope(workshop)


def enters(member, organisation) -> frozenset[str]:
    return queries.entry_of_person(person=member.person_id, slug=organisation.slug).scope.granted


def test_another_role_counts_at_once_and_is_recorded(world, workshop, owner):
    member = world.member(workshop, "operator")
    services.membership_change(owner, membership=member.id, role="planner", at=world.at)
    assert enters(member, workshop) == permissions_of("planner")
    (told,) = event_list(owner, type="identity.role_changed")
    assert told.body == {"member": member.pseudonym, "before": "operator", "role": "planner"}


def test_the_same_role_again_is_no_event(world, workshop, owner):
    member = world.member(workshop, "operator")
    services.membership_change(owner, membership=member.id, role="operator", at=world.at)
    assert event_list(owner, type="identity.role_changed") == []


def test_a_role_that_is_none_is_refused(world, workshop, owner):
    with pytest.raises(ValueError, match="god"):
        services.membership_change(owner, membership=world.member(workshop).id, role="god", at=world.at)


def test_somebody_always_owns_the_organisation(world, workshop):
    first = world.member(workshop, "owner")
    scope = OrganisationScope(
        actor=first.pseudonym, granted=permissions_of("owner"), organisation=workshop.id
    )
    with pytest.raises(services.LastOwner):
        services.membership_change(scope, membership=first.id, role="planner", at=world.at)
    with pytest.raises(services.LastOwner):
        services.membership_end(scope, membership=first.id, at=world.at)
    world.member(workshop, "owner")
    services.membership_change(scope, membership=first.id, role="planner", at=world.at)
    assert enters(first, workshop) == permissions_of("planner")


def test_tokens_shrink_with_the_role(world, workshop, owner):
    """A token never does more than its member may do now."""
    member = world.member(workshop, "owner")
    token = services.api_token_issue(
        owner, membership=member.id, name="x", permissions={"identity.member_manage"}, at=world.at
    )
    services.membership_change(owner, membership=member.id, role="operator", at=world.at)
    entry = queries.entry_of_token(token=token, slug=workshop.slug, at=world.at)
    assert entry.scope.granted == frozenset()


def test_who_left_can_come_back_under_the_same_pseudonym_without_old_tokens(world, workshop, owner):
    member = world.member(workshop, "planner")
    token = services.api_token_issue(owner, membership=member.id, name="x", permissions=set(), at=world.at)
    services.membership_end(owner, membership=member.id, at=world.at)
    with pytest.raises(queries.NotAMember):
        enters(member, workshop)
    assert [former.id for former in queries.former_member_list(owner)] == [member.id]
    services.membership_revive(owner, membership=member.id, role="operator", at=world.later(days=1))
    assert enters(member, workshop) == permissions_of("operator")
    assert queries.former_member_list(owner) == []
    assert Membership.objects.get(id=member.id).pseudonym == member.pseudonym
    with pytest.raises(queries.TokenDead):
        queries.entry_of_token(token=token, slug=workshop.slug, at=world.at)
    services.membership_revive(owner, membership=member.id, role="owner", at=world.at)
    assert enters(member, workshop) == permissions_of("operator"), "coming back twice changes nothing"


def test_a_stranger_changes_nobody(world, workshop, owner):
    member = world.member(workshop, "operator")
    stranger = world.scope(world.organisation())
    for change in (
        lambda: services.membership_change(stranger, membership=member.id, role="owner", at=world.at),
        lambda: services.membership_revive(stranger, membership=member.id, role="owner", at=world.at),
        lambda: services.membership_end(stranger, membership=member.id, at=world.at),
        lambda: services.password_reset(stranger, membership=member.id, password=NEW, at=world.at),
        lambda: queries.member_get(stranger, membership=member.id),
    ):
        with pytest.raises(Membership.DoesNotExist):
            change()


def test_a_planner_manages_nobody(world, workshop):
    planner, member = world.scope(workshop, "planner"), world.member(workshop, "operator")
    with pytest.raises(Denied):
        services.membership_change(planner, membership=member.id, role="owner", at=world.at)
    with pytest.raises(Denied):
        services.password_reset(planner, membership=member.id, password=NEW, at=world.at)


def test_a_forgotten_password_is_replaced_and_old_sessions_end(world, workshop, owner, client):
    """An operator without e-mail has nobody but the owner to turn to."""
    member = world.member(workshop, "operator")
    assert client.login(username=member.person.username, password=PASSWORD)
    home = reverse("notify:list", args=[workshop.slug])
    assert client.get(home).status_code == 200
    services.password_reset(owner, membership=member.id, password=NEW, at=world.at)
    assert client.get(home).status_code == 302, "signed out"
    assert not client.login(username=member.person.username, password=PASSWORD)
    assert client.login(username=member.person.username, password=NEW)
    assert [event.body for event in event_list(owner, type="identity.password_reset")] == [
        {"member": member.pseudonym}
    ]


def test_a_weak_password_is_refused_and_the_old_one_stays(world, workshop, owner, client):
    member = world.member(workshop, "operator")
    with pytest.raises(ValidationError):
        services.password_reset(owner, membership=member.id, password="12345", at=world.at)
    assert client.login(username=member.person.username, password=PASSWORD)


def test_nobody_enters_another_organisation_through_a_reset(world, workshop, owner):
    """An owner, a person with e-mail, somebody who acts elsewhere too: their log-in is not ours to take."""
    another_owner = world.member(workshop, "owner")
    with_mail = world.member(workshop, "operator")
    with_mail.person.email = "an@example.com"
    with_mail.person.save()
    consultant = world.member(workshop, "planner")
    world.member(world.organisation(), "owner", person=consultant.person)
    for member in (another_owner, with_mail, consultant):
        with pytest.raises(services.NotForOthersToReset):
            services.password_reset(owner, membership=member.id, password=NEW, at=world.at)
        assert not queries.member_get(owner, membership=member.id).resettable


def test_the_page_of_a_member(world, workshop, signed_in):
    client = signed_in(world.member(workshop, "owner"))
    member = world.member(workshop, "operator")
    page = reverse("workspace:member", args=[workshop.slug, member.id])
    assert "workspace" not in client.get(page).content.decode()
    assert client.post(f"{page}role/", {"role": "planner"}).status_code == 302
    assert client.post(f"{page}role/", {"role": "god"}).status_code == 302
    assert Membership.objects.get(id=member.id).role == "planner"
    weak = client.post(f"{page}password/", {"password": "123"})
    assert weak.status_code == 422
    assert "too short" in weak.content.decode()
    assert client.post(f"{page}password/", {"password": NEW}).status_code == 302
    assert client.post(f"{page}end/").status_code == 302
    assert "Let them act again" in client.get(page).content.decode()
    assert client.post(f"{page}return/", {"role": "operator"}).status_code == 302
    assert enters(member, workshop) == permissions_of("operator")
