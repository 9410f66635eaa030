"""Every route × role × organisation: who may enters, nobody else learns anything.

Routes are found by walking, visitors are of all kinds, identifiers are those of real rows where the
demonstration has made some. A new route is covered without an edit here.
"""

import uuid
from typing import Any

import pytest
from django.db import transaction

from lienmach.kernel.apps import permissions_of
from lienmach.kernel.identity.models import Role
from lienmach.kernel.scope import AreaScope, LinkScope, OrganisationScope, PublicScope
from tests.doors.conftest import SECRET, City
from tests.doors.routes import WITHOUT_DOOR, Route, all_routes
from tests.doors.specimens import FORM, row_of, values_for

pytestmark = pytest.mark.django_db

ROUTES = all_routes()
OURS = [route for route in ROUTES if route.policy is not None]
MEMBERS = [route for route in OURS if route.policy.scope in (OrganisationScope, AreaScope)]
LINKS = [route for route in OURS if route.policy.scope is LinkScope]
PUBLIC = [route for route in OURS if route.policy.scope is PublicScope]

REFUSED = {401, 403, 404}
NOT_TAKEN = {*REFUSED, 400, 405, 422}  # the API checks the form of a request before its door


def home_of(city: City, route: Route) -> tuple[str, Any]:
    """Return where a route is at home: area routes at the agency, the others at our workshop."""
    return ("agency", city.agency) if route.policy.scope is AreaScope else ("ours", city.ours)


def knock(client: Any, route: Route, address: str, **headers: str) -> Any:
    """Try the methods until one is not refused as the wrong method; undo whatever it did."""
    answer = None
    for method in route.methods:
        with transaction.atomic():
            body = {"data": {}, "content_type": "application/json"} if route.api and method != "GET" else {}
            answer = client.generic(method, address, headers=headers) if not body else client.generic(
                method, address, "{}", "application/json", headers=headers
            )  # fmt: skip
            text = b"".join(answer.streaming_content) if answer.streaming else answer.content
            answer.text_seen = text.decode("utf-8", "replace")
            transaction.set_rollback(True)
        if answer.status_code != 405:
            break
    return answer


def entered(answer: Any) -> bool:
    """Say whether the door let somebody in, whatever they found behind it."""
    sent_away = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    return not sent_away and answer.status_code not in {401, 403}


def assert_ok_for_strangers(answer: Any, address: str) -> None:
    assert answer.status_code < 500, f"{address}: {answer.status_code}"
    assert SECRET not in answer.text_seen, f"{address} shows our secret"


def test_every_route_has_a_door_or_a_reason() -> None:
    """Deny by default: without a policy nobody should have got in."""
    open_ones = [
        f"{route.view} ({route.pattern})"
        for route in ROUTES
        if route.policy is None and not any(route.view.startswith(known) for known in WITHOUT_DOOR)
    ]
    assert open_ones == []
    assert len(MEMBERS) > 20, "the walk found almost nothing: the test proves nothing"


def test_every_permission_of_a_door_is_granted_to_some_role() -> None:
    """A permission that no app lists is a misspelt one: the page could never be opened."""
    granted = {permission for role in [*Role.values, "public"] for permission in permissions_of(role)}
    unknown = {
        route.policy.permission
        for route in OURS
        if route.policy.scope is not LinkScope and route.policy.permission not in granted
    }
    assert unknown == set()


@pytest.mark.parametrize("route", MEMBERS, ids=str)
def test_members_enter_by_their_role(city: City, route: Route) -> None:
    """Each role enters exactly what its permissions say."""
    place, organisation = home_of(city, route)
    address = route.address(organisation=organisation.slug, **values_for(route, organisation.id))
    for role in Role.values:
        answer = knock(city.client(f"{place}:{role}"), route, address)
        assert answer.status_code < 500, f"{role}: {answer.status_code}"
        if route.policy.permission in permissions_of(role):
            assert entered(answer), f"{role} is refused"
        else:
            assert answer.status_code in ({403, 422} if route.api else {403}), f"{role} is let in"
            assert SECRET not in answer.text_seen


@pytest.mark.parametrize("route", MEMBERS, ids=str)
def test_nobody_else_enters(city: City, route: Route) -> None:
    """Anonymous people are asked to sign in; for strangers, competitors, former members nothing is there."""
    _, organisation = home_of(city, route)
    address = route.address(organisation=organisation.slug, **values_for(route, organisation.id))
    answer = knock(city.client("anonymous"), route, address)
    assert_ok_for_strangers(answer, address)
    if route.api:
        assert answer.status_code in {401, 422}
    else:
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")
    for who in ("stranger", "theirs:owner", "ours:ended"):
        answer = knock(city.client(who), route, address)
        assert_ok_for_strangers(answer, address)
        assert answer.status_code in ({404, 422} if route.api else {404}), f"{who}: {answer.status_code}"


