"""Jobs as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp


class JobsConfig(LienmachApp):
    """The queue of background work."""

    name = "lienmach.kernel.jobs"
    label = "jobs"
    title = _("Background work")
