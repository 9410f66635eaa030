"""Workbook → typed rows, or every problem at once."""

from pathlib import Path

from lienmach.kernel.sheets.columns import Workbook
from lienmach.kernel.sheets.result import Imported, Rejected


def import_workbook(content: bytes | Path, workbook: Workbook) -> Imported | Rejected:
    """Read `content` as the declared `workbook`: everything, or nothing and every reason why."""
    raise NotImplementedError
