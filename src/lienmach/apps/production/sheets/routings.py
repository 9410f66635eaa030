"""The sheets Items and steps, Bill of materials and Alternative machines → one routing per item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lienmach.apps.production.planning.factory import (
    Alternative,
    Component,
    Machine,
    OperatorGroup,
    Step,
)
from lienmach.apps.production.sheets.checking import Findings
from lienmach.apps.production.sheets.spelling import Spelling
from lienmach.engines.scheduling.problem import During
from lienmach.kernel.sheets import Imported, Row

_DEFINING = (
    "group",
    "minutes_per_piece",
    "load_minutes",
    "setup_minutes",
    "family",
    "skill",
    "outsourced_days",
    "outsourced_to",
    "outsourced_price",
    "operator_count",
    "operator_during",
    "recipe",
    "fixed_minutes",
    "min_wait_minutes",
    "max_wait_minutes",
    "transfer_quantity",
    "can_pause",
    "step_name",
)
MINUTE = Decimal(60)


@dataclass
class _Draft:
    """A step while its rows are being gathered."""

    row: Row
    components: list[Component] = field(default_factory=list)
    alternatives: list[Alternative] = field(default_factory=list)


def read_routings(
    imported: Imported,
    machines: Mapping[str, Machine],
    operators: Sequence[OperatorGroup],
    spelling: Spelling,
    families: Spelling,
    findings: Findings,
) -> dict[str, tuple[Step, ...]]:
    """Return the steps of each item in the order of work; problems go to ``findings``."""
    drafts = _gather(imported, spelling, findings)
    _add_bill(imported, drafts, spelling, findings)
    _add_alternatives(imported, drafts, spelling, findings)
    groups = Spelling([machine.group for machine in machines.values()])
    skills = Skills(operators, complete=not any(row.bad for row in imported["operators"]))
    if any(row.bad & {"machine", "group"} for row in imported["machines"]):
        machines = {}  # a group may stand in a row that could not be read
    routings = {}
    for item, steps in drafts.items():
        ordered = _in_order(steps)
        built = [_step(draft, machines, groups, skills, families, findings) for draft in ordered]
        _check_passing(ordered, built, findings)
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
        own = row["fixed_minutes"]
        fixed = own if own is not None else draft.row["fixed_minutes"]
        draft.alternatives.append(
            Alternative(row["machine"], row["minutes_per_piece"] * MINUTE, seconds(fixed))
        )


def _in_order(steps: Mapping[str, _Draft]) -> list[_Draft]:
    """Numbered steps by number, otherwise as written."""
    drafts = list(steps.values())
    if all(draft.row["step"].isdigit() for draft in drafts):
        drafts.sort(key=lambda draft: int(draft.row["step"]))
    return drafts


class Skills:
    """The skills there are, and how many people of one team have each; empty when nobody listed operators."""

    def __init__(self, operators: Sequence[OperatorGroup], *, complete: bool) -> None:
        self.known = Spelling(skill for group in operators for skill in group.skills)
        self.complete = complete
        self._most: dict[str, int] = {}
        for group in operators:
            for skill in group.skills:
                self._most[skill] = max(self._most.get(skill, 0), group.count)

    def spelt(self, skill: str) -> str:
        """Return a skill as the sheet Operators spells it; one that nobody has stays as it is."""
        return self.known(skill) if skill in self.known else skill

    def check(self, row: Row, findings: Findings) -> None:
        """Report a skill that nobody has, or that too few have."""
        if not row["skill"]:
            for key in ("operator_count", "operator_during"):
                if row[key] is not None and key not in row.assumed:
                    findings.add(row, key, "operators_without_skill")
        elif not (self.known.all() and self.complete):
            return
        elif row["skill"] not in self.known:
            findings.add(row, "skill", "unknown_skill", known=self.known.all())
        elif (row["operator_count"] or 1) > (most := self._most[self.known(row["skill"])]):
            findings.add(row, "operator_count", "too_few_operators", count=row["operator_count"], most=most)


def seconds(minutes: Decimal | None) -> int:
    """Return minutes as whole seconds, rounded up: a plan must not promise time that is not there."""
    if minutes is None:
        return 0
    whole = minutes * 60
    return int(whole) + (whole != int(whole))


def _step(
    draft: _Draft,
    machines: Mapping[str, Machine],
    groups: Spelling,
    skills: Skills,
    families: Spelling,
    findings: Findings,
) -> Step:
    row = draft.row
    group, alternatives = _place(draft, machines, groups, findings)
    skills.check(row, findings)
    _check_times(row, alternatives, findings)
    _check_outsourced(row, alternatives, findings)
    load_seconds = seconds(row["load_minutes"])
    if load_seconds and machines:
        named = {each.machine for each in alternatives}
        able = [m for m in machines.values() if (m.code in named if named else m.group == group)]
        if not any(machine.batch_capacity for machine in able):
            findings.add(row, "load_minutes", "no_load_capacity", group=group or ", ".join(sorted(named)))
    return Step(
        code=row["step"],
        group=group,
        seconds_per_piece=(row["minutes_per_piece"] or Decimal(0)) * MINUTE,
        alternatives=tuple(alternatives),
        setup_seconds=seconds(row["setup_minutes"]),
        family=families(row["family"]) if row["family"] else "",
        cycle_seconds=load_seconds,
        skill=skills.spelt(row["skill"] or ""),
        outsourced_days=row["outsourced_days"] or Decimal(0),
        components=tuple(draft.components),
        resumable=row["can_pause"] is not False,
        name=row["step_name"] or "",
        fixed_seconds=seconds(row["fixed_minutes"]),
        recipe=row["recipe"] or "",
        operator_count=row["operator_count"] or 1,
        operator_during=During(row["operator_during"] or "whole"),
        min_wait_seconds=seconds(row["min_wait_minutes"]),
        max_wait_seconds=_longest_wait(row),
        transfer_quantity=row["transfer_quantity"] or 0,
        supplier=row["outsourced_to"] or "",
        outsourced_price=row["outsourced_price"] or Decimal(0),
    )


def _place(
    draft: _Draft, machines: Mapping[str, Machine], groups: Spelling, findings: Findings
) -> tuple[str, list[Alternative]]:
    """The machine group in its first spelling, and named machines; a group may also name one machine."""
    row, alternatives, group = draft.row, list(draft.alternatives), draft.row["group"] or ""
    outsourced = row["outsourced_days"]
    if not (group or alternatives or outsourced or row.bad & {"group", "outsourced_days"}):
        findings.add(row, "group", "step_without_place")
    if group and machines and not outsourced and not alternatives:
        by_code = {code.casefold(): code for code in machines}
        if group in groups:
            group = groups(group)
        elif group.casefold() in by_code:
            rate = (row["minutes_per_piece"] or Decimal(0)) * MINUTE
            alternatives = [Alternative(by_code[group.casefold()], rate, seconds(row["fixed_minutes"]))]
        else:
            findings.add(row, "group", "unknown_group", known=groups.all())
    elif group in groups:
        group = groups(group)
    return group, alternatives


def _check_times(row: Row, alternatives: Sequence[Alternative], findings: Findings) -> None:
    keys = ("minutes_per_piece", "load_minutes", "fixed_minutes", "outsourced_days")
    if not (any(row[key] for key in keys) or alternatives or row.bad & set(keys)):
        findings.add(row, "minutes_per_piece", "step_without_time")
    if row["load_minutes"] and row["minutes_per_piece"]:
        findings.warn(row, "minutes_per_piece", "two_times")
    if row["recipe"] and not row["load_minutes"] and "load_minutes" not in row.bad:
        findings.add(row, "recipe", "recipe_without_load")


def _check_outsourced(row: Row, alternatives: Sequence[Alternative], findings: Findings) -> None:
    if row["outsourced_days"] and (row["group"] or alternatives):
        findings.add(row, "outsourced_days", "two_places")
    if row["outsourced_to"] and not row["outsourced_days"] and "outsourced_days" not in row.bad:
        findings.add(row, "outsourced_to", "outsourced_without_days")


def _longest_wait(row: Row) -> int | None:
    """A maximum shorter than the minimum is reported elsewhere; here it must not break the step."""
    if row["max_wait_minutes"] is None:
        return None
    return max(int(row["max_wait_minutes"] * MINUTE), seconds(row["min_wait_minutes"]))


def _check_passing(drafts: Sequence[_Draft], steps: Sequence[Step], findings: Findings) -> None:
    """Waits and transfer batches need a next step; batches do not go into or out of a furnace."""
    for number, (draft, step) in enumerate(zip(drafts, steps, strict=True)):
        row = draft.row
        shortest, longest = row["min_wait_minutes"], row["max_wait_minutes"]
        if longest is not None and shortest is not None and longest < shortest:
            findings.add(row, "max_wait_minutes", "max_below_min")
        if number + 1 == len(steps):
            for key in ("min_wait_minutes", "max_wait_minutes", "transfer_quantity"):
                if row[key]:
                    findings.add(row, key, "after_the_last_step")
        elif step.transfer_quantity and (step.cycle_seconds or steps[number + 1].cycle_seconds):
            findings.add(row, "transfer_quantity", "transfer_and_loads")
