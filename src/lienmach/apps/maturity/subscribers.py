"""Recorded work fills criteria: which events do so stands in `instruments/`."""

from lienmach.apps.maturity import services
from lienmach.kernel.evidence import Event, subscriber
from lienmach.kernel.scope import SystemScope


@subscriber(
    "maturity.criteria",
    reads={
        "production.plan_published": [],
        "production.operation_reported": [],
        "production.shipment_dispatched": [],
        "production.receipt_confirmed": [],
    },
)
def keep(event: Event) -> None:
    """Keep the event for counting."""
    services.work_keep(SystemScope(), event=event)
