"""A criterion fills itself from work; evidence lifts an answer, never lowers it; areas see counts only."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienmach.apps.maturity import queries, services
from lienmach.apps.maturity.declarations import decisions, evidence_rules, instrument
from lienmach.apps.maturity.projections import filled, months_until
from lienmach.engines.maturity import AnswerError, Label
from lienmach.kernel import ports
from lienmach.kernel.evidence import record
from lienmach.kernel.evidence.subscribers import all_subscribers
from lienmach.kernel.evidence.types import type_named
from lienmach.kernel.scope import Denied

RULE = evidence_rules()[0]
CRITERION = "3.2.6"
BODIES: dict[str, dict[str, Any]] = {
    "production.plan_published": {
        "plan": "p", "orders": 1, "late_orders": 0, "operations": 1, "machines": 1, "method": "m"
    },
    "production.operation_reported": {
        "work_order": "w", "operation": "o", "report": "finished", "machine": "M1"
    },
    "production.shipment_dispatched": {
        "shipment": "s", "order": "o", "item": "i", "quantity": 1, "ordered_quantity": 1,
        "promised": date(2026, 11, 1),
    },
    "production.receipt_confirmed": {
        "shipment": "s", "order": "o", "promised": date(2026, 11, 1),
        "received": datetime(2026, 11, 1, tzinfo=UTC), "received_on": date(2026, 11, 1),
        "ordered_quantity": 1, "quantity": 1, "good_quantity": 1,
    },
}  # fmt: skip
PLAN, REPORT, SHIPMENT, RECEIPT = BODIES


def work(world: Any, scope: Any, name: str, *, days_ago: int = 0, **envelope: Any) -> Any:
    """An event of the workshop, through the sequence to the subscriber."""
    event = record(
        scope,
        type_named(name).body(**BODIES[name]),
        subject="x:1",
        time=world.at - timedelta(days=days_ago),
        at=world.at,
        **envelope,
    )
    world.deliver_all()
    return event


def points(world: Any, scope: Any) -> int | None:
    """What holds for the criterion."""
    score = queries.criterion_get(scope, criterion=CRITERION, at=world.at).score
    return score.points if score else None


def test_the_shipped_instrument_is_the_printed_one() -> None:
    """60 criteria, 320 points, 32 + 2 on scales and 26 ratios; every known gap is decided by name."""
    criteria = list(instrument().criteria())
    assert (len(criteria), instrument().max, len(instrument().pillars)) == (60, 320, 6)
    assert sum(one.kind == "ratio" for one in criteria) == 26
    assert {gap.partition("-")[0] for gap in decisions().decisions} == {f"G{n}" for n in range(1, 10)}
    assert instrument().valid_to == date(2023, 11, 7)


def test_the_shipped_instrument_says_what_its_source_says() -> None:
    """Names, kinds and maxima as transcribed; each also in English."""
    source = Path(os.environ.get("LIENMACH_TEST_DATA", "../shared/data")) / "programme/dbi_sme_2021.json"
    if not source.is_file():
        pytest.skip(f"reference data is not at {source}; set LIENMACH_TEST_DATA")
    read = json.loads(source.read_text("utf-8"))
    printed = {
        one["id"]: (one["name_vi"], one["kind"] == "ratio", one["max"])
        for pillar in read["pillars"]
        for index in pillar["indices"]
        for one in index["criteria"]
    }
    ours = {one.id: (one.name["vi"], one.kind == "ratio", one.max) for one in instrument().criteria()}
    assert ours == printed
    assert all(one.name["en"] for one in instrument().criteria())
    assert all(
        one.numerator["en"] and one.denominator["en"]
        for one in instrument().criteria()
        if one.kind == "ratio"
    )


def test_what_the_rules_look_at_is_subscribed() -> None:
    """A rule over an event that nobody delivers would stay silent for ever."""
    (subscribed,) = [one for one in all_subscribers() if one.name == "maturity.criteria"]
    for rule in evidence_rules():
        assert rule.event_types() <= set(subscribed.reads)


def test_work_climbs_the_steps_one_by_one(world: Any) -> None:
    """Nothing recorded is unknown, not zero; each kind of work lifts the criterion by a step."""
    scope = world.scope(world.organisation())
    assert points(world, scope) is None
    work(world, scope, REPORT)
    assert points(world, scope) is None
    for step, name in enumerate((PLAN, SHIPMENT, RECEIPT)):
        work(world, scope, name)
        assert points(world, scope) == (2, 3, 4)[step]
    page = queries.criterion_get(scope, criterion=CRITERION, at=world.at)
    assert page.score is not None and page.score.label is Label.EVIDENCED and len(page.events) == 4
    for name in (PLAN, REPORT, RECEIPT):
        for days in (31, 61):
            work(world, scope, name, days_ago=days)
    assert points(world, scope) == 5


def test_old_retracted_and_foreign_work_does_not_count(world: Any) -> None:
    """Outside the window, taken back, or another firm's."""
    scope, other = world.scope(world.organisation()), world.scope(world.organisation())
    work(world, scope, PLAN, days_ago=120)
    assert points(world, scope) is None
    plan = work(world, scope, PLAN)
    assert points(world, scope) == 1 and points(world, other) is None
    work(world, scope, PLAN, corrects=plan.event_id, retract=True)
    assert points(world, scope) is None


