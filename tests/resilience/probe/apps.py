"""A test-only app with subscribers and tasks whose effects can be counted."""

from lienmach.kernel.apps import LienmachApp


class ProbeConfig(LienmachApp):
    """Records events, subscribes to them, runs tasks that misbehave on request."""

    name = "tests.resilience.probe"
    label = "probe"
    title = "Probe"
    route = "probe"
    permissions = {"probe.ball_throw": {"owner"}, "probe.ball_read": {"owner", "operator"}}