@pytest.mark.parametrize("route", [route for route in MEMBERS if route.places], ids=str)
def test_other_peoples_identifiers_lead_nowhere(city: City, route: Route) -> None:
    """At their own door with identifiers of our rows: refused, nothing shown, nothing changed."""
    values = values_for(route, city.ours.id)
    rows = [row for place in route.places if (row := row_of(route, place, city.ours.id)) is not None]
    address = route.address(organisation=city.theirs.slug, **values)
    before = [type(row)._default_manager.filter(pk=row.pk).values().get() for row in rows]
    for method in route.methods:
        with transaction.atomic():
            form = {} if method == "GET" or route.api else {"data": FORM}
            answer = getattr(city.client("theirs:owner"), method.lower())(address, **form)
            text = b"".join(answer.streaming_content) if answer.streaming else answer.content
            after = [type(row)._default_manager.filter(pk=row.pk).values().get() for row in rows]
            transaction.set_rollback(True)
        assert before == after, f"{method} {address} changed our row"
        assert SECRET not in text.decode("utf-8", "replace")
        if rows:
            assert answer.status_code in NOT_TAKEN, f"{method} {address}: {answer.status_code}"


@pytest.mark.parametrize("route", [route for route in MEMBERS if not route.places], ids=str)
def test_their_own_pages_show_nothing_of_ours(city: City, route: Route) -> None:
    """Lists and boards of a competitor, with everything permitted there."""
    address = route.address(organisation=city.theirs.slug)
    for suffix in ("", "?format=csv", f"?q={SECRET[:6]}"):
        with transaction.atomic():
            answer = city.client("theirs:owner").get(address + suffix)
            text = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        assert answer.status_code < 500
        assert SECRET not in text.decode("utf-8", "replace").replace(f"q={SECRET}", "")


@pytest.mark.parametrize("route", MEMBERS, ids=str)
def test_tokens_carry_only_what_they_were_given(city: City, route: Route) -> None:
    """A token with fewer permissions than its owner, another organisation's, a made-up and a dead one."""
    place, organisation = home_of(city, route)
    address = route.address(organisation=organisation.slug, **values_for(route, organisation.id))
    who = next(
        (f"{place}:{role}" for role in Role.values if route.policy.permission in permissions_of(role)), None
    )
    assert who is not None
    with transaction.atomic():
        tokens = {
            "full": city.token(who, set(permissions_of(who.split(":")[1]))),
            "only this": city.token(who, {route.policy.permission}),
            "none": city.token(f"{place}:owner", set()),
            "theirs": city.token("theirs:owner", set(permissions_of("owner"))),
            "made up": "lm_made-up",
            "empty": "",
        }
        anonymous = city.client("anonymous")
        seen = {
            name: knock(anonymous, route, address, Authorization=f"Bearer {token}")
            for name, token in tokens.items()
        }
        transaction.set_rollback(True)
    for answer in seen.values():
        assert answer.status_code < 500
    assert entered(seen["full"])
    more_may_be_asked_behind = seen["only this"].status_code == 403
    assert entered(seen["only this"]) or more_may_be_asked_behind
    assert seen["none"].status_code in {403, 422}
    dead = {401, 422} if route.api else {302}
    for name in ("theirs", "made up", "empty"):
        assert seen[name].status_code in dead, f"{name}: {seen[name].status_code}"
        assert SECRET not in seen[name].text_seen


@pytest.mark.parametrize("route", LINKS, ids=str)
def test_links_open_one_thing_only(city: City, route: Route) -> None:
    """Dead, made-up, for something else, somebody else's: nothing is shown; the right one is not refused."""
    from datetime import UTC, datetime, timedelta

    from lienmach.kernel.identity.services import link_issue
    from lienmach.kernel.scope import SystemScope

    now = datetime.now(UTC)

    def issue(organisation: Any, permission: str, **terms: Any) -> str:
        return link_issue(
            SystemScope(),
            permission=permission,
            subject=f"shipment:{uuid.uuid4()}",
            organisation=organisation.id,
            **{"at": now, **terms},
        )

    with transaction.atomic():
        tokens = {
            "expired": issue(
                city.ours, route.policy.permission, at=now - timedelta(days=2), lasts=timedelta(1)
            ),
            "for something else": issue(city.ours, "nothing.thing_do"),
            "theirs": issue(city.theirs, route.policy.permission),
            "made up": "x" * 43,
            "right": issue(city.ours, route.policy.permission),
        }
        expected = {
            "expired": {404},
            "for something else": {403},
            "made up": {404},
            "theirs": {200, 404},
            "right": {200, 302, 404, 405, 422},
        }
        for name, token in tokens.items():
            address = route.address(token=token, **values_for(route, city.ours.id))
            answer = knock(city.client("anonymous"), route, address)
            assert answer.status_code in expected[name], f"{name}: {answer.status_code}"
            if name != "right":
                assert SECRET not in answer.text_seen
        transaction.set_rollback(True)


@pytest.mark.parametrize("route", PUBLIC, ids=str)
def test_public_pages_show_no_secret(city: City, route: Route) -> None:
    """Anybody may enter, and learns nothing of ours."""
    address = route.address(**values_for(route, city.ours.id))
    for who in ("anonymous", "stranger", "theirs:owner"):
        assert_ok_for_strangers(knock(city.client(who), route, address), address)


@pytest.mark.parametrize("address", ["/accounts/login/", "/api/v1/openapi.json", "/api/v1/docs", "/nothing/"])
def test_what_has_no_door_shows_no_secret(city: City, address: str) -> None:
    answer = city.client("stranger").get(address)
    assert answer.status_code < 500
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("slug", ["", "..", "%2e%2e", "no-such-organisation", "a" * 300, "'--", "\x00"])
def test_odd_organisations_are_not_found(city: City, slug: str) -> None:
    """Whatever stands in the place of the organisation: 404, never an error of ours."""
    answer = city.client("stranger").get(f"/o/{slug}/people/")
    assert answer.status_code == 404
