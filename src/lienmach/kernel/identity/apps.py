"""Identity as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp


class IdentityConfig(LienmachApp):
    """Organisations, people, memberships and roles, links, tokens, consents."""

    name = "lienmach.kernel.identity"
    label = "identity"
    title = _("People and access")
    permissions = {
        "identity.organisation_read": {
            "owner",
            "planner",
            "operator",
            "buyer",
            "broker",
            "officer",
            "provider",
            "auditor",
        },
        "identity.member_manage": {"owner"},
        "identity.token_manage": {"owner"},
        "identity.consent_manage": {"owner"},
    }
