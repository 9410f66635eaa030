"""Production as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp, NavigationItem

PLANNERS = {"owner", "planner"}
FLOOR = {"owner", "planner", "operator"}


class ProductionConfig(LienmachApp):
    """What the app adds: its pages, its permissions, its place in the navigation."""

    name = "lienmach.apps.production"
    label = "production"
    title = _("Production")
    route = "production"
    demo = "lienmach.apps.production.demo:load"
    demo_order = 40
    permissions = {
        "production.plan_read": PLANNERS,
        "production.plan_make": PLANNERS,
        "production.plan_publish": PLANNERS,
        "production.order_read": PLANNERS,
        "production.promise_ask": PLANNERS,
        "production.work_read": FLOOR,
        "production.operation_report": FLOOR,
        "production.shipment_dispatch": PLANNERS,
        # Granted by a link to the receiver of one shipment, to no role.
        "production.receipt_confirm": set(),
    }
    navigation = (
        NavigationItem(_("Board"), "production:board", "production.plan_read", order=10),
        NavigationItem(_("Plans"), "production:plans", "production.plan_read", order=11),
        NavigationItem(_("Orders"), "production:orders", "production.order_read", order=12),
        NavigationItem(_("Promise a date"), "production:promise", "production.promise_ask", order=12),
        NavigationItem(_("Work orders"), "production:work-orders", "production.work_read", order=13),
        NavigationItem(_("Deliveries"), "production:shipments", "production.order_read", order=14),
    )
