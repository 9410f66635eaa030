"""Recorded work fills criteria: which events do so stands in `instruments/`."""

from lienmach.apps.maturity import services
from lienmach.apps.maturity.projections import KEEPER, WORK
from lienmach.kernel.evidence import Event, subscriber
from lienmach.kernel.scope import SystemScope


@subscriber(KEEPER, reads=WORK)
def keep(event: Event) -> None:
    """Keep the event for counting."""
    services.work_keep(SystemScope(), event=event)
