"""Events of other systems come in whole or not at all, and once."""

import json
import tracemalloc
from uuid import uuid4

import pytest

from lienmach.kernel.evidence import EventBody, bulk, event_type, partner
from lienmach.kernel.evidence.bulk import NothingImported, events_export, events_import
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.models import EventRecord, Leaf
from lienmach.kernel.evidence.queries import event_get
from lienmach.kernel.evidence.sequencer import sequence
from lienmach.kernel.scope import SystemScope


@event_type("evidence.meter_read", version=2)
class MeterRead(EventBody):
    """A meter was read (only in tests)."""

    value: str = partner()
    unit: str = "kWh"


def line(of, /, **changes):
    document = {
        "event_id": str(uuid4()), "type": "evidence.meter_read", "version": 1,
        "time": "2025-03-01T07:00:00+07:00", "recorded_at": "2025-03-02T00:00:00.123456Z",
        "organisation": of.slug, "subject": "meter:1", "actor": "gateway-3",
        "origin": "instrument", "body": {"value": "12.5"},
    }  # fmt: skip
    return json.dumps({name: value for name, value in {**document, **changes}.items() if value is not ...})


def take(organisation, *lines):
    names = {organisation.slug: organisation.id, str(organisation.id): organisation.id}
    return events_import(SystemScope(), lines=lines, organisations=names)


def test_events_come_in_once_with_their_own_times(world):
    organisation = world.organisation()
    lines = [line(organisation) for _ in range(3)]
    assert (take(organisation, *lines).added, take(organisation, *lines, "").known) == (3, 3)
    while sequence(at=world.at):
        pass
    scope = world.scope(organisation)
    event = event_get(scope, event_id=json.loads(lines[0])["event_id"])
    assert event.recorded_at.isoformat() == "2025-03-02T00:00:00.123456+00:00"
    assert event.time.isoformat() == "2025-03-01T00:00:00+00:00"
    assert event.body == {"value": "12.5", "unit": "kWh"}
    assert Leaf.objects.filter(event_id=event.event_id).exists()
    assert audit(SystemScope()).findings == []


WRONG = {
    "not JSON": ("{", ""),
    "not an object": ("[1]", ""),
    "a field is missing": ({"actor": ...}, "actor"),
    "an unknown field": ({"colour": "red"}, "colour"),
    "an unknown type": ({"type": "evidence.meter_eaten"}, "type"),
    "a version to come": ({"version": 3}, "version"),
    "no event id": ({"event_id": "7"}, "event_id"),
    "a time without zone": ({"time": "2025-03-01T07:00:00"}, "time"),
    "a time that is none": ({"recorded_at": "yesterday"}, "recorded_at"),
    "an unknown organisation": ({"organisation": "nobody"}, "organisation"),
    "an empty subject": ({"subject": ""}, "subject"),
    "an unknown origin": ({"origin": "hearsay"}, "origin"),
    "a retraction of nothing": ({"retract": True}, "retract"),
    "a body with a foreign field": ({"body": {"value": "1", "x": 1}}, "body.x"),
    "a body with a wrong type": ({"body": {"value": [1]}}, "body.value"),
    "a number no log holds": ({"body": {"value": "1", "unit": 2**60}}, "body.unit"),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_wrong_line_keeps_all_out_and_is_named(world, case):
    organisation = world.organisation()
    change, where = WRONG[case]
    bad = change if isinstance(change, str) else line(organisation, **change)
    before = EventRecord.objects.count()
    with pytest.raises(NothingImported) as refused:
        take(organisation, line(organisation), bad, line(organisation), "also no JSON")
    assert (2, where) in {(one.line, one.field) for one in refused.value.errors}
    assert 4 in {one.line for one in refused.value.errors}
    assert EventRecord.objects.count() == before


def test_the_same_id_with_other_content_is_refused(world):
    organisation = world.organisation()
    first = line(organisation)
    other = json.dumps({**json.loads(first), "body": {"value": "13"}})
    with pytest.raises(NothingImported, match="nothing"):
        take(organisation, first, other)
    take(organisation, first)
    with pytest.raises(NothingImported) as refused:
        take(organisation, other)
    assert "another body" in refused.value.errors[0].message


def test_what_goes_out_can_come_in_again(world):
    organisation = world.organisation()
    take(organisation, *(line(organisation) for _ in range(4)))
    while sequence(at=world.at):
        pass
    lines = [
        text for text in events_export(SystemScope(), organisation=organisation.id) if "meter_read" in text
    ]
    assert len(lines) == 4
    assert take(organisation, *lines).known == 4


def test_many_lines_take_little_memory(world):
    """Five thousand lines of a kilobyte: read twice, kept in a file, a fraction of them in memory."""
    organisation = world.organisation()
    body = {"value": "1" * 1000}
    names = {organisation.slug: organisation.id}

    def lines():
        return (line(organisation, body=body) for _ in range(5000))

    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    done = events_import(SystemScope(), lines=lines(), organisations=names)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert done.added == 5000
    # All of them as rows would be over 15 MB; two chunks and the hashes are what is held.
    assert peak < 12_000_000


def test_errors_beyond_the_listed_ones_are_counted(world, monkeypatch):
    """Nobody scrolls through a million lines, and nobody is told there are fewer."""
    monkeypatch.setattr(bulk, "MAX_ERRORS", 5)
    with pytest.raises(NothingImported, match="9 errors, the first 5") as refused:
        take(world.organisation(), *["{"] * 9)
    assert [error.line for error in refused.value.errors] == [1, 2, 3, 4, 5]


def test_a_line_twice_is_one_event_however_it_is_spelled(world):
    """Blanks and the order of keys say nothing; another value does."""
    organisation = world.organisation()
    once = line(organisation)
    document = json.loads(once)
    again = json.dumps(dict(reversed(document.items())), indent=None, separators=(" ,  ", ":  "))
    assert take(organisation, once, again).added == 1
    other = json.dumps({**document, "event_id": str(uuid4()), "body": {"value": "1"}})
    twice = json.dumps({**json.loads(other), "body": {"value": "2"}})
    with pytest.raises(NothingImported) as refused:
        take(organisation, other, twice)
    assert "stands on line 1" in refused.value.errors[0].message
    assert EventRecord.objects.filter(type="evidence.meter_read").count() == 1
