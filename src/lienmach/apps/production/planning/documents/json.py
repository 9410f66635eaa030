"""``plan.json``, schema ``lienmach.plan/1``: times are integer seconds since ``epoch``, dates are local.

``cpu_seconds`` is the budget that was asked for, not the time that was measured, so that the same input, seed
and budget give the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lienmach.apps.production.planning.assumptions import Assumption
from lienmach.apps.production.planning.costs import Costs
from lienmach.apps.production.planning.documents.factory import described_factory, factory_document
from lienmach.apps.production.planning.documents.factory_schema import FactoryDocument
from lienmach.apps.production.planning.explain import (
    assumption_sentence,
    lateness_sentence,
    remedy_effect,
    remedy_phrase,
)
from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.planning.plan import (
    Cause,
    CauseKind,
    CostKind,
    CostLine,
    Measure,
    Plan,
    PlannedOrder,
    PlannedPurchase,
    PlannedTask,
    Remedy,
    RemedyKind,
)
from lienmach.apps.production.planning.timeline import Interval, Timeline

SCHEMA = "lienmach.plan/1"
LANGUAGES = ("vi", "en")
CALENDAR_AFTER_S = 7 * 86_400


def plan_json(plan: Plan, *, cpu_seconds: float) -> str:
    """Return the plan as one JSON document."""
    return json.dumps(plan_document(plan, cpu_seconds=cpu_seconds), ensure_ascii=False, indent=1) + "\n"


def plan_document(plan: Plan, *, cpu_seconds: float) -> dict[str, Any]:
    """Return the plan as plain values."""
    return {
        "schema": SCHEMA,
        "objective": plan.objective,
        "makespan": plan.makespan,
        "weighted_tardiness": plan.weighted_tardiness,
        "lower_bound": plan.lower_bound,
        "cpu_seconds": cpu_seconds,
        "time_unit": "second",
        "name": plan.name,
        "epoch": plan.timeline.epoch.isoformat(),
        "zone": plan.timeline.zone,
        "setup_seconds": plan.setup_seconds,
        "late_orders": len(plan.late_orders),
        "found_by": {
            "method": plan.measure.method,
            "seed": plan.measure.seed,
            "work_budget": plan.measure.budget,
            "work": plan.measure.work,
            "complete": plan.measure.complete,
        },
        "verified": True,
        "tasks": [task_document(plan, task) for task in plan.tasks],
        "orders": [_order(plan, order) for order in plan.orders],
        "purchases": [_purchase(purchase) for purchase in plan.purchases],
        "remedies": [_remedy(plan, remedy) for remedy in plan.remedies],
        "assumptions": [_assumption(assumption) for assumption in plan.assumptions],
        **_machines(plan),
        "costs": _costs(plan.costs) if plan.costs else None,
        "factory": factory_document(plan.factory) if plan.factory else None,
    }


def plan_from_document(document: dict[str, Any]) -> Plan:
    """Return the plan that a document describes; the inverse of ``plan_document``.

    Raises
    ------
    ValueError, KeyError
        When the document is not of this schema.
    """
    if document.get("schema") != SCHEMA:
        raise ValueError(f"The document's schema must be '{SCHEMA}', not {document.get('schema')!r}.")
    found = document["found_by"]
    calendars = {
        name: tuple((start, end) for start, end in intervals)
        for name, intervals in document["calendars"].items()
    }
    return Plan(
        name=document["name"],
        timeline=Timeline(datetime.fromisoformat(document["epoch"]), document["zone"]),
        objective=document["objective"],
        makespan=document["makespan"],
        weighted_tardiness=document["weighted_tardiness"],
        lower_bound=document["lower_bound"],
        setup_seconds=document["setup_seconds"],
        tasks=tuple(_task_from(task) for task in document["tasks"]),
        orders=tuple(_order_from(order) for order in document["orders"]),
        purchases=tuple(_purchase_from(purchase) for purchase in document["purchases"]),
        assumptions=tuple(
            Assumption(a["code"], a["value"], tuple(a["subjects"]), a["sheet"], a["column"])
            for a in document["assumptions"]
        ),
        measure=Measure(
            found["method"], found["seed"], found["work_budget"], found["work"], found["complete"]
        ),
        machines={machine["machine"]: machine["group"] for machine in document["machines"]},
        open={
            machine["machine"]: calendars[machine["calendar"]] if machine["calendar"] else None
            for machine in document["machines"]
        },
        factory=_factory_from(document.get("factory")),
        remedies=tuple(_remedy_from(remedy) for remedy in document.get("remedies", ())),
        costs=_costs_from(document.get("costs")),
    )


def _factory_from(document: dict[str, Any] | None) -> Factory | None:
    """It was checked before it was planned. Plans kept by older versions carry none."""
    return described_factory(FactoryDocument.model_validate(document)).factory if document else None


def _costs(costs: Costs) -> dict[str, Any]:
    return {**asdict(costs), "unpriced": list(costs.unpriced), "total": costs.total, "currency": "VND"}


def _costs_from(document: dict[str, Any] | None) -> Costs | None:
    if not document:
        return None
    values = {key: value for key, value in document.items() if key not in {"total", "currency"}}
    return Costs(**{**values, "unpriced": tuple(values["unpriced"])})


def _task_from(task: dict[str, Any]) -> PlannedTask:
    return PlannedTask(
        id=task["operation"],
        job=task["job"],
        item=task["item"],
        step=task["step"],
        machine=task["machine"],
        start=task["start"],
        end=task["end"],
        quantity=task["quantity"],
        orders=tuple(task["orders"]),
        setup_start=task["setup_start"],
        setup_end=task["setup_end"],
        batch=task["batch"],
        waits_for=task["waits_for"],
        cause=task["cause"],
        operators=tuple(task.get("operators", ())),
    )


def _order_from(order: dict[str, Any]) -> PlannedOrder:
    return PlannedOrder(
        code=order["order"],
        item=order["item"],
        quantity=Decimal(str(order["quantity"])),
        customer=order["customer"],
        due=order["due"],
        weight=order["weight"],
        end=order["end"],
        causes=tuple(
            Cause(
                CauseKind(cause["kind"]),
                cause["subject"],
                cause["seconds"],
                tuple(cause["blockers"]),
                cause.get("gain_seconds"),
                tuple((CauseKind(each["kind"]), each["subject"]) for each in cause.get("also", ())),
            )
            for cause in order["causes"]
        ),
    )


def _purchase_from(purchase: dict[str, Any]) -> PlannedPurchase:
    return PlannedPurchase(
        item=purchase["item"],
        name=purchase["name"],
        unit=purchase["unit"],
        supplier=purchase["supplier"],
        quantity=Decimal(str(purchase["quantity"])),
        order_by=date.fromisoformat(purchase["order_by"]),
        arrives=date.fromisoformat(purchase["arrives"]),
        overdue=purchase["overdue"],
        orders=tuple(purchase["orders"]),
        lead_time_assumed=purchase["lead_time_assumed"],
    )


def _machines(plan: Plan) -> dict[str, Any]:
    """Machines with their calendars; machines with the same hours share one."""
    names: dict[tuple[Interval, ...], str] = {}
    machines = []
    for code, group in plan.machines.items():
        opened = plan.open.get(code)
        calendar = None
        if opened is not None:
            until = plan.end + CALENDAR_AFTER_S
            shown = tuple(interval for interval in opened if interval[0] < until)
            calendar = names.setdefault(shown, f"calendar-{len(names) + 1}")
        machines.append({"machine": code, "group": group, "calendar": calendar})
    calendars = {name: [list(interval) for interval in shown] for shown, name in names.items()}
    return {"machines": machines, "calendars": calendars}


def task_document(plan: Plan, task: PlannedTask) -> dict[str, Any]:
    """Return one operation of a plan as plain values."""
    return placed_document(plan.timeline, task) | {
        "orders": list(task.orders),
        "batch": task.batch,
        "operators": list(task.operators),
        "waits_for": task.waits_for,
        "cause": task.cause,
    }


def placed_document(timeline: Timeline, task: PlannedTask) -> dict[str, Any]:
    """Return what plans and promises say alike of an operation: what it is and where it stands."""
    return {
        "job": task.job,
        "operation": task.id,
        "machine": task.machine,
        "start": task.start,
        "end": task.end,
        "start_at": timeline.moment(task.start).isoformat(),
        "end_at": timeline.moment(task.end).isoformat(),
        "setup_start": task.setup_start,
        "setup_end": task.setup_end,
        "item": task.item,
        "step": task.step,
        "quantity": task.quantity,
    }


def _order(plan: Plan, order: PlannedOrder) -> dict[str, Any]:
    return {
        "order": order.code,
        "item": order.item,
        "quantity": number(order.quantity),
        "customer": order.customer,
        "weight": order.weight,
        "due": order.due,
        "due_at": plan.timeline.moment(order.due).isoformat(),
        "end": order.end,
        "end_at": plan.timeline.moment(order.end).isoformat(),
        "promised": plan.timeline.day(order.end).isoformat(),
        "late_seconds": order.late_s,
        "causes": [
            cause_document(cause)
            | {
                "gain_seconds": cause.gain_s,
                "also": [{"kind": kind.value, "subject": subject} for kind, subject in cause.also],
            }
            for cause in order.causes
        ],
        "why_late": {language: lateness_sentence(order, language) for language in LANGUAGES}
        if order.late_s
        else None,
        "remedies": [
            {"remedy": number, "gain_seconds": gain}
            for number, remedy in enumerate(plan.remedies)
            if (gain := remedy.gain_of(order.code))
        ],
    }


def cause_document(cause: Cause) -> dict[str, Any]:
    """Return what time was lost to."""
    return {
        "kind": cause.kind.value,
        "subject": cause.subject,
        "seconds": cause.seconds,
        "blockers": list(cause.blockers),
    }


def _purchase(purchase: PlannedPurchase) -> dict[str, Any]:
    return bought_document(purchase) | {
        "overdue": purchase.overdue,
        "orders": list(purchase.orders),
        "lead_time_assumed": purchase.lead_time_assumed,
    }


def bought_document(purchase: PlannedPurchase) -> dict[str, Any]:
    """Return what plans and promises say alike of a purchase."""
    return {
        "item": purchase.item,
        "name": purchase.name,
        "quantity": number(purchase.quantity),
        "unit": purchase.unit,
        "supplier": purchase.supplier,
        "order_by": purchase.order_by.isoformat(),
        "arrives": purchase.arrives.isoformat(),
    }


def _remedy(plan: Plan, remedy: Remedy) -> dict[str, Any]:
    return {
        "kind": remedy.kind.value,
        "subject": remedy.subject,
        "amount": remedy.amount,
        "place": remedy.place,
        "gains": [{"order": order, "seconds": seconds} for order, seconds in remedy.gains],
        "orders_on_time": remedy.on_time,
        "weighted_seconds": remedy.weighted_s,
        "cost": remedy.cost,
        "cost_lines": None if remedy.lines is None else [_cost_line(line) for line in remedy.lines],
        "saves": remedy.saves,
        "net": remedy.net,
        "rank_by_money": plan.rank_by_money(remedy),
        "text": {language: remedy_phrase(remedy, language) for language in LANGUAGES},
        "effect": {language: remedy_effect(remedy, language) for language in LANGUAGES},
    }


def _cost_line(line: CostLine) -> dict[str, Any]:
    return {
        "kind": line.kind.value,
        "subject": line.subject,
        "quantity": line.quantity,
        "unit": line.unit.value,
        "rate": number(line.rate),
        "amount": number(round(line.amount, 2)),
    }


def _cost_line_from(line: dict[str, Any]) -> CostLine:
    return CostLine(CostKind(line["kind"]), line["subject"], line["quantity"], Decimal(str(line["rate"])))


def _remedy_from(remedy: dict[str, Any]) -> Remedy:
    """Plans kept by older versions do not know what a remedy costs."""
    lines = remedy.get("cost_lines")
    return Remedy(
        kind=RemedyKind(remedy["kind"]),
        subject=remedy["subject"],
        amount=remedy["amount"],
        gains=tuple((gain["order"], gain["seconds"]) for gain in remedy["gains"]),
        on_time=remedy["orders_on_time"],
        weighted_s=remedy["weighted_seconds"],
        place=remedy["place"],
        saves=remedy["saves"],
        lines=None if lines is None else tuple(_cost_line_from(line) for line in lines),
    )


def _assumption(assumption: Assumption) -> dict[str, Any]:
    return {
        "code": assumption.code,
        "value": assumption.value,
        "subjects": list(assumption.subjects),
        "sheet": assumption.sheet,
        "column": assumption.column,
        "text": {language: assumption_sentence(assumption, language) for language in LANGUAGES},
    }


def number(value: Decimal) -> int | float:
    """Return a decimal as a JSON number, whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)
