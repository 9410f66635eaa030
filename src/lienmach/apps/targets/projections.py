"""From a computation to the rows that pages read, and the same computed again for an audit."""

from collections.abc import Iterator
from typing import Any

from lienmach.apps.targets.computing import Computed, compute_indicator, organisations_behind
from lienmach.apps.targets.declarations import indicators, threshold_on
from lienmach.apps.targets.models import Cell, Fact, Snapshot
from lienmach.kernel.evidence.projections import recomputed
from lienmach.kernel.evidence.segments.reading import SegmentDamaged
from lienmach.kernel.scope import SystemScope

Row = dict[str, Any]


def cell_rows(found: Computed) -> list[Row]:
    """Return the columns of every cell; `few` names the firms behind one when there are too few of them."""
    enough = threshold_on(found.map_day).contributors
    rows = []
    for mode, computed in found.cells.items():
        behind = organisations_behind(found.facts[mode])
        for cell in computed:
            firms = behind.get((cell.level, cell.unit, cell.period), frozenset())
            rows.append(
                {
                    "mode": mode,
                    "level": cell.level,
                    "unit": cell.unit,
                    "period": cell.period,
                    "numerator": cell.numerator,
                    "denominator": cell.denominator or 0,
                    "contributors": cell.contributors,
                    "self_reported": cell.origins["self-reported"],
                    "instrument": cell.origins["instrument"],
                    "confirmed": cell.origins["confirmed"],
                    "registered": cell.coverage.registered,
                    "with_evidence": cell.coverage.with_evidence,
                    "few": sorted(firms) if len(firms) < enough else [],
                }
            )
    return rows


def fact_rows(found: Computed) -> list[Row]:
    """Return the columns of every event as the cells count it."""
    rows = []
    for mode, facts in found.facts.items():
        communes = {(row.event_id, row.period): row.unit for row in facts["commune"]}
        rows += [
            {
                "mode": mode,
                "event": row.event_id,
                "organisation": row.organisation,
                "period": row.period,
                "province": row.unit,
                "commune": communes[row.event_id, row.period],
                "numerator": row.numerator,
                "denominator": row.denominator,
            }
            for row in facts["province"]
        ]
    return rows


def _quiet(_share: float | None, _words: str) -> None:
    """Say nothing."""


@recomputed("targets.cells")
def cells_differ(scope: SystemScope) -> Iterator[str]:
    """Compute the newest snapshot of every indicator again, as of what it names, and compare all its rows.

    One that another version of the rule made is left alone: it cannot be repeated by this one.
    """
    for indicator in indicators():
        newest = Snapshot.objects.filter(indicator=indicator.id).order_by("-known_before", "-id").first()
        if newest is None or newest.rule_hash != indicator.content_hash:
            continue
        try:
            found = compute_indicator(
                scope, indicator, at=newest.known_before, report=_quiet, up_to=newest.position
            )
        except SegmentDamaged as error:
            yield f"{indicator.id} cannot be computed again: {error}"
            continue
        for table, rows in ((Cell, cell_rows(found)), (Fact, fact_rows(found))):
            yield from (
                f"{indicator.id}, snapshot {newest.id}, {table.__name__.lower()} {what}"
                for what in _differences(table, newest, rows)
            )


def _differences(table: type[Cell] | type[Fact], snapshot: Snapshot, rows: list[Row]) -> Iterator[str]:
    keys = ("mode", "level", "unit", "period") if table is Cell else ("mode", "event", "period")
    computed = {tuple(str(row[name]) for name in keys): row for row in rows}
    names = [field.name for field in table._meta.fields if field.name not in {"id", "snapshot"}]
    stored = {
        tuple(str(row[name]) for name in keys): row
        for row in table._default_manager.filter(snapshot=snapshot).values(*names)
    }
    for key in sorted({*computed, *stored}):
        ours, theirs = computed.get(key), stored.get(key)
        if ours is None or theirs is None:
            yield f"{' '.join(key)} is {'one too many' if ours is None else 'missing'}"
        elif changed := [name for name in names if str(ours[name]) != str(theirs[name])]:
            yield f"{' '.join(key)}: column {', '.join(changed)}"
