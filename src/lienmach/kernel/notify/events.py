"""Events of notify: data begins or ceases to leave the organisation by itself."""

from lienmach.kernel.evidence import EventBody, event_type, private


@event_type("notify.webhook_added", version=1)
class WebhookAdded(EventBody):
    """The organisation lets a program of its choice hear events of its own log."""

    host: str = private()
    types: list[str] = private()


@event_type("notify.webhook_removed", version=1)
class WebhookRemoved(EventBody):
    """A program no longer hears the organisation's events; `reason` says who ended it."""

    host: str = private()
    reason: str = private()
