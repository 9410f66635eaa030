"""How production's things look on a page: tables declared once, states and events in words."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from lienmach.apps.production.models import OperationState, PlanState, ReportKind, WorkOrderState
from lienmach.apps.production.planning.explain import cause_phrase, gain_phrase, remedy_phrase
from lienmach.apps.production.planning.plan import Plan as VerifiedPlan
from lienmach.apps.production.planning.plan import PlannedPurchase
from lienmach.apps.production.planning.promise import Promise as PromisedDate
from lienmach.apps.production.queries import (
    OperationRow,
    OrderRecord,
    OrderRow,
    PlanRow,
    ShipmentRow,
    WorkOrderRow,
)
from lienmach.kernel.evidence import Event, Origin
from lienmach.kernel.web import formatting
from lienmach.kernel.web.evidence import Entry, EvidencePanel
from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.receipts import Receipt
from lienmach.kernel.web.tables import Column, Filter, Kind, Table

Words = str | Promise

PLAN_MEANING = {
    PlanState.MAKING: Meaning.INFORMATION,
    PlanState.FAILED: Meaning.BAD,
    PlanState.DRAFT: Meaning.WATCH,
    PlanState.PUBLISHED: Meaning.GOOD,
    PlanState.SUPERSEDED: Meaning.IDLE,
}
STAGES: dict[str, tuple[Meaning, Words]] = {
    "planned": (Meaning.IDLE, gettext_lazy("planned")),
    "started": (Meaning.INFORMATION, gettext_lazy("in work")),
    "made": (Meaning.INFORMATION, gettext_lazy("made")),
    "shipped": (Meaning.WATCH, gettext_lazy("shipped")),
    "received": (Meaning.GOOD, gettext_lazy("received")),
}
OPERATION_MEANING = {
    OperationState.PLANNED: Meaning.IDLE,
    OperationState.STARTED: Meaning.INFORMATION,
    OperationState.FINISHED: Meaning.GOOD,
}
ORIGINS: dict[Origin, Words] = {
    Origin.CONFIRMED: gettext_lazy("confirmed by the receiver"),
    Origin.INSTRUMENT: gettext_lazy("from an instrument"),
    Origin.SELF_REPORTED: gettext_lazy("reported by the workshop"),
}


def linked(table: Table, key: str, view: str, organisation: str, **arguments: str) -> Table:
    """Return the table with column `key` leading to a page; `arguments` name the attributes it takes."""

    def href(row: Any) -> str:
        taken = {name: getattr(row, attribute) for name, attribute in arguments.items()}
        return reverse(f"production:{view}", kwargs={"organisation": organisation, **taken})

    columns = [replace(c, href=href) if c.key == key else c for c in table.columns]
    return replace(table, columns=columns)


def plan_badge(row: PlanRow) -> tuple[Meaning, Words]:
    """Return the state of a plan."""
    state = PlanState(row.state)
    return PLAN_MEANING[state], state.label


def order_badge(row: OrderRow) -> tuple[Meaning, Words]:
    """Return whether an order is promised in time."""
    if row.promised is None:
        return Meaning.IDLE, _("not planned")
    days = row.late_by.days
    if days:
        return Meaning.BAD, ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}
    return Meaning.GOOD, _("in time")


def operation_badge(row: OperationRow) -> tuple[Meaning, Words]:
    """Return the state of an operation."""
    state = OperationState(row.state)
    return OPERATION_MEANING[state], state.label


def work_order_badge(row: WorkOrderRow) -> tuple[Meaning, Words]:
    """Return the state of a work order."""
    state = WorkOrderState(row.state)
    if state is WorkOrderState.DONE:
        return Meaning.GOOD, state.label
    if state is WorkOrderState.WITHDRAWN:
        return Meaning.IDLE, state.label
    return (Meaning.INFORMATION, _("in work")) if row.finished_steps else (Meaning.IDLE, state.label)


def receipt_badge(row: ShipmentRow) -> tuple[Meaning, Words]:
    """Return what the receiver said."""
    if row.receipt is None:
        return Meaning.IDLE, _("not confirmed")
    if row.receipt.disputed:
        return Meaning.BAD, _("disputed")
    zone: Any = get_current_timezone()
    return (Meaning.GOOD, _("on time")) if row.on_time(zone) else (Meaning.WATCH, _("late or short"))


def _joined(values: Any) -> str:
    return ", ".join(values)


PLANS = Table(
    "plans",
    title=gettext_lazy("Plans"),
    columns=(
        Column("number", gettext_lazy("Plan"), Kind.NUMBER),
        Column("state", gettext_lazy("State"), Kind.BADGE, value=plan_badge),
        Column("workbook", gettext_lazy("Workbook"), wide_only=True),
        Column("orders", gettext_lazy("Orders"), Kind.NUMBER),
        Column("late_orders", gettext_lazy("Late"), Kind.NUMBER),
        Column("starts_at", gettext_lazy("From"), Kind.DATETIME, wide_only=True),
        Column("ends_at", gettext_lazy("All done"), Kind.DATETIME, wide_only=True),
        Column("created_at", gettext_lazy("Made"), Kind.DATETIME),
    ),
    empty_title=gettext_lazy("No plan yet"),
    empty_text=gettext_lazy("Upload the workshop's workbook and a plan is made from it."),
    empty_url="upload/",
    empty_action=gettext_lazy("Upload workbook"),
)
WORKBOOKS = Table(
    "workbooks",
    title=gettext_lazy("Workbooks"),
    prefix="w_",
    columns=(
        Column("number", gettext_lazy("No."), Kind.NUMBER),
        Column("filename", gettext_lazy("File")),
        Column("errors", gettext_lazy("Errors"), Kind.NUMBER),
        Column("warnings", gettext_lazy("Warnings"), Kind.NUMBER, wide_only=True),
        Column("orders", gettext_lazy("Orders"), Kind.NUMBER),
        Column("uploaded_at", gettext_lazy("Uploaded"), Kind.DATETIME),
    ),
    empty_title=gettext_lazy("No workbook yet"),
)
PROBLEMS = Table(
    "problems",
    title=gettext_lazy("What to correct"),
    columns=(
        Column(
            "severity",
            gettext_lazy("Kind"),
            Kind.BADGE,
            value=lambda row: (
                (Meaning.BAD, _("error")) if row["severity"] == "error" else (Meaning.WATCH, _("warning"))
            ),
        ),
        Column("sheet", gettext_lazy("Sheet")),
        Column("cell", gettext_lazy("Cell"), value=lambda row: row["cell"] or row["row"]),
        Column("column", gettext_lazy("Column"), wide_only=True),
        Column("value", gettext_lazy("Value")),
        Column("reason", gettext_lazy("What is wrong"), sortable=False),
        Column("remedy", gettext_lazy("What to do"), sortable=False),
    ),
    empty_title=gettext_lazy("Nothing to correct"),
)
ORDERS = Table(
    "orders",
    title=gettext_lazy("Orders"),
    search=("code", "customer", "item"),
    filters=(
        Filter(
            "stage",
            gettext_lazy("Stage"),
            choices=[(key, label) for key, (_meaning, label) in STAGES.items()],
            matches=lambda row, wanted: row.stage == wanted,
        ),
    ),
    columns=(
        Column("code", gettext_lazy("Order")),
        Column("late", gettext_lazy("Promise"), Kind.BADGE, value=order_badge),
        Column("stage", gettext_lazy("Stage"), Kind.BADGE, value=lambda row: STAGES[row.stage]),
        Column("item", gettext_lazy("Item"), wide_only=True),
        Column("quantity", gettext_lazy("Quantity"), Kind.NUMBER, wide_only=True),
        Column("customer", gettext_lazy("Customer"), wide_only=True),
        Column("due", gettext_lazy("Due"), Kind.DATE),
        Column("promised", gettext_lazy("Promised"), Kind.DATE),
    ),
    meaning=lambda row: Meaning.BAD if row.late_by and row.stage not in ("shipped", "received") else None,
    empty_title=gettext_lazy("No orders yet"),
    empty_text=gettext_lazy("Orders come from the published plan."),
)
OPERATIONS = Table(
    "operations",
    title=gettext_lazy("Operations"),
    prefix="s_",
    columns=(
        Column("work_order", gettext_lazy("Work order")),
        Column("step", gettext_lazy("Step")),
        Column("item", gettext_lazy("Item"), wide_only=True),
        Column("machine", gettext_lazy("Machine")),
        Column("state", gettext_lazy("State"), Kind.BADGE, value=operation_badge),
        Column("good", gettext_lazy("Good pieces"), Kind.NUMBER),
        Column("quantity", gettext_lazy("Pieces planned"), Kind.NUMBER),
        Column("scrap", gettext_lazy("Scrap pieces"), Kind.NUMBER, wide_only=True),
        Column("planned_start", gettext_lazy("Start"), Kind.DATETIME, wide_only=True),
        Column("planned_end", gettext_lazy("End"), Kind.DATETIME),
    ),
    exports=False,
    empty_title=gettext_lazy("No steps"),
)
WORK_ORDERS = Table(
    "work-orders",
    title=gettext_lazy("Work orders"),
    search=("number", "item", "orders"),
    filters=(
        Filter(
            "state",
            gettext_lazy("State"),
            choices=WorkOrderState.choices,
            matches=lambda row, wanted: row.state == wanted,
        ),
    ),
    columns=(
        Column("number", gettext_lazy("Work order")),
        Column("state", gettext_lazy("State"), Kind.BADGE, value=work_order_badge),
        Column("item", gettext_lazy("Item")),
        Column("quantity", gettext_lazy("Quantity"), Kind.NUMBER),
        Column("orders", gettext_lazy("For orders"), value=lambda row: _joined(row.orders), wide_only=True),
        Column("steps", gettext_lazy("Steps done"), value=lambda row: f"{row.finished_steps}/{row.steps}"),
        Column("starts_at", gettext_lazy("Start"), Kind.DATETIME, wide_only=True),
        Column("ends_at", gettext_lazy("End"), Kind.DATETIME),
    ),
    empty_title=gettext_lazy("No work orders yet"),
    empty_text=gettext_lazy("Publishing a plan makes them."),
)
SHIPMENTS = Table(
    "shipments",
    title=gettext_lazy("Deliveries"),
    search=("number", "order", "item"),
    columns=(
        Column("number", gettext_lazy("Shipment")),
        Column("state", gettext_lazy("Receiver"), Kind.BADGE, value=receipt_badge),
        Column("item", gettext_lazy("Item"), wide_only=True),
        Column("quantity", gettext_lazy("Shipped"), Kind.NUMBER),
        Column(
            "received",
            gettext_lazy("Received"),
            Kind.NUMBER,
            value=lambda row: row.receipt and row.receipt.quantity,
        ),
        Column("promised", gettext_lazy("Promised"), Kind.DATE),
        Column(
            "arrived",
            gettext_lazy("Arrived"),
            Kind.DATE,
            value=lambda row: row.receipt and row.receipt.received_at,
        ),
        Column("dispatched_at", gettext_lazy("Left"), Kind.DATETIME, wide_only=True),
    ),
    empty_title=gettext_lazy("Nothing shipped yet"),
    empty_text=gettext_lazy("Open an order that is made and ship it."),
)


PLAN_ORDERS = Table(
    "plan-orders",
    title=gettext_lazy("Dates to promise"),
    prefix="o_",
    search=("code", "customer", "item"),
    columns=(
        Column("code", gettext_lazy("Order")),
        Column("state", gettext_lazy("State"), Kind.BADGE),
        Column("item", gettext_lazy("Item"), wide_only=True),
        Column("quantity", gettext_lazy("Quantity"), Kind.NUMBER, wide_only=True),
        Column("customer", gettext_lazy("Customer"), wide_only=True),
        Column("due", gettext_lazy("Due"), Kind.DATE),
        Column("ready", gettext_lazy("Ready"), Kind.DATE),
    ),
)
PURCHASES = Table(
    "purchases",
    title=gettext_lazy("Materials to buy"),
    prefix="b_",
    columns=(
        Column("item", gettext_lazy("Material")),
        Column("quantity", gettext_lazy("Quantity"), Kind.NUMBER),
        Column("unit", gettext_lazy("Unit")),
        Column("order_by", gettext_lazy("Order by"), Kind.DATE),
        Column("arrives", gettext_lazy("Arrives"), Kind.DATE),
        Column("supplier", gettext_lazy("Supplier"), wide_only=True),
        Column("orders", gettext_lazy("For orders"), wide_only=True),
        Column("lead", gettext_lazy("Lead time"), wide_only=True),
    ),
    empty_title=gettext_lazy("Nothing has to be bought."),
)


def plan_orders(plan: VerifiedPlan) -> tuple[Table, list[dict[str, Any]]]:
    """Return the table of a plan's orders with their dates, late ones first."""
    ordered = sorted(plan.orders, key=lambda order: (-order.late_s * order.weight, order.end, order.code))
    rows = [
        {
            "code": order.code,
            "state": (Meaning.BAD, _("late")) if order.late_s else (Meaning.GOOD, _("in time")),
            "item": order.item,
            "quantity": order.quantity.normalize(),
            "customer": order.customer,
            "due": plan.timeline.day(order.due - 1),
            "ready": plan.timeline.day(order.end),
        }
        for order in ordered
    ]
    return PLAN_ORDERS, rows