def test_a_declared_answer_stands_beside_the_evidence(world: Any) -> None:
    """More than the events show is kept as declared, with the conflict; less is lifted."""
    scope = world.scope(world.organisation())
    work(world, scope, PLAN)
    services.answer_declare(scope, criterion=CRITERION, points=3, at=world.at)
    score = queries.criterion_get(scope, criterion=CRITERION, at=world.at).score
    assert score is not None and score.points == 3 and score.label is Label.DECLARED
    assert score.conflict is not None and score.conflict.points == 1
    services.answer_declare(scope, criterion=CRITERION, points=0, at=world.later(minutes=1))
    score = queries.criterion_get(scope, criterion=CRITERION, at=world.at).score
    assert score is not None and score.points == 1 and score.label is Label.EVIDENCED
    with pytest.raises(AnswerError):
        services.answer_declare(scope, criterion=CRITERION, points=6, at=world.at)
    with pytest.raises(queries.CriterionNotFound):
        services.answer_declare(scope, criterion="9.9.9", points=1, at=world.at)


def test_an_unfinished_assessment_names_the_levels_still_possible(world: Any) -> None:
    scope = world.scope(world.organisation())
    found = queries.assessment(scope, at=world.at)
    assert (found.result.level.low.value, found.result.level.high.value) == (0, 5)
    services.answer_declare(scope, criterion="1.1.3", numerator=3, denominator=5, at=world.at)
    found = queries.assessment(scope, at=world.at)
    assert (found.result.answered, found.result.low_points, found.result.high_points) == (1, 3, 318)


class FakeRegister:
    """A register for tests of this app."""

    def __init__(self, firms: set[Any]) -> None:
        self.firms = frozenset(firms)

    def registered(self, scope: Any) -> int:
        return 10

    def organisations(self, scope: Any) -> frozenset[Any]:
        return self.firms


def test_an_area_sees_counts_from_three_firms_on(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of a single firm."""
    area = world.area(world.organisation(kind="agency", jurisdiction="u"), "u")
    scopes = [world.scope(world.organisation()) for _ in range(3)]
    work(world, scopes[0], PLAN)
    few = FakeRegister({scope.organisation for scope in scopes[:2]})
    monkeypatch.setitem(ports._filled, ports.EnterpriseRegister, few)
    assert queries.area_summary(area).lines == ()
    monkeypatch.setitem(
        ports._filled, ports.EnterpriseRegister, FakeRegister({scope.organisation for scope in scopes})
    )
    (line,) = queries.area_summary(area).lines
    assert line.by_points == {1: 1} and line.without == 2
    with pytest.raises(Denied):
        queries.assessment(world.scope(world.organisation(), role="operator"), at=world.at)
    with pytest.raises(Denied):
        queries.area_summary(
            world.area(world.organisation(kind="agency", jurisdiction="u"), "u", role="owner")
        )


def test_pages_show_the_criterion_and_its_events(world: Any, signed_in: Any) -> None:
    """List, criterion, event, own answer; the officer's counts."""
    world.at = datetime.now(UTC)
    organisation = world.organisation()
    member = world.member(organisation)
    scope = world.scope(organisation)
    event = work(world, scope, PLAN)
    client = signed_in(member)
    home = f"/o/{organisation.slug}/maturity/"
    assert CRITERION in client.get(home).content.decode()
    assert client.get(f"{home}?format=csv").status_code == 200
    page = client.get(f"{home}{CRITERION}/").content.decode()
    assert f"/o/{organisation.slug}/events/{event.event_id}/" in page
    assert client.post(f"{home}{CRITERION}/answer/", {"points": "9"}).status_code == 422
    assert client.post(f"{home}{CRITERION}/answer/", {"points": "2"}).status_code == 302
    assert client.post(f"{home}1.1.3/answer/", {"numerator": "5", "denominator": "3"}).status_code == 422
    assert client.get(f"{home}1.1.3/").status_code == 200
    assert client.get(f"{home}nothing/").status_code == 404
    api = client.get(f"/api/v1/o/{organisation.slug}/maturity/assessment").json()
    assert next(one for one in api["criteria"] if one["criterion"] == CRITERION)["points"] == 2
    agency = world.organisation(kind="agency", jurisdiction="u")
    officer = world.member(agency, "officer")
    client.force_login(officer.person)
    assert client.get(f"/o/{agency.slug}/maturity/area/").status_code == 200
    assert client.get(f"/o/{agency.slug}/maturity/").status_code == 403


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(sorted(BODIES)), st.sampled_from(["2026-08", "2026-09", "2026-10", "2026-11"])
        ),
        st.integers(0, 3),
    ),
    st.sampled_from(sorted(BODIES)),
)
def test_more_work_never_lowers_a_criterion(counts: dict[tuple[str, str], int], name: str) -> None:
    """Points only rise with events, and the window holds three months."""
    on = date(2026, 11, 2)
    before = filled(RULE, counts, on=on).points
    more = {**counts, (name, "2026-11"): counts.get((name, "2026-11"), 0) + 1}
    after = filled(RULE, more, on=on).points
    assert (after or 0) >= (before or 0)
    assert months_until(date(2026, 1, 5), 3) == ("2025-11", "2025-12", "2026-01")
    outside = {key: value for key, value in counts.items() if key[1] != "2026-08"}
    assert filled(RULE, outside, on=on) == filled(RULE, counts, on=on)
