"""Reads the workbooks of frePPLe, old and new: all is taken over, told about, or refused by address."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lienmach.apps.production.importers.frepple import tables
from lienmach.apps.production.importers.frepple.building import Building
from lienmach.apps.production.importers.frepple.words import Findings
from lienmach.apps.production.planning.factory import Factory
from lienmach.kernel.sheets import Imported, Problem, Rejected, Severity, import_workbook

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T]+(\d\d:\d\d(?::\d\d)?))?")
_YES = {"true", "1", "yes"}
_HONOURED = {"currentdate", "excel_duration_in_days"}
_ONLY = {
    "wip.consume_capacity": _YES,
    "wip.consume_material": _YES,
    "plan.administrativeleadtime": {"0", "0.0"},
}
"""Parameters with the only values that can be honoured."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A workshop taken over, the plan's now when the file says it, and what somebody should look at."""

    factory: Factory
    start: datetime | None
    warnings: tuple[Problem, ...]


def is_frepple(path: Path) -> bool:
    """Whether a workbook has tables of frePPLe and none of ours."""
    from lienmach.apps.production.sheets import FULL
    from lienmach.kernel.sheets.archive import Refused
    from lienmach.kernel.sheets.parse.words import fold
    from lienmach.kernel.sheets.read import read_workbook

    try:
        tabs = {fold(tab.name) for tab in read_workbook(path).tabs}
    except Refused:
        return False
    ours = {fold(name) for sheet in FULL.sheets for name in (*sheet.title.all(), *sheet.aliases, sheet.name)}
    return bool(tabs & {fold(name) for name in tables.all_names()}) and not tabs & ours


def read_frepple(path: Path, *, language: str, name: str = "") -> Taken | Rejected:
    """Return the workshop that a frePPLe workbook describes, or every reason why it cannot be planned."""
    imported = import_workbook(path, tables.workbook(durations_in_days=False))
    readable = imported if isinstance(imported, Imported) else imported.readable
    if readable is not None and _parameters(readable).get("excel_duration_in_days", "") in _YES:
        imported = import_workbook(path, tables.workbook(durations_in_days=True))
        readable = imported if isinstance(imported, Imported) else imported.readable
    findings = Findings(language)
    found = imported.warnings if isinstance(imported, Imported) else imported.problems
    findings.problems.extend(_stricter(problem, findings) for problem in found)
    if readable is None:
        return Rejected(tuple(findings.problems))
    _check_columns(readable, findings)
    start = _parameter_findings(readable, findings)
    now = start or datetime.now(UTC).replace(tzinfo=None)
    factory = Building(readable, now, findings, name).factory()
    if findings.errors:
        return Rejected(tuple(findings.problems))
    return Taken(factory, start, tuple(findings.problems))


def _stricter(problem: Problem, findings: Findings) -> Problem:
    """What is not known here must not be left out: it stops the import."""
    if problem.code not in {"unknown_column", "unknown_sheet"}:
        return problem
    code = "column_unknown" if problem.code == "unknown_column" else "sheet_refused"
    reason, remedy = findings.texts(code)
    return replace(problem, code=code, reason=reason, remedy=remedy, severity=Severity.ERROR)


def _check_columns(imported: Imported, findings: Findings) -> None:
    for sheet, rows in imported.tables.items():
        if not rows:
            continue
        title = rows[0].place.title
        if sheet in tables.REFUSED_SHEETS:
            findings.of_sheet(title, "sheet_refused")
            continue
        if sheet in tables.TOLD_SHEETS:
            findings.of_sheet(title, "sheet_told", error=False)
            continue
        for key in rows[0]:
            filled = [row for row in rows if row[key] not in (None, "")]
            if not filled:
                continue
            if (sheet, key) in tables.REFUSED:
                for row in filled:
                    findings.add(row, key, "column_refused")
            elif key in tables.TOLD and sheet != "parameter":
                findings.add(filled[0], key, "column_told", error=False, count=len(filled))
    if not imported["demand"]:
        findings.of_sheet("", "no_orders", error=False)


def _parameters(imported: Imported) -> dict[str, str]:
    return {
        row["name"].casefold(): (row["value"] or "").strip().casefold()
        for row in imported["parameter"]
        if row["name"]
    }


def _parameter_findings(imported: Imported, findings: Findings) -> datetime | None:
    """The plan's now; parameters that are not used are named together, at the first of them."""
    start: datetime | None = None
    unused = []
    for row in imported["parameter"]:
        if not row["name"]:
            continue
        key, value = row["name"].casefold(), (row["value"] or "").strip()
        if key == "currentdate":
            start = _moment(value)
            if start is None and value.casefold() not in {"today", "now"}:
                findings.add(row, "value", "no_date")
        elif key in _ONLY and value and value.casefold() not in _ONLY[key]:
            findings.add(row, "value", "parameter_refused")
        elif key not in _HONOURED and key not in _ONLY:
            unused.append(row)
    if unused:
        names = ", ".join(row["name"] for row in unused)
        findings.add(unused[0], "name", "parameters_told", error=False, names=names)
    return start


def _moment(text: str) -> datetime | None:
    match = _MOMENT.match(text)
    if match is None:
        return None
    day, clock = match.groups()
    found = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}")
    return found + timedelta(hours=12) if text.casefold().endswith("pm") and found.hour < 12 else found
