"""What a plan leaves over: stock, open purchases and surplus lots that no booked order is promised."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from lienmach.apps.production.planning.booked import BookedPlan
from lienmach.apps.production.planning.factory import Factory, Order, Receipt
from lienmach.apps.production.planning.materials import lead_seconds, lot_receipt, materials_problem
from lienmach.apps.production.planning.purchasing import dated, first_starts
from lienmach.engines.materials.solution import MaterialsPlan, NeedKind, SupplyKind
from lienmach.engines.materials.solve import plan_materials
from lienmach.engines.scheduling.problem import MaterialReady


@dataclass(frozen=True, slots=True)
class Spare:
    """The workshop for one more order: its stock and receipts are what the booked orders leave.

    ``exact`` gives, for receipts that are made or bought by the plan, the plan second at which they are there
    and what a wait for them is called; receipts themselves know days only.
    """

    factory: Factory
    exact: dict[str, MaterialReady]


def spare_for(booked: BookedPlan, order: Order) -> Spare:
    """Return the workshop with nothing but what is left over, and this order alone.

    Safety stocks stay: what they hold back is left over, and held back again.
    """
    factory, timeline = booked.factory, booked.timeline
    problem = materials_problem(factory, timeline)
    plan = plan_materials(problem)
    taken = _taken(plan)
    receipts: list[Receipt] = []
    exact: dict[str, MaterialReady] = {}
    lots = {lot_receipt(lot): lot.code for lot in factory.in_progress}
    ends = _job_ends(booked)

    def keep(name: str, item: str, quantity: Decimal, at: int) -> None:
        left = quantity - taken[name]
        if left > 0:
            receipts.append(Receipt(name, item, left, timeline.day(at)))

    for receipt in problem.receipts:
        at = receipt.at
        if receipt.id in lots:
            at = ends[lots[receipt.id]]
            exact[receipt.id] = MaterialReady(at, f"{receipt.item} ({lots[receipt.id]})")
        keep(receipt.id, receipt.item, receipt.quantity, at)
    buys = iter(booked.needs.buys)
    starts = first_starts(booked.built, booked.solution)
    for planned in plan.orders:
        if planned.kind is SupplyKind.PURCHASE:
            # Nobody is asked to order earlier than the plan says: what is left over comes when that comes.
            comes = timeline.morning_of(dated(factory, timeline, next(buys), starts).arrives)
            reason, at = planned.item, max(lead_seconds(factory.items[planned.item]), comes)
        else:
            jobs = booked.needs.jobs[planned.id]
            reason, at = f"{planned.item} ({jobs[0]})", max(ends[job] for job in jobs)
        exact[planned.id] = MaterialReady(at, reason)
        keep(planned.id, planned.item, planned.quantity, at)
    stock = {
        item.id: left for item in problem.items if (left := item.on_hand - taken[f"stock {item.id}"]) > 0
    }
    wanted = _closure(factory, order.item)
    return Spare(
        replace(
            factory,
            items={code: item for code, item in factory.items.items() if code in wanted},
            orders=(order,),
            stock={code: left for code, left in stock.items() if code in wanted},
            receipts=tuple(receipt for receipt in receipts if receipt.item in wanted),
            in_progress=(),
        ),
        exact,
    )


def _taken(plan: MaterialsPlan) -> dict[str, Decimal]:
    """What is pegged of each supply; stock by ``stock <item>``. Safety stock takes nothing."""
    taken: dict[str, Decimal] = defaultdict(Decimal)
    for peg in plan.pegs:
        if plan.need[peg.need].kind is NeedKind.SAFETY_STOCK:
            continue
        taken[f"stock {peg.supply}" if peg.kind is SupplyKind.STOCK else peg.supply] += peg.quantity
    return taken


def _job_ends(booked: BookedPlan) -> dict[str, int]:
    ends: dict[str, int] = defaultdict(int)
    for placed in booked.solution.operations:
        ends[placed.job] = max(ends[placed.job], placed.end)
    return ends


def _closure(factory: Factory, item: str) -> set[str]:
    """The item and everything that goes into it."""
    found = {item}
    pending = [item]
    while pending:
        for step in factory.items[pending.pop()].steps:
            for part in step.components:
                if part.item not in found:
                    found.add(part.item)
                    pending.append(part.item)
    return found
