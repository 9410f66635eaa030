"""Targets as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp, NavigationItem


class TargetsConfig(LienmachApp):
    """What the app adds: its pages, its permissions, its place in the navigation."""

    name = "lienmach.apps.targets"
    label = "targets"
    title = _("Numbers and goals")
    route = "targets"
    permissions = {
        "targets.scorecard_read": {"officer"},
        "targets.cells_compute": {"officer"},
        "targets.event_read": {"officer"},
        "targets.target_set": {"officer"},
    }
    navigation = (NavigationItem(_("Numbers"), "targets:indicators", "targets.scorecard_read", order=20),)
    demo = "lienmach.apps.targets.demo:load"
    demo_order = 60
