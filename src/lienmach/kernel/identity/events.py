"""Events of identity: who joined, left, and what was agreed. No names: people are pseudonyms here."""

from lienmach.kernel.evidence import EventBody, event_type, private, public


@event_type("identity.organisation_registered", version=1)
class OrganisationRegistered(EventBody):
    """An organisation got its place and its log on the platform."""

    kind: str = public()
    unit: str = public(default="")


@event_type("identity.membership_granted", version=1)
class MembershipGranted(EventBody):
    """Somebody may act for the organisation in a role."""

    member: str = private()
    role: str = private()


@event_type("identity.role_changed", version=1)
class RoleChanged(EventBody):
    """A member does something else for the organisation from now on."""

    member: str = private()
    before: str = private()
    role: str = private()


@event_type("identity.password_reset", version=1)
class PasswordReset(EventBody):
    """An owner gave a member without e-mail a new password."""

    member: str = private()


@event_type("identity.token_issued", version=1)
class TokenIssued(EventBody):
    """A token was made that lets a program act for a member."""

    permissions: list[str] = private()
    expires_at: str = private()


@event_type("identity.token_revoked", version=1)
class TokenRevoked(EventBody):
    """A program's token was taken back."""


@event_type("identity.membership_ended", version=1)
class MembershipEnded(EventBody):
    """Somebody may no longer act for the organisation."""

    member: str = private()


@event_type("identity.link_issued", version=1)
class LinkIssued(EventBody):
    """A link was made that lets its holder do one thing to one subject."""

    permission: str = private()
    expires_at: str = private()


@event_type("identity.consent_given", version=1)
class ConsentGiven(EventBody):
    """The organisation lets a recipient see something of its data for a purpose."""

    purpose: str = public()
    recipient: str = public()
    until: str | None = public(default=None)


@event_type("identity.consent_withdrawn", version=1)
class ConsentWithdrawn(EventBody):
    """The organisation took a consent back."""

    purpose: str = public()
    recipient: str = public()
