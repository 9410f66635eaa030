"""Which row of a sheet holds the headings, and which column stands where."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lienmach.kernel.sheets.columns import Column, Sheet
from lienmach.kernel.sheets.parse.cell import is_blank, shown_plain
from lienmach.kernel.sheets.parse.words import fold, fold_heading, one_line, shown
from lienmach.kernel.sheets.result import Place, Problem, Severity
from lienmach.kernel.sheets.scan import address, letters

_SEARCHED_ROWS = 30
_NUMBERING = re.compile(r"^(\d+|[ivx]+|[a-z]) (?=\w)")
_PARTS = re.compile(r"[/|\n]")


@dataclass(slots=True)
class Headings:
    """The heading row as found.

    Parameters
    ----------
    row
        Its index, from 0.
    positions
        Column key → index of the column in the file, from 0.
    texts
        Column key → heading as it stands in the file.
    without
        Indices of the columns that have no heading.
    width
        Number of columns looked at; there is no heading beyond.
    """

    row: int
    positions: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    without: list[int] = field(default_factory=list)
    width: int = 0

    def place(self, title: str) -> Place:
        """What a row must know to name its cells."""
        return Place(title, {key: letters(index) for key, index in self.positions.items()}, self.texts)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The wording that `word` was probably meant to be; ``None`` if nothing is near."""
    by_fold = {fold(wording): wording for wording in known}
    near = difflib.get_close_matches(fold(word), by_fold, n=1, cutoff=0.75)
    return by_fold[near[0]] if near else None


class HeadingIndex:
    """Recognises the headings of one declared sheet, in every language."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._exact: dict[str, str] = {}
        self._loose: dict[str, str] = {}
        # A column's own heading counts before another column's alias.
        for wordings in (_titles, _wordings):
            for column in sheet.columns:
                for wording in wordings(column):
                    self._exact.setdefault(fold(wording), column.key)
                    self._loose.setdefault(fold_heading(wording), column.key)

    def key_of(self, text: str) -> str | None:
        """The column that a heading names; ``None`` if it names none."""
        return self._look_up(text) or next(filter(None, map(self._look_up, _PARTS.split(text))), None)

    def _look_up(self, text: str) -> str | None:
        exact = fold(text)
        unnumbered = _NUMBERING.sub("", exact)
        return self._exact.get(exact) or self._loose.get(fold_heading(text)) or self._exact.get(unnumbered)

    def repeats(self, row: Sequence[Any], headings: Headings) -> bool:
        """Whether `row` is the heading row once more, as printed tables have it on every page."""
        found = False
        for key, index in headings.positions.items():
            raw = row[index] if index < len(row) else ""
            if is_blank(raw):
                continue
            if not isinstance(raw, str) or (one_line(raw) != headings.texts[key] and self.key_of(raw) != key):
                return False
            found = True
        return found


def find_headings(
    sheet: Sheet, title: str, table: Sequence[Sequence[Any]]
) -> tuple[Headings | None, list[Problem]]:
    """Look for the row that names the most columns of `sheet` near the top of `table`.

    Parameters
    ----------
    sheet
        What is expected.
    title
        Name of the tab in the file.
    table
        Raw cells.

    Returns
    -------
    tuple[Headings or None, list[Problem]]
        Where the columns stand, and what is wrong with the headings; ``None`` if no row looks like headings.
    """
    index = HeadingIndex(sheet)
    best, most = 0, 0
    for number in range(min(_SEARCHED_ROWS, len(table))):
        read = (_read_heading(index, table, number, position)[0] for position in range(len(table[number])))
        matches = len(set(read) - {None})
        if matches > most:
            best, most = number, matches
    filled = max((sum(not is_blank(cell) for cell in row) for row in table[:_SEARCHED_ROWS]), default=0)
    if most < min(2, len(sheet.columns), max(1, filled)):
        return None, [_no_headings(sheet, title)]
    headings = Headings(best, width=max(len(table[best]), len(table[best - 1]) if best else 0))
    problems = []
    for position in range(headings.width):
        problem = _assign(index, headings, title, table, position)
        if problem:
            problems.append(problem)
    problems.extend(_missing_columns(sheet, headings, title))
    return headings, problems


def _assign(
    index: HeadingIndex, headings: Headings, title: str, table: Sequence[Sequence[Any]], position: int
) -> Problem | None:
    """Decide what one column of the file is."""
    key, text = _read_heading(index, table, headings.row, position)
    if not text:
        headings.without.append(position)
        return None
    place: dict[str, Any] = {
        "sheet": title,
        "row": headings.row + 1,
        "column": shown(text),
        "cell": address(headings.row, position),
        "value": shown(text),
    }
    if key is None:
        return _unknown_column(index.sheet, headings, text, place)
    if key in headings.positions:
        first = address(headings.row, headings.positions[key])
        return Problem(
            "duplicate_column",
            _("'%(heading)s' names the same column as cell %(first)s.")
            % {"heading": shown(text), "first": first},
            _("Keep one of the two columns."),
            **place,
        )
    headings.positions[key] = position
    headings.texts[key] = one_line(text)
    return None


def _read_heading(
    index: HeadingIndex, table: Sequence[Sequence[Any]], row: int, position: int
) -> tuple[str | None, str]:
    """What the heading in this row means, and its words.

    Of a heading merged over two rows the words stand in the upper one; or the upper row names a group.
    """
    text, above = _cell(table, row, position), _cell(table, row - 1, position)
    key = index.key_of(text) if text else None
    if key is None and above:
        together = f"{above} {text}".strip()
        key = index.key_of(together)
        text = together if key else text
    return key, text


def _cell(table: Sequence[Sequence[Any]], row: int, position: int) -> str:
    if row < 0 or position >= len(table[row]) or is_blank(table[row][position]):
        return ""
    return shown_plain(table[row][position])


def _unknown_column(sheet: Sheet, headings: Headings, text: str, place: dict[str, Any]) -> Problem:
    free = [column for column in sheet.columns if column.key not in headings.positions]
    near = closest(text, (wording for column in free for wording in _wordings(column)))
    remedy = _("Nothing to do if it is not needed.")
    if near:
        remedy = _("If '%(heading)s' is meant, write that.") % {"heading": near}
    return Problem(
        "unknown_column",
        _("Column '%(heading)s' is not known and is left out.") % {"heading": shown(text)},
        remedy,
        severity=Severity.WARNING,
        **place,
    )


def _missing_columns(sheet: Sheet, headings: Headings, title: str) -> list[Problem]:
    return [
        Problem(
            "missing_column",
            _("Column '%(heading)s' is missing.") % {"heading": _heading(column)},
            _("Add a column with this heading in row %(row)s and fill it in.") % {"row": headings.row + 1},
            sheet=title,
            row=headings.row + 1,
            column=_heading(column),
        )
        for column in sheet.columns
        if column.required and column.key not in headings.positions
    ]


def _no_headings(sheet: Sheet, title: str) -> Problem:
    expected = [column for column in sheet.columns if column.required] or list(sheet.columns)
    return Problem(
        "no_headings",
        _("No row with headings was found."),
        _("Write the headings into the first row: %(headings)s.")
        % {"headings": "; ".join(_heading(column) for column in expected)},
        sheet=title,
    )


def _heading(column: Column) -> str:
    return column.heading.in_language(get_language() or "en")


def _titles(column: Column) -> list[str]:
    return [*column.heading.all(), *(column.title(language) for language in ("vi", "en", "km"))]


def _wordings(column: Column) -> list[str]:
    return [*_titles(column), *column.aliases, column.key]
