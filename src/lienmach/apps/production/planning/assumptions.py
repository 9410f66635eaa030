"""What nobody told us, filled in with a value that is named, dated nowhere, and shown on every result.

An assumption is never silent: it stands in ``plan.json``, on the page and in the workbook, with the sheet and
column that would replace it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal

from lienmach.apps.production.planning.factory import Fact, Factory, Item, Machine, Shift, Source

STANDARD = "standard"
MONDAY_TO_SATURDAY = frozenset(range(6))
STANDARD_SHIFTS = (
    Shift(MONDAY_TO_SATURDAY, time(8), time(12)),
    Shift(MONDAY_TO_SATURDAY, time(13), time(17)),
)
LEAD_TIME_DAYS = Decimal(7)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing assumed.

    Attributes
    ----------
    code
        Stable name of the rule; ``explain`` holds its sentence in each language.
    value
        The value taken, as text without a unit's translation (``"7"``).
    subjects
        Which machines, items … it concerns; empty when it concerns everything.
    sheet, column
        Where in the workbook the real value would stand.
    """

    code: str
    value: str
    subjects: tuple[str, ...] = ()
    sheet: str = ""
    column: str = ""


def assume(factory: Factory) -> tuple[Factory, tuple[Assumption, ...]]:
    """Return the factory with every gap filled, and the list of what was filled in."""
    made: list[Assumption] = []
    sources = dict(factory.sources)
    factory = _assume_machines(factory, made, sources)
    factory = _assume_hours(factory, made, sources)
    factory = _assume_bought_items(factory, made, sources)
    _note_absent_facts(factory, made, sources)
    return replace(factory, sources=sources), tuple(made)


def _assume_machines(factory: Factory, made: list[Assumption], sources: dict[Fact, Source]) -> Factory:
    """One machine per group when no machine at all was listed."""
    if factory.machines:
        return factory
    groups = list(dict.fromkeys(step.group for item in factory.items.values() for step in item.steps))
    groups = [group for group in groups if group]
    if not groups:
        return factory
    made.append(Assumption("one_machine_per_group", "1", tuple(groups), "machines", "machine"))
    sources.update({Fact("machine", group, "group"): Source.ASSUMED for group in groups})
    return replace(factory, machines={group: Machine(group, group) for group in groups})


def _assume_hours(factory: Factory, made: list[Assumption], sources: dict[Fact, Source]) -> Factory:
    """Monday to Saturday, 08:00-17:00 with a lunch hour, for machines whose calendar nobody described."""
    calendars = dict(factory.calendars)
    default = next(iter(calendars), STANDARD)
    machines = {
        code: machine if machine.calendar else replace(machine, calendar=default)
        for code, machine in factory.machines.items()
    }
    named = {machine.calendar for machine in machines.values()}
    named |= {group.calendar for group in factory.operators if group.calendar}
    unknown = sorted(named - set(calendars))
    if unknown:
        calendars.update(dict.fromkeys(unknown, STANDARD_SHIFTS))
        subjects = () if unknown == [STANDARD] else tuple(unknown)
        made.append(
            Assumption("standard_hours", "Mon-Sat 08:00-12:00 13:00-17:00", subjects, "hours", "days")
        )
        sources.update({Fact("calendar", name, "shifts"): Source.ASSUMED for name in unknown})
    return replace(factory, calendars=calendars, machines=machines)


def _assume_bought_items(factory: Factory, made: list[Assumption], sources: dict[Fact, Source]) -> Factory:
    """A lead time for bought items without one; an item nobody described is bought."""
    items = dict(factory.items)
    used = [part.item for item in items.values() for step in item.steps for part in step.components]
    used += [order.item for order in factory.orders]
    undescribed = [code for code in dict.fromkeys(used) if code not in items]
    items.update({code: Item(code) for code in undescribed})
    if undescribed:
        made.append(Assumption("item_is_bought", "", tuple(undescribed), "items", "item"))
        sources.update({Fact("item", code, "made"): Source.ASSUMED for code in undescribed})
    missing = [code for code, item in items.items() if not item.made and item.lead_time_days is None]
    for code in missing:
        items[code] = replace(items[code], lead_time_days=LEAD_TIME_DAYS)
        sources[Fact("item", code, "lead_time_days")] = Source.ASSUMED
    if missing:
        made.append(Assumption("lead_time", str(LEAD_TIME_DAYS), tuple(missing), "items", "lead_time_days"))
    return replace(factory, items=items)


def _note_absent_facts(factory: Factory, made: list[Assumption], sources: dict[Fact, Source]) -> None:
    """Whole subjects that the input says nothing about: nothing is filled in, but the reader must know."""
    steps = [step for item in factory.items.values() for step in item.steps]
    bought = tuple(code for code, item in factory.items.items() if not item.made)
    if factory.changeovers or any(step.setup_seconds or step.family for step in steps):
        pass
    else:
        _note(made, sources, Assumption("no_setup", "0", (), "steps", "setup_minutes"), "step")
    if bought and not factory.stock:
        _note(made, sources, Assumption("no_stock", "0", bought, "stock", "quantity"), "stock")
    if not factory.closures:
        _note(made, sources, Assumption("no_closures", "", (), "closures", "start"), "closure")
    if not factory.operators:
        _note(made, sources, Assumption("enough_operators", "", (), "operators", "count"), "operator")
    if not any(item.scrap for item in factory.items.values()):
        _note(made, sources, Assumption("no_scrap", "0", (), "items", "scrap"), "item")


def _note(made: list[Assumption], sources: dict[Fact, Source], assumption: Assumption, kind: str) -> None:
    made.append(assumption)
    subjects: Iterable[str] = assumption.subjects or ("",)
    for subject in subjects:
        sources[Fact(kind, subject, assumption.column)] = Source.ASSUMED
