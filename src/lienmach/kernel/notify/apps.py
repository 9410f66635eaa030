"""Notify as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp


class NotifyConfig(LienmachApp):
    """Messages to people and programs: in the app, by e-mail, by webhook, and to share by chat."""

    name = "lienmach.kernel.notify"
    label = "notify"
    title = _("Messages")
