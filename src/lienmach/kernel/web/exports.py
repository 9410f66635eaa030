"""A web table as a workbook or CSV, by the declared columns of `kernel.sheets`."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import override

from lienmach.kernel.web.tables import Column, Kind, Table

if TYPE_CHECKING:
    from lienmach.kernel.sheets.columns import Sheet, Text

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def table_file(
    table: Table, rows: Sequence[Any], *, kind: str, language: str, at: datetime | None = None
) -> HttpResponse:
    """Return `rows` as a download: numbers as numbers, dates as dates, money as whole đồng.

    Parameters
    ----------
    kind
        `xlsx` or `csv`.
    at
        Dates the file's name, in the current zone.
    """
    from lienmach.kernel.sheets.columns import Workbook
    from lienmach.kernel.sheets.export import write_csv, write_xlsx

    sheet = sheet_of(table)
    cells = [row_of(table, row, language) for row in rows]
    if kind == "xlsx":
        title = _text(table.title or table.name)
        body = write_xlsx(Workbook(sheet.name, title, [sheet]), {sheet.name: cells}, language=language)
    else:
        body = write_csv(sheet, cells, language=language)
    with override(language):
        stem = slugify(str(table.title or table.name)) or table.name
    if at is not None:
        stem += f"-{timezone.localtime(at):%Y-%m-%d}"
    response = HttpResponse(body, content_type=MEDIA_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{stem}.{kind}"'
    return response


def sheet_of(table: Table) -> "Sheet":
    """Return the workbook sheet that holds what the table shows."""
    from lienmach.kernel.sheets import columns as sheets

    kinds = {
        Kind.NUMBER: sheets.Kind.DECIMAL,
        Kind.MONEY: sheets.Kind.INTEGER,
        Kind.SHARE: sheets.Kind.DECIMAL,
        Kind.DATE: sheets.Kind.DATE,
        Kind.DATETIME: sheets.Kind.DATETIME,
        Kind.DURATION: sheets.Kind.DURATION,
    }
    return sheets.Sheet(
        _key(table.name),
        _text(table.title or table.name, limit=31),
        [
            sheets.Column(
                _key(column.key),
                kinds.get(column.kind, sheets.Kind.TEXT),
                _text(column.title),
                unit=_text("%")
                if column.kind is Kind.SHARE
                else (_text(column.unit) if column.unit else None),
            )
            for column in table.columns
            if column.export
        ],
    )


def row_of(table: Table, row: Any, language: str) -> dict[str, Any]:
    """Return one row's values as the sheet holds them."""
    with override(language):
        return {_key(column.key): _cell(column, column.of(row)) for column in table.columns if column.export}


def _cell(column: Column, value: Any) -> Any:
    if value is None or value == "":
        return None
    match column.kind:
        case Kind.NUMBER:
            return value if isinstance(value, int) else Decimal(str(value))
        case Kind.SHARE:
            return Decimal(str(value)) * 100
        case Kind.DURATION:
            return value if isinstance(value, timedelta) else timedelta(seconds=float(value))
        case Kind.DATETIME:
            return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
        case Kind.DATE:
            return timezone.localtime(value).date() if isinstance(value, datetime) else value
        case Kind.MONEY:
            return int(value)
        case Kind.BADGE:
            from lienmach.kernel.web.meaning import WORD, Meaning

            return str(value[1] or WORD[Meaning(value[0])])
        case Kind.HTML:
            from django.utils.html import strip_tags

            return strip_tags(str(value))
    return str(value)


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_") or "table"


def _text(words: str | Promise, limit: int | None = None) -> "Text":
    from lienmach.kernel.sheets.columns import Text

    def said(language: str) -> str:
        with override(language):
            text = str(words)
        return re.sub(r"[\[\]:*?/\\]", " ", text)[:limit] if limit else text

    return Text(vi=said("vi"), en=said("en"))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
