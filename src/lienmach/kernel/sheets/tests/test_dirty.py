"""Every planted bad cell is reported at its address, nothing else is, and nothing is dropped in silence."""

import pytest

from lienmach.kernel.sheets import Imported, Rejected, import_workbook
from lienmach.kernel.sheets.tests.dirty import BAD_CELLS, make_dirty
from lienmach.kernel.sheets.tests.workshop import WORKSHOP


@pytest.mark.parametrize("seed", range(12))
def test_every_planted_cell_is_reported_and_no_other(seed: int) -> None:
    """100 % of bad cells with their address, 0 false alarms."""
    dirty = make_dirty(seed)
    result = import_workbook(dirty.content, WORKSHOP)
    assert isinstance(result, Rejected)
    reported = {(problem.sheet, problem.cell, problem.code) for problem in result.errors}
    assert reported == dirty.planted
    assert all(
        problem.reason and problem.remedy and problem.row and problem.column for problem in result.errors
    )


def test_the_seeds_plant_every_kind_of_bad_cell() -> None:
    """The test above would prove little if some kinds never came up."""
    planted = {code for seed in range(12) for _sheet, _cell, code in make_dirty(seed).planted}
    assert planted == {code for cells in BAD_CELLS.values() for _cell, code in cells}


@pytest.mark.parametrize("seed", range(6))
def test_untidy_but_valid_workbooks_import_completely(seed: int) -> None:
    """Titles above the table, NFD headings, blank, total and repeated rows: every data row arrives."""
    tidy = make_dirty(seed, share=0)
    result = import_workbook(tidy.content, WORKSHOP)
    assert isinstance(result, Imported), [str(problem) for problem in result.problems]
    counts = {sheet.title.vi: len(result[sheet.name]) for sheet in WORKSHOP.sheets}
    assert counts == tidy.rows
    assert {problem.code for problem in result.warnings} <= {"total_row", "repeated_headings"}
    assert all(row["quantity"] in {1500, 20, 300} for row in result["orders"])
