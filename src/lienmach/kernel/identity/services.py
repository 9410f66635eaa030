"""Every change to people, organisations, memberships, links, tokens and consents."""

import itertools
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.text import slugify

from lienmach.kernel.evidence import record
from lienmach.kernel.identity.events import (
    ConsentGiven,
    ConsentWithdrawn,
    LinkIssued,
    MembershipEnded,
    MembershipGranted,
    OrganisationRegistered,
)
from lienmach.kernel.identity.members import (
    LastOwner,
    NotForOthersToReset,
    membership_change,
    membership_revive,
    password_reset,
)
from lienmach.kernel.identity.models import ApiToken, Consent, Link, Membership, Organisation, Person
from lienmach.kernel.identity.pseudonyms import new_pseudonym
from lienmach.kernel.identity.tokens import api_token_issue, api_token_revoke, token_hash
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import OrganisationScope, Scope, SystemScope, organisation_of

__all__ = [
    "LastOwner",
    "NotForOthersToReset",
    "api_token_issue",
    "api_token_revoke",
    "membership_change",
    "membership_revive",
    "password_reset",
    "token_hash",
]


def organisation_register(
    scope: SystemScope,
    *,
    name: str,
    kind: str,
    at: datetime,
    slug: str = "",
    tax_code: str = "",
    unit: str = "",
    jurisdiction: str = "",
) -> Organisation:
    """Give an organisation its place on the platform."""
    with transaction.atomic():
        organisation = Organisation(
            id=uuid7(at),
            slug=slug or _free_slug(name),
            name=name,
            kind=kind,
            tax_code=tax_code,
            unit=unit,
            jurisdiction=jurisdiction,
            created_at=at,
        )
        organisation.full_clean()
        organisation.save(force_insert=True)
        record(
            scope,
            OrganisationRegistered(kind=kind, unit=unit),
            subject=f"organisation:{organisation.id}",
            time=at,
            at=at,
            organisation=organisation.id,
        )
    return organisation


