"""JSON in and out: nothing is lost, every fault is named, a plan can be put back together."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from lienmach.apps.production.cli import app
from lienmach.apps.production.planning.assumptions import assume
from lienmach.apps.production.planning.breakdown import break_down
from lienmach.apps.production.planning.documents import (
    DocumentRefused,
    factory_document,
    factory_json,
    plan_document,
    plan_from_document,
    read_factory_json,
)
from lienmach.apps.production.planning.documents.plan_schema import PlanDocument
from lienmach.apps.production.planning.factory import (
    Alternative,
    Changeover,
    Closure,
    Component,
    Factory,
    Item,
    Machine,
    OperatorGroup,
    Order,
    Rates,
    Receipt,
    Shift,
    Step,
    WorkInProgress,
)
from lienmach.apps.production.planning.making import make_plan
from lienmach.apps.production.planning.operations import build_problem, horizon_days
from lienmach.apps.production.sheets import FULL, read_factory
from lienmach.apps.production.sheets.example import example_rows
from lienmach.apps.production.sheets.full_example import full_example_rows
from lienmach.apps.production.tests.test_planning import START, factories, planned
from lienmach.apps.production.tests.test_workbook import clean
from lienmach.apps.production.tests.workbooks import xlsx
from lienmach.engines.scheduling.problem import During
from lienmach.kernel.sheets import import_workbook, write_template

REFERENCE = Path(__file__).parents[5] / "docs/reference"


def everything() -> Factory:
    """A workshop in which every field has a value of its own."""
    week = frozenset(range(5))
    turning = Step(
        "10",
        group="TIEN",
        seconds_per_piece=Decimal("90.5"),
        fixed_seconds=60,
        setup_seconds=900,
        family="6204",
        skill="tho tien",
        operator_during=During.SETUP,
        min_wait_seconds=600,
        max_wait_seconds=86_400,
        transfer_quantity=50,
        components=(Component("thep", Decimal("0.125"), Decimal("0.02")), Component("dau", Decimal(1))),
        name="Tiện",
    )
    deburring = Step("15", group="TIEN", seconds_per_piece=Decimal(10), outsourced_price=Decimal(700))
    washing = Step(
        "20",
        alternatives=(Alternative("LO-1", Decimal(0)), Alternative("LO-2", Decimal(1), 30)),
        cycle_seconds=3600,
        recipe="R1",
        resumable=False,
    )
    plating = Step("30", outsourced_days=Decimal("2.5"), supplier="Mạ Kim", outsourced_price=Decimal(1200))
    packing = Step("40", group="GOI", seconds_per_piece=Decimal(5), skill="goi", operator_count=2)
    return Factory(
        items={
            "truc": Item(
                "truc",
                "Trục",
                "cái",
                (turning, deburring, washing, plating, packing),
                lot_minimum=Decimal(10),
                lot_maximum=Decimal(80),
                scrap=Decimal("0.03"),
            ),
            "thep": Item(
                "thep",
                unit="kg",
                lead_time_days=Decimal(7),
                supplier="Thép Việt",
                lot_minimum=Decimal(100),
                lot_multiple=Decimal("12.5"),
                safety_stock=Decimal(5),
                price=Decimal(23_500),
                expedite_surcharge=Decimal(350_000),
            ),
        },
        machines={
            "T1": Machine("T1", "TIEN", "ca", "Máy tiện", Decimal("0.85"), 0, "6204", Decimal(120_000)),
            "LO-1": Machine("LO-1", "LO", batch_capacity=50),
            "LO-2": Machine("LO-2", "LO", batch_capacity=80),
            "G1": Machine("G1", "GOI", unlimited=True),
        },
        orders=(
            Order("DH-1", "truc", Decimal(120), datetime(2026, 12, 16), "Honda", 4, datetime(2026, 11, 24)),
            Order("DH-2", "truc", Decimal(30), datetime(2026, 12, 1, 17), lateness_per_day=Decimal(500_000)),
        ),
        calendars={
            "ca": (Shift(week, time(22), time(6)), Shift(frozenset({5}), time(8), time(12), overtime=True)),
            "tho": (Shift(week, time(6), time(14, 30)),),
        },
        closures=(
            Closure(datetime(2027, 2, 5), datetime(2027, 2, 14), "Tết"),
            Closure(datetime(2026, 12, 1, 8), datetime(2026, 12, 1, 12), "Bảo trì", "T1"),
        ),
        stock={"thep": Decimal("3.75")},
        receipts=(Receipt("PO-1", "thep", Decimal(200), date(2026, 12, 2)),),
        changeovers=(Changeover("TIEN", "6204", "6205", 1800), Changeover("TIEN", "*", "6204", 600)),
        operators=(
            OperatorGroup("A", ("tho tien", "goi"), 2, "tho", Decimal(45_000)),
            OperatorGroup("B", ("goi",), 3),
        ),
        in_progress=(
            WorkInProgress("L1", "truc", 20, "10", 5, "T1", "DH-2", datetime(2026, 11, 23, 7)),
            WorkInProgress("L2", "truc", 15, "40"),
        ),
        rates=Rates(Decimal(200), Decimal(1_000_000)),
        name="Xưởng A",
    )


def test_every_field_survives_the_way_through_json() -> None:
    """Nothing that can be said about a workshop is lost; the schema knows it all."""
    factory = everything()
    text = factory_json(factory, start=datetime(2026, 11, 23, 8))
    read = read_factory_json(text)
    assert read.described.factory == factory
    assert read.described.start == datetime(2026, 11, 23, 8)
    assert [each.pointer for each in read.warnings] == ["/changeovers/0/after"]
    jsonschema.validate(json.loads(text), schema("factory"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(factories())
def test_any_workshop_survives_the_way_through_json(factory: Factory) -> None:
    """Round trip is the identity."""
    document = factory_document(factory)
    jsonschema.validate(json.loads(json.dumps(document)), schema("factory"))
    try:
        assert read_factory_json(json.dumps(document)).described.factory == factory
    except DocumentRefused as refused:
        assert {fault.code for fault in refused.faults} == {"earliest_after_due"}


@pytest.mark.parametrize("content", [
    xlsx(clean()),
    write_template(FULL, language="vi", rows=example_rows(date(2026, 11, 23))),
    write_template(FULL, language="vi", rows=full_example_rows(date(2026, 11, 23))),
    write_template(FULL, language="en", rows=full_example_rows(date(2026, 11, 23))),
])  # fmt: skip
def test_a_workbook_is_the_same_workshop_as_its_document(content: bytes) -> None:
    """Workbook → factory → JSON → factory changes nothing."""
    factory = read_factory(import_workbook(content, FULL), language="vi", name="xuong")
    assert isinstance(factory, Factory)
    assert read_factory_json(factory_json(factory)).described.factory == factory


def schema(name: str) -> dict[str, Any]:
    return json.loads((REFERENCE / f"lienmach.{name}.1.schema.json").read_text("utf-8"))


def test_a_plan_carries_all_that_is_needed_to_put_it_back_on_the_machines() -> None:
    """From plan.json alone: the same problem, with an operation for every task."""
    factory = everything()
    factory = Factory(**{**{key: getattr(factory, key) for key in factory.__slots__}, **plain(factory)})
    plan = planned(factory)
    document = json.loads(json.dumps(plan_document(plan, cpu_seconds=1)))
    jsonschema.validate(document, schema("plan"))
    PlanDocument.model_validate(document)
    again = plan_from_document(document)
    assert replace(again, open={}) == replace(plan, open={})  # calendars end a week after the plan
    assert again.factory is not None
    filled, _ = assume(again.factory)
    needs = break_down(filled, again.timeline)
    days = horizon_days(filled, again.timeline, needs.makes)
    built = build_problem(filled, again.timeline, needs.makes, days)
    assert set(built.operations) == {task.id for task in again.tasks}
    assert plan.costs is not None and plan.costs.total > 0


def plain(factory: Factory) -> dict[str, Any]:
    """Waits and transfer batches are the scheduling engine's to plan; here they are left out."""
    item = factory.items["truc"]
    first, *rest = item.steps
    first = replace(first, min_wait_seconds=0, max_wait_seconds=None, transfer_quantity=0)
    return {"items": {**factory.items, "truc": replace(item, steps=(first, *rest))}}


