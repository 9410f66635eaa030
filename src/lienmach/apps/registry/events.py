"""What the register tells: entries and claims."""

from datetime import date

from lienmach.kernel.evidence import EventBody, event_type, private, public


@event_type("registry.enterprise_registered", version=1)
class EnterpriseRegistered(EventBody):
    """An enterprise got its entry in the register, at a location, from a day."""

    enterprise: str = public(description="Identity of the entry.")
    location: str = public(description="Identity of the location; it never moves.")
    unit: str = public(description="Administrative unit the location lay in on that day.")
    valid_from: date = public(description="First day on which the entry holds.")
    kind: str = public(description="enterprise, branch, cooperative or household.")
    industry: str = public(default="", description="Industry code as given.")


@event_type("registry.claim_requested", version=1)
class ClaimRequested(EventBody):
    """A firm said that an entry of the register is its own."""

    enterprise: str = private(description="Identity of the entry.")


@event_type("registry.enterprise_claimed", version=1)
class EnterpriseClaimed(EventBody):
    """An entry of the register was linked to the organisation whose log holds its evidence."""

    enterprise: str = public(description="Identity of the entry.")
    organisation: str = public(description="Identity of the organisation.")
    valid_from: date = public(description="First day from which the organisation's evidence counts for it.")
