"""Problems as a table: for a page, a terminal, a file."""

from collections.abc import Iterable
from typing import Any

from lienmach.kernel.sheets.columns import Choice, Column, Kind, Sheet, Text, Workbook
from lienmach.kernel.sheets.export import write_xlsx
from lienmach.kernel.sheets.result import Problem, Severity

PROBLEMS = Sheet(
    "problems",
    Text(vi="Cần sửa", en="To correct"),
    [
        Column(
            "severity",
            Kind.CHOICE,
            Text(vi="Mức độ", en="Severity"),
            choices=[
                Choice(Severity.ERROR.value, Text(vi="lỗi", en="error")),
                Choice(Severity.WARNING.value, Text(vi="lưu ý", en="warning")),
            ],
        ),
        Column("sheet", Kind.TEXT, Text(vi="Trang tính", en="Sheet"), width=18),
        Column("row", Kind.INTEGER, Text(vi="Dòng", en="Row"), width=8),
        Column("column", Kind.TEXT, Text(vi="Cột", en="Column"), width=22),
        Column("cell", Kind.TEXT, Text(vi="Ô", en="Cell"), width=8),
        Column("value", Kind.TEXT, Text(vi="Giá trị hiện có", en="Value"), width=24),
        Column("reason", Kind.TEXT, Text(vi="Vì sao", en="What is wrong"), width=50),
        Column("remedy", Kind.TEXT, Text(vi="Cách sửa", en="What to do"), width=50),
    ],
)
"""The table of problems; its columns are the fields of `Problem`."""

_WORKBOOK = Workbook("problems", Text(vi="Những chỗ cần sửa", en="What to correct"), [PROBLEMS])


def problem_table(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """One row per problem, by the column keys of `PROBLEMS`; ready for JSON."""
    return [
        {
            "severity": problem.severity.value,
            "sheet": problem.sheet,
            "row": problem.row,
            "column": problem.column,
            "cell": problem.cell,
            "value": problem.value,
            "reason": problem.reason,
            "remedy": problem.remedy,
            "code": problem.code,
        }
        for problem in problems
    ]


def write_problems(problems: Iterable[Problem], *, language: str) -> bytes:
    """The table of problems as an XLSX file, to be sent to whoever filled in the workbook."""
    return write_xlsx(_WORKBOOK, {"problems": problem_table(problems)}, language=language)
