"""Workbook → typed rows, or every problem at once."""

from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lienmach.kernel.sheets.archive import Limits, Refused
from lienmach.kernel.sheets.columns import Sheet, Workbook
from lienmach.kernel.sheets.guide import GUIDE
from lienmach.kernel.sheets.headings import closest, find_headings
from lienmach.kernel.sheets.parse.words import fold, shown
from lienmach.kernel.sheets.read import Source, Tab, read_workbook
from lienmach.kernel.sheets.relations import check_keys, check_references
from lienmach.kernel.sheets.result import Imported, Problem, Rejected, Severity
from lienmach.kernel.sheets.rows import SheetRows, read_rows, without_bad


def import_workbook(
    content: bytes | Path, workbook: Workbook, *, limits: Limits | None = None
) -> Imported | Rejected:
    """Read `content` as the declared `workbook`: everything, or nothing and every reason why.

    Sheets and columns are recognised by their titles in any language, whatever their order. What is not
    recognised is named in a warning, never dropped in silence. Texts of problems are in the active language.

    Parameters
    ----------
    content
        The file, or where it lies.
    workbook
        What is expected.
    limits
        How large it may be.

    Returns
    -------
    Imported or Rejected
        All rows, typed, with warnings; or, if there is a single error, all errors and warnings and no rows.
    """
    limits = limits or Limits()
    try:
        return _Import(read_workbook(content, limits), workbook, limits).run()
    except Refused as refused:
        return Rejected((refused.problem,))


class _Import:
    """One import under way."""

    def __init__(self, source: Source, workbook: Workbook, limits: Limits) -> None:
        self._source = source
        self._workbook = workbook
        self._limits = limits
        self._language = get_language() or "en"
        self._problems: list[Problem] = []
        self._sheets: dict[str, SheetRows] = {}

    def run(self) -> Imported | Rejected:
        tabs = self._assign_tabs()
        for name, tab in tabs.items():
            self._read(self._workbook.sheet(name), tab)
        self._check_required(tabs)
        for rows in self._sheets.values():
            check_keys(rows)
        check_references(self._workbook, self._sheets)
        problems = self._ordered()
        tables = {
            sheet.name: tuple(self._sheets[sheet.name].rows) if sheet.name in self._sheets else ()
            for sheet in self._workbook.sheets
        }
        missing = frozenset(tables) - frozenset(tabs)
        if any(problem.severity is Severity.ERROR for problem in problems):
            readable = {name: tuple(without_bad(row) for row in rows) for name, rows in tables.items()}
            return Rejected(problems, Imported(readable, missing, ()))
        return Imported(tables, missing, problems)

    def _assign_tabs(self) -> dict[str, Tab]:
        """Which tab of the file is which declared sheet, in the order of the file."""
        names = {
            fold(wording): sheet.name
            for sheet in self._workbook.sheets
            for wording in (*sheet.title.all(), *sheet.aliases, sheet.name)
        }
        filled = [tab for tab in self._source.tabs if tab.scan.filled and fold(tab.name) not in _GUIDES]
        tabs: dict[str, Tab] = {}
        unknown = []
        for tab in filled:
            name = names.get(fold(tab.name)) or names.get(fold(tab.name).lstrip("0123456789 "))
            if name is None:
                unknown.append(tab)
            elif name in tabs:
                self._duplicate_sheet(tab, tabs[name])
            else:
                tabs[name] = tab
        if len(self._workbook.sheets) == len(filled) == len(unknown) == 1:
            return {self._workbook.sheets[0].name: unknown[0]}
        missing = [sheet for sheet in self._workbook.sheets if sheet.name not in tabs]
        for tab in unknown:
            self._unknown_sheet(tab, missing)
        return tabs

    def _read(self, sheet: Sheet, tab: Tab) -> None:
        table = self._source.table(tab)
        headings, problems = find_headings(sheet, tab.name, table)
        self._problems.extend(problems)
        if headings is not None:
            self._sheets[sheet.name] = read_rows(
                sheet,
                headings,
                tab.name,
                table,
                tab.scan,
                doubt_zeros=self._source.calculates_on_opening,
            )

    def _check_required(self, tabs: dict[str, Tab]) -> None:
        for sheet in self._workbook.sheets:
            if not sheet.required:
                continue
            title = sheet.title.in_language(self._language)
            if sheet.name not in tabs:
                self._problems.append(
                    Problem(
                        "missing_sheet",
                        _("Sheet '%(sheet)s' is missing.") % {"sheet": title},
                        _("Add a sheet with this name; the template shows its columns."),
                        sheet=title,
                    )
                )
            elif sheet.name in self._sheets and not self._sheets[sheet.name].rows:
                self._problems.append(
                    Problem(
                        "empty_sheet",
                        _("The sheet has headings but no rows."),
                        _("Fill in at least one row."),
                        sheet=tabs[sheet.name].name,
                    )
                )

    def _duplicate_sheet(self, tab: Tab, first: Tab) -> None:
        self._problems.append(
            Problem(
                "duplicate_sheet",
                _("Sheets '%(first)s' and '%(second)s' both mean the same table.")
                % {"first": shown(first.name), "second": shown(tab.name)},
                _("Keep one of them, or put their rows together."),
                sheet=tab.name,
            )
        )

    def _unknown_sheet(self, tab: Tab, missing: Iterable[Sheet]) -> None:
        near = closest(tab.name, (wording for sheet in missing for wording in sheet.title.all()))
        remedy = _("Nothing to do if it is not needed.")
        if near:
            remedy = _("If '%(heading)s' is meant, write that.") % {"heading": near}
        self._problems.append(
            Problem(
                "unknown_sheet",
                _("Sheet '%(sheet)s' is not known and is left out.") % {"sheet": shown(tab.name)},
                remedy,
                sheet=tab.name,
                severity=Severity.WARNING,
            )
        )

    def _ordered(self) -> tuple[Problem, ...]:
        """Problems in the order of the file; beyond the limit they are counted."""
        problems = [
            *self._problems,
            *(problem for rows in self._sheets.values() for problem in rows.problems),
        ]
        order = {tab.name: number for number, tab in enumerate(self._source.tabs)}
        problems.sort(
            key=lambda problem: (order.get(problem.sheet, -1), problem.row or 0, _column_order(problem))
        )
        rest = problems[self._limits.problems :]
        if not rest:
            return tuple(problems)
        severity = min((problem.severity for problem in rest), key=lambda item: item is not Severity.ERROR)
        more = Problem(
            "more_problems",
            _("There are %(count)s further problems of the same kinds.") % {"count": len(rest)},
            _("Correct those listed and import again."),
            severity=severity,
        )
        return (*problems[: self._limits.problems], more)


_GUIDES = frozenset(fold(title) for title in GUIDE.all())


def _column_order(problem: Problem) -> tuple[int, str]:
    name = problem.cell.rstrip("0123456789")
    return len(name), name
