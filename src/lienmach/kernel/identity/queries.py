"""Reading identity: members, consents, and the scopes that doors are entered with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from lienmach.kernel.apps import permissions_of
from lienmach.kernel.identity.models import ApiToken, Consent, Link, Membership, Organisation
from lienmach.kernel.identity.services import token_hash
from lienmach.kernel.scope import AreaScope, LinkScope, OrganisationScope, PublicScope, Scope


class NotAMember(LookupError):
    """The person does not act for this organisation, or there is no such organisation."""


class LinkDead(LookupError):
    """The link does not exist, has expired or was taken back."""


class TokenDead(LookupError):
    """The API token does not exist, has expired or was taken back."""


class NoJurisdiction(LookupError):
    """The organisation looks after no area."""


@dataclass(frozen=True)
class OrganisationSummary:
    """What pages show of an organisation."""

    id: UUID
    slug: str
    name: str
    kind: str
    tax_code: str
    unit: str
    jurisdiction: str
    time_zone: str


@dataclass(frozen=True)
class Entry:
    """A scope to enter a door with, and the organisation it belongs to."""

    scope: OrganisationScope
    organisation: OrganisationSummary
    role: str
    membership: UUID


@dataclass(frozen=True)
class Member:
    """A member as the organisation's own pages show them."""

    id: UUID
    name: str
    username: str
    role: str
    pseudonym: str
    last_login: datetime | None


@dataclass(frozen=True)
class MemberRecord:
    """One member, standing or former, as their page shows them."""

    id: UUID
    name: str
    username: str
    role: str
    pseudonym: str
    last_login: datetime | None
    ended_at: datetime | None
    resettable: bool
    """Whether the organisation may give them a new password: see `members.password_reset`."""


@dataclass(frozen=True)
class TokenSummary:
    """A token for programs as its organisation sees it; the secret is not known any more."""

    id: UUID
    name: str
    member: str
    permissions: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class StandingConsent:
    """A consent in force."""

    id: UUID
    purpose: str
    recipient: OrganisationSummary
    given_at: datetime
    until: datetime | None


def summary(organisation: Organisation) -> OrganisationSummary:
    """Return what pages show of an organisation."""
    return OrganisationSummary(
        id=organisation.id,
        slug=organisation.slug,
        name=organisation.name,
        kind=organisation.kind,
        tax_code=organisation.tax_code,
        unit=organisation.unit,
        jurisdiction=organisation.jurisdiction,
        time_zone=organisation.time_zone,
    )


def entry_of_person(*, person: UUID, slug: str) -> Entry:
    """Return the scope in which a person acts for the organisation with this slug."""
    membership = (
        Membership.objects.select_related("organisation")
        .filter(person_id=person, organisation__slug=slug, ended_at=None, person__is_active=True)
        .first()
    )
    if membership is None:
        raise NotAMember(slug)
    return _entry(membership, permissions_of(membership.role))


def entry_of_token(*, token: str, slug: str, at: datetime) -> Entry:
    """Return the scope of an API token at the organisation with this slug."""
    row = (
        ApiToken.objects.select_related("membership__organisation")
        .filter(
            token_hash=token_hash(token),
            revoked_at=None,
            expires_at__gt=at,
            organisation__slug=slug,
            membership__ended_at=None,
            membership__person__is_active=True,
        )
        .first()
    )
    if row is None:
        raise TokenDead
    return _entry(row.membership, permissions_of(row.membership.role) & frozenset(row.permissions))


def area_scope(entry: Entry, *, at: datetime) -> AreaScope:
    """Return the entry's scope over the area that its organisation looks after, on its own day at `at`."""
    if not entry.organisation.jurisdiction:
        raise NoJurisdiction(entry.organisation.slug)
    return AreaScope(
        actor=entry.scope.actor,
        granted=entry.scope.granted,
        organisation=entry.scope.organisation,
        unit=entry.organisation.jurisdiction,
        at=at.astimezone(ZoneInfo(entry.organisation.time_zone)).date(),
    )


def link_scope(*, token: str, at: datetime) -> LinkScope:
    """Return the scope of a link or raise `LinkDead`."""
    link = Link.objects.filter(token_hash=token_hash(token), revoked_at=None, expires_at__gt=at).first()
    if link is None:
        raise LinkDead
    return LinkScope(
        actor=f"link-{link.token_hash[:12]}",
        granted=frozenset({link.permission}),
        organisation=link.organisation_id,
        subject=link.subject,
    )


