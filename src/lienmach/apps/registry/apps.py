"""The register as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp, NavigationItem
from lienmach.kernel.ports import EnterpriseRegister


class RegistryConfig(LienmachApp):
    """What the app adds: its pages, its permissions, its place in the navigation."""

    name = "lienmach.apps.registry"
    label = "registry"
    title = _("Register")
    route = "registry"
    permissions = {
        "registry.enterprise_read": {"officer"},
        "registry.enterprise_import": {"officer"},
        "registry.claim_decide": {"officer"},
        "registry.own_read": {"owner", "planner"},
        "registry.claim_request": {"owner"},
    }
    navigation = (
        NavigationItem(_("Enterprises"), "registry:enterprises", "registry.enterprise_read", order=30),
        NavigationItem(_("Our entry"), "registry:own", "registry.own_read", order=60),
    )
    ports = {EnterpriseRegister: "lienmach.apps.registry.queries:REGISTER"}
    demo = "lienmach.apps.registry.demo:load"
    demo_order = 20
