"""The rows of one sheet: every cell read, every problem noted, nothing skipped without a word."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from lienmach.kernel.sheets.columns import Column, Kind, Sheet
from lienmach.kernel.sheets.headings import HeadingIndex, Headings
from lienmach.kernel.sheets.parse import Doubted, Misread, parse
from lienmach.kernel.sheets.parse.cell import is_blank
from lienmach.kernel.sheets.parse.words import fold, one_line, shown
from lienmach.kernel.sheets.result import Place, Problem, Row, Severity
from lienmach.kernel.sheets.scan import SheetScan, address

_TOTALS = frozenset(
    {"tong cong", "tong so", "tong cong so", "tong cong tien", "grand total", "total", "tong"}
)
_PERHAPS_TOTALS = _TOTALS | {"cong", "totals", "subtotal", "sub total", "sum", "tong hop"}
_CODES = frozenset({Kind.CODE, Kind.REFERENCE})


class _Bad:
    """Stands for a cell whose problem is already noted."""


BAD = _Bad()


def without_bad(row: Row) -> Row:
    """The row with ``None`` in place of what could not be read, and the keys of those cells in ``bad``."""
    bad = frozenset(key for key, value in row.cells.items() if value is BAD)
    if not bad:
        return row
    cells = {key: None if key in bad else value for key, value in row.cells.items()}
    return Row(row.number, cells, row.assumed, row.place, bad)


@dataclass(slots=True)
class SheetRows:
    """The rows of one sheet. A cell with a problem holds ``BAD``; such rows never leave the package."""

    sheet: Sheet
    place: Place
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_rows(
    sheet: Sheet,
    headings: Headings,
    title: str,
    table: Sequence[Sequence[Any]],
    scan: SheetScan,
    *,
    doubt_zeros: bool,
) -> SheetRows:
    """Read everything below the headings.

    Parameters
    ----------
    sheet
        What is expected.
    headings
        Where the columns stand.
    title
        Name of the tab in the file.
    table
        Raw cells.
    scan
        What the XML says beyond the values.
    doubt_zeros
        Whether a formula with the result 0 may never have been calculated.
    """
    return _Reader(sheet, headings, title, scan, doubt_zeros=doubt_zeros).read(table)


class _Reader:
    def __init__(
        self, sheet: Sheet, headings: Headings, title: str, scan: SheetScan, *, doubt_zeros: bool
    ) -> None:
        self._sheet = sheet
        self._headings = headings
        self._index = HeadingIndex(sheet)
        self._result = SheetRows(sheet, headings.place(title))
        self._columns = [(column, headings.positions.get(column.key)) for column in sheet.columns]
        self._positions = sorted(headings.positions.values())
        self._scan = scan
        self._doubt_zeros = doubt_zeros
        special = (
            *scan.uncalculated,
            *scan.errors,
            *scan.negative,
            *scan.percent,
            *(scan.doubtful if doubt_zeros else ()),
        )
        self._special_rows = {row for row, _column in special}
        self._above: dict[str, Any] = {}
        self._unheaded: Counter[int] = Counter()
        self._first_unheaded: dict[int, int] = {}
        self._from_numbers: dict[str, list[tuple[int, str]]] = {}

    def read(self, table: Sequence[Sequence[Any]]) -> SheetRows:
        last = max([len(table), *(row + 1 for row in self._special_rows)])
        for number in range(self._headings.row + 1, last):
            cells = table[number] if number < len(table) else ()
            self._note_unheaded(cells, number)
            if self._is_blank(cells, number):
                continue
            if self._index.repeats(cells, self._headings):
                self._skipped(
                    number, "repeated_headings", _("This row repeats the headings and is left out.")
                )
            elif self._is_total(cells):
                self._skipped(number, "total_row", _("This row is a total and is left out."))
            else:
                self._read_row(cells, number)
        self._warn_of_unheaded()
        self._warn_of_lost_zeros()
        return self._result

    def _read_row(self, cells: Sequence[Any], number: int) -> None:
        values: dict[str, Any] = {}
        assumed = []
        special = number in self._special_rows
        for column, position in self._columns:
            raw = cells[position] if position is not None and position < len(cells) else ""
            if special and position is not None and self._report_special(column, raw, number, position):
                value: Any = BAD
            elif is_blank(raw):
                value = self._blank(column, number, position)
                if value is None and column.default is not None:
                    value = column.default
                    assumed.append(column.key)
            else:
                if special and column.in_percent and (number, position) in self._scan.percent:
                    raw = _hundredths(raw)
                value = self._cell(column, raw, number, position or 0)
            values[column.key] = value
            if column.repeats:
                self._above[column.key] = value
        self._result.rows.append(Row(number + 1, values, frozenset(assumed), self._result.place))

    def _cell(self, column: Column, raw: Any, number: int, position: int) -> Any:
        try:
            value = parse(raw, column)
        except Misread as misread:
            self._add(misread.code, misread.reason, misread.remedy, column, number, position, raw)
            return BAD
        if isinstance(value, Doubted):
            self._add(value.code, value.reason, value.remedy, column, number, position, raw, Severity.WARNING)
            value = value.value
        if isinstance(raw, float) and column.kind is Kind.CODE:
            self._from_numbers.setdefault(column.key, []).append((number, value))
        return value

    def _blank(self, column: Column, number: int, position: int | None) -> Any:
        if column.repeats and column.key in self._above:
            return self._above[column.key]
        if column.required and position is not None:
            self._add(
                "required",
                _("The cell is empty, and '%(heading)s' is needed in every row.")
                % {"heading": self._headings.texts[column.key]},
                _("Fill it in, or delete the whole row."),
                column,
                number,
                position,
                None,
            )
            return BAD
        return BAD if column.required else None

    def _report_special(self, column: Column, raw: Any, number: int, position: int) -> bool:
        """Whether the XML says that this cell has no value, whatever the table shows."""
        cell, scan = (number, position), self._scan
        if cell in scan.uncalculated:
            reason = _("The cell holds a formula that was never calculated.")
            remedy = _(
                "Open the file in a spreadsheet program, save it, and send it again; or write the value."
            )
            self._add("formula_not_calculated", reason, remedy, column, number, position, None)
        elif cell in scan.errors:
            reason = _("The formula in this cell fails: %(error)s.") % {"error": scan.errors[cell]}
            remedy = _("Correct the formula, or write the value.")
            self._add("formula_error", reason, remedy, column, number, position, scan.errors[cell])
        elif cell in scan.negative and not isinstance(raw, float | int):
            reason = _("A date or a time cannot be negative.")
            self._add("negative_time", reason, _("Correct the cell."), column, number, position, None)
        elif self._doubt_zeros and cell in scan.doubtful:
            reason = _("The formula shows 0; the program that wrote the file may not have calculated it.")
            remedy = _("Open the file in a spreadsheet program, save it, and look whether 0 is right.")
            self._add("formula_doubtful", reason, remedy, column, number, position, raw, Severity.WARNING)
            return False
        else:
            return False
        return True

    def _is_blank(self, cells: Sequence[Any], number: int) -> bool:
        if number in self._special_rows and any(
            (number, position) in self._scan.uncalculated or (number, position) in self._scan.errors
            for position in self._positions
        ):
            return False
        return all(position >= len(cells) or is_blank(cells[position]) for position in self._positions)

    def _is_total(self, cells: Sequence[Any]) -> bool:
        """A total's label stands where a code belongs, or in a row that lacks what every row needs."""
        lacking = labelled = False
        for column, position in self._columns:
            raw = cells[position] if position is not None and position < len(cells) else ""
            if isinstance(raw, str) and 2 < len(raw) < 40 and (words := fold(raw)) in _PERHAPS_TOTALS:
                if column.kind in _CODES and words in _TOTALS:
                    return True
                labelled = True
            lacking = lacking or (column.required and is_blank(raw))
        return labelled and lacking

    def _skipped(self, number: int, code: str, reason: str) -> None:
        remedy = _("Nothing to do if that is right.")
        self._result.problems.append(
            Problem(
                code,
                reason,
                remedy,
                sheet=self._result.place.title,
                row=number + 1,
                cell=address(number, self._positions[0]),
                severity=Severity.WARNING,
            )
        )

    def _note_unheaded(self, cells: Sequence[Any], number: int) -> None:
        for position in (*self._headings.without, *range(self._headings.width, len(cells))):
            if position < len(cells) and not is_blank(cells[position]):
                self._unheaded[position] += 1
                self._first_unheaded.setdefault(position, number)

    def _warn_of_unheaded(self) -> None:
        for position, count in sorted(self._unheaded.items()):
            first = self._first_unheaded[position]
            self._result.problems.append(
                Problem(
                    "no_heading",
                    _("This column has no heading; its %(count)s filled cells are left out.")
                    % {"count": count},
                    _("Write the heading, or delete the cells."),
                    sheet=self._result.place.title,
                    row=first + 1,
                    cell=address(first, position),
                    severity=Severity.WARNING,
                )
            )

    def _warn_of_lost_zeros(self) -> None:
        """Codes kept as text have leading zeros; those kept as numbers beside them may have lost theirs."""
        for key, numbers in self._from_numbers.items():
            column = self._sheet.column(key)
            if column.digits:
                continue
            codes = [row[key] for row in self._result.rows if isinstance(row[key], str)]
            widths = {len(code) for code in codes if code.isdigit() and code.startswith("0")}
            for number, value in numbers:
                if widths and len(value) < max(widths) and value.isdigit():
                    self._add(
                        "leading_zeros_lost",
                        _("'%(value)s' is a number, others here start with 0: leading zeros may be lost.")
                        % {"value": value},
                        _("Format the column as text and type the code again."),
                        column,
                        number,
                        self._headings.positions[key],
                        value,
                        Severity.WARNING,
                    )

    def _add(
        self,
        code: str,
        reason: str,
        remedy: str,
        column: Column,
        number: int,
        position: int,
        raw: Any,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self._result.problems.append(
            Problem(
                code,
                reason,
                remedy,
                sheet=self._result.place.title,
                row=number + 1,
                column=one_line(self._headings.texts.get(column.key, "")),
                cell=address(number, position),
                value=shown(raw),
                severity=severity,
            )
        )


def _hundredths(raw: Any) -> Any:
    """A cell shown as 5 % holds 0.05; under a heading in percent the person means 5."""
    return float(f"{raw * 100:.15g}") if isinstance(raw, float) else raw
