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


@event_type("evidence.segment_sealed", version=1)
class SegmentSealed(EventBody):
    """A stretch of the platform's sequence was sealed into files that numbers are read from."""

    number: int = public(description="Which stretch, counted from 1.")
    revision: int = public(description="How often it was sealed again, after an erasure.")
    first: int = public(description="Its first position in the sequence.")
    last: int = public(description="Its last position.")
    manifest: str = public(description="SHA-256 of the manifest that lists the files.")
    projection: int = public(description="Version of the rule that makes columns of events.")
