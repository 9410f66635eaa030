"""Factories for tests: organisations, members, scopes, events. Fixtures of every test suite of the project.

Another app's state is made by its events (`deliver_all`), never by its tables.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

AT = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
PASSWORD = "a-long-test-password"  # noqa: S105


class World:
    """A small world: makes organisations and members on demand, all at a fixed time that tests can move."""

    def __init__(self) -> None:
        self.at = AT
        self._count = 0

    def later(self, **delta: float) -> datetime:
        """Move the world's clock on and return the new time."""
        self.at += timedelta(**delta)
        return self.at

    def organisation(self, name: str = "", kind: str = "enterprise", **fields: Any) -> Any:
        """Register an organisation."""
        from lienmach.kernel.identity.services import organisation_register
        from lienmach.kernel.scope import SystemScope

        self._count += 1
        fields.setdefault("slug", f"org-{self._count}")
        return organisation_register(
            SystemScope(), name=name or f"Organisation {self._count}", kind=kind, at=self.at, **fields
        )

    def person(self, username: str = "") -> Any:
        """Create somebody who can sign in with `PASSWORD`."""
        from lienmach.kernel.identity.models import Person

        self._count += 1
        return Person.objects.create_user(
            username or f"person-{self._count}", PASSWORD, name=f"Person {self._count}"
        )

    def member(self, organisation: Any, role: str = "owner", person: Any = None) -> Any:
        """Let somebody act for the organisation; return the membership."""
        from lienmach.kernel.identity.services import membership_grant
        from lienmach.kernel.scope import SystemScope

        person = person or self.person()
        return membership_grant(
            SystemScope(), person=person.id, role=role, at=self.at, organisation=organisation.id
        )

    def scope(self, organisation: Any, role: str = "owner") -> Any:
        """Return the scope of a new member in `role`."""
        from lienmach.kernel.apps import permissions_of
        from lienmach.kernel.scope import OrganisationScope

        membership = self.member(organisation, role)
        return OrganisationScope(
            actor=membership.pseudonym, granted=permissions_of(role), organisation=organisation.id
        )

    def area(self, organisation: Any, unit: str, role: str = "officer") -> Any:
        """Return the area scope of a new member of an agency."""
        from lienmach.kernel.scope import AreaScope

        entered = self.scope(organisation, role)
        return AreaScope(
            actor=entered.actor,
            granted=entered.granted,
            organisation=organisation.id,
            unit=unit,
            at=self.at.astimezone(ZoneInfo(organisation.time_zone)).date(),
        )

    def deliver_all(self) -> int:
        """Sequence what waits and deliver it to every subscriber, until nothing is left; return how many."""
        from lienmach.kernel.evidence.sequencer import sequence
        from lienmach.kernel.evidence.subscribers import all_subscribers, deliver

        total = 0
        while True:
            step = sequence() + sum(deliver(each, at=self.at) for each in all_subscribers())
            if step == 0:
                return total
            total += step

    def run_jobs(self) -> int:
        """Run waiting jobs in this process; return how many."""
        from lienmach.kernel.jobs.inline import run_waiting
        from lienmach.kernel.scope import SystemScope

        return run_waiting(SystemScope(), at=self.at)


@pytest.fixture
def world(db: None) -> World:
    """Return an empty world on the test database."""
    return World()


@pytest.fixture
def signed_in(client: Any) -> Any:
    """Return a function that signs the test client in as a member's person."""

    def sign_in(membership: Any) -> Any:
        client.force_login(membership.person)
        return client

    return sign_in
