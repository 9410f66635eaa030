"""Types the tables of a page of the manual into a workbook, as a reader would."""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

TABLE = re.compile(r"^\*\*(?P<sheet>[^*]+)\*\*\n\n(?P<rows>(?:\|.*\n)+)", re.MULTILINE)


def tables(page: Path) -> dict[str, list[list[str]]]:
    """Return sheet -> rows of cells; the first row holds the headings."""
    found = {}
    for match in TABLE.finditer(page.read_text(encoding="utf-8")):
        lines = match["rows"].strip().splitlines()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        found[match["sheet"]] = [row for row in rows if not set("".join(row)) <= {"-"}]
    return found


def typed_cells(page: Path) -> int:
    """Return how many cells a reader types: everything but the headings and what stays empty."""
    return sum(1 for rows in tables(page).values() for row in rows[1:] for cell in row if cell)


def write(page: Path, target: Path, *, today: date) -> None:
    """Write the page's tables as a workbook; `+7` stands for the day a week ahead of `today`."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(target))
    formats = {
        date: book.add_format({"num_format": "dd/mm/yyyy"}),
        time: book.add_format({"num_format": "hh:mm"}),
    }
    for sheet, rows in tables(page).items():
        written = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                _write_cell(written, number, column, _typed(cell, today) if number else cell, formats)
    book.close()


def _typed(cell: str, today: date) -> Any:
    if re.fullmatch(r"\+\d+", cell):
        return today + timedelta(days=int(cell))
    if re.fullmatch(r"\d\d:\d\d", cell):
        return datetime.strptime(cell, "%H:%M").time()
    if re.fullmatch(r"\d+(\.\d+)?", cell):
        return float(cell)
    return cell


def _write_cell(sheet: Any, row: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if isinstance(value, time | date):
        sheet.write_datetime(row, column, value, formats[type(value)])
    elif value != "":
        sheet.write(row, column, value)
