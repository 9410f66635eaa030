"""Rows of the planning workbook → ``Factory``; what only shows across rows is reported at its cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from lienmach.apps.production.planning.assumptions import STANDARD
from lienmach.apps.production.planning.factory import (
    DEFAULT_ZONE,
    Changeover,
    Closure,
    Factory,
    Item,
    Machine,
    Order,
    Receipt,
    Shift,
    Step,
)
from lienmach.apps.production.sheets.checking import Findings, check_bill_cycles
from lienmach.apps.production.sheets.people import read_operators, read_rates
from lienmach.apps.production.sheets.progress import read_lots
from lienmach.apps.production.sheets.routings import read_routings, seconds
from lienmach.apps.production.sheets.spelling import Spelling
from lienmach.apps.production.sheets.weekdays import parse_weekdays
from lienmach.engines.scheduling.problem import ANY_FAMILY
from lienmach.kernel.sheets import Imported, Problem, Rejected, Row


def read_factory(
    result: Imported | Rejected, *, language: str = "vi", name: str = "", zone: str = DEFAULT_ZONE
) -> Factory | Rejected:
    """Return the workshop that the workbook describes, or every reason why its rows do not fit together.

    A workbook with unreadable cells is checked as far as it can be read, so that all problems come at once.
    """
    findings = Findings(language)
    if isinstance(result, Imported):
        factory = _read(result, findings, name, zone)
        return Rejected(tuple(findings.problems)) if findings.errors else factory
    if result.readable is not None:
        _read(result.readable, findings, name, zone)
    return Rejected(_in_order((*result.problems, *findings.problems), result.readable))


def _read(imported: Imported, findings: Findings, name: str, zone: str) -> Factory:
    calendars = _calendars(imported, findings)
    known = Spelling(calendars)
    families = Spelling(row["family"] for row in imported["steps"] if row["family"])
    machines = _machines(imported, known, families, findings)
    operators = read_operators(imported, known, findings)
    spelling = Spelling(row["item"] for row in imported["steps"] if row["item"])
    routings = read_routings(imported, machines, operators, spelling, families, findings)
    items = _items(imported, routings, spelling, findings)
    check_bill_cycles(imported, items, spelling, findings)
    orders = _orders(imported, spelling, findings)
    factory = Factory(
        items=items,
        machines=machines,
        orders=orders,
        calendars=calendars,
        closures=_closures(imported, findings),
        stock=_stock(imported, spelling),
        receipts=tuple(
            Receipt(row["receipt"], spelling(row["item"]), row["quantity"], row["due"])
            for row in _whole(imported["receipts"])
        ),
        changeovers=_changeovers(imported, machines, families, findings),
        operators=operators,
        in_progress=read_lots(imported, items, machines, orders, spelling, findings),
        rates=read_rates(imported, findings),
        name=name,
        zone=zone,
    )
    _check_calendars(imported, known, findings)
    _check_known(imported, factory, findings)
    return factory


def _in_order(problems: tuple[Problem, ...], readable: Imported | None) -> tuple[Problem, ...]:
    """Problems sheet by sheet and row by row; those of the file as a whole first."""
    tables = readable.tables.values() if readable else ()
    titles = [rows[0].place.title for rows in tables if rows]
    known = {title: position for position, title in enumerate(titles)}
    return tuple(
        sorted(
            problems, key=lambda problem: (known.get(problem.sheet, -1), problem.row or 0, len(problem.cell))
        )
    )


def _whole(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows without unreadable cells."""
    return (row for row in rows if not row.bad)


def _machines(
    imported: Imported, calendars: Spelling, families: Spelling, findings: Findings
) -> dict[str, Machine]:
    groups = Spelling(row["group"] for row in imported["machines"] if row["group"])
    machines: dict[str, Machine] = {}
    for row in imported["machines"]:
        if row.bad & {"machine", "group"}:
            continue
        machines[row["machine"]] = Machine(
            code=row["machine"],
            group=groups(row["group"]),
            calendar=calendars(row["calendar"]) if row["calendar"] else "",
            name=row["name"] or "",
            efficiency=Decimal(row["efficiency"] or 100) / 100,
            batch_capacity=row["load_capacity"] or 0,
            initial_family=families(row["initial_family"]) if row["initial_family"] else "",
            rate_per_hour=row["rate_per_hour"] or Decimal(0),
            unlimited=_unlimited(row, findings),
        )
    for group in groups.all():
        capacities = {machine.batch_capacity > 0 for machine in machines.values() if machine.group == group}
        if len(capacities) > 1:
            row = next(
                row
                for row in imported["machines"]
                if row["group"] and groups(row["group"]) == group and row["load_capacity"] is None
            )
            findings.add(row, "load_capacity", "load_capacity_missing", group=group)
    return machines


def _unlimited(row: Row, findings: Findings) -> bool:
    contradicted = row["load_capacity"] or row["initial_family"]
    if row["unlimited"] and contradicted:
        findings.add(row, "unlimited", "unlimited_machine")
    return bool(row["unlimited"]) and not contradicted


