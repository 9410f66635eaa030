"""Workbooks: columns declared once → template → import with every problem at once → export.

>>> from lienmach.kernel.sheets import Column, Kind, Sheet, Text, Workbook, import_workbook, write_template
>>> from lienmach.kernel.sheets import Imported, Rejected, problem_table

Functions that need a reader or writer of spreadsheets load it when first asked for.
"""

from typing import TYPE_CHECKING, Any

from lienmach.kernel.sheets.columns import Choice, Column, DurationUnit, Kind, Sheet, Text, Workbook
from lienmach.kernel.sheets.result import Imported, Problem, Rejected, Row, Severity

if TYPE_CHECKING:
    from lienmach.kernel.sheets.archive import Limits
    from lienmach.kernel.sheets.export import write_csv, write_xlsx
    from lienmach.kernel.sheets.guide import guide_lines
    from lienmach.kernel.sheets.importer import import_workbook
    from lienmach.kernel.sheets.report import problem_table, write_problems
    from lienmach.kernel.sheets.template import write_template

_HOMES = {
    "Limits": "archive",
    "guide_lines": "guide",
    "import_workbook": "importer",
    "problem_table": "report",
    "write_csv": "export",
    "write_problems": "report",
    "write_template": "template",
    "write_xlsx": "export",
}

__all__ = [
    "Choice",
    "Column",
    "DurationUnit",
    "Imported",
    "Kind",
    "Limits",
    "Problem",
    "Rejected",
    "Row",
    "Severity",
    "Sheet",
    "Text",
    "Workbook",
    "guide_lines",
    "import_workbook",
    "problem_table",
    "write_csv",
    "write_problems",
    "write_template",
    "write_xlsx",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
