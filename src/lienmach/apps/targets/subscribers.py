"""When evidence behind an indicator arrives, have the cells computed again: once for however many events."""

from collections.abc import Sequence

from lienmach.apps.targets import services
from lienmach.kernel.evidence import Event, batch_subscriber
from lienmach.kernel.scope import SystemScope


@batch_subscriber(
    "targets.recompute",
    reads={
        "production.receipt_confirmed": ["promised", "received_on", "quantity", "ordered_quantity"],
        "registry.enterprise_registered": ["enterprise", "location", "valid_from"],
        "registry.enterprise_claimed": ["enterprise", "organisation", "valid_from"],
    },
)
def recompute(events: Sequence[Event]) -> None:
    """Ask for a computation unless one waits already."""
    services.computation_ask(SystemScope(), at=events[-1].recorded_at)
