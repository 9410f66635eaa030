"""From receipts to a number and back: computed, stored, shown as far as it may be, opened down to the
event."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lienmach.apps.targets import queries, services
from lienmach.apps.targets.declarations import event_schemas, indicators, register, threshold_on
from lienmach.apps.targets.models import Cell, Fact, Snapshot
from lienmach.kernel.apps import permissions_of
from lienmach.kernel.evidence import Origin, record
from lienmach.kernel.evidence.queries import read_list
from lienmach.kernel.evidence.types import type_named
from lienmach.kernel.identity.models import Membership, Organisation
from lienmach.kernel.identity.services import consent_give, consent_withdraw
from lienmach.kernel.jobs.queries import job_list
from lienmach.kernel.places import queries as places
from lienmach.kernel.places.services import location_create, places_load
from lienmach.kernel.scope import Denied, OrganisationScope, SystemScope

SYSTEM = SystemScope()
NEW = date(2025, 7, 1)
SHARE = "on_time_delivery_share"


class Province:
    """An agency, and firms with their register entries made by events alone."""

    def __init__(self, world: Any) -> None:
        places_load(SYSTEM)
        self.world = world
        self.city = places.unit_with_code(SYSTEM, code="79", level="province", at=NEW)
        self.commune = places.unit_with_code(SYSTEM, code="25747", level="commune", at=NEW)
        self.agency = world.organisation(kind="agency", jurisdiction=self.city.id)
        self.officer = world.area(self.agency, self.city.id)
        self.count = 0

    def register_firm(self, organisation: Any = None, since: date = NEW) -> None:
        """An entry of the register, claimed by `organisation` if there is one."""
        at = self.world.at
        self.count += 1
        location = location_create(SYSTEM, unit=self.commune.id, on=NEW, at=at)
        scope = OrganisationScope(actor="officer", organisation=self.agency.id)
        for name, body in (
            (
                "registry.enterprise_registered",
                {
                    "enterprise": f"e{self.count}",
                    "location": str(location),
                    "unit": self.commune.id,
                    "valid_from": since,
                    "kind": "enterprise",
                },
            ),
            (
                "registry.enterprise_claimed",
                {
                    "enterprise": f"e{self.count}",
                    "organisation": str(organisation.id) if organisation else "",
                    "valid_from": since,
                },
            ),
        ):
            if name == "registry.enterprise_claimed" and organisation is None:
                continue
            self.record(scope, name, body, at)

    def firm(self) -> tuple[Any, Any]:
        """A registered firm with its owner's scope."""
        organisation = self.world.organisation()
        self.register_firm(organisation)
        return organisation, self.world.scope(organisation)

    def deliver(
        self, scope: Any, *, days_late: int = 0, short: int = 0, at: datetime | None = None, **envelope: Any
    ) -> Any:
        """A receipt that the customer confirmed."""
        received = at or self.world.at - timedelta(days=1)
        local = (received + timedelta(hours=7)).date()
        self.count += 1
        return self.record(
            scope,
            "production.receipt_confirmed",
            {
                "shipment": f"s{self.count}",
                "order": "o",
                "promised": local - timedelta(days=days_late),
                "received": received,
                "received_on": local,
                "ordered_quantity": 10,
                "quantity": 10 - short,
                "good_quantity": 10 - short,
            },
            self.world.at,
            time=received,
            origin=envelope.pop("origin", Origin.CONFIRMED),
            **envelope,
        )

    def record(self, scope: Any, name: str, body: dict[str, Any], at: datetime, **envelope: Any) -> Any:
        envelope.setdefault("time", at)
        return record(scope, type_named(name).body(**body), subject=f"x:{self.count}", at=at, **envelope)

    def compute(self) -> Any:
        """Sequence what waits and compute as the job does."""
        self.world.deliver_all()
        self.world.later(minutes=1)
        return services.cells_compute(SYSTEM, at=self.world.at)

    def newest(self, **kwargs: Any) -> Any:
        card = queries.scorecard(self.officer, indicator=SHARE, **kwargs)
        return card.own[card.periods[-1]]


@pytest.fixture
def province(world: Any) -> Province:
    return Province(world)


def test_what_ships_is_declared_right() -> None:
    """Every shipped indicator loads against the event types as they are; the register's fields exist."""
    assert SHARE in {one.id for one in indicators()}
    fields = {schema.type: schema.fields for schema in event_schemas()}
    for each in (*register().claims, *register().locations):
        assert {each.entity, each.value, each.valid_from} <= set(fields[each.event])
    assert threshold_on(date(2026, 1, 1)).contributors == 3
    with pytest.raises(LookupError):
        threshold_on(date(1990, 1, 1))


