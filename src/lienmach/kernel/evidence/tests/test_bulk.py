"""Events of other systems come in whole or not at all, and once."""

import json
from uuid import uuid4

import pytest

from lienmach.kernel.evidence import EventBody, event_type, partner
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
