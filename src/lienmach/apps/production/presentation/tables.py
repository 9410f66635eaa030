"""Tables declared once, and states as badges."""

from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lienmach.apps.production.models import OperationState, PlanState, WorkOrderState
from lienmach.apps.production.queries import (
    OperationRow,
    OrderRow,
    PlanRow,
    ShipmentRow,
    WorkOrderRow,
)
from lienmach.kernel.web.meaning import Meaning
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


def joined(values: Any) -> str:
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
        Column("orders", gettext_lazy("For orders"), value=lambda row: joined(row.orders), wide_only=True),
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
    dense=True,
    columns=(
        Column("item", gettext_lazy("Material"), Kind.CODE),
        Column("quantity", gettext_lazy("Quantity"), Kind.NUMBER),
        Column("unit", gettext_lazy("Unit"), Kind.CODE),
        Column("order_by", gettext_lazy("Order by"), Kind.DATE),
        Column("arrives", gettext_lazy("Arrives"), Kind.DATE, wide_only=True),
        Column("supplier", gettext_lazy("Supplier"), wide_only=True),
        Column("orders", gettext_lazy("For orders"), wide_only=True),
        Column("lead", gettext_lazy("Lead time"), wide_only=True),
    ),
    empty_title=gettext_lazy("Nothing has to be bought."),
)
REMEDIES = Table(
    "remedies",
    title=gettext_lazy("What would help late orders"),
    prefix="r_",
    columns=(
        Column("by_days", gettext_lazy("By days"), Kind.NUMBER, wide_only=True),
        Column("remedy", gettext_lazy("Remedy"), Kind.HTML, sortable=False),
    ),
    exports=False,
)
PRICED_REMEDIES = replace(
    REMEDIES,
    columns=(
        REMEDIES.columns[0],
        Column("by_money", gettext_lazy("By money"), Kind.NUMBER, wide_only=True),
        *REMEDIES.columns[1:],
        Column("saves", gettext_lazy("Saves"), Kind.MONEY, wide_only=True),
        Column("cost", gettext_lazy("Costs"), Kind.MONEY, wide_only=True),
        Column("net", gettext_lazy("Net"), Kind.MONEY),
    ),
)
