"""The answer to “by when?” as rows."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienmach.apps.production.planning.promise import Promise as PromisedDate
from lienmach.apps.production.presentation.plans import bought
from lienmach.apps.production.presentation.tables import PURCHASES, Words
from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.tables import Column, Kind, Table

PROMISE_TASKS = Table(
    "promise-tasks",
    title=gettext_lazy("Where it would run"),
    prefix="t_",
    dense=True,
    columns=(
        Column("item", gettext_lazy("Item"), wide_only=True),
        Column("step", gettext_lazy("Step")),
        Column("machine", gettext_lazy("Machine"), Kind.CODE),
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
    return replace(PURCHASES, columns=columns, exports=False), bought(promise.purchases)


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
