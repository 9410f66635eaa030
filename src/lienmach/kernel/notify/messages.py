"""The messages that notify itself sends."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.notify.kinds import message_kind

WEBHOOK_GONE = message_kind(
    "notify.webhook_removed",
    title=_("The webhook to %(host)s was removed"),
    text=_("The address says that it no longer exists (410 Gone). Add it again when it is back."),
)
WEBHOOK_FAILING = message_kind(
    "notify.webhook_failed",
    title=_("The webhook to %(host)s does not answer"),
    text=_("An event could not be delivered: %(error)s. Later events are still tried."),
)
