"""Evidence: the envelope, `record()`, the outbox, the sequence and its subscribers.

The only writer of evidence. Names are loaded when first used, because Django imports this package
before models may be imported.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lienmach.kernel.evidence.envelope import Event, EventBody, Origin, partner, private, public
    from lienmach.kernel.evidence.subscribers import batch_subscriber, subscriber
    from lienmach.kernel.evidence.types import event_type
    from lienmach.kernel.evidence.writer import NewEvent, record, record_many

_HOME = {
    "Event": "envelope",
    "EventBody": "envelope",
    "NewEvent": "writer",
    "Origin": "envelope",
    "batch_subscriber": "subscribers",
    "event_type": "types",
    "partner": "envelope",
    "private": "envelope",
    "public": "envelope",
    "record": "writer",
    "record_many": "writer",
    "subscriber": "subscribers",
}

__all__ = [
    "Event",
    "EventBody",
    "NewEvent",
    "Origin",
    "batch_subscriber",
    "event_type",
    "partner",
    "private",
    "public",
    "record",
    "record_many",
    "subscriber",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
