"""What a person must know to fill in a workbook, made from its declaration."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import override

from lienmach.kernel.sheets.columns import Column, DurationUnit, Kind, Text, Workbook
from lienmach.kernel.sheets.export import cell_text
from lienmach.kernel.sheets.parse.words import shown

GUIDE = Text(vi="Hướng dẫn", en="Guide")
"""Title of the explanatory first sheet; the importer passes over it."""

OTHER_LANGUAGE = {"vi": "en", "en": "vi", "km": "en"}


@dataclass(frozen=True, slots=True)
class GuideLine:
    """One column of one sheet, explained."""

    sheet: str
    heading: str
    other_heading: str
    required: bool
    how_to_write: str
    note: str
    example: str


def guide_lines(workbook: Workbook, *, language: str) -> list[GuideLine]:
    """Every column of every sheet, explained in `language`. Also the source of the reference page."""
    with override(language):
        return [
            GuideLine(
                sheet=sheet.title.in_language(language),
                heading=column.title(language),
                other_heading=column.title(OTHER_LANGUAGE.get(language[:2], "en")),
                required=column.required,
                how_to_write=how_to_write(column, workbook, language),
                note=column.note.in_language(language) if column.note else "",
                example=cell_text(column.example, column, language),
            )
            for sheet in workbook.sheets
            for column in sheet.columns
        ]


def heading_comment(column: Column, workbook: Workbook, *, language: str) -> str:
    """The note that stands at a heading of the template."""
    with override(language):
        lines = [
            column.note.in_language(language) if column.note else "",
            how_to_write(column, workbook, language),
            _("Required.") if column.required else _("May be left empty."),
            _("Example: %(example)s") % {"example": cell_text(column.example, column, language)}
            if column.example is not None
            else "",
            column.title(OTHER_LANGUAGE.get(language[:2], "en")),
        ]
    return "\n".join(line for line in lines if line)


def how_to_write(column: Column, workbook: Workbook, language: str) -> str:
    """How a cell of this column is written, with its limits and its default, in the active language."""
    parts = [_kind_help(column, workbook, language)]
    if column.more_than is not None:
        parts.append(_("It must be more than %(limit)s.") % {"limit": shown(column.more_than)})
    if column.minimum is not None:
        parts.append(_("It must be at least %(limit)s.") % {"limit": shown(column.minimum)})
    if column.maximum is not None:
        parts.append(_("It must be at most %(limit)s.") % {"limit": shown(column.maximum)})
    if column.repeats:
        parts.append(_("Empty means: as in the row above."))
    elif column.default is not None:
        parts.append(
            _("Empty is taken as: %(default)s.") % {"default": cell_text(column.default, column, language)}
        )
    return " ".join(parts)


def _kind_help(column: Column, workbook: Workbook, language: str) -> str:
    match column.kind:
        case Kind.TEXT:
            return _("Text.")
        case Kind.CODE:
            return _("A code: letters and digits as you use them; leading zeros count.")
        case Kind.INTEGER:
            return _("A whole number.")
        case Kind.DECIMAL:
            return _("A number.")
        case Kind.DURATION:
            return {
                DurationUnit.SECONDS: _(
                    "A length of time: seconds as a number, or hours and minutes as 1:30."
                ),
                DurationUnit.MINUTES: _(
                    "A length of time: minutes as a number, or hours and minutes as 1:30."
                ),
                DurationUnit.HOURS: _("A length of time: hours as a number, or hours and minutes as 36:00."),
                DurationUnit.DAYS: _("A length of time: days as a number, or hours and minutes as 48:00."),
            }[column.duration_unit]
        case Kind.DATE:
            return _("A date: 28/02/2026 or 2026-02-28.")
        case Kind.DATETIME:
            return _("A date and a time: 28/02/2026 07:30.")
        case Kind.TIME:
            return _("A time of day: 07:30.")
        case Kind.BOOLEAN:
            return _("Yes or no.")
        case Kind.CHOICE:
            labels = "; ".join(choice.label.in_language(language) for choice in column.choices)
            return _("One of: %(permitted)s.") % {"permitted": labels}
        case Kind.LIST:
            written = _("Several codes, separated by commas.")
            return f"{written} {_from_sheet(column, workbook, language)}" if column.refers_to else written
        case Kind.REFERENCE:
            return _from_sheet(column, workbook, language)


def _from_sheet(column: Column, workbook: Workbook, language: str) -> str:
    sheet, key = workbook.target(column)
    return _("A code from sheet '%(sheet)s', column '%(heading)s'.") % {
        "sheet": sheet.title.in_language(language),
        "heading": key.title(language),
    }
