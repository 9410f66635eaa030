"""The generated workshops import without a word, are the same each time, and say that they are generated."""

from datetime import date
from typing import Any

import pytest

from lienmach.apps.production.sheets import FULL, MINIMUM, read_factory
from lienmach.config.demo_data.bearing_workshop import bearing_workshop_rows
from lienmach.config.demo_data.minimum_workshop import minimum_workshop_rows
from lienmach.kernel.sheets import Imported, Rejected, import_workbook, write_template

FIRST_DAY = date(2026, 12, 1)


def imported(workbook: Any, rows: Any) -> Imported:
    """What comes back when the rows have been through a file."""
    result = import_workbook(write_template(workbook, language="vi", rows=rows), FULL)
    assert isinstance(result, Imported), [str(problem) for problem in result.problems]
    assert result.warnings == ()
    return result


def test_the_bearing_workshop_is_the_one_described() -> None:
    """About 25 machines, some 150 orders, bills of three levels."""
    rows = bearing_workshop_rows(first_day=FIRST_DAY)
    result = imported(FULL, rows)
    factory = read_factory(result)
    assert not isinstance(factory, Rejected), factory
    assert len(factory.machines) == 25
    assert len(factory.orders) == 150
    levels = {code: level(factory, code) for code in {order.item for order in factory.orders}}
    assert set(levels.values()) == {3}
    assert {machine.group for machine in factory.machines.values() if machine.batch_capacity} == {
        "NHIET",
        "RAM",
        "RUA",
    }


def level(factory: Any, code: str) -> int:
    """Number of made levels below and including an item."""
    item = factory.items[code]
    parts = [part.item for step in item.steps for part in step.components]
    return 1 + max((level(factory, part) for part in parts), default=0) if item.made else 0


def test_the_minimum_workshop_fits_the_minimum_workbook() -> None:
    """Four sheets, fifteen columns, twenty orders: what the tutorial types in."""
    assert len(MINIMUM.sheets) <= 4
    assert sum(len(sheet.columns) for sheet in MINIMUM.sheets) <= 15
    rows = minimum_workshop_rows(first_day=FIRST_DAY)
    result = imported(MINIMUM, rows)
    assert len(result["orders"]) == 20
    assert not isinstance(read_factory(result), Rejected)
    cells = sum(value not in {None, ""} for sheet in rows.values() for row in sheet for value in row.values())
    assert cells <= 200, "a stranger types this in within the hour"


@pytest.mark.parametrize("first_day", [date(2026, 12, 1), date(2027, 2, 3), date(2028, 2, 29)])
def test_any_day_can_be_the_first(first_day: date) -> None:
    """The demonstration starts today, whatever day that is; nothing is due on a Sunday."""
    for workbook, rows in (
        (FULL, bearing_workshop_rows(first_day=first_day)),
        (MINIMUM, minimum_workshop_rows(first_day=first_day)),
    ):
        result = imported(workbook, rows)
        assert all(order["due"] > first_day and order["due"].weekday() != 6 for order in result["orders"])


def test_same_seed_same_data() -> None:
    """And another seed, other data."""
    first, again = (bearing_workshop_rows(first_day=FIRST_DAY, seed=7) for _turn in range(2))
    assert first == again
    assert first != bearing_workshop_rows(first_day=FIRST_DAY, seed=8)


def test_every_name_says_that_it_is_generated() -> None:
    """Nobody is taken for a customer or a supplier who is not."""
    rows = bearing_workshop_rows(first_day=FIRST_DAY)
    assert all(row["customer"].endswith("(tên tạo ra)") for row in rows["orders"])
    assert all(row["supplier"].endswith("(tên tạo ra)") for row in rows["items"] if row.get("supplier"))
