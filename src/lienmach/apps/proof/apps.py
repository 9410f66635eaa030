"""Proof as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp, NavigationItem
from lienmach.kernel.ports import ProofPages

READERS = {"owner", "planner", "officer", "auditor"}


class ProofConfig(LienmachApp):
    """What the app adds: its pages, its permissions, its place in the navigation."""

    name = "lienmach.apps.proof"
    label = "proof"
    title = _("Proof")
    route = "proof"
    permissions = {
        "proof.log_read": READERS,
        "proof.file_download": READERS,
        "proof.link_share": {"owner", "planner"},
        "proof.health_read": {"owner", "officer", "auditor"},
        "proof.file_verify": {"public"},
        # Granted by a link to a partner, about one subject, to no role.
        "proof.subject_read": set(),
    }
    navigation = (
        NavigationItem(_("Log"), "proof:log", "proof.log_read", order=81),
        NavigationItem(_("Health of the log"), "proof:health", "proof.health_read", order=82),
    )
    ports = {ProofPages: "lienmach.apps.proof.addresses:PAGES"}