FAULTS: list[tuple[str, str, Any]] = [
    ("/items/0/steps/0/grop", "unknown_key", {"grop": "X"}),
    ("/items/0/steps/0/group", "unknown", {"group": "TIENN"}),
    ("/items/0/steps/0/seconds_per_piece", "wrong_kind", {"seconds_per_piece": True}),
    ("/items/0/steps/0/max_wait_seconds", "max_below_min", {"max_wait_seconds": 5}),
    ("/items/0/steps/0/skill", "unknown", {"skill": "tho han"}),
    ("/items/0/steps/0/transfer_quantity", "out_of_range", {"transfer_quantity": -1}),
    ("/items/0/steps/0/components/0/item", "missing", {"components": [{"quantity_per": 1}]}),
    ("/items/0", "bill_cycle", {"components": [{"item": "truc", "quantity_per": 1}]}),
]


@pytest.mark.parametrize(("pointer", "code", "change"), FAULTS)
def test_a_fault_in_a_step_is_named(pointer: str, code: str, change: dict[str, Any]) -> None:
    """Where, what, and what to do, in both languages."""
    document = factory_document(everything())
    document["items"][0]["steps"][0] |= change
    with pytest.raises(DocumentRefused) as refused:
        read_factory_json(json.dumps(document))
    found = {fault.pointer: fault for fault in refused.value.faults}
    assert found[pointer].code == code
    assert all(found[pointer].reason) and all(found[pointer].remedy)