def plan_purchases(plan: VerifiedPlan) -> tuple[Table, list[dict[str, Any]]]:
    """Return the table of what a plan has to buy, the first to order first."""
    return PURCHASES, _bought(plan.purchases)


def _bought(purchases: Iterable[PlannedPurchase]) -> list[dict[str, Any]]:
    return [
        {
            "item": purchase.item,
            "quantity": purchase.quantity.normalize(),
            "unit": purchase.unit,
            "order_by": purchase.order_by,
            "arrives": purchase.arrives,
            "supplier": purchase.supplier,
            "orders": _joined(purchase.orders),
            "lead": _("assumed") if purchase.lead_time_assumed else _("given"),
        }
        for purchase in purchases
    ]


PROMISE_TASKS = Table(
    "promise-tasks",
    title=gettext_lazy("Where it would run"),
    prefix="t_",
    columns=(
        Column("item", gettext_lazy("Item"), wide_only=True),
        Column("step", gettext_lazy("Step")),
        Column("machine", gettext_lazy("Machine")),
        Column("start", gettext_lazy("Start"), Kind.DATETIME),
        Column("end", gettext_lazy("End"), Kind.DATETIME, wide_only=True),
        Column("quantity", gettext_lazy("Quantity"), Kind.NUMBER, wide_only=True),
    ),
    exports=False,
)


