"""Tokens for programs: shown once, hashed, never more than their member may, dead when taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from lienmach.kernel.evidence.queries import event_list
from lienmach.kernel.identity import queries, services
from lienmach.kernel.identity.models import ApiToken
from lienmach.kernel.scope import Denied


@pytest.fixture
def workshop(world):
    return world.organisation()


@pytest.fixture
def owner(world, workshop):
    return world.scope(workshop)


def issue(world, owner, member, permissions=("identity.organisation_read",), **terms):
    return services.api_token_issue(
        owner, membership=member.id, name="program", permissions=permissions, at=world.at, **terms
    )


def test_only_its_hash_is_kept(world, workshop, owner):
    token = issue(world, owner, world.member(workshop))
    assert token not in str(list(ApiToken.objects.values()))
    assert len(token) > 40


def test_it_enters_with_what_it_was_given(world, workshop, owner):
    token = issue(world, owner, world.member(workshop))
    entry = queries.entry_of_token(token=token, slug=workshop.slug, at=world.at)
    assert entry.scope.granted == {"identity.organisation_read"}


@pytest.mark.parametrize("end", ["revoked", "expired", "member left", "elsewhere"])
def test_it_dies(world, workshop, owner, end):
    member = world.member(workshop)
    token = issue(world, owner, member, lasts=timedelta(days=1))
    slug = workshop.slug
    if end == "revoked":
        services.api_token_revoke(owner, token=ApiToken.objects.get().id, at=world.at)
        services.api_token_revoke(owner, token=ApiToken.objects.get().id, at=world.at)
    elif end == "expired":
        world.later(days=2)
    elif end == "member left":
        services.membership_end(owner, membership=member.id, at=world.at)
    else:
        slug = world.organisation().slug
    with pytest.raises(queries.TokenDead):
        queries.entry_of_token(token=token, slug=slug, at=world.at)


def test_nobody_gives_what_the_member_does_not_have(world, workshop, owner):
    with pytest.raises(Denied):
        issue(world, owner, world.member(workshop, "operator"), ["identity.member_manage"])


def test_it_needs_a_name(world, workshop, owner):
    with pytest.raises(ValidationError):
        services.api_token_issue(
            owner, membership=world.member(workshop).id, name="", permissions=[], at=world.at
        )


def test_a_stranger_sees_and_revokes_nothing(world, workshop, owner):
    issue(world, owner, world.member(workshop))
    stranger = world.scope(world.organisation())
    assert queries.api_token_list(stranger, at=world.at) == []
    with pytest.raises(ApiToken.DoesNotExist):
        services.api_token_revoke(stranger, token=ApiToken.objects.get().id, at=world.at)


def test_its_life_is_recorded(world, workshop, owner):
    issue(world, owner, world.member(workshop))
    services.api_token_revoke(owner, token=ApiToken.objects.get().id, at=world.at)
    told = {event.type for event in event_list(owner, subject=f"token:{ApiToken.objects.get().id}")}
    assert told == {"identity.token_issued", "identity.token_revoked"}


def test_the_page_shows_the_secret_once(world, workshop, signed_in):
    client = signed_in(world.member(workshop))
    page = reverse("workspace:tokens", args=[workshop.slug])
    assert client.get(page).status_code == 200
    assert client.post(f"{page}issue/", {"name": "x", "lasts": "30"}).status_code == 422
    wanted = {"name": "ERP", "lasts": "30", "permissions": ["identity.organisation_read"]}
    answer = client.post(f"{page}issue/", wanted)
    secret = answer.content.decode().split("<code>lm_")[1].split("<")[0]
    assert answer["Cache-Control"] == "no-store"
    assert queries.entry_of_token(
        token=f"lm_{secret}", slug=workshop.slug, at=ApiToken.objects.get().created_at
    )
    again = client.get(page).content.decode()
    assert "ERP" in again
    assert secret not in again
    token = ApiToken.objects.get()
    assert client.post(f"{page}{token.id}/revoke/").status_code == 302
    assert "ERP" not in client.get(page).content.decode()


def test_nobody_gives_themselves_more_by_editing_the_form(world, workshop, signed_in):
    client = signed_in(world.member(workshop))
    wanted = {"name": "x", "lasts": "30", "permissions": ["registry.enterprise_import"]}
    answer = client.post(reverse("workspace:token-issue", args=[workshop.slug]), wanted)
    assert answer.status_code == 422
    assert not ApiToken.objects.exists()
