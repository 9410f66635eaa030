"""Who listens hears every event once and in order, singly or in batches; a bad event stops only itself."""

from datetime import timedelta

import pytest
from django.db import transaction

from lienmach.kernel.evidence import EventBody, NewEvent, batch_subscriber, event_type, record_many
from lienmach.kernel.evidence import subscribers as listening
from lienmach.kernel.evidence.sequencer import sequence


@event_type("evidence.bell_rung", version=1)
class BellRung(EventBody):
    """A bell was rung (only in tests)."""

    number: int


def ring(world, organisation, numbers):
    with transaction.atomic():
        events = [NewEvent(body=BellRung(number=each), subject="bell:1", time=world.at) for each in numbers]
        return record_many(world.scope(organisation), events, at=world.at)


@pytest.fixture
def heard(monkeypatch):
    """Batches of numbers heard by a subscriber that breaks at number 13 until told otherwise."""
    batches, broken = [], {13}

    def hear(events):
        numbers = [event.body["number"] for event in events]
        if broken & set(numbers):
            raise RuntimeError("thirteen")
        batches.append(numbers)

    monkeypatch.setattr(listening, "_subscribers", {})
    batch_subscriber("evidence.test_bells", reads={"evidence.bell_rung": ["number"]})(hear)
    return batches, broken


def deliver_all(at):
    return [listening.deliver(each, at=at) for each in listening.subscribers_due(at=at)]


def test_a_batch_is_heard_together(world, heard):
    batches, _ = heard
    organisation = world.organisation()
    sequence()
    deliver_all(world.at)
    ring(world, organisation, range(5))
    sequence()
    assert deliver_all(world.at) == [5]
    assert batches == [[0, 1, 2, 3, 4]]
    assert listening.subscribers_due(at=world.at) == []


def test_a_bad_event_stops_neither_those_before_it_nor_itself_for_good(world, heard):
    batches, broken = heard
    ring(world, world.organisation(), [11, 12, 13, 14])
    sequence()
    deliver_all(world.at)
    assert batches == [[11], [12]]
    assert listening.subscribers_due(at=world.at) == []  # it waits before it tries again
    broken.clear()
    later = world.at + timedelta(minutes=10)
    while deliver_all(later):
        pass
    assert [number for batch in batches for number in batch] == [11, 12, 13, 14]
