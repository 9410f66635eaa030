"""Notify as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp, NavigationItem


class NotifyConfig(LienmachApp):
    """Messages to people and programs: in the app, by e-mail, by webhook, and to share by chat."""

    name = "lienmach.kernel.notify"
    label = "notify"
    title = _("Messages")
    route = "messages"
    permissions = {
        "notify.message_read": {
            "owner",
            "planner",
            "operator",
            "buyer",
            "broker",
            "officer",
            "provider",
            "auditor",
        },
        "notify.webhook_manage": {"owner"},
    }
    navigation = (
        NavigationItem(
            _("Messages"),
            "notify:list",
            "notify.message_read",
            order=70,
            count="lienmach.kernel.notify.queries:unread_count",
        ),
        NavigationItem(_("Webhooks"), "notify:webhooks", "notify.webhook_manage", order=92),
    )
