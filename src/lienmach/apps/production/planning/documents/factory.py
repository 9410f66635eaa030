"""A ``Factory`` as a ``lienmach.factory/1`` document, and back: the two are inverse to each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from lienmach.apps.production.planning.documents import factory_schema as parts
from lienmach.apps.production.planning.documents.factory_schema import FACTORY_SCHEMA, WEEKDAYS
from lienmach.apps.production.planning.factory import (
    Alternative,
    Changeover,
    Closure,
    Component,
    Factory,
    Item,
    Machine,
    OperatorGroup,
    Order,
    Rates,
    Receipt,
    Shift,
    Step,
    WorkInProgress,
)
from lienmach.engines.scheduling.problem import During

EXACT_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Described:
    """A workshop and, when its document says so, the plan's now."""

    factory: Factory
    start: datetime | None = None


def factory_json(factory: Factory, *, start: datetime | None = None) -> str:
    """Return the workshop as JSON text."""
    document = factory_document(factory, start=start)
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def factory_document(factory: Factory, *, start: datetime | None = None) -> dict[str, Any]:
    """Return the workshop as plain values; what has its default is left out."""
    document: dict[str, Any] = {"schema": FACTORY_SCHEMA}
    document |= _given(name=factory.name, zone=factory.zone, start=start.isoformat() if start else None)
    document |= _given(
        items=[_item(item) for item in factory.items.values()],
        machines=[_machine(machine) for machine in factory.machines.values()],
        calendars=[
            {"calendar": code, "shifts": [_shift(shift) for shift in shifts]}
            for code, shifts in factory.calendars.items()
        ],
        closures=[_closure(closure) for closure in factory.closures],
        operators=[_operators(group) for group in factory.operators],
        changeovers=[
            {"group": each.group, "before": each.before, "after": each.after, "seconds": each.seconds}
            for each in factory.changeovers
        ],
        stock=[{"item": item, "quantity": number(amount)} for item, amount in factory.stock.items()],
        receipts=[
            {
                "receipt": each.code,
                "item": each.item,
                "quantity": number(each.quantity),
                "due": each.due.isoformat(),
            }
            for each in factory.receipts
        ],
    )
    document["orders"] = [_order(order) for order in factory.orders]
    document |= _given(in_progress=[_lot(lot) for lot in factory.in_progress])
    if factory.rates is not None:
        document["rates"] = {
            "overtime_percent": number(factory.rates.overtime_percent),
            "lateness_per_day": number(factory.rates.lateness_per_day),
        }
    document.setdefault("items", [])
    return document


def number(value: Decimal) -> int | float | str:
    """Return a decimal as a JSON number; as text when a float would not keep every digit."""
    if value == value.to_integral_value():
        return int(value)
    return float(value) if len(value.normalize().as_tuple().digits) <= EXACT_DIGITS else str(value)


def _given(**values: Any) -> dict[str, Any]:
    """What is not empty: a blank text, a zero, a null and an empty list are the defaults of the schema."""
    return {key: value for key, value in values.items() if value or value is False}


def _item(item: Item) -> dict[str, Any]:
    described = {"item": item.code} | _given(
        name=item.name,
        unit=item.unit,
        supplier=item.supplier,
        lot_minimum=number(item.lot_minimum),
        lot_multiple=number(item.lot_multiple),
        lot_maximum=number(item.lot_maximum),
        safety_stock=number(item.safety_stock),
        scrap=number(item.scrap),
        price=number(item.price),
        expedite_surcharge=number(item.expedite_surcharge),
        steps=[_step(step) for step in item.steps],
    )
    if item.lead_time_days is not None:
        described["lead_time_days"] = number(item.lead_time_days)
    return described


def _step(step: Step) -> dict[str, Any]:
    described = {"step": step.code} | _given(
        name=step.name,
        group=step.group,
        seconds_per_piece=number(step.seconds_per_piece),
        fixed_seconds=step.fixed_seconds,
        alternatives=[
            {"machine": each.machine, "seconds_per_piece": number(each.seconds_per_piece)}
            | _given(fixed_seconds=each.fixed_seconds)
            for each in step.alternatives
        ],
        setup_seconds=step.setup_seconds,
        family=step.family,
        load_seconds=step.cycle_seconds,
        recipe=step.recipe,
        skill=step.skill,
        operator_count=step.operator_count if step.operator_count != 1 else 0,
        operator_during=step.operator_during.value if step.operator_during is not During.WHOLE else "",
        min_wait_seconds=step.min_wait_seconds,
        transfer_quantity=step.transfer_quantity,
        outsourced_days=number(step.outsourced_days),
        supplier=step.supplier,
        outsourced_price=number(step.outsourced_price),
        components=[
            {"item": each.item, "quantity_per": number(each.quantity_per)} | _given(waste=number(each.waste))
            for each in step.components
        ],
    )
    if step.max_wait_seconds is not None:
        described["max_wait_seconds"] = step.max_wait_seconds
    if not step.resumable:
        described["can_pause"] = False
    return described


def _machine(machine: Machine) -> dict[str, Any]:
    described = {"machine": machine.code, "group": machine.group} | _given(
        name=machine.name,
        calendar=machine.calendar,
        load_capacity=machine.batch_capacity,
        initial_family=machine.initial_family,
        rate_per_hour=number(machine.rate_per_hour),
    )
    if machine.unlimited:
        described["unlimited"] = True
    if machine.efficiency != 1:
        described["efficiency"] = number(machine.efficiency)
    return described


