"""Declared workbook → an empty (or example) XLSX to fill in."""

from collections.abc import Iterable, Mapping
from typing import Any

from lienmach.kernel.sheets.columns import Workbook


def write_template(
    workbook: Workbook,
    *,
    language: str,
    rows: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
    examples: bool = False,
    guide: bool = True,
) -> bytes:
    """The workbook to fill in, as the bytes of an XLSX file; `rows` (sheet name → rows by column key) fill it."""
    raise NotImplementedError