def promise_badge(promise: PromisedDate) -> tuple[Meaning, Words] | None:
    """Return whether the earliest date is in time; None when no day was wanted."""
    if promise.in_time is None:
        return None
    if promise.in_time:
        return Meaning.GOOD, _("by the wanted day")
    return Meaning.BAD, _("later than wanted")


def promise_purchases(promise: PromisedDate) -> tuple[Table, list[dict[str, Any]]]:
    """Return the table of what would be bought, the first to order first."""
    columns = [column for column in PURCHASES.columns if column.key != "orders"]
    return replace(PURCHASES, columns=columns, exports=False), _bought(promise.purchases)


def promise_tasks(promise: PromisedDate) -> tuple[Table, list[dict[str, Any]]]:
    """Return the table of where and when it would be made."""
    ordered = sorted(promise.tasks, key=lambda task: (task.start, task.id))
    rows = [
        {
            "item": task.item,
            "step": task.step,
            "machine": task.machine,
            "start": promise.timeline.moment(task.start),
            "end": promise.timeline.moment(task.end),
            "quantity": task.quantity,
        }
        for task in ordered
    ]
    return PROMISE_TASKS, rows


def order_advice(order: OrderRecord) -> dict[str, list[tuple[str, str]]] | None:
    """Return why an order is late and what would help it, in words; None when it is not late."""
    if order.advice is None:
        return None
    language = get_language() or "vi"
    gains = [
        (
            remedy,
            formatting.duration(
                remedy.gain_of(order.code), language=formatting.language_of(language), rough=True
            ),
        )
        for remedy in order.advice.remedies
    ]
    return {
        "reasons": [
            (cause_phrase(c, language), gain_phrase(c, language)) for c in order.advice.planned.causes
        ],
        "remedies": [
            (remedy_phrase(remedy, language), _("%(time)s earlier") % {"time": gain})
            for remedy, gain in gains
        ],
    }


