"""An agency's day is its own: at eleven in the evening UTC it is already tomorrow in Vietnam."""

from datetime import UTC, date, datetime

from lienmach.kernel.identity.queries import area_scope, entry_of_person


def test_the_scope_of_an_area_stands_on_the_agencys_own_day(world):
    agency = world.organisation("Sở", kind="agency", jurisdiction="unit-1")
    entry = entry_of_person(person=world.member(agency, "officer").person_id, slug=agency.slug)
    assert area_scope(entry, at=datetime(2026, 11, 21, 23, 0, tzinfo=UTC)).at == date(2026, 11, 22)
