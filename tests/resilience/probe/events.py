"""Events of the probe: one that starts, one that a subscriber records on hearing the first."""

from lienmach.kernel.evidence import EventBody, event_type


@event_type("probe.ball_thrown", version=1)
class BallThrown(EventBody):
    """A ball was thrown (only in tests)."""

    number: int


@event_type("probe.ball_caught", version=1)
class BallCaught(EventBody):
    """A ball was caught (only in tests)."""

    number: int
