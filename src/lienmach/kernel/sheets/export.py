"""Rows → XLSX or CSV that a spreadsheet opens without running anything.

A text that starts like a formula (``= + - @``, tab, carriage return) stays a text: in XLSX it is stored as
one and marked as such, in CSV an apostrophe goes in front.
"""

# ruff: noqa: DTZ001 - spreadsheets know no zones
import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override

from lienmach.kernel.sheets.columns import Column, Kind, Sheet, Workbook
from lienmach.kernel.sheets.parse.words import hours_minutes, number_text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MOST_DIGITS = 15
_LONGEST_TEXT = 32_767
_UNDATED = datetime(2000, 1, 1)

_NUMBER_FORMATS = {
    Kind.TEXT: "@",
    Kind.CODE: "@",
    Kind.REFERENCE: "@",
    Kind.LIST: "@",
    Kind.CHOICE: "@",
    Kind.INTEGER: "#,##0",
    Kind.DATE: "dd/mm/yyyy",
    Kind.DATETIME: "dd/mm/yyyy hh:mm",
    Kind.TIME: "hh:mm",
}

Rows = Mapping[str, Iterable[Mapping[str, Any]]]
"""Sheet name → rows by column key."""


def write_xlsx(workbook: Workbook, rows: Rows, *, language: str, at: datetime | None = None) -> bytes:
    """Rows of every sheet as the bytes of an XLSX file.

    Parameters
    ----------
    workbook
        The sheets and columns.
    rows
        Typed values; keys that are no column are left out, missing ones stay empty.
    language
        Of titles, headings and choices.
    at
        Creation time noted in the file; the same input gives the same bytes.
    """
    writer = XlsxWriter(language, at)
    for sheet in workbook.sheets:
        writer.add_sheet(sheet, rows.get(sheet.name, ()))
    return writer.close()


def write_csv(sheet: Sheet, rows: Iterable[Mapping[str, Any]], *, language: str) -> bytes:
    """Rows of one sheet as CSV: UTF-8 with the BOM that Excel needs, commas, dates as ISO 8601."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_harmless(column.title(language)) for column in sheet.columns])
    for row in rows:
        writer.writerow([_csv_cell(row.get(column.key), column, language) for column in sheet.columns])
    return out.getvalue().encode("utf-8-sig")


class XlsxWriter:
    """An XLSX file in the making: sheets with a styled heading row."""

    def __init__(self, language: str, at: datetime | None = None) -> None:
        self.language = language
        self._out = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(self._out, options)
        self.book.set_properties({"created": at.replace(tzinfo=None) if at else _UNDATED})
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **properties: Any) -> Any:
        """A cell format; the same properties give the same format."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(properties)
        return self._formats[key]

    def add_sheet(self, sheet: Sheet, rows: Iterable[Mapping[str, Any]] = ()) -> Any:
        """A worksheet with headings, column formats and `rows`; returned for further decoration."""
        tab = self.book.add_worksheet(sheet.title.in_language(self.language))
        tab.freeze_panes(1, 0)
        tab.set_landscape()
        tab.set_paper(9)
        tab.fit_to_pages(1, 0)
        tab.repeat_rows(0)
        for position, column in enumerate(sheet.columns):
            tab.set_column(
                position, position, column.width or _width(column, self.language), self._of(column)
            )
            tab.write_string(0, position, column.title(self.language), self._heading(column))
        number = 0
        for number, row in enumerate(rows, start=1):
            for position, column in enumerate(sheet.columns):
                self.write_cell(tab, number, position, row.get(column.key), column)
        tab.autofilter(0, 0, max(number, 1), len(sheet.columns) - 1)
        return tab

    def write_cell(self, tab: Any, row: int, position: int, value: Any, column: Column) -> None:
        """One value in the way its kind is shown; text stays text whatever it looks like."""
        match self._plain(value, column):
            case None | "":
                return
            case datetime() | date() | time() as moment:
                tab.write_datetime(row, position, moment, self._of(column))
            case int() | float() as number:
                tab.write_number(row, position, number, self._of(column))
            case str() as text:
                quoted = text.startswith(FORMULA_STARTS)
                style = self.format(num_format="@", quote_prefix=True) if quoted else self._of(column)
                tab.write_string(row, position, text[:_LONGEST_TEXT], style)

    def close(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self._out.getvalue()

    def _plain(self, value: Any, column: Column) -> Any:
        """A value as one of the types that a spreadsheet has."""
        match value:
            case bool() | tuple() | list():
                return cell_text(value, column, self.language)
            case timedelta() if column.kind is Kind.DURATION:
                return float(_in_unit(value, column))
            case timedelta():
                return hours_minutes(value)
            case Decimal() | int():
                return _plain_number(Decimal(value))
            case datetime():
                return value.replace(tzinfo=None)
            case None | date() | time() | float():
                return value
            case _:
                return cell_text(value, column, self.language)

    def _of(self, column: Column) -> Any:
        number_format = _NUMBER_FORMATS.get(column.kind)
        return self.format(num_format=number_format) if number_format else None

    def _heading(self, column: Column) -> Any:
        ground = "#1F6B4A" if column.required else "#DCE9E1"
        ink = "#FFFFFF" if column.required else "#14231B"
        return self.format(
            bold=True,
            text_wrap=True,
            valign="vcenter",
            border=1,
            bg_color=ground,
            font_color=ink,
            num_format="@",
        )


def cell_text(value: Any, column: Column, language: str) -> str:
    """A value as text, with a choice's label and yes/no in `language`; the importer reads it back."""
    match value:
        case None:
            return ""
        case bool():
            with override(language):
                return _("yes") if value else _("no")
        case str() if column.kind is Kind.CHOICE:
            labels = {choice.key: choice.label.in_language(language) for choice in column.choices}
            return labels.get(value, value)
        case tuple() | list():
            return ", ".join(str(part) for part in value)
        case timedelta() if column.kind is Kind.DURATION:
            return number_text(float(_in_unit(value, column)))
        case timedelta():
            return hours_minutes(value)
        case Decimal() | float():
            return number_text(value)
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="minutes" if not value.second else "seconds")
        case _:
            return str(value)


def _csv_cell(value: Any, column: Column, language: str) -> str:
    text = cell_text(value, column, language)
    is_number = isinstance(value, int | float | Decimal | timedelta) and not isinstance(value, bool)
    return text if is_number else _harmless(text)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _in_unit(value: timedelta, column: Column) -> Decimal:
    microseconds = Decimal(value // timedelta(microseconds=1))
    return microseconds / Decimal(column.duration_unit.length // timedelta(microseconds=1))


def _plain_number(number: Decimal) -> float | str:
    """A number; as text where a spreadsheet, which keeps 15 digits, would change it."""
    digits = len(number.normalize().as_tuple().digits)
    return float(number) if digits <= _MOST_DIGITS else number_text(number)


def _width(column: Column, language: str) -> int:
    longest_word = max(len(word) for word in column.title(language).split())
    usual = {Kind.TEXT: 28, Kind.LIST: 20, Kind.DATETIME: 17}.get(column.kind, 13)
    return max(usual, longest_word + 2, len(column.title(language)) // 2 + 2)
