"""The demonstration's consents: who lets the province open single deliveries behind its numbers."""

from lienmach.kernel.apps import permissions_of
from lienmach.kernel.demo import Demo
from lienmach.kernel.identity.services import consent_give
from lienmach.kernel.scope import OrganisationScope

SHARING = 2
"""One firm in so many shares its single events with the province; numbers count the others too."""


def load(demo: Demo) -> None:
    """Share the workshop's evidence and that of every second firm that works here."""
    province = demo.organisations["province"].id
    firms = sorted(key for key in demo.organisations if key.startswith("firm-"))
    scopes = [demo.scope(key, "owner") for key in ("workshop", "second")]
    scopes += [
        OrganisationScope(
            actor="demo", granted=permissions_of("owner"), organisation=demo.organisations[key].id
        )
        for key in firms[::SHARING]
    ]
    for scope in scopes:
        consent_give(scope, purpose="programme.evidence", recipient=province, at=demo.at)
    demo.say(f"targets: {len(scopes)} organisations share single events with the province")
