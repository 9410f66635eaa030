"""What holds between rows: a key stands once, a reference leads somewhere."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from lienmach.kernel.sheets.columns import Column, Kind, Workbook
from lienmach.kernel.sheets.headings import closest
from lienmach.kernel.sheets.parse.words import fold_code, shown
from lienmach.kernel.sheets.result import Row, Severity
from lienmach.kernel.sheets.rows import BAD, SheetRows


def check_keys(rows: SheetRows) -> None:
    """Report every row whose key already stands further up."""
    keys = tuple(rows.sheet.key)
    if not keys:
        return
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows.rows:
        values = tuple(row[key] for key in keys)
        if any(value is None or value is BAD for value in values):
            continue
        identity = tuple(fold_code(value) if isinstance(value, str) else value for value in values)
        first = seen.setdefault(identity, row.number)
        if first != row.number:
            rows.problems.append(
                row.problem(
                    "duplicate",
                    _last_written(row, keys),
                    reason=_("'%(value)s' already stands in row %(first)s.")
                    % {"value": " · ".join(shown(value) for value in values), "first": first},
                    remedy=_("Keep one of the two rows, or give this one another code."),
                )
            )


def check_references(workbook: Workbook, sheets: Mapping[str, SheetRows]) -> None:
    """Report every reference that leads nowhere; spell the others as the sheet they lead to does.

    References into a sheet that the file does not have are left alone: whether that sheet may be absent is
    said where it is declared.
    """
    for rows in sheets.values():
        for column in rows.sheet.columns:
            if not column.refers_to or column.key not in rows.place.letters:
                continue
            target, key = workbook.target(column)
            if target.name in sheets and key.key in sheets[target.name].place.letters:
                _Follower(rows, column, sheets[target.name], key).follow()


class _Follower:
    """Follows one column of references."""

    def __init__(self, rows: SheetRows, column: Column, target: SheetRows, key: Column) -> None:
        self._rows = rows
        self._column = column
        self._target = target
        self._codes = {
            fold_code(row[key.key]): row[key.key] for row in target.rows if isinstance(row[key.key], str)
        }
        self._without_zeros: dict[str, list[str]] = {}
        for code in self._codes.values():
            if code.isdigit():
                self._without_zeros.setdefault(code.lstrip("0"), []).append(code)

    def follow(self) -> None:
        key = self._column.key
        for position, row in enumerate(self._rows.rows):
            value = row[key]
            if value is None or value is BAD or key in row.assumed:
                continue
            found: Any
            if self._column.kind is Kind.LIST:
                found = tuple(self._find(row, code) for code in value)
            else:
                found = self._find(row, value)
            if found != value:
                self._rows.rows[position] = Row(row.number, {**row.cells, key: found}, row.assumed, row.place)

    def _find(self, row: Row, code: str) -> str:
        exact = self._codes.get(fold_code(code))
        if exact is not None:
            return exact
        padded = self._without_zeros.get(code.lstrip("0"), []) if code.isdigit() else []
        if len(padded) == 1:
            self._report(
                row,
                "leading_zeros_restored",
                _("'%(value)s' is read as '%(restored)s'; leading zeros were lost.")
                % {"value": shown(code), "restored": padded[0]},
                _("Format the column as text to keep them."),
                Severity.WARNING,
            )
            return padded[0]
        near = closest(code, self._codes.values()) if len(self._codes) <= 5_000 else None
        remedy = _("Add it to sheet '%(sheet)s', or correct the code.") % {"sheet": self._target.place.title}
        if near:
            remedy = _("Did you mean '%(near)s'? Otherwise add it to sheet '%(sheet)s'.") % {
                "near": near,
                "sheet": self._target.place.title,
            }
        reason = _("'%(value)s' does not stand in sheet '%(sheet)s'.") % {
            "value": shown(code),
            "sheet": self._target.place.title,
        }
        self._report(row, "dangling_reference", reason, remedy, Severity.ERROR)
        return code

    def _report(self, row: Row, code: str, reason: str, remedy: str, severity: Severity) -> None:
        self._rows.problems.append(
            row.problem(code, self._column.key, reason=reason, remedy=remedy, severity=severity)
        )


def _last_written(row: Row, keys: tuple[str, ...]) -> str:
    """The key column in which the duplicate is shown: the last one that the file has."""
    written = [key for key in keys if row.address(key)]
    return written[-1] if written else keys[-1]
