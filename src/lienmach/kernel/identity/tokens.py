"""Tokens for programs: made, shown once, taken back. Part of `services`."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lienmach.kernel.apps import permissions_of
from lienmach.kernel.evidence import record
from lienmach.kernel.identity.events import TokenIssued, TokenRevoked
from lienmach.kernel.identity.models import ApiToken, Membership
from lienmach.kernel.ids import uuid7
from lienmach.kernel.scope import Denied, OrganisationScope


def token_hash(token: str) -> str:
    """Return what is stored of a secret token. The token has 256 bits, so a plain hash cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def api_token_issue(
    scope: OrganisationScope,
    *,
    membership: UUID,
    name: str,
    permissions: Collection[str],
    at: datetime,
    lasts: timedelta = timedelta(days=365),
) -> str:
    """Make a token for a program; return the secret, which is shown once.

    The token acts as the membership, never with more than the given permissions, and less when the role
    is given less.

    Raises
    ------
    Denied
        For a permission that the member's role does not have.
    django.core.exceptions.ValidationError
        For a name that is missing or too long.
    """
    scope.require("identity.token_manage")
    member = Membership.objects.get(id=membership, organisation_id=scope.organisation, ended_at=None)
    for permission in sorted(set(permissions) - permissions_of(member.role)):
        raise Denied(permission)
    secret = "lm_" + secrets.token_urlsafe(32)
    token = ApiToken(
        id=uuid7(at),
        organisation_id=scope.organisation,
        membership=member,
        name=name,
        token_hash=token_hash(secret),
        permissions=sorted(permissions),
        created_at=at,
        expires_at=at + lasts,
    )
    token.full_clean(exclude=["permissions"])
    with transaction.atomic():
        token.save(force_insert=True)
        record(
            scope,
            TokenIssued(permissions=sorted(permissions), expires_at=token.expires_at.isoformat()),
            subject=f"token:{token.id}",
            time=at,
            at=at,
        )
    return secret


def api_token_revoke(scope: OrganisationScope, *, token: UUID, at: datetime) -> None:
    """Take a token back; the next call with it is refused. Doing it twice changes nothing."""
    scope.require("identity.token_manage")
    with transaction.atomic():
        row = ApiToken.objects.within(scope).select_for_update().get(id=token)
        if row.revoked_at is not None:
            return
        row.revoked_at = at
        row.save(update_fields=["revoked_at"])
        record(scope, TokenRevoked(), subject=f"token:{row.id}", time=at, at=at)