def _free_slug(name: str) -> str:
    """Return an address for the name that no organisation has yet: `xuong-dong-tam`, `xuong-dong-tam-2`."""
    base = slugify(name.replace("Đ", "D").replace("đ", "d"))[:50].strip("-") or "organisation"
    taken = set(Organisation.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = itertools.chain([base], (f"{base}-{n}" for n in itertools.count(2)))
    return next(slug for slug in candidates if slug not in taken)


def person_register(scope: Scope, *, username: str, password: str, name: str = "", email: str = "") -> Person:
    """Create somebody who can log in.

    Raises
    ------
    django.core.exceptions.ValidationError
        When the user name is taken or the password too weak; all reasons at once.
    """
    scope.require("identity.member_manage")
    person = Person(username=username, name=name, email=email)
    with transaction.atomic():
        validate_password(password, person)
        person.set_password(password)
        person.full_clean()
        person.save(force_insert=True)
    return person


def membership_grant(
    scope: OrganisationScope | SystemScope,
    *,
    person: UUID,
    role: str,
    at: datetime,
    organisation: UUID | None = None,
) -> Membership:
    """Let a person act for the organisation in a role."""
    scope.require("identity.member_manage")
    organisation_id = organisation_of(scope, organisation)
    with transaction.atomic():
        membership = Membership(
            id=uuid7(at),
            person_id=person,
            organisation_id=organisation_id,
            role=role,
            pseudonym=new_pseudonym(),
        )
        membership.full_clean()
        membership.save(force_insert=True)
        record(
            scope,
            MembershipGranted(member=membership.pseudonym, role=role),
            subject=f"member:{membership.pseudonym}",
            time=at,
            at=at,
            organisation=organisation_id,
        )
    return membership


def member_add(
    scope: OrganisationScope, *, username: str, password: str, name: str, role: str, at: datetime
) -> Membership:
    """Create a person and let them act for the organisation, in one step."""
    with transaction.atomic():
        person = person_register(scope, username=username, password=password, name=name)
        return membership_grant(scope, person=person.id, role=role, at=at)


def organisation_found(
    scope: SystemScope,
    *,
    name: str,
    kind: str,
    tax_code: str,
    unit: str,
    jurisdiction: str,
    username: str,
    password: str,
    role: str,
    at: datetime,
) -> Organisation:
    """Register an organisation together with its first member; an existing person of that name is taken."""
    with transaction.atomic():
        organisation = organisation_register(
            scope, name=name, kind=kind, tax_code=tax_code, unit=unit, jurisdiction=jurisdiction, at=at
        )
        person = Person.objects.filter(username=username).first()
        person = person or person_register(scope, username=username, password=password)
        membership_grant(scope, person=person.id, role=role, at=at, organisation=organisation.id)
    return organisation


def password_set(scope: SystemScope, *, username: str, password: str) -> None:
    """Give a person a new password; all their sessions end."""
    with transaction.atomic():
        person = Person.objects.select_for_update().get(username=username)
        validate_password(password, person)
        person.set_password(password)
        person.save()


def membership_end(scope: OrganisationScope, *, membership: UUID, at: datetime) -> None:
    """Let somebody no longer act for the organisation; their tokens end with it.

    Raises
    ------
    LastOwner
        When nobody would be left to manage the organisation.
    """
    scope.require("identity.member_manage")
    with transaction.atomic():
        rows = Membership.objects.select_for_update().filter(
            organisation_id=scope.organisation, ended_at=None
        )
        owners = {row.id for row in rows.filter(role="owner")}  # locked: two cannot remove each other at once
        ending = rows.get(id=membership)
        if owners == {ending.id}:
            raise LastOwner
        ending.ended_at = at
        ending.save()
        ApiToken.objects.filter(membership=ending, revoked_at=None).update(revoked_at=at)
        record(
            scope,
            MembershipEnded(member=ending.pseudonym),
            subject=f"member:{ending.pseudonym}",
            time=at,
            at=at,
        )


def link_issue(
    scope: OrganisationScope | SystemScope,
    *,
    permission: str,
    subject: str,
    at: datetime,
    lasts: timedelta = timedelta(days=90),
    organisation: UUID | None = None,
) -> str:
    """Make a link that lets its holder use `permission` on `subject`; return the secret token.

    The caller's service has checked that the actor may hand this out. The token is shown once.
    """
    organisation_id = organisation_of(scope, organisation)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        link = Link(
            id=uuid7(at),
            organisation_id=organisation_id,
            token_hash=token_hash(token),
            permission=permission,
            subject=subject,
            created_at=at,
            expires_at=at + lasts,
        )
        link.full_clean()
        link.save(force_insert=True)
        record(
            scope,
            LinkIssued(permission=permission, expires_at=link.expires_at.isoformat()),
            subject=subject,
            time=at,
            at=at,
            organisation=organisation_id,
        )
    return token


def consent_give(
    scope: OrganisationScope, *, purpose: str, recipient: UUID, at: datetime, until: datetime | None = None
) -> Consent:
    """Let `recipient` see what `purpose` covers. Giving it twice changes nothing."""
    scope.require("identity.consent_manage")
    with transaction.atomic():
        standing = (
            Consent.objects.within(scope)
            .filter(purpose=purpose, recipient_id=recipient, withdrawn_at=None)
            .first()
        )
        if standing is not None:
            return standing
        consent = Consent(
            id=uuid7(at),
            organisation_id=scope.organisation,
            purpose=purpose,
            recipient_id=recipient,
            given_at=at,
            until=until,
        )
        consent.full_clean()
        consent.save(force_insert=True)
        record(
            scope,
            ConsentGiven(
                purpose=purpose, recipient=str(recipient), until=until.isoformat() if until else None
            ),
            subject=f"consent:{purpose}",
            time=at,
            at=at,
        )
    return consent


def consent_withdraw(scope: OrganisationScope, *, consent: UUID, at: datetime) -> None:
    """Take a consent back; every read path sees that at once."""
    scope.require("identity.consent_manage")
    with transaction.atomic():
        row = Consent.objects.within(scope).select_for_update().get(id=consent)
        if row.withdrawn_at is not None:
            return
        row.withdrawn_at = at
        row.save()
        record(
            scope,
            ConsentWithdrawn(purpose=row.purpose, recipient=str(row.recipient_id)),
            subject=f"consent:{row.purpose}",
            time=at,
            at=at,
        )
