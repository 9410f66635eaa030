"""The sheets Operators and Rates → who works here, and what overtime and lateness cost."""

from __future__ import annotations

from decimal import Decimal

from lienmach.apps.production.planning.factory import OperatorGroup, Rates
from lienmach.apps.production.sheets.checking import Findings
from lienmach.apps.production.sheets.spelling import Spelling
from lienmach.kernel.sheets import Imported


def read_operators(imported: Imported, calendars: Spelling, findings: Findings) -> tuple[OperatorGroup, ...]:
    """Return the groups of operators; one without a code is called after its skills."""
    skills = Spelling(skill for row in imported["operators"] for skill in row["skill"] or ())
    first: dict[str, int] = {}
    groups = []
    for row in imported["operators"]:
        if row.bad:
            continue
        named = tuple(dict.fromkeys(skills(skill) for skill in row["skill"]))
        code = row["operators"] or " + ".join(named)
        if code.casefold() in first:
            key = "operators" if row["operators"] else "skill"
            findings.add(row, key, "operators_repeated", team=code, first=first[code.casefold()])
            continue
        first[code.casefold()] = row.number
        groups.append(
            OperatorGroup(
                code,
                named,
                row["count"],
                calendars(row["calendar"]) if row["calendar"] else "",
                row["rate_per_hour"] or Decimal(0),
            )
        )
    return tuple(groups)


def read_rates(imported: Imported, findings: Findings) -> Rates | None:
    """Return the money that holds for the whole workshop, or None when nobody gave any."""
    rows = [row for row in imported["rates"] if not row.bad]
    for row in rows[1:]:
        findings.add(row, "overtime_percent", "one_row_only")
    return Rates(rows[0]["overtime_percent"], rows[0]["lateness_per_day"]) if rows else None