def order_evidence(order: OrderRecord, receipts: tuple[Receipt, ...]) -> EvidencePanel:
    """Return why an order's state is believed: what was said by whom."""
    counted = {origin: sum(event.origin is origin for event in order.events) for origin in Origin}
    reasons: list[str | Promise] = []
    if order.promised is not None:
        words = {"promised": _day(order.promised.isoformat()), "due": _day(order.due.isoformat())}
        reasons.append(
            _("Promised for %(promised)s by the published plan; the customer asked for %(due)s.") % words
        )
    if not order.received:
        reasons.append(_("No receiver has confirmed a delivery yet."))
    return EvidencePanel(
        reasons=tuple(reasons),
        confirmed=counted[Origin.CONFIRMED],
        instrument=counted[Origin.INSTRUMENT],
        self_reported=counted[Origin.SELF_REPORTED],
        receipts=receipts,
    )


def history(events: tuple[Event, ...]) -> list[Entry]:
    """Return events as lines of a history, in words."""
    return [Entry(time=event.time, text=_sentence(event), origin=ORIGINS[event.origin]) for event in events]


def _sentence(event: Event) -> str:
    body = event.body
    match event.type:
        case "production.order_accepted":
            return _("Order accepted: %(quantity)s pieces of %(item)s, due %(due)s.") % {
                "quantity": _number(body["ordered_quantity"]),
                "item": body["item"],
                "due": _day(body["due"]),
            }
        case "production.order_promised":
            if body["before"]:
                return _("Promise changed from %(before)s to %(promised)s.") % {
                    "before": _day(body["before"]),
                    "promised": _day(body["promised"]),
                }
            return _("Promised for %(promised)s.") % {"promised": _day(body["promised"])}
        case "production.operation_reported":
            return _report_sentence(body)
        case "production.shipment_dispatched":
            return _("Shipment %(shipment)s left with %(quantity)s pieces, promised for %(promised)s.") % {
                "shipment": body["shipment"],
                "quantity": _number(body["quantity"]),
                "promised": _day(body["promised"]),
            }
        case "production.receipt_confirmed":
            return _receipt_sentence(event)
        case "identity.link_issued":
            return _("A link for the receiver was made.")
    return event.type


