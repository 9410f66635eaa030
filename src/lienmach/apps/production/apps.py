"""Production as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp

PLANNERS = {"owner", "planner"}
FLOOR = {"owner", "planner", "operator"}


class ProductionConfig(LienmachApp):
    """What the app adds: its pages, its permissions, its place in the navigation."""

    name = "lienmach.apps.production"
    label = "production"
    title = _("Production")
    route = "production"
    permissions = {
        "production.plan_read": PLANNERS,
        "production.plan_make": PLANNERS,
        "production.plan_publish": PLANNERS,
        "production.order_read": PLANNERS,
        "production.work_read": FLOOR,
        "production.operation_report": FLOOR,
        "production.shipment_dispatch": PLANNERS,
        # Granted by a link to the receiver of one shipment, to no role.
        "production.receipt_confirm": set(),
    }