def test_all_faults_come_at_once() -> None:
    """Values and what only shows between values, in one list; nobody corrects one to meet the next."""
    document = factory_document(everything())
    document["items"][0]["scrap"] = 1.5
    document["machines"][2]["machine"] = "LO-1"
    document["calendars"][0]["shifts"][0]["start"] = "25:00"
    document["closures"][1]["end"] = "2026-12-01T07:00:00"
    document["orders"][0] |= {"item": "trucc", "quantity": "nhiều", "due": "2026-13-01"}
    document["orders"][1]["order"] = "DH-1"
    document["in_progress"][0] |= {"done": 20, "machine": "G1"}
    document["in_progress"][1] |= {"order": "DH-9"}
    document["zone"] = "Asia/Hanoi2"
    document["stock"][0]["item"] = "thepp"
    with pytest.raises(DocumentRefused) as refused:
        read_factory_json(json.dumps(document))
    errors = {fault.pointer for fault in refused.value.faults if fault.error}
    assert errors == {
        "/items/0/scrap",
        "/items/0/steps/2/alternatives/1/machine",
        "/machines/2/machine",
        "/calendars/0/shifts/0/start",
        "/closures/1/end",
        "/orders/0/item",
        "/orders/0/quantity",
        "/orders/0/due",
        "/orders/1/order",
        "/in_progress/0/done",
        "/in_progress/0/machine",
        "/in_progress/0/order",
        "/in_progress/1/order",
        "/zone",
    }
    assert "/stock/0/item" in {fault.pointer for fault in refused.value.faults if not fault.error}


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "other/1"}', '{"a": NaN}', "{" * 5000])
def test_what_is_no_factory_is_refused_politely(tmp_path: Path, text: str) -> None:
    """Exit code 2, one problem with its place."""
    path = tmp_path / "factory.json"
    path.write_text(text)
    answer = CliRunner().invoke(app, ["plan", str(path), "--json"])
    assert answer.exit_code == 2, answer.output
    assert len(json.loads(answer.stdout)["errors"]) == 1


def test_a_document_is_planned_as_its_workbook_would_be(tmp_path: Path) -> None:
    """The same bytes, whichever door the workshop came through; the document can say its own now."""
    book, document = tmp_path / "xuong.xlsx", tmp_path / "khac.json"
    book.write_bytes(xlsx(clean()))
    factory = read_factory(import_workbook(book, FULL), language="vi", name="xuong")
    assert isinstance(factory, Factory)
    document.write_text(factory_json(factory, start=datetime(2026, 11, 23, 8)))
    options = ["--json", "--cpu-seconds", "0.1"]
    one = CliRunner().invoke(app, ["plan", str(book), *options, "--start", "2026-11-23T08:00"])
    two = CliRunner().invoke(app, ["plan", str(document), *options])
    assert one.exit_code == two.exit_code == 0
    assert one.stdout == two.stdout


def test_faults_are_spoken_in_the_asked_language(tmp_path: Path) -> None:
    """--language en and vi; the JSON pointer stands where a workbook has its cell."""
    path = tmp_path / "factory.json"
    document = factory_document(everything())
    document["orders"][0]["item"] = "nowhere"
    path.write_text(json.dumps(document))
    for language, word in (("vi", "Không có"), ("en", "There is no")):
        answer = CliRunner().invoke(app, ["plan", str(path), "--json", "--language", language])
        (problem,) = [each for each in json.loads(answer.stdout)["errors"] if each["severity"] == "error"
                      and each["cell"] == "/orders/0/item"]  # fmt: skip
        assert problem["reason"].startswith(word) and problem["sheet"] == "factory.json"


JUNK: list[Any] = [
    None, True, 0, -1, 1.5, 1e30, "", "x", "0", "T1", "2026-12-01", [], [[]], {}, {"item": "x"}, ["mon"],
    "é" * 200,
]  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [place for key, part in inner for place in _places(part, (*path, key))]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_stands_in_a_document_is_planned_or_refused(data: st.DataObject) -> None:
    """Any value of a good document replaced by any junk, twice: a plan, a reason or faults; never a crash."""
    document = json.loads(factory_json(everything()))
    for _ in range(2):
        *path, key = data.draw(st.sampled_from([place for place in _places(document) if place]))
        whole = document
        for part in path:
            whole = whole[part]
        whole[key] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    try:
        factory = read_factory_json(json.dumps(document)).described.factory
    except DocumentRefused as refused:
        assert refused.faults and all(fault.reason[0] and fault.reason[1] for fault in refused.faults)
        return
    assert make_plan(factory, start=START, cpu_seconds=0.01) is not None


def test_a_plan_of_a_benchmark_file_keeps_to_the_schema_too(tmp_path: Path) -> None:
    """The file's own numbers for job, operation and machine."""
    path = tmp_path / "case.txt"
    path.write_text("2 2\n0 3 1 2\n1 4 0 1\n")
    answer = CliRunner().invoke(app, ["plan", str(path), "--json", "--cpu-seconds", "0.1"])
    assert answer.exit_code == 0
    jsonschema.validate(json.loads(answer.stdout), schema("plan"))
