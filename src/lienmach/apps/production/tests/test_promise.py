"""A date for one more order: booked orders keep their places, nothing is promised twice, reasons hold."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from lienmach.apps.production.cli import app
from lienmach.apps.production.planning.booked import CannotPutBack, put_back
from lienmach.apps.production.planning.documents import plan_document, plan_from_document, plan_json
from lienmach.apps.production.planning.documents.promise import promise_document
from lienmach.apps.production.planning.documents.promise_schema import PromiseDocument
from lienmach.apps.production.planning.explain import promise_sentence
from lienmach.apps.production.planning.factory import (
    Component,
    Factory,
    Item,
    Machine,
    Order,
    Rates,
    Shift,
    Step,
)
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.materials import materials_problem
from lienmach.apps.production.planning.plan import CauseKind, Plan
from lienmach.apps.production.planning.promise import NoPromise, Promise, UnknownItem, Wanted, promise_date
from lienmach.apps.production.planning.spare import spare_for
from lienmach.apps.production.tests.test_planning import START, factories, planned
from lienmach.engines.materials.solve import plan_materials

REFERENCE = Path(__file__).parents[5] / "docs/reference"
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((REFERENCE / "lienmach.promise.1.schema.json").read_text("utf-8"))
)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def bench(**options: object) -> Factory:
    """One machine, one part made of steel; ten hours of work booked."""
    described = Factory(
        items={
            "thep": Item("thep", lead_time_days=Decimal(5), price=Decimal(1000)),
            "truc": Item(
                "truc",
                steps=(
                    Step(
                        "10",
                        group="TIEN",
                        seconds_per_piece=Decimal(360),
                        components=(Component("thep", Decimal(1)),),
                    ),
                ),
            ),
        },
        machines={"TIEN-1": Machine("TIEN-1", "TIEN", rate_per_hour=Decimal(60_000))},
        orders=(Order("DH-1", "truc", Decimal(100), due=datetime(2026, 12, 30)),),
        calendars={"days": (Shift(frozenset(range(7)), *_hours("08:00", "18:00")),)},
        stock={"thep": Decimal(130)},
        rates=Rates(),
    )
    return replace(described, **options)  # type: ignore[arg-type]


def _hours(start: str, end: str) -> tuple[object, object]:
    return (datetime.strptime(start, "%H:%M").time(), datetime.strptime(end, "%H:%M").time())


def plan_of(factory: Factory) -> Plan:
    found = make_plan(factory, start=START, cpu_seconds=0.02)
    assert isinstance(found, Plan), found
    return found


def asked(plan: Plan, quantity: int, item: str = "truc", **options: object) -> Promise:
    found = promise_date(plan, Wanted(item, Decimal(quantity)), **options)  # type: ignore[arg-type]
    assert isinstance(found, Promise), found
    return found


def test_free_stock_makes_it_the_next_day() -> None:
    """Thirty pieces of steel are free; the machine is booked for the first day: done on the second."""
    found = asked(plan_of(bench()), 30)
    assert not found.purchases
    assert found.date == datetime(2026, 11, 24).date()
    assert found.causes[0].kind in (CauseKind.MACHINE, CauseKind.CALENDAR)
    machine = next(cause for cause in found.causes if cause.kind is CauseKind.MACHINE)
    assert machine.blockers == ("DH-1",)
    assert found.price is not None
    assert found.price.machines == 3 * 60_000
    assert found.price.materials == 30_000


def test_booked_material_is_not_promised_twice() -> None:
    """For forty pieces ten have to be bought, and the purchase holds the date."""
    found = asked(plan_of(bench()), 40)
    assert [(each.item, each.quantity) for each in found.purchases] == [("thep", Decimal(10))]
    assert found.date == datetime(2026, 11, 28).date()
    assert found.causes[0].kind is CauseKind.MATERIAL
    assert found.causes[0].subject == "thep"


def test_asking_later_is_answered_later() -> None:
    """Nothing new begins, and nothing is bought, before the question is asked."""
    plan = plan_of(bench())
    later = asked(plan, 40, at=START + timedelta(days=3))
    assert later.date == datetime(2026, 12, 1).date()
    assert all(task.start >= 3 * 86_400 for task in later.tasks)


def test_the_wanted_day_is_judged() -> None:
    """By the end of the 28th: in time; by the end of the 27th: not."""
    plan = plan_of(bench())
    for day, expected in ((28, True), (27, False)):
        wanted = Wanted("truc", Decimal(40), datetime(2026, 11, day) + timedelta(days=1))
        found = promise_date(plan, wanted)
        assert isinstance(found, Promise)
        assert found.in_time is expected


def test_surplus_of_a_booked_lot_is_used() -> None:
    """Steel is bought by the hundred: what the booked order leaves of it need not be bought again."""
    items = dict(bench().items)
    items["thep"] = replace(items["thep"], lot_multiple=Decimal(100))
    found = asked(plan_of(bench(items=items, stock={"thep": Decimal(30)})), 20)
    assert not found.purchases
    assert asked(plan_of(bench(items=items, stock={"thep": Decimal(30)})), 40).purchases[0].quantity == 100


def test_what_lies_in_stock_is_there_at_once() -> None:
    """Finished pieces that no order is promised."""
    found = asked(plan_of(bench(stock={"truc": Decimal(150), "thep": Decimal(0)})), 50)
    assert found.from_stock == 50
    assert found.end == 0
    assert not found.tasks


def test_bought_items_take_their_lead_time() -> None:
    """An item without steps is bought and passed on."""
    found = asked(plan_of(bench()), 200, item="thep")
    assert found.date == datetime(2026, 11, 28).date()
    assert found.purchases[0].quantity == 170


def test_no_such_item_and_no_workshop() -> None:
    """What cannot be answered says why."""
    plan = plan_of(bench())
    with pytest.raises(UnknownItem):
        promise_date(plan, Wanted("nothing", Decimal(1)))
    with pytest.raises(CannotPutBack):
        promise_date(replace(plan, factory=None), Wanted("truc", Decimal(1)))


@SLOW
@given(factory=factories(), data=st.data())
def test_a_promise_moves_nobody_and_says_why(factory: Factory, data: st.DataObject) -> None:
    """On any workshop: the engine verified the combined plan; booked tasks stand where they stood."""
    plan = planned(factory)
    booked = put_back(plan)
    item = data.draw(st.sampled_from(sorted(booked.factory.items)))
    quantity = Decimal(data.draw(st.integers(1, 200)))
    found = promise_date(plan, Wanted(item, quantity))
    assert not isinstance(found, NoPromise)
    assert found.causes or found.end == 0
    for language in ("vi", "en"):
        assert item in promise_sentence(found, language)
    document = json.loads(json.dumps(promise_document(found)))
    SCHEMA.validate(document)
    assert promise_date(
        plan_from_document(json.loads(plan_json(plan, cpu_seconds=1))), Wanted(item, quantity)
    ) == (found)


@SLOW
@given(factory=factories(), data=st.data())
def test_what_is_left_over_was_not_promised(factory: Factory, data: st.DataObject) -> None:
    """Stock left over and stock pegged to booked orders are what there was, item by item."""
    booked = put_back(planned(factory))
    item = data.draw(st.sampled_from(sorted(booked.factory.items)))
    spare = spare_for(booked, Order("new", item, Decimal(1), due=START))
    problem = materials_problem(booked.factory, booked.timeline)
    plan = plan_materials(problem)
    for each in problem.items:
        if each.id not in spare.factory.items:
            continue
        used = sum(
            peg.quantity
            for peg in plan.pegs
            if peg.supply == each.id and peg.kind.value == "stock" and "safety" not in peg.need
        )
        assert spare.factory.stock.get(each.id, Decimal(0)) == each.on_hand - used >= 0


def test_the_command_reads_a_plan(tmp_path: Path) -> None:
    """`lienmach promise plan.json`: a date on stdout, exit code 0; nonsense: exit code 2."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan_document(plan_of(bench()), cpu_seconds=1)), "utf-8")
    runner = CliRunner()
    found = runner.invoke(app, ["promise", str(file), "--item", "truc", "--quantity", "40", "--json"])
    assert found.exit_code == 0, found.output
    printed = json.loads(found.stdout)
    SCHEMA.validate(printed)
    PromiseDocument.model_validate(printed)
    assert printed["date"] == "2026-11-28"
    assert set(printed) == set(SCHEMA.schema["properties"])
    for key, part in (("tasks", "PlacedPart"), ("purchases", "BoughtPart"), ("held_by", "HoldPart")):
        assert set(printed[key][0]) == set(SCHEMA.schema["$defs"][part]["properties"])
    assert set(printed["floor_price"]) == set(SCHEMA.schema["$defs"]["FloorPricePart"]["properties"])
    for wrong in (
        [str(file), "--item", "none", "--quantity", "1"],
        [str(file), "--item", "truc", "--quantity", "0"],
        [str(file), "--item", "truc", "--quantity", "1", "--due", "31.12."],
        [str(tmp_path / "gone.json"), "--item", "truc", "--quantity", "1"],
    ):
        refused = runner.invoke(app, ["promise", *wrong, "--json"])
        assert refused.exit_code == 2, refused.output
        assert json.loads(refused.stdout)["errors"]