def test_deliveries_become_a_number_with_its_coverage(province: Province) -> None:
    """On time means on the promised day and in full; self-reported receipts do not count; unlinked firms
    cover."""
    for _ in range(3):
        _organisation, scope = province.firm()
        province.deliver(scope)
        province.deliver(scope, days_late=-2)
    province.deliver(scope, days_late=1)
    province.deliver(scope, short=1)
    province.deliver(scope, origin=Origin.SELF_REPORTED)
    province.register_firm()
    (stored,) = province.compute()
    assert stored.facts == 2 * 8
    number = province.newest()
    assert (number.numerator, number.denominator, number.contributors) == (6, 8, 3)
    assert (number.with_evidence, number.registered) == (3, 4)
    assert (number.confirmed, number.self_reported) == (8, 0)
    assert number.value == 0.75 and not number.hidden
    snapshot = Snapshot.objects.get()
    assert snapshot.known_before == province.world.at and snapshot.position == stored.position


def test_stored_facts_add_up_to_stored_cells(province: Province) -> None:
    """What a number opens down to gives the number again, in both readings and at both levels."""
    for late in (0, 0, 3):
        _organisation, scope = province.firm()
        for days in (1, 40, 80):
            province.deliver(scope, days_late=late, at=province.world.at - timedelta(days=days))
    province.compute()
    assert Cell.objects.filter(denominator__gt=0).count() >= 12
    for cell in Cell.objects.all():
        rows = Fact.objects.filter(mode=cell.mode, period=cell.period, **{cell.level: cell.unit})
        assert (cell.numerator, cell.denominator) == (
            sum(row.numerator for row in rows),
            sum(row.denominator for row in rows),
        )


def test_a_correction_replaces_and_an_older_knowledge_date_remains(province: Province) -> None:
    """The customer corrects: the number follows, and the snapshot before it stays what it was."""
    scopes = [province.firm()[1] for _ in range(3)]
    events = [province.deliver(scope) for scope in scopes]
    province.compute()
    before = province.newest()
    province.deliver(scopes[0], days_late=5, corrects=events[0].event_id)
    province.compute()
    after = province.newest()
    assert (before.numerator, after.numerator, after.denominator) == (3, 2, 3)
    old = Snapshot.objects.order_by("known_before").first()
    assert (
        old.cells.get(
            mode="restated", level="province", unit=province.city.id, period=before.period
        ).numerator
        == 3
    )


def test_few_firms_are_hidden_unless_all_share(province: Province) -> None:
    """Two firms could compute each other; with both consents there is nothing to protect."""
    (_one, first), (_two, second) = province.firm(), province.firm()
    province.deliver(first)
    province.deliver(second)
    province.compute()
    assert province.newest().hidden and province.newest().value is None
    assert province.newest().with_evidence is None
    consent_give(first, purpose=queries.PURPOSE, recipient=province.agency.id, at=province.world.at)
    assert province.newest().hidden
    given = consent_give(second, purpose=queries.PURPOSE, recipient=province.agency.id, at=province.world.at)
    assert province.newest().value == 1.0
    consent_withdraw(second, consent=given.id, at=province.world.at)
    assert province.newest().hidden


def test_a_number_opens_down_to_shared_events_only(province: Province) -> None:
    """Shared events lead on; the others are counted; every opening is seen by the firm."""
    firms = [province.firm() for _ in range(3)]
    events = [province.deliver(scope) for _organisation, scope in firms]
    consent_give(firms[0][1], purpose=queries.PURPOSE, recipient=province.agency.id, at=province.world.at)
    province.compute()
    number = province.newest()
    opened = queries.number_open(
        province.officer,
        indicator=SHARE,
        mode="restated",
        unit=number.unit,
        period=number.period,
        at=province.world.at,
    )
    assert [line.event for line in opened.events] == [events[0].event_id]
    assert (opened.withheld_events, opened.withheld_firms) == (2, 2)
    at = province.world.at
    found = services.event_open(province.officer, indicator=SHARE, event=events[0].event_id, at=at)
    assert found.body["quantity"] == 10 and "shipment" in found.withheld
    (read,) = read_list(firms[0][1])
    assert read.reader == province.agency.id and str(events[0].event_id) in read.what
    with pytest.raises(services.NotShared):
        services.event_open(province.officer, indicator=SHARE, event=events[1].event_id, at=at)
    assert read_list(firms[1][1]) == []


