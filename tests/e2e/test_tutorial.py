"""The tutorial is followed word by word, as four people, in a real browser on a real server."""

from datetime import date
from pathlib import Path
from typing import Any

from tests.e2e import workbook
from tests.e2e.manual import Reader

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "one-order.md"
SECONDS_PER_CELL = 15  # a slow typist who looks at the paper for every cell


def test_one_order_from_the_workbook_to_the_province(somebody: Any, tmp_path: Path) -> None:
    """Owner, operator, customer and officer walk the whole thread; every picture of the page is taken."""
    workbook.write(TUTORIAL, tmp_path / "my-workshop.xlsx", today=date.today())
    assert Reader(somebody, tmp_path).follow(TUTORIAL) >= 12


def test_a_stranger_types_the_workbook_within_an_hour() -> None:
    """The bar is 60 minutes; the page states the number of cells it asks for."""
    cells = workbook.typed_cells(TUTORIAL)
    assert f"typing {cells} cells" in TUTORIAL.read_text(encoding="utf-8")
    assert cells * SECONDS_PER_CELL <= 60 * 60
