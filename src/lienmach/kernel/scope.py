"""Scope: who asks, and what they may see and do. The first argument of every service and query.

A scope is made at a door (page, API, command, worker) and nowhere else. It carries the permissions
that were granted there; nothing below the door looks at people, roles or sessions again.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


class Denied(Exception):
    """The scope does not grant what was asked."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"This needs the permission {permission!r}.")
        self.permission = permission


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What every scope has: a pseudonymous actor and the permissions granted to it."""

    actor: str
    granted: frozenset[str] = frozenset()

    def allows(self, permission: str) -> bool:
        """Say whether `permission` (`<app>.<noun>_<verb>`) is granted."""
        return permission in self.granted

    def require(self, permission: str) -> None:
        """Raise `Denied` unless `permission` is granted."""
        if not self.allows(permission):
            raise Denied(permission)


@dataclass(frozen=True, kw_only=True)
class OrganisationScope(Scope):
    """A member of one organisation: sees that organisation's data only."""

    organisation: UUID


@dataclass(frozen=True, kw_only=True)
class AreaScope(Scope):
    """A member of an agency: sees what public rules and consents give it about one area at one date.

    `unit` is the identity of an administrative unit in `kernel.places`, never a bare official code.
    """

    organisation: UUID
    unit: str
    at: date


@dataclass(frozen=True, kw_only=True)
class LinkScope(Scope):
    """The holder of a link: may do one thing to one subject of one organisation."""

    organisation: UUID
    subject: str


@dataclass(frozen=True, kw_only=True)
class PublicScope(Scope):
    """Anybody."""

    actor: str = "public"


@dataclass(frozen=True, kw_only=True)
class SystemScope(Scope):
    """The platform itself: the worker, a subscriber, the command line on the machine that holds the data."""

    actor: str = "system"

    def allows(self, permission: str) -> bool:
        """Grant everything: whoever runs this process already holds the database."""
        return True


class NoOrganisation(Exception):
    """The scope belongs to no organisation and none was named."""


def organisation_of(scope: Scope, named: UUID | None = None) -> UUID:
    """Return whose data a change belongs to: the scope's own organisation, or the one the platform names.

    Raises
    ------
    NoOrganisation
        When neither is there.
    Denied
        When a scope of one organisation names another.
    """
    own: UUID | None = getattr(scope, "organisation", None)
    if own is not None and named not in {None, own}:
        raise Denied("another organisation's log")
    whose = own or named
    if whose is None:
        raise NoOrganisation(
            f"{type(scope).__name__} belongs to no organisation: name the one this belongs to."
        )
    return whose
