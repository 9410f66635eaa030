"""The workspace as a Django app: the kernel's own pages."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp, NavigationItem


class WorkspaceConfig(LienmachApp):
    """Home, members, sharing, the evidence explorer and the health of the platform."""

    name = "lienmach.kernel.workspace"
    label = "workspace"
    title = _("Organisation")
    route = ""
    permissions = {"workspace.landing_read": {"public"}}
    navigation = (
        NavigationItem(_("Events"), "workspace:events", "evidence.event_read", order=80),
        NavigationItem(_("People"), "workspace:members", "identity.member_manage", order=90),
        NavigationItem(_("Tokens for programs"), "workspace:tokens", "identity.token_manage", order=93),
        NavigationItem(_("Sharing"), "workspace:sharing", "identity.consent_manage", order=91),
    )
