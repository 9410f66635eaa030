"""The sheets Items and steps, Bill of materials and Alternative machines → one routing per item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from lienmach.apps.production.planning.factory import Alternative, Component, Machine, Step
from lienmach.apps.production.sheets.checking import Findings
from lienmach.apps.production.sheets.spelling import Spelling
from lienmach.kernel.sheets import Imported, Row

_DEFINING = (
    "group",
    "minutes_per_piece",
    "load_minutes",
    "setup_minutes",
    "family",
    "skill",
    "outsourced_days",
)
MINUTE = Decimal(60)


@dataclass
class _Draft:
    """A step while its rows are being gathered."""

    row: Row
    components: list[Component] = field(default_factory=list)
    alternatives: list[Alternative] = field(default_factory=list)


def read_routings(
    imported: Imported, machines: Mapping[str, Machine], spelling: Spelling, findings: Findings
) -> dict[str, tuple[Step, ...]]:
    """Return the steps of each item in the order of work; problems go to ``findings``."""
    drafts = _gather(imported, spelling, findings)
    _add_bill(imported, drafts, spelling, findings)
    _add_alternatives(imported, drafts, spelling, findings)
    groups = Spelling([machine.group for machine in machines.values()])
    skills = Spelling(row["skill"] for row in imported["operators"] if row["skill"])
    if any(row.bad & {"machine", "group"} for row in imported["machines"]):
        machines = {}  # a group may stand in a row that could not be read
    routings = {}
    for item, steps in drafts.items():
        built = [_step(draft, machines, groups, skills, findings) for draft in _in_order(steps)]
        routings[item] = tuple(built)
    return routings


def _gather(imported: Imported, spelling: Spelling, findings: Findings) -> dict[str, dict[str, _Draft]]:
    drafts: dict[str, dict[str, _Draft]] = defaultdict(dict)
    for row in imported["steps"]:
        if row.bad & {"item", "step"}:
            continue
        item, key = spelling(row["item"]), row["step"].casefold()
        draft = drafts[item].get(key)
        if draft is None:
            draft = drafts[item][key] = _Draft(row)
        else:
            for column in _DEFINING:
                value = row[column]
                given = value is not None and column not in row.assumed
                if given and column not in draft.row.bad and value != draft.row[column]:
                    findings.add(row, column, "step_repeated", first=draft.row.number)
        if row.bad & {"material", "material_quantity"}:
            continue
        if row["material"] and row["material_quantity"] is None:
            findings.add(row, "material_quantity", "material_without_quantity")
        elif row["material_quantity"] is not None and not row["material"]:
            findings.add(row, "material", "quantity_without_material")
        elif row["material"]:
            draft.components.append(Component(spelling(row["material"]), row["material_quantity"]))
    return drafts


def _add_bill(
    imported: Imported, drafts: dict[str, dict[str, _Draft]], spelling: Spelling, findings: Findings
) -> None:
    unread = any(row.bad & {"item", "step"} for row in imported["steps"])
    for row in imported["bill"]:
        if row.bad:
            continue
        steps = drafts.get(spelling(row["item"]), {})
        ordered = _in_order(steps)
        draft = steps.get(row["step"].casefold()) if row["step"] else next(iter(ordered), None)
        if draft is None:
            if not unread:
                findings.add(row, "step", "unknown_step", known=[part.row["step"] for part in ordered])
            continue
        waste = (row["waste_percent"] or Decimal(0)) / 100
        draft.components.append(Component(spelling(row["component"]), row["quantity_per"], waste))


def _add_alternatives(
    imported: Imported, drafts: dict[str, dict[str, _Draft]], spelling: Spelling, findings: Findings
) -> None:
    unread = any(row.bad & {"item", "step"} for row in imported["steps"])
    for row in imported["alternatives"]:
        if row.bad:
            continue
        steps = drafts.get(spelling(row["item"]), {})
        draft = steps.get(row["step"].casefold())
        if draft is None:
            if not unread:
                known = [part.row["step"] for part in steps.values()]
                findings.add(row, "step", "unknown_step", known=known)
            continue
        draft.alternatives.append(Alternative(row["machine"], row["minutes_per_piece"] * MINUTE))


def _in_order(steps: Mapping[str, _Draft]) -> list[_Draft]:
    """Numbered steps by number, otherwise as written."""
    drafts = list(steps.values())
    if all(draft.row["step"].isdigit() for draft in drafts):
        drafts.sort(key=lambda draft: int(draft.row["step"]))
    return drafts


def _step(
    draft: _Draft, machines: Mapping[str, Machine], groups: Spelling, skills: Spelling, findings: Findings
) -> Step:
    row = draft.row
    alternatives = list(draft.alternatives)
    group = row["group"] or ""
    outsourced = row["outsourced_days"] or Decimal(0)
    rate = (row["minutes_per_piece"] or Decimal(0)) * MINUTE
    load_seconds = int((row["load_minutes"] or Decimal(0)) * MINUTE)
    if not (group or alternatives or outsourced or row.bad & {"group", "outsourced_days"}):
        findings.add(row, "group", "step_without_place")
    timed = rate or load_seconds or alternatives or outsourced
    if not timed and not row.bad & {"minutes_per_piece", "load_minutes", "outsourced_days"}:
        findings.add(row, "minutes_per_piece", "step_without_time")
    if group and machines and not outsourced and not alternatives:
        by_code = {code.casefold(): code for code in machines}
        if group in groups:
            group = groups(group)
        elif group.casefold() in by_code:
            alternatives = [Alternative(by_code[group.casefold()], rate)]
        else:
            findings.add(row, "group", "unknown_group", known=groups.all())
    if load_seconds and machines and group in groups:
        members = [machine for machine in machines.values() if machine.group == group]
        if not any(machine.batch_capacity for machine in members):
            findings.add(row, "load_minutes", "no_load_capacity", group=group)
    if row["skill"] and skills.all() and row["skill"] not in skills:
        findings.add(row, "skill", "unknown_skill", known=skills.all())
    return Step(
        code=row["step"],
        group=group,
        seconds_per_piece=rate,
        alternatives=tuple(alternatives),
        setup_seconds=int((row["setup_minutes"] or Decimal(0)) * MINUTE),
        family=row["family"] or "",
        cycle_seconds=load_seconds,
        skill=skills(row["skill"]) if row["skill"] else "",
        outsourced_days=outsourced,
        components=tuple(draft.components),
        resumable=row["can_pause"] is not False,
        name=row["step_name"] or "",
    )
