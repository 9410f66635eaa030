"""Jobs as a Django app."""

from importlib import import_module

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp


class JobsConfig(LienmachApp):
    """The queue of background work."""

    name = "lienmach.kernel.jobs"
    label = "jobs"
    title = _("Background work")

    def ready(self) -> None:
        """Also declare the work that the platform gives itself."""
        super().ready()
        import_module("lienmach.kernel.jobs.upkeep")
