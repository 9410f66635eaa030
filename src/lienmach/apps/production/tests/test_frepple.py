"""Workbooks of frePPLe: planned, or every reason why not with its address; nothing is dropped in silence."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from typer.testing import CliRunner

from lienmach.apps.production.cli import app
from lienmach.apps.production.importers.frepple import Taken, is_frepple, read_frepple
from lienmach.apps.production.importers.frepple.calendars import Bucket, Varies, hours
from lienmach.apps.production.planning.factory import Shift
from lienmach.apps.production.sheets import FULL
from lienmach.apps.production.tests.test_workbook import clean
from lienmach.apps.production.tests.workbooks import xlsx
from lienmach.kernel.sheets import Rejected, write_template

DATA = Path(os.environ.get("LIENMACH_TEST_DATA", "../shared/data")) / "production/frepple"
FILES = sorted([*DATA.glob("examples/*.xlsx"), *DATA.glob("wizard/*.xlsx")])
# What a single factory's planner cannot honour, and in which files it stands.
REFUSED = {
    "alternate-materials", "demand-policies", "demand-priorities", "forecast-method", "forecast-netting",
    "forecast-with-missing-data", "make-to-order", "middle-out-forecast", "operation-dependency",
    "operation-type", "resource-tool", "resource-type", "supplier-capacity",
}  # fmt: skip


@pytest.mark.skipif(not FILES, reason=f"no real data at {DATA} (LIENMACH_TEST_DATA)")
def test_all_the_public_workbooks_are_there() -> None:
    """22 examples and 17 files of the wizard."""
    assert len(FILES) == 39
    assert {path.stem for path in FILES} >= REFUSED


@pytest.mark.skipif(not FILES, reason=f"no real data at {DATA} (LIENMACH_TEST_DATA)")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_public_workbook_is_planned_or_says_where_it_cannot(path: Path) -> None:
    """Exit code 0 with a verified plan of every open order; or 2 with sheet, cell, reason and remedy."""
    assert is_frepple(path)
    answer = CliRunner().invoke(
        app, ["plan", str(path), "--json", "--cpu-seconds", "0.05", "--language", "en"]
    )
    document = json.loads(answer.stdout)
    if path.stem in REFUSED:
        assert answer.exit_code == 2, answer.output
        errors = [problem for problem in document["errors"] if problem["severity"] == "error"]
        assert errors
        for problem in errors:
            assert problem["sheet"] and problem["reason"] and problem["remedy"]
            assert problem["cell"] or problem["code"] == "sheet_refused"
        return
    assert answer.exit_code == 0, answer.output
    assert document["verified"] is True
    taken = read_frepple(path, language="en")
    assert isinstance(taken, Taken)
    assert {order["order"] for order in document["orders"]} == {o.code for o in taken.factory.orders}


def small() -> dict[str, Any]:
    """A chair factory: two steps, people beside a saw, a routing, a supplier, hours, an open purchase."""
    return {
        "Parameter": [["Name", "Value"], ["currentdate", "2026-11-23 00:00:00"]],
        "Sales Order": [
            ["Name", "Item", "Location", "Due", "Status", "Quantity", "Priority"],
            ["SO1", "chair", "factory", datetime(2026, 12, 4, 12), "open", 10, 1],
            ["SO2", "chair", "factory", datetime(2026, 12, 9), "open", 5, 2],
            ["SO3", "chair", "factory", datetime(2026, 12, 9), "closed", 5, 2],
        ],
        "location": [["Name", "Available"], ["factory", "week"]],
        "calendar": [["name", "default value"], ["week", 0]],
        "calendarbucket": [
            ["calendar", "start date", "end date", "value", "priority", "saturday", "sunday", "start time",
             "end time"],
            ["week", datetime(2020, 1, 1), datetime(2035, 1, 1), 1, 10, False, False, "08:00:00", "16:59:59"],
            ["week", datetime(2026, 11, 26), datetime(2026, 11, 28), 0, 1, True, True, "00:00:00",
             "23:59:59"],
        ],
        "operation": [
            ["Name", "Type", "Item", "Location", "Owner", "Priority", "Duration", "Duration Per Unit",
             "Size Maximum"],
            ["make chair", "routing", "chair", "factory", None, None, None, None, 4],
            ["assemble", "time_per", None, "factory", "make chair", 1, 600, 1800, None],
            ["dry", "fixed_time", None, "factory", "make chair", 2, "06:00:00", None, None],
            ["saw leg", "time_per", "leg", "factory", None, None, None, 120, None],
        ],
        "operationmaterial": [
            ["operation", "item", "quantity", "type"],
            ["assemble", "leg", -4, "start"],
            ["dry", "chair", 1, "end"],
            ["saw leg", "leg", 1, "end"],
            ["saw leg", "wood", -0.5, "start"],
        ],
        "operationresource": [
            ["operation", "resource", "quantity"],
            ["assemble", "line", 1],
            ["saw leg", "saw", 1],
            ["saw leg", "operators", 1],
        ],
        "resource": [
            ["name", "maximum", "location"],
            ["line", 1, "factory"],
            ["saw", 2, "factory"],
            ["operators", 3, "factory"],
        ],
        "item supplier": [
            ["Item", "Supplier", "Lead Time", "Size Minimum", "Size Multiple"],
            ["wood", "forest", 259200, 10, 5],
        ],
        "buffer": [["item", "location", "onhand"], ["leg", "factory", 6]],
        "purchase order": [
            ["Reference", "Status", "Quantity", "Receipt Date", "Item", "Location"],
            ["PO1", "confirmed", 7, datetime(2026, 11, 24, 10), "wood", "factory"],
            ["PO2", "proposed", 7, datetime(2026, 11, 24, 10), "wood", "factory"],
        ],
    }  # fmt: skip


def read(sheets: dict[str, Any], tmp_path: Path) -> Taken | Rejected:
    path = tmp_path / "f.xlsx"
    path.write_bytes(xlsx(sheets))
    with translation.override("en"):
        assert is_frepple(path)
        return read_frepple(path, language="en")


def test_every_fact_of_a_small_factory_arrives(tmp_path: Path) -> None:
    """Durations in seconds or as text, hours with a closed stretch, lots, people, weights."""
    taken = read(small(), tmp_path)
    assert isinstance(taken, Taken), [str(problem) for problem in taken.problems]
    factory = taken.factory
    assert taken.start == datetime(2026, 11, 23)
    assert [(order.code, order.weight) for order in factory.orders] == [("SO1", 4), ("SO2", 1)]
    assemble, dry = factory.items["chair"].steps
    assert (assemble.alternatives[0].seconds_per_piece, assemble.alternatives[0].fixed_seconds) == (1800, 600)
    assert (dry.alternatives[0].seconds_per_piece, dry.alternatives[0].fixed_seconds) == (0, 21600)
    assert factory.items["chair"].lot_maximum == 4
    assert {machine.code for machine in factory.machines.values()} == {"line", "saw", "saw #2", "(factory)"}
    assert factory.machines["(factory)"].unlimited
    (saw,) = factory.items["leg"].steps
    assert (saw.skill, [part.quantity_per for part in saw.components]) == ("operators", [Decimal("0.5")])
    assert factory.operators[0].count == 3
    assert factory.calendars["week"] == (Shift(frozenset(range(5)), time(8), time(17)),)
    closed = {(closure.start, closure.end) for closure in factory.closures}
    assert closed == {(datetime(2026, 11, 26, 8), datetime(2026, 11, 27, 17))}
    wood = factory.items["wood"]
    assert (wood.lead_time_days, wood.lot_minimum, wood.lot_multiple) == (3, 10, 5)
    assert [(r.code, r.quantity, r.due) for r in factory.receipts] == [("PO1", 7, date(2026, 11, 25))]
    assert factory.stock == {"leg": 6}


@pytest.mark.parametrize(
    ("sheet", "column", "value", "code"),
    [
        ("Sales Order", "Maximum Lateness", 3600, "column_refused"),
        ("Sales Order", "Batch", "B1", "column_refused"),
        ("Sales Order", "Colour", "red", "column_unknown"),
        ("operation", "Fence", 3600, "column_refused"),
        ("resource", "Type", "buckets", "bucket_resource"),
        ("resource", "Setup Matrix", "m", "column_refused"),
        ("item supplier", "Resource", "capacity", "column_refused"),
        ("operationmaterial", "Fixed Quantity", 5, "column_refused"),
        ("purchase order", "Quantity", "many", "not_a_number"),
    ],
)
def test_what_would_change_the_plan_is_refused_at_its_cell(
    tmp_path: Path, sheet: str, column: str, value: Any, code: str
) -> None:
    """Never ignored; and everything at once."""
    sheets = small()
    heading, first, *rest = sheets[sheet]
    if column in heading:
        first = [value if name == column else cell for name, cell in zip(heading, first, strict=True)]
    else:
        heading, first = [*heading, column], [*first, value]
    sheets[sheet] = [heading, first, *rest]
    sheets["operationplan"] = [["Name"], ["x"]]
    found = read(sheets, tmp_path)
    assert isinstance(found, Rejected)
    assert code in {problem.code for problem in found.errors if problem.cell}
    assert "sheet_refused" in {problem.code for problem in found.errors}


def test_our_own_workbooks_are_not_taken_for_frepple(tmp_path: Path) -> None:
    """Neither ours nor something else."""
    for content in (xlsx(clean()), write_template(FULL, language="en"), xlsx({"Sheet1": [["a"], ["b"]]})):
        path = tmp_path / "ours.xlsx"
        path.write_bytes(content)
        assert not is_frepple(path)


def test_the_bucket_with_the_lowest_priority_number_decides() -> None:
    """A lunch hour and a holiday cut into the week; a longer day cannot be said in shifts."""
    week = frozenset(range(5))
    end = date(2030, 1, 1)
    base = Bucket(date(2020, 1, 1), end, week, 8 * 3600, 17 * 3600, Decimal(10), Decimal(1))
    lunch = Bucket(date(2020, 1, 1), end, week, 12 * 3600, 13 * 3600, Decimal(9), Decimal(0))
    found = hours([base, lunch], Decimal(0), date(2026, 11, 23))
    assert found.shifts == (Shift(week, time(8), time(12)), Shift(week, time(13), time(17)))
    assert found.closed == ()
    long_day = Bucket(date(2026, 12, 1), date(2026, 12, 2), week, 0, 20 * 3600, Decimal(1), Decimal(1))
    with pytest.raises(Varies, match="2026-12-01"):
        hours([base, lunch, long_day], Decimal(0), date(2026, 11, 23))