def _shift(shift: Shift) -> dict[str, Any]:
    described: dict[str, Any] = {
        "days": [WEEKDAYS[day] for day in sorted(shift.weekdays)],
        "start": _clock(shift.start),
        "end": _clock(shift.end),
    }
    return described | ({"overtime": True} if shift.overtime else {})


def _clock(moment: time) -> str:
    return moment.isoformat("seconds" if moment.second else "minutes")


def _closure(closure: Closure) -> dict[str, Any]:
    described = {"start": closure.start.isoformat(), "end": closure.end.isoformat()}
    return described | _given(machine=closure.machine, reason=closure.reason)


def _operators(group: OperatorGroup) -> dict[str, Any]:
    described = {"operators": group.code, "skills": list(group.skills), "count": group.count}
    return described | _given(calendar=group.calendar, rate_per_hour=number(group.rate_per_hour))


def _order(order: Order) -> dict[str, Any]:
    described: dict[str, Any] = {
        "order": order.code,
        "item": order.item,
        "quantity": number(order.quantity),
        "due": order.due.isoformat(),
    }
    return described | _given(
        customer=order.customer,
        weight=order.weight if order.weight != 1 else 0,
        earliest=order.earliest.isoformat() if order.earliest else None,
        lateness_per_day=number(order.lateness_per_day),
    )


def _lot(lot: WorkInProgress) -> dict[str, Any]:
    described = {"lot": lot.code, "item": lot.item, "quantity": lot.quantity, "step": lot.step}
    return described | _given(
        done=lot.done,
        machine=lot.machine,
        order=lot.order,
        started=lot.started.isoformat() if lot.started else None,
    )


def described_factory(document: parts.FactoryDocument) -> Described:
    """Return the workshop that a checked document describes; a moment with an offset becomes local time."""
    rates = document.rates
    zone = ZoneInfo(document.zone)

    def local(moment: datetime | None) -> datetime | None:
        return moment.astimezone(zone).replace(tzinfo=None) if moment and moment.tzinfo else moment

    factory = Factory(
        items={part.item: _item_from(part) for part in document.items},
        machines={part.machine: _machine_from(part) for part in document.machines},
        orders=tuple(_order_from(part, local) for part in document.orders),
        calendars={
            part.calendar: tuple(_shift_from(shift) for shift in part.shifts) for part in document.calendars
        },
        closures=tuple(
            Closure(local(part.start) or part.start, local(part.end) or part.end, part.reason, part.machine)
            for part in document.closures
        ),
        stock={part.item: part.quantity for part in document.stock},
        receipts=tuple(
            Receipt(part.receipt, part.item, part.quantity, part.due) for part in document.receipts
        ),
        changeovers=tuple(
            Changeover(part.group, part.before, part.after, part.seconds) for part in document.changeovers
        ),
        operators=tuple(
            OperatorGroup(part.operators, part.skills, part.count, part.calendar, part.rate_per_hour)
            for part in document.operators
        ),
        in_progress=tuple(
            WorkInProgress(
                part.lot,
                part.item,
                part.quantity,
                part.step,
                part.done,
                part.machine,
                part.order,
                local(part.started),
            )
            for part in document.in_progress
        ),
        rates=Rates(rates.overtime_percent, rates.lateness_per_day) if rates else None,
        name=document.name,
        zone=document.zone,
    )
    return Described(factory, local(document.start))


def _item_from(part: parts.ItemPart) -> Item:
    values = {key: value for key, value in part if key not in {"item", "steps"}}
    return Item(code=part.item, steps=tuple(_step_from(step) for step in part.steps), **values)


_RENAMED = {"step": "code", "load_seconds": "cycle_seconds", "can_pause": "resumable"}


def _step_from(part: parts.StepPart) -> Step:
    values = {_RENAMED.get(key, key): value for key, value in part}
    values["alternatives"] = tuple(Alternative(**dict(each)) for each in part.alternatives)
    values["components"] = tuple(Component(**dict(each)) for each in part.components)
    values["operator_during"] = During(part.operator_during)
    return Step(**values)


def _machine_from(part: parts.MachinePart) -> Machine:
    names = {"machine": "code", "load_capacity": "batch_capacity"}
    return Machine(**{names.get(key, key): value for key, value in part})


def _shift_from(part: parts.ShiftPart) -> Shift:
    days = frozenset(WEEKDAYS.index(day) for day in part.days)
    return Shift(days, _time(part.start), _time(part.end), part.overtime)


def _time(text: str) -> time:
    return time() if text.startswith("24") else time.fromisoformat(text)


def _order_from(part: parts.OrderPart, local: Callable[[datetime | None], datetime | None]) -> Order:
    due = _day_begins(part.due, 1)
    return Order(
        code=part.order,
        item=part.item,
        quantity=Decimal(part.quantity),
        due=local(due) or due,
        customer=part.customer,
        weight=part.weight,
        earliest=local(_day_begins(part.earliest)) if part.earliest is not None else None,
        lateness_per_day=part.lateness_per_day,
    )


def _day_begins(when: date | datetime, days_later: int = 0) -> datetime:
    if isinstance(when, datetime):
        return when
    return datetime.combine(when + timedelta(days=days_later), time())
