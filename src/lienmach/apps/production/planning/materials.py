"""The workshop in the words of the materials engine: items, bills, receipts, demands.

A lot on the floor is a receipt of what it will become; what its later steps still consume are demands.
Netting wants an estimate of how long making takes: half a day of queue per step, and three times the work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from lienmach.apps.production.planning.factory import Factory, Item, Step, WorkInProgress
from lienmach.apps.production.planning.timeline import DAY_S, Timeline
from lienmach.engines.materials.problem import (
    Component,
    Demand,
    LotRule,
    MaterialsProblem,
    Receipt,
)
from lienmach.engines.materials.problem import Item as MaterialItem

QUEUE_S_PER_STEP = DAY_S // 2
CLOCK_PER_WORK = 3
FINEST_DIGITS = 3


def lead_seconds(item: Item) -> int:
    """Return the time from order to receipt of a bought item."""
    return int((item.lead_time_days or Decimal(0)) * DAY_S)


def materials_problem(factory: Factory, timeline: Timeline) -> MaterialsProblem:
    """Return the workshop in the words of the materials engine."""
    digits = _digits(factory)
    return MaterialsProblem(
        items=tuple(
            _item(item, factory.stock.get(item.code, Decimal(0)), digits[item.code])
            for item in factory.items.values()
        ),
        components=tuple(_components(factory)),
        receipts=(
            *(
                Receipt(name, receipt.item, receipt.quantity, timeline.morning_of(receipt.due))
                for name, receipt in zip(_receipt_names(factory), factory.receipts, strict=True)
                if receipt.item in factory.items
            ),
            *(
                Receipt(lot_receipt(lot), lot.item, Decimal(lot.quantity), _lot_ready(factory, lot))
                for lot in factory.in_progress
                if not lot.order
            ),
        ),
        demands=(*_order_demands(factory, timeline), *_lot_demands(factory, digits)),
    )


def lot_receipt(lot: WorkInProgress) -> str:
    """Return the name under which a lot on the floor stands among the receipts."""
    return f"lot:{lot.code}"


def _order_demands(factory: Factory, timeline: Timeline) -> Iterator[Demand]:
    """Customer orders, less what a lot on the floor is reserved for."""
    reserved: Counter[str] = Counter()
    for lot in factory.in_progress:
        reserved[lot.order] += lot.quantity
    for order in factory.orders:
        quantity = order.quantity - reserved[order.code]
        if quantity > 0:
            yield Demand(order.code, order.item, quantity, timeline.second_of(order.due), order.weight)


def _lot_ready(factory: Factory, lot: WorkInProgress) -> int:
    """When a lot may be expected: never later than the same pieces begun anew."""
    item = factory.items[lot.item]
    steps = item.steps[[step.code for step in item.steps].index(lot.step) :]
    work = sum((step.seconds_per_piece for step in steps), Decimal(0)) * CLOCK_PER_WORK * lot.quantity
    return min(QUEUE_S_PER_STEP * len(steps) + int(work), QUEUE_S_PER_STEP * len(item.steps))


def lot_materials(factory: Factory) -> Iterator[tuple[WorkInProgress, str, str, str, Decimal]]:
    """Lot, step, component, name and quantity of what lots on the floor have still to be given.

    A step that is running or was begun has taken its material.
    """
    for lot in factory.in_progress:
        steps = factory.items[lot.item].steps
        for step in steps[[step.code for step in steps].index(lot.step) :]:
            if step.code == lot.step and (lot.machine or lot.done or lot.started):
                continue
            for item, quantity in _wanted(step).items():
                yield lot, step.code, item, f"{lot_receipt(lot)}/{step.code}/{item}", quantity * lot.quantity


def _lot_demands(factory: Factory, digits: Mapping[str, int]) -> Iterator[Demand]:
    """What was begun is finished first."""
    weight = max((order.weight for order in factory.orders), default=1)
    for _, _, item, name, quantity in lot_materials(factory):
        yield Demand(name, item, _ceiling(quantity, Decimal(1).scaleb(-digits[item])), 0, weight)


def _wanted(step: Step) -> dict[str, Decimal]:
    """What a piece consumes at a step, waste included; lines given twice are added up."""
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for part in step.components:
        wanted[part.item] += part.quantity_per * (1 + part.waste)
    return wanted


def _item(item: Item, on_hand: Decimal, digits: int) -> MaterialItem:
    resolution = Decimal(1).scaleb(-digits)
    work = sum((step.seconds_per_piece for step in item.steps), Decimal(0))
    return MaterialItem(
        id=item.code,
        made=item.made,
        resolution=resolution,
        on_hand=_floor(on_hand, resolution),
        safety_stock=_floor(item.safety_stock, resolution),
        lead_time=QUEUE_S_PER_STEP * len(item.steps) if item.made else lead_seconds(item),
        run_time=work * CLOCK_PER_WORK if item.made else Decimal(0),
        scrap=item.scrap if item.made else Decimal(0),
        lot=LotRule(
            minimum=_ceiling(item.lot_minimum, resolution),
            multiple=_ceiling(item.lot_multiple, resolution) if item.lot_multiple else None,
        ),
    )


def _components(factory: Factory) -> Iterator[Component]:
    """One line per parent, child and step."""
    for item in factory.items.values():
        for step in item.steps:
            for child, quantity in _wanted(step).items():
                yield Component(item.code, child, quantity, operation=step.code)


def _receipt_names(factory: Factory) -> Iterator[str]:
    """One purchase order may have several lines: number those after the first."""
    used: Counter[str] = Counter()
    for receipt in factory.receipts:
        used[receipt.code] += 1
        yield receipt.code if used[receipt.code] == 1 else f"{receipt.code}/{used[receipt.code]}"


def _digits(factory: Factory) -> dict[str, int]:
    """How finely each item is counted: made ones in pieces, bought ones as finely as anything says."""
    amounts: dict[str, list[Decimal]] = {code: [] for code in factory.items}
    for order in factory.orders:
        amounts[order.item].append(order.quantity)
    for code, item in factory.items.items():
        amounts[code] += [item.safety_stock, item.lot_minimum, item.lot_multiple]
        for step in item.steps:
            for part in step.components:
                amounts[part.item].append(part.quantity_per)
    for code, quantity in [*factory.stock.items(), *((r.item, r.quantity) for r in factory.receipts)]:
        if code in amounts:
            amounts[code].append(quantity)
    return {code: 0 if factory.items[code].made else _decimals(found) for code, found in amounts.items()}


def _decimals(amounts: Iterable[Decimal]) -> int:
    digits = max((-int(amount.normalize().as_tuple().exponent) for amount in amounts), default=0)
    return max(digits, FINEST_DIGITS) if digits > 0 else 0


def _floor(amount: Decimal, resolution: Decimal) -> Decimal:
    return (amount / resolution).to_integral_value(ROUND_FLOOR) * resolution


def _ceiling(amount: Decimal, resolution: Decimal) -> Decimal:
    return (amount / resolution).to_integral_value(ROUND_CEILING) * resolution
