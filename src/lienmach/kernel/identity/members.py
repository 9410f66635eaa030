"""Changes to a standing or former member: role, return, a forgotten password. Part of `services`."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from lienmach.kernel.evidence import record
from lienmach.kernel.identity.events import MembershipGranted, PasswordReset, RoleChanged
from lienmach.kernel.identity.models import Membership, Role
from lienmach.kernel.scope import OrganisationScope


class LastOwner(Exception):
    """The organisation would be left without an owner."""


class NotForOthersToReset(Exception):
    """The password is not this organisation's to reset; the message says why."""


def membership_change(scope: OrganisationScope, *, membership: UUID, role: str, at: datetime) -> None:
    """Give a member another role; their tokens can do no more than the new role from then on.

    Raises
    ------
    LastOwner
        When nobody would be left to manage the organisation.
    """
    scope.require("identity.member_manage")
    role = Role(role).value
    with transaction.atomic():
        standing = Membership.objects.select_for_update().filter(
            organisation_id=scope.organisation, ended_at=None
        )
        owners = {row.id for row in standing.filter(role=Role.OWNER)}
        row = standing.get(id=membership)
        if row.role == role:
            return
        if owners == {row.id}:
            raise LastOwner
        before, row.role = row.role, role
        row.save(update_fields=["role"])
        record(
            scope,
            RoleChanged(member=row.pseudonym, before=before, role=role),
            subject=f"member:{row.pseudonym}",
            time=at,
            at=at,
        )


def membership_revive(scope: OrganisationScope, *, membership: UUID, role: str, at: datetime) -> None:
    """Let a former member act for the organisation again, under the same pseudonym; old tokens stay dead.

    Reviving one that stands changes nothing.
    """
    scope.require("identity.member_manage")
    with transaction.atomic():
        row = Membership.objects.select_for_update().get(id=membership, organisation_id=scope.organisation)
        again = Membership.objects.filter(
            organisation_id=scope.organisation, person_id=row.person_id, ended_at=None
        )
        if again.exists():
            return
        row.ended_at, row.role = None, Role(role).value
        row.save(update_fields=["ended_at", "role"])
        record(
            scope,
            MembershipGranted(member=row.pseudonym, role=row.role),
            subject=f"member:{row.pseudonym}",
            time=at,
            at=at,
        )


def password_reset(scope: OrganisationScope, *, membership: UUID, password: str, at: datetime) -> None:
    """Give a member without e-mail a new password; whoever is signed in as them is signed out.

    Only for a person whose log-in belongs to this organisation alone: otherwise one organisation's owner
    could enter another as them. Owners reset their own.

    Raises
    ------
    NotForOthersToReset
        For an owner, a person with e-mail, or a member of another organisation too.
    django.core.exceptions.ValidationError
        For a password that is too weak; all reasons at once.
    """
    scope.require("identity.member_manage")
    with transaction.atomic():
        row = (
            Membership.objects.select_for_update()
            .select_related("person")
            .get(id=membership, organisation_id=scope.organisation, ended_at=None)
        )
        if row.role == Role.OWNER:
            raise NotForOthersToReset("an owner")
        if row.person.email:
            raise NotForOthersToReset("e-mail")
        if Membership.objects.filter(person=row.person).exclude(organisation_id=scope.organisation).exists():
            raise NotForOthersToReset("elsewhere")
        validate_password(password, row.person)
        row.person.set_password(password)
        row.person.save(update_fields=["password"])
        record(
            scope,
            PasswordReset(member=row.pseudonym),
            subject=f"member:{row.pseudonym}",
            time=at,
            at=at,
        )
