"""Public planning workbooks written by other programs are opened, and what is not understood is named."""

import os
from pathlib import Path

import pytest

from lienmach.kernel.sheets import Imported, import_workbook
from lienmach.kernel.sheets.read import read_workbook
from lienmach.kernel.sheets.tests.workshop import WORKSHOP

DATA = Path(os.environ.get("LIENMACH_TEST_DATA", "../shared/data")) / "production" / "frepple"
FILES = sorted(DATA.glob("**/*.xlsx"))


@pytest.mark.skipif(not FILES, reason=f"no public workbooks in {DATA} (set LIENMACH_TEST_DATA)")
def test_public_workbooks_are_opened_and_their_sheets_named() -> None:
    """Every filled sheet of every file is either read or named in a warning."""
    for path in FILES:
        source = read_workbook(path)
        assert all(len(source.table(tab)) == tab.scan.rows for tab in source.tabs), path
        result = import_workbook(path, WORKSHOP)
        problems = result.warnings if isinstance(result, Imported) else result.problems
        named = {problem.sheet for problem in problems if problem.code == "unknown_sheet"}
        filled = {tab.name for tab in source.tabs if tab.scan.filled}
        assert named == filled, path
