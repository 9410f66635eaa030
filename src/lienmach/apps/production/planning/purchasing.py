"""Purchases dated by the schedule: there the day before their first use, or as early as they can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from lienmach.apps.production.planning.breakdown import Buy, Peg
from lienmach.apps.production.planning.factory import Factory, Source
from lienmach.apps.production.planning.materials import lead_seconds
from lienmach.apps.production.planning.operations import Built
from lienmach.apps.production.planning.plan import PlannedPurchase
from lienmach.apps.production.planning.timeline import DAY_S, Timeline
from lienmach.engines.scheduling.solution import Solution

TOGETHER = timedelta(days=7)


def first_starts(built: Built, solution: Solution) -> dict[Peg, int]:
    """Return when each step of a job first starts; a step may be several operations."""
    first: dict[Peg, int] = {}
    for operation, placed in built.operations.items():
        user = (placed.make.job, placed.step.code)
        start = solution.by_operation[operation].start
        first[user] = min(first.get(user, start), start)
    return first


def dated(
    factory: Factory, timeline: Timeline, buy: Buy, starts: Mapping[Peg, int], *, asked: int = 0
) -> PlannedPurchase:
    """Return one purchase with the day to order it, not before ``asked`` (plan second), and to receive it."""
    item = factory.items[buy.item]
    used = [starts[user] for user in buy.used_by if user in starts]
    needed = min(used + ([buy.wanted] if buy.wanted is not None else []), default=buy.arrives)
    arrives = max(timeline.day(buy.arrives), timeline.day(needed) - timedelta(days=1))
    today = timeline.day(asked)
    order_by = max(today, arrives - timedelta(days=-(-lead_seconds(item) // DAY_S)))
    return PlannedPurchase(
        item=item.code,
        name=item.name,
        unit=item.unit,
        supplier=item.supplier,
        quantity=buy.quantity,
        order_by=order_by,
        arrives=arrives,
        overdue=order_by == today,
        orders=buy.orders,
        lead_time_assumed=factory.source_of("item", item.code, "lead_time_days") is Source.ASSUMED,
    )


def purchases(
    factory: Factory, timeline: Timeline, buys: Sequence[Buy], starts: Mapping[Peg, int]
) -> tuple[PlannedPurchase, ...]:
    """Return what to buy; what one item needs ordered within a week is ordered at once, on the first day."""
    each = sorted(
        (dated(factory, timeline, buy, starts) for buy in buys),
        key=lambda purchase: (purchase.order_by, purchase.item),
    )
    together: list[PlannedPurchase] = []
    last: dict[str, int] = {}
    for purchase in each:
        index = last.get(purchase.item)
        if index is not None and purchase.order_by < together[index].order_by + TOGETHER:
            together[index] = _joined(together[index], purchase)
        else:
            last[purchase.item] = len(together)
            together.append(purchase)
    return tuple(together)


def _joined(one: PlannedPurchase, other: PlannedPurchase) -> PlannedPurchase:
    """Two purchases of an item become one, placed and received on the earlier day."""
    return replace(
        one,
        quantity=one.quantity + other.quantity,
        arrives=min(one.arrives, other.arrives),
        orders=tuple(dict.fromkeys((*one.orders, *other.orders))),
    )
