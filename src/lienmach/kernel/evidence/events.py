"""Events about evidence itself."""

from lienmach.kernel.evidence.envelope import EventBody, private, public
from lienmach.kernel.evidence.types import event_type


@event_type("evidence.body_erased", version=1)
class BodyErased(EventBody):
    """Content of events was erased for a legal reason; their leaves and all proofs stay."""

    events: list[str] = public()
    groups: list[str] = public()
    ground: str = public()
    requester: str = private()


@event_type("evidence.log_resumed", version=1)
class LogResumed(EventBody):
    """A log that was held signs again: it caught up, or an operator decided without a witness."""

    size: int = public()
    standing: str = public()
    reason: str = public()
