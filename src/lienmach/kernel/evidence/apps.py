"""The evidence kernel as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp


class EvidenceConfig(LienmachApp):
    """Envelope, outbox, sequence, subscribers, logs."""

    name = "lienmach.kernel.evidence"
    label = "evidence"
    title = _("Evidence")
    permissions = {
        "evidence.event_read": {"owner", "planner", "officer", "auditor"},
        "evidence.access_read": {"owner", "auditor"},
        "evidence.body_erase": {"owner"},
    }