def _report_sentence(body: dict[str, Any]) -> str:
    words = {
        "work_order": body["work_order"],
        "machine": body["machine"],
        "good": _number(body["good"]),
        "scrap": _number(body["scrap"]),
    }
    if body["report"] == ReportKind.STARTED:
        return _("Work order %(work_order)s: started on %(machine)s.") % words
    if body["report"] == ReportKind.FINISHED:
        return (
            _("Work order %(work_order)s: finished on %(machine)s, %(good)s good, %(scrap)s scrap.") % words
        )
    return _("Work order %(work_order)s: %(good)s good and %(scrap)s scrap on %(machine)s.") % words


def _receipt_sentence(event: Event) -> str:
    body = event.body
    words = {
        "quantity": _number(body["quantity"]),
        "good": _number(body["good_quantity"]),
        "day": _day(body["received_on"]),
    }
    if body["disputed"]:
        return _("The receiver disputes: %(quantity)s pieces on %(day)s, %(good)s good.") % words
    if event.corrects:
        return _("The receiver corrected: %(quantity)s pieces on %(day)s, %(good)s good.") % words
    return _("The receiver confirmed: %(quantity)s pieces on %(day)s, %(good)s good.") % words


def _day(value: str) -> str:
    return formatting.day(date.fromisoformat(value))


def _number(value: int) -> str:
    return formatting.number(value, language=formatting.language_of(get_language()))
