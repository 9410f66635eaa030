"""Rows → XLSX or CSV that a spreadsheet opens without running anything."""

from collections.abc import Iterable, Mapping
from typing import Any

from lienmach.kernel.sheets.columns import Sheet, Workbook


def write_xlsx(
    workbook: Workbook, rows: Mapping[str, Iterable[Mapping[str, Any]]], *, language: str
) -> bytes:
    """Rows of every sheet as the bytes of an XLSX file."""
    raise NotImplementedError


def write_csv(sheet: Sheet, rows: Iterable[Mapping[str, Any]], *, language: str) -> bytes:
    """Rows of one sheet as CSV (UTF-8 with BOM, so that Excel reads Vietnamese)."""
    raise NotImplementedError
