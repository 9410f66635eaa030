"""Maturity as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp, NavigationItem


class MaturityConfig(LienmachApp):
    """What the app adds: its pages, its permissions, its place in the navigation."""

    name = "lienmach.apps.maturity"
    label = "maturity"
    title = _("Maturity")
    route = "maturity"
    permissions = {
        "maturity.assessment_read": {"owner", "planner"},
        "maturity.answer_declare": {"owner"},
        "maturity.area_read": {"officer"},
    }
    navigation = (
        NavigationItem(_("Maturity"), "maturity:assessment", "maturity.assessment_read", order=61),
        NavigationItem(_("Maturity in the area"), "maturity:area", "maturity.area_read", order=31),
    )
