"""Declared workbook → the XLSX to fill in: headings with notes, drop-downs, formats, a guide in front."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from lienmach.kernel.sheets.columns import Column, Kind, Sheet, Workbook
from lienmach.kernel.sheets.export import Rows, XlsxWriter
from lienmach.kernel.sheets.guide import GUIDE, guide_lines, heading_comment

_FILLABLE_ROWS = 5_000
"""Rows below the headings that get a drop-down."""

_LONGEST_LIST = 255
"""Excel's limit for the answers of a drop-down, with the commas between them."""


def write_template(
    workbook: Workbook,
    *,
    language: str,
    rows: Rows | None = None,
    examples: bool = False,
    guide: bool = True,
) -> bytes:
    """The workbook to fill in, as the bytes of an XLSX file; the same input gives the same bytes.

    Parameters
    ----------
    workbook
        The declaration.
    language
        ``vi`` or ``en``: of titles, headings and notes; each note repeats the heading in the other language.
    rows
        Rows to fill in beforehand: sheet name → rows by column key.
    examples
        Put each sheet's example as its first row where `rows` has nothing for it. It is a row like any other:
        whoever fills in the workbook writes over it.
    guide
        Put the explanatory sheet in front.
    """
    writer = XlsxWriter(language)
    if guide:
        _add_guide(writer, workbook)
    for sheet in workbook.sheets:
        filled = (rows or {}).get(sheet.name, ())
        if examples and not filled:
            filled = [{column.key: column.example for column in sheet.columns}]
        tab = writer.add_sheet(sheet, filled)
        for position, column in enumerate(sheet.columns):
            comment = heading_comment(column, workbook, language=language)
            tab.write_comment(0, position, comment, {"x_scale": 2, "y_scale": 1 + comment.count("\n") / 3})
            rule = _validation(column, workbook, language)
            if rule:
                tab.data_validation(1, position, _FILLABLE_ROWS, position, rule)
    return writer.close()


def _validation(column: Column, workbook: Workbook, language: str) -> dict[str, Any] | None:
    """The drop-down of a column. It helps and does not forbid: the importer is the judge."""
    with override(language):
        if column.kind is Kind.CHOICE:
            answers = [choice.label.in_language(language) for choice in column.choices]
        elif column.kind is Kind.BOOLEAN:
            answers = [_("yes"), _("no")]
        elif column.kind is Kind.REFERENCE:
            return _drop_down(_range(column, workbook, language))
        else:
            return None
    too_long = len(",".join(answers)) > _LONGEST_LIST or any("," in answer for answer in answers)
    return None if too_long else _drop_down(answers)


def _drop_down(source: list[str] | str) -> dict[str, Any]:
    return {"validate": "list", "source": source, "show_error": False}


def _range(column: Column, workbook: Workbook, language: str) -> str:
    sheet, key = workbook.target(column)
    name = sheet.title.in_language(language).replace("'", "''")
    letter = chr(65 + list(sheet.columns).index(key))
    return f"='{name}'!${letter}$2:${letter}${_FILLABLE_ROWS}"


def _add_guide(writer: XlsxWriter, workbook: Workbook) -> None:
    language = writer.language
    tab = writer.book.add_worksheet(GUIDE.in_language(language))
    tab.hide_gridlines(2)
    tab.set_landscape()
    tab.set_paper(9)
    tab.fit_to_pages(1, 0)
    for position, width in enumerate((20, 26, 26, 11, 48, 48, 22)):
        tab.set_column(position, position, width)
    body = writer.format(text_wrap=True, valign="top", border=1, border_color="#B9C7BF", num_format="@")
    tab.write_string(0, 0, workbook.title.in_language(language), writer.format(bold=True, font_size=16))
    row = 1
    if workbook.note:
        style = writer.format(text_wrap=True, valign="top")
        tab.merge_range(row, 0, row, 6, workbook.note.in_language(language), style)
        tab.set_row(row, 15 * (2 + len(workbook.note.in_language(language)) // 160))
        row += 1
    for sheet in workbook.sheets:
        row = _add_note(writer, tab, row, sheet)
    row += 1
    head = writer.format(bold=True, text_wrap=True, border=1, bg_color="#1F6B4A", font_color="#FFFFFF")
    with override(language):
        headings = [
            _("Sheet"), _("Column"), _("Heading in the other language"), _("Required"), _("How to write it"),
            _("Note"), _("Example"),
        ]  # fmt: skip
        yes, no = _("yes"), _("no")
    for position, heading in enumerate(headings):
        tab.write_string(row, position, heading, head)
    for row, line in enumerate(guide_lines(workbook, language=language), start=row + 1):  # noqa: B020
        required = yes if line.required else no
        cells = (
            line.sheet,
            line.heading,
            line.other_heading,
            required,
            line.how_to_write,
            line.note,
            line.example,
        )
        for position, text in enumerate(cells):
            tab.write_string(row, position, text, body)


def _add_note(writer: XlsxWriter, tab: Any, row: int, sheet: Sheet) -> int:
    if not sheet.note:
        return row
    tab.write_string(row, 0, sheet.title.in_language(writer.language), writer.format(bold=True, valign="top"))
    style = writer.format(text_wrap=True, valign="top")
    tab.merge_range(row, 1, row, 6, sheet.note.in_language(writer.language), style)
    tab.set_row(row, 15 * (1 + len(sheet.note.in_language(writer.language)) // 130))
    return row + 1
