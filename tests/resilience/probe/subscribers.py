"""Subscribers of different manners: quick, slow after writing, recording more events, failing a while."""

import os
import time
from pathlib import Path

from lienmach.kernel.evidence import Event, record, subscriber
from lienmach.kernel.scope import SystemScope
from tests.resilience.probe.events import BallCaught
from tests.resilience.probe.models import Effect


def _effect(name: str, event: Event) -> None:
    Effect.objects.create(
        subscriber=name, position=event.position, number=event.body["number"], process=os.getpid()
    )


@subscriber("probe.quick", reads={"probe.ball_thrown": ["number"], "probe.ball_caught": ["number"]})
def quick(event: Event) -> None:
    """Note the event."""
    _effect("probe.quick", event)


@subscriber("probe.slow", reads={"probe.ball_thrown": ["number"]})
def slow(event: Event) -> None:
    """Note the event and linger inside the transaction, where a kill hurts most."""
    _effect("probe.slow", event)
    time.sleep(0.002)


@subscriber("probe.catcher", reads={"probe.ball_thrown": ["number"]})
def catcher(event: Event) -> None:
    """Note the event and record another one in the same transaction."""
    _effect("probe.catcher", event)
    record(
        SystemScope(),
        BallCaught(number=event.body["number"]),
        subject=event.subject,
        time=event.time,
        at=event.recorded_at,
        organisation=event.organisation,
    )


@subscriber("probe.moody", reads={"probe.ball_thrown": ["number"]})
def moody(event: Event) -> None:
    """Fail at the ball whose number stands in the file PROBE_FAILS_AT, as long as it stands there."""
    _effect("probe.moody", event)
    path = Path(os.environ.get("PROBE_FAILS_AT", "/nonexistent"))
    if path.exists() and path.read_text() == str(event.body["number"]):
        raise RuntimeError(f"ball {event.body['number']} slipped")
