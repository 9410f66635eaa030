"""The sheet Work in progress → lots on the floor, each checked against its routing and its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from lienmach.apps.production.planning.factory import Item, Machine, Order, Step, WorkInProgress
from lienmach.apps.production.sheets.checking import Findings
from lienmach.apps.production.sheets.spelling import Spelling
from lienmach.kernel.sheets import Imported, Row


def read_lots(
    imported: Imported,
    items: Mapping[str, Item],
    machines: Mapping[str, Machine],
    orders: Sequence[Order],
    spelling: Spelling,
    findings: Findings,
) -> tuple[WorkInProgress, ...]:
    """Return the lots; problems go to ``findings``."""
    by_code = {order.code: order for order in orders}
    codes = Spelling(row["order"] for row in imported["orders"] if row["order"])
    reserved: Counter[str] = Counter()
    running: dict[str, int] = {}
    lots = []
    for row in imported["in_progress"]:
        if row["lot"] and row["lot"] in codes:
            findings.add(row, "lot", "lot_is_order")
        if row.bad:
            continue
        item = items.get(spelling(row["item"]))
        if item is None:
            continue  # its steps stand in rows that could not be read
        steps = {step.code.casefold(): step for step in item.steps}
        step = steps.get(row["step"].casefold())
        if step is None:
            findings.add(row, "step", "unknown_step", known=[each.code for each in steps.values()])
            continue
        if row["done"] >= row["quantity"]:
            findings.add(row, "done", "all_done")
            continue
        if row["machine"]:
            _check_machine(row, step, machines, running, findings)
        if row["order"] in by_code:
            _check_order(row, by_code[row["order"]], spelling(row["item"]), reserved, findings)
        lots.append(
            WorkInProgress(
                code=row["lot"],
                item=spelling(row["item"]),
                quantity=row["quantity"],
                step=step.code,
                done=row["done"],
                machine=row["machine"] or "",
                order=row["order"] or "",
                started=row["started"],
            )
        )
    return tuple(lots)


def _check_machine(
    row: Row, step: Step, machines: Mapping[str, Machine], running: dict[str, int], findings: Findings
) -> None:
    named = [each.machine for each in step.alternatives]
    able = named or [code for code, machine in machines.items() if machine.group == step.group]
    if row["machine"] not in able:
        findings.add(row, "machine", "not_eligible", known=able)
    elif row["machine"] in running and not step.cycle_seconds:
        findings.add(row, "machine", "machine_taken", first=running[row["machine"]])
    running.setdefault(row["machine"], row.number)


def _check_order(row: Row, order: Order, item: str, reserved: Counter[str], findings: Findings) -> None:
    if order.item != item:
        findings.add(row, "order", "other_item")
        return
    reserved[order.code] += row["quantity"]
    if reserved[order.code] > order.quantity:
        findings.add(row, "quantity", "more_than_ordered", most=order.quantity)