def _items(
    imported: Imported, routings: dict[str, tuple[Step, ...]], spelling: Spelling, findings: Findings
) -> dict[str, Item]:
    items = {code: Item(code, steps=steps) for code, steps in routings.items()}
    for steps in routings.values():
        for step in steps:
            for part in step.components:
                items.setdefault(part.item, Item(part.item))
    for row in _whole(imported["items"]):
        code = spelling(row["item"])
        if row["lot_maximum"] and code not in routings:
            findings.add(row, "lot_maximum", "maximum_of_bought")
        items[code] = replace(
            items.get(code, Item(code)),
            name=row["name"] or "",
            unit=row["unit"] or "",
            lead_time_days=row["lead_time_days"],
            supplier=row["supplier"] or "",
            lot_minimum=row["lot_minimum"] or Decimal(0),
            lot_multiple=row["lot_multiple"] or Decimal(0),
            lot_maximum=row["lot_maximum"] or Decimal(0),
            safety_stock=row["safety_stock"] or Decimal(0),
            scrap=(row["scrap_percent"] or Decimal(0)) / 100,
            price=row["price"] or Decimal(0),
            expedite_surcharge=row["expedite_surcharge"] or Decimal(0),
        )
    return items


def _orders(imported: Imported, spelling: Spelling, findings: Findings) -> tuple[Order, ...]:
    orders = []
    for row in imported["orders"]:
        quantity, due, earliest = row["quantity"], row["due"], row["earliest"]
        if quantity is not None and quantity != int(quantity):
            findings.add(row, "quantity", "whole_pieces")
        if earliest and due and earliest > due:
            findings.add(row, "earliest", "earliest_after_due")
        if row.bad:
            continue
        orders.append(
            Order(
                code=row["order"],
                item=spelling(row["item"]),
                quantity=row["quantity"],
                due=datetime.combine(row["due"] + timedelta(days=1), time()),
                customer=row["customer"] or "",
                weight=row["weight"] or 1,
                earliest=datetime.combine(row["earliest"], time()) if row["earliest"] else None,
                lateness_per_day=row["lateness_per_day"] or Decimal(0),
            )
        )
    return tuple(orders)


def _calendars(imported: Imported, findings: Findings) -> dict[str, tuple[Shift, ...]]:
    shifts: dict[str, list[Shift]] = defaultdict(list)
    names = Spelling(row["calendar"] or STANDARD for row in imported["hours"])
    for row in _whole(imported["hours"]):
        if row["start"] == row["end"] != time():
            findings.add(row, "end", "empty_shift")
            continue
        shifts[names(row["calendar"] or STANDARD)].append(
            Shift(parse_weekdays(row["days"]), row["start"], row["end"], bool(row["overtime"]))
        )
    return {name: tuple(parts) for name, parts in shifts.items()}


def _closures(imported: Imported, findings: Findings) -> tuple[Closure, ...]:
    closures = []
    for row in _whole(imported["closures"]):
        last = row["last_day"] or row["first_day"]
        start = datetime.combine(row["first_day"], row["start"] or time())
        end = (
            datetime.combine(last, row["end"])
            if row["end"]
            else datetime.combine(last + timedelta(days=1), time())
        )
        if end <= start:
            findings.add(row, "last_day", "closure_ends_before_start")
            continue
        closures.append(Closure(start, end, row["reason"] or "", row["machine"]))
    return tuple(closures)


def _stock(imported: Imported, spelling: Spelling) -> dict[str, Decimal]:
    return {spelling(row["item"]): row["quantity"] for row in _whole(imported["stock"])}


def _changeovers(
    imported: Imported, machines: Mapping[str, Machine], families: Spelling, findings: Findings
) -> tuple[Changeover, ...]:
    groups = Spelling(machine.group for machine in machines.values())
    unread = any(row.bad & {"machine", "group"} for row in imported["machines"])
    used = {*families.all(), *(row["initial_family"] for row in imported["machines"]), ANY_FAMILY}
    known = Spelling(name for name in used if name)
    changes = []
    for row in _whole(imported["changeovers"]):
        if groups.all() and row["group"] not in groups and not unread:
            findings.add(row, "group", "unknown_group", known=groups.all())
        for key in ("before", "after"):
            if row[key] not in known:
                findings.warn(row, key, "family_not_used", known=families.all())
        changes.append(
            Changeover(
                groups(row["group"]), families(row["before"]), families(row["after"]), seconds(row["minutes"])
            )
        )
    return tuple(changes)


def _check_calendars(imported: Imported, known: Spelling, findings: Findings) -> None:
    """Where no hours at all are given, every calendar is assumed to be the standard one."""
    given = Spelling(row["calendar"] or STANDARD for row in imported["hours"])
    if not given.all() or any(row.bad for row in imported["hours"]):
        return
    for row in (*imported["machines"], *imported["operators"]):
        if row["calendar"] and row["calendar"] not in given:
            findings.add(row, "calendar", "unknown_calendar", known=given.all())


def _check_known(imported: Imported, factory: Factory, findings: Findings) -> None:
    """Stock and receipts of items that nothing uses: a warning, it may be a misspelt code."""
    used = {code for code, item in factory.items.items() if item.made}
    used |= {part.item for item in factory.items.values() for step in item.steps for part in step.components}
    if any(row.bad for row in (*imported["steps"], *imported["bill"])):
        return  # what uses them may stand in a row that could not be read
    rows: list[Row] = [row for sheet in ("items", "stock", "receipts") for row in _whole(imported[sheet])]
    canonical = Spelling(list(factory.items))
    for row in rows:
        if canonical(row["item"]) not in used:
            findings.warn(row, "item", "item_not_used", known=used)