def public_scope() -> PublicScope:
    """Return the scope of anybody, with what the apps grant to the public."""
    return PublicScope(granted=permissions_of("public"))


def organisations_of_person(*, person: UUID) -> list[OrganisationSummary]:
    """Return the organisations that a person acts for, by name."""
    rows = Membership.objects.select_related("organisation").filter(person_id=person, ended_at=None)
    return [summary(row.organisation) for row in rows.order_by("organisation__name")]


def organisation_get(scope: Scope, *, organisation: UUID) -> OrganisationSummary:
    """Return what pages show of any organisation: its name is public on the platform."""
    return summary(Organisation.objects.get(id=organisation))


def member_list(scope: OrganisationScope) -> list[Member]:
    """Return the members of the scope's organisation, by name."""
    scope.require("identity.member_manage")
    rows = Membership.objects.select_related("person").filter(
        organisation_id=scope.organisation, ended_at=None
    )
    return [
        Member(m.id, m.person.name, m.person.username, m.role, m.pseudonym, m.person.last_login)
        for m in rows.order_by("person__name", "person__username")
    ]


def former_member_list(scope: OrganisationScope) -> list[Member]:
    """Return those who acted for the organisation once and do not now, by name."""
    scope.require("identity.member_manage")
    of_ours = Membership.objects.filter(organisation_id=scope.organisation)
    standing = of_ours.filter(ended_at=None).values("person_id")
    rows = of_ours.exclude(ended_at=None).exclude(person_id__in=standing).select_related("person")
    return [
        Member(m.id, m.person.name, m.person.username, m.role, m.pseudonym, m.person.last_login)
        for m in rows.order_by("person__name", "person__username")
    ]


def member_get(scope: OrganisationScope, *, membership: UUID) -> MemberRecord:
    """Return one member of the scope's organisation, standing or former."""
    scope.require("identity.member_manage")
    row = Membership.objects.select_related("person").get(id=membership, organisation_id=scope.organisation)
    elsewhere = Membership.objects.filter(person=row.person).exclude(organisation_id=scope.organisation)
    return MemberRecord(
        id=row.id,
        name=row.person.name,
        username=row.person.username,
        role=row.role,
        pseudonym=row.pseudonym,
        last_login=row.person.last_login,
        ended_at=row.ended_at,
        resettable=row.ended_at is None
        and row.role != "owner"
        and not row.person.email
        and not elsewhere.exists(),
    )


def api_token_list(scope: OrganisationScope, *, at: datetime) -> list[TokenSummary]:
    """Return the organisation's tokens that work at `at`, the newest first."""
    scope.require("identity.token_manage")
    rows = ApiToken.objects.within(scope).filter(revoked_at=None, expires_at__gt=at)
    return [
        TokenSummary(
            row.id,
            row.name,
            str(row.membership.person),
            tuple(row.permissions),
            row.created_at,
            row.expires_at,
        )
        for row in rows.select_related("membership__person").order_by("-created_at")
    ]


def consent_list(scope: OrganisationScope, *, at: datetime) -> list[StandingConsent]:
    """Return the consents of the scope's organisation that are in force at `at`."""
    rows = _standing(at).filter(organisation_id=scope.organisation).select_related("recipient")
    return [
        StandingConsent(c.id, c.purpose, summary(c.recipient), c.given_at, c.until)
        for c in rows.order_by("-given_at")
    ]


def consent_covers(*, owner: UUID, recipient: UUID, purpose: str, at: datetime) -> bool:
    """Say whether `owner` lets `recipient` see what `purpose` covers at `at`."""
    return _standing(at).filter(organisation_id=owner, recipient_id=recipient, purpose=purpose).exists()


def consent_owners(*, recipient: UUID, purpose: str, at: datetime) -> frozenset[UUID]:
    """Return every organisation that lets `recipient` see what `purpose` covers at `at`."""
    rows = _standing(at).filter(recipient_id=recipient, purpose=purpose)
    return frozenset(rows.values_list("organisation_id", flat=True))


def _standing(at: datetime) -> QuerySet[Consent]:
    return Consent.objects.filter(given_at__lte=at, withdrawn_at=None).filter(Q(until=None) | Q(until__gt=at))


def _entry(membership: Membership, granted: frozenset[str]) -> Entry:
    organisation = summary(membership.organisation)
    return Entry(
        scope=OrganisationScope(actor=membership.pseudonym, granted=granted, organisation=organisation.id),
        organisation=organisation,
        role=membership.role,
        membership=membership.id,
    )