def test_another_area_sees_nothing_of_it(province: Province, world: Any) -> None:
    """An officer of another province opens neither number nor event."""
    firms = [province.firm() for _ in range(3)]
    events = [province.deliver(scope) for _organisation, scope in firms]
    province.compute()
    other = places.unit_with_code(SYSTEM, code="24", level="province", at=NEW)
    stranger = world.area(world.organisation(kind="agency", jurisdiction=other.id), other.id)
    assert queries.scorecard(stranger, indicator=SHARE).own == {}
    number = province.newest()
    with pytest.raises(queries.CellNotFound):
        queries.number_open(
            stranger, indicator=SHARE, mode="restated", unit=number.unit, period=number.period, at=world.at
        )
    with pytest.raises(queries.CellNotFound):
        services.event_open(stranger, indicator=SHARE, event=events[0].event_id, at=world.at)
    operator = world.area(world.organisation(kind="agency", jurisdiction=other.id), other.id, role="operator")
    for call in (queries.indicator_list, lambda scope: queries.scorecard(scope, indicator=SHARE)):
        with pytest.raises(Denied):
            call(operator)


def test_goals_are_dated_and_closed_never_overwritten(province: Province) -> None:
    """A second goal for a year closes the first with its date."""
    at = province.world.at
    services.target_set(province.officer, indicator=SHARE, year=2026, value_bp=8000, act="QĐ 1", at=at)
    services.target_set(
        province.officer, indicator=SHARE, year=2026, value_bp=8500, act="QĐ 2", at=at + timedelta(days=1)
    )
    from lienmach.apps.targets.models import Target

    assert Target.objects.count() == 2 and Target.objects.get(closed_at=None).value_bp == 8500
    for wrong in ({"value_bp": 10_001}, {"act": " "}, {"year": 1900}):
        arguments = {"indicator": SHARE, "year": 2026, "value_bp": 1, "act": "x", "at": at, **wrong}
        with pytest.raises(services.TargetRefused):
            services.target_set(province.officer, **arguments)


def test_events_ask_for_one_computation(province: Province, world: Any) -> None:
    """However many events arrive, one job waits."""
    for _ in range(3):
        province.deliver(province.firm()[1])
    world.deliver_all()
    jobs = job_list(OrganisationScope(actor="x", organisation=province.agency.id), task=services.TASK)
    assert len(jobs) == 1


def test_pages_walk_from_the_list_to_the_event(province: Province, client: Any, world: Any) -> None:
    """List, scorecard on both maps, number, event; goal; nothing computed yet is said."""
    world.at = datetime.now(UTC) - timedelta(minutes=5)
    officer = Membership.objects.get(organisation_id=province.agency.id)
    client.force_login(officer.person)
    slug = Organisation.objects.get(id=province.agency.id).slug
    home = f"/o/{slug}/targets/"
    assert client.get(home).status_code == 200
    assert "compute/" in client.get(f"{home}{SHARE}/").content.decode()
    firms = [province.firm() for _ in range(3)]
    for _organisation, scope in firms:
        event = province.deliver(scope)
    consent_give(scope, purpose=queries.PURPOSE, recipient=province.agency.id, at=world.at)
    province.compute()
    assert (
        client.post(f"{home}{SHARE}/goal/", {"year": 2026, "percent": "101", "act": "x"}).status_code == 422
    )
    answer = client.post(
        f"{home}{SHARE}/goal/", {"year": 2026, "percent": "85.5", "act": "QĐ 12"}, follow=True
    )
    assert "QĐ 12" in answer.content.decode()
    for mode in queries.MODES:
        answer = client.get(f"{home}{SHARE}/?map={mode}")
        assert answer.status_code == 200 and province.commune.name in answer.content.decode()
    number = province.newest()
    page = client.get(f"{home}{SHARE}/restated/{number.unit}/{number.period}/")
    assert str(event.event_id) in page.content.decode()
    assert client.get(f"{home}{SHARE}/events/{event.event_id}/").status_code == 200
    assert client.get(f"{home}{SHARE}/?format=csv").status_code == 200
    assert client.post(f"{home}{SHARE}/compute/").status_code == 302
    api = client.get(f"/api/v1/o/{slug}/targets/indicators/{SHARE}").json()
    assert api["position"] and any(cell["value"] == 1.0 for cell in api["numbers"])
    for missing in ("nothing/", f"{SHARE}/?map=moon", f"{SHARE}/restated/none/2026-01/"):
        assert client.get(f"{home}{missing}").status_code == 404
    owner = world.member(firms[0][0])
    client.force_login(owner.person)
    assert client.get(f"/o/{firms[0][0].slug}/targets/").status_code == 403
    assert permissions_of("owner").isdisjoint({"targets.scorecard_read", "targets.event_read"})
