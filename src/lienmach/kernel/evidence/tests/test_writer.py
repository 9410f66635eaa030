"""An event exists exactly when its change does, and nobody can change it afterwards."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from lienmach.kernel.evidence import (
    EventBody,
    NewEvent,
    Origin,
    event_type,
    partner,
    record,
    record_many,
)
from lienmach.kernel.evidence.models import EventRecord, OutboxEntry, SequencedEvent
from lienmach.kernel.evidence.queries import EventNotFound, event_get, event_list
from lienmach.kernel.evidence.sequencer import sequence
from lienmach.kernel.evidence.types import UnknownType
from lienmach.kernel.evidence.writer import OutsideTransaction
from lienmach.kernel.scope import LinkScope, NoOrganisation, SystemScope


@event_type("evidence.parcel_weighed", version=1)
class ParcelWeighed(EventBody):
    """A parcel was weighed (only in tests)."""

    grams: int = partner()
    by_hand: bool = False


class Undeclared(EventBody):
    """Declared by nobody."""


def weigh(world, organisation, grams=5, **kwargs):
    with transaction.atomic():
        return record(
            world.scope(organisation),
            ParcelWeighed(grams=grams),
            subject="parcel:1",
            time=world.at,
            at=world.at,
            **kwargs,
        )


def test_rolled_back_change_leaves_no_event(world):
    """Change and event are one: undoing the one undoes the other."""
    organisation = world.organisation()
    before = EventRecord.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        weigh(world, organisation)
        raise RuntimeError
    assert EventRecord.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_is_refused(world):
    """Without a transaction the event could survive a change that fails."""
    organisation = world.organisation()
    scope = world.scope(organisation)
    with pytest.raises(OutsideTransaction):
        record(scope, ParcelWeighed(grams=1), subject="parcel:1", time=world.at, at=world.at)


def test_a_scope_without_organisation_must_name_the_log(world):
    with pytest.raises(NoOrganisation):
        record(SystemScope(), ParcelWeighed(grams=1), subject="parcel:1", time=world.at, at=world.at)


def test_an_undeclared_body_is_refused(world):
    scope = world.scope(world.organisation())
    with pytest.raises(UnknownType):
        record(scope, Undeclared(), subject="x:1", time=world.at, at=world.at)


@pytest.mark.parametrize(
    "verb", ["UPDATE evidence_eventrecord SET actor='x'", "DELETE FROM evidence_eventrecord"]
)
def test_events_cannot_be_changed_or_deleted(world, verb):
    """The database refuses, whoever asks."""
    weigh(world, world.organisation())
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb)


def test_sequence_is_gapless_and_empties_the_outbox(world):
    organisation = world.organisation()
    for grams in range(7):
        weigh(world, organisation, grams)
    while sequence(limit=3):
        pass
    positions = list(SequencedEvent.objects.order_by("position").values_list("position", flat=True))
    assert positions == list(range(1, len(positions) + 1))
    assert len(positions) == EventRecord.objects.count()
    assert not OutboxEntry.objects.exists()


def test_a_stranger_cannot_read_an_event(world):
    ours, theirs = world.organisation(), world.organisation()
    event = weigh(world, ours)
    with pytest.raises(EventNotFound):
        event_get(world.scope(theirs), event_id=event.event_id)
    assert event_get(world.scope(ours), event_id=event.event_id).body == {"grams": 5, "by_hand": False}


def test_the_holder_of_a_link_sees_partner_fields_of_its_subject_only(world):
    organisation = world.organisation()
    weigh(world, organisation, origin=Origin.CONFIRMED)
    link = LinkScope(actor="link-1", organisation=organisation.id, subject="parcel:1")
    (event,) = event_list(link)
    assert event.body == {"grams": 5}
    assert event.withheld == ("by_hand",)
    assert event_list(LinkScope(actor="link-1", organisation=organisation.id, subject="parcel:2")) == []


def test_many_at_once_keep_their_order_and_are_all_sequenced(world, monkeypatch):
    """In slices of any size: the order given is the order of the identifiers and of the sequence."""
    monkeypatch.setattr("lienmach.kernel.evidence.writer.CHUNK", 7)
    scope = world.scope(world.organisation())
    with transaction.atomic():
        events = record_many(
            scope,
            [NewEvent(body=ParcelWeighed(grams=n), subject="parcel:1", time=world.at) for n in range(20)],
            at=world.at,
        )
        assert record_many(scope, [], at=world.at) == []
    while sequence():
        pass
    ids = [event.event_id for event in events]
    assert ids == sorted(ids)
    rows = SequencedEvent.objects.filter(event__in=ids).order_by("position")
    assert [row.event_id for row in rows] == ids
    assert [event_get(scope, event_id=each).body["grams"] for each in ids] == list(range(20))


@pytest.mark.parametrize("subject", ["", "x" * 201])
def test_a_subject_that_does_not_fit_is_refused(world, subject):
    scope = world.scope(world.organisation())
    with pytest.raises(ValidationError), transaction.atomic():
        record(scope, ParcelWeighed(grams=1), subject=subject, time=world.at, at=world.at)
