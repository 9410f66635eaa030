"""A city for all tests of doors: the demonstration, a secret planted in one workshop, many visitors."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

SECRET = "BI-MAT-7f3c9"  # stands in everything of ours that strangers must not see


@dataclass
class City:
    """Two workshops and an agency with data, and people at their doors."""

    ours: Any
    theirs: Any
    agency: Any
    clients: dict[str, Client] = field(default_factory=dict)
    pseudonyms: dict[str, str] = field(default_factory=dict)
    memberships: dict[str, Any] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """Return the browser of a visitor."""
        return self.clients[who]

    def token(self, who: str, permissions: set[str]) -> str:
        """Return an API token of a member, within `permissions`."""
        from lienmach.kernel.identity.services import api_token_issue

        owner = self.memberships[f"{who.split(':')[0]}:owner"]
        return api_token_issue(
            scope_of(owner),
            membership=self.memberships[who].id,
            name=SECRET,
            permissions=permissions,
            at=datetime.now(UTC),
        )


def scope_of(member: Any) -> Any:
    """Return the scope of a member as the door makes it."""
    from lienmach.kernel.apps import permissions_of
    from lienmach.kernel.scope import OrganisationScope

    return OrganisationScope(
        actor=member.pseudonym, granted=permissions_of(member.role), organisation=member.organisation_id
    )


@pytest.fixture(scope="package")
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """Build the city once for all tests of doors and tear it down by a rollback."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _build()
        transaction.set_rollback(True)


def _build() -> City:
    from lienmach.config import demo
    from lienmach.kernel.identity.models import Organisation, Role

    now = datetime.now(UTC)
    demo.load(firms=10, seed=1, at=now, say=lambda text: None)
    by_key = {key: Organisation.objects.get(slug=slug) for key, slug, _, _ in demo.ORGANISATIONS}
    city = City(ours=by_key["workshop"], theirs=by_key["second"], agency=by_key["province"])
    for place, organisation in (("ours", city.ours), ("agency", city.agency)):
        for role in Role.values:
            _admit(city, f"{place}:{role}", organisation, role, now)
    _admit(city, "theirs:owner", city.theirs, "owner", now)
    _admit(city, "ours:ended", city.ours, "owner", now, ended=True)
    _admit(city, "stranger", None, "", now)
    city.clients["anonymous"] = Client()
    _plant(city, now)
    return city


def _admit(city: City, who: str, organisation: Any, role: str, now: datetime, ended: bool = False) -> None:
    from lienmach.kernel.identity.models import Person
    from lienmach.kernel.identity.services import membership_end, membership_grant
    from lienmach.kernel.scope import SystemScope

    hidden = SECRET if who.startswith("ours") else "nobody"
    person = Person.objects.create_user(f"{who.replace(':', '-')}", None, name=f"{hidden} {who}")
    if organisation is not None:
        member = membership_grant(
            SystemScope(), person=person.id, role=role, at=now, organisation=organisation.id
        )
        city.memberships[who] = member
        if ended:
            membership_end(scope_of(city.memberships["ours:owner"]), membership=member.id, at=now)
    client = Client()
    client.force_login(person)
    city.clients[who] = client


def _plant(city: City, now: datetime) -> None:
    """Put the secret into a row of each kernel part of our workshop, and the like into theirs without it."""
    from lienmach.kernel.identity.services import api_token_issue, consent_give
    from lienmach.kernel.jobs.models import Job
    from lienmach.kernel.notify.messages import WEBHOOK_GONE
    from lienmach.kernel.notify.services import notification_send, webhook_add

    for who, text in (("ours:owner", SECRET), ("theirs:owner", "nothing")):
        member = city.memberships[who]
        scope = scope_of(member)
        consent_give(scope, purpose="programme.evidence", recipient=city.agency.id, at=now)
        webhook_add(scope, url=f"https://{text}.example/", types=["identity.membership_granted"], at=now)
        notification_send(
            scope, kind=WEBHOOK_GONE, parameters={"host": text}, at=now, roles={"owner", "operator"}
        )
        api_token_issue(scope, membership=member.id, name=text, permissions=set(), at=now)
        Job.objects.create(
            id=uuid.uuid4(), organisation_id=member.organisation_id, task="notify.email_send", message=text,
            result={"what": text}, state="done", created_at=now, ended_at=now + timedelta(seconds=1),
        )  # fmt: skip
