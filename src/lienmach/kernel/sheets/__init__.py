"""Workbooks: columns declared once → template → import with every problem at once → export.

The public names of this package::

    from lienmach.kernel.sheets import Workbook, Sheet, Column, Kind, Text, Choice, DurationUnit
    from lienmach.kernel.sheets import import_workbook, Imported, Rejected, Problem, Row, Severity
    from lienmach.kernel.sheets import write_template, write_xlsx, write_csv, problem_table
"""

from lienmach.kernel.sheets.columns import Choice, Column, DurationUnit, Kind, Sheet, Text, Workbook
from lienmach.kernel.sheets.result import Imported, Problem, Rejected, Row, Severity

__all__ = [
    "Choice",
    "Column",
    "DurationUnit",
    "Imported",
    "Kind",
    "Problem",
    "Rejected",
    "Row",
    "Severity",
    "Sheet",
    "Text",
    "Workbook",
]
