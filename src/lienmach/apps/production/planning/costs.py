"""What a plan costs, in whole đồng, from the rates the owner gave; what has none costs nothing and is said.

* A machine costs its rate for every working second it is held, setups included.
* People cost their rate while they are held: for the whole operation, or for the setup alone.
* A furnace load counts once, whatever it holds.
* Work in an overtime shift costs the overtime share on top: of the people's rate, or of the machine's where
  the step names no skill (the rate then includes whoever runs it).
* Material is what is consumed from now on, from stock or bought, at the price of the bought item.
* Each begun day of lateness costs the order's own rate, or the factory's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from lienmach.apps.production.planning.factory import Factory, Rates
from lienmach.apps.production.planning.held import Floor, holders
from lienmach.apps.production.planning.timeline import DAY_S, Timeline

if TYPE_CHECKING:
    from lienmach.apps.production.planning.operations import Built
    from lienmach.apps.production.planning.plan import PlannedOrder
    from lienmach.engines.scheduling.solution import Solution

HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Costs:
    """Whole đồng by kind. ``unpriced`` names bought items that are used and have no price."""

    machines: int = 0
    labour: int = 0
    overtime: int = 0
    materials: int = 0
    outsourcing: int = 0
    lateness: int = 0
    unpriced: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Everything together."""
        return self.machines + self.labour + self.overtime + self.materials + self.outsourcing + self.lateness


def cost_lines(costs: Costs) -> tuple[tuple[str, int], ...]:
    """Return what there is to show: every kind that costs something, and the total last."""
    kinds = ("machines", "labour", "overtime", "materials", "outsourcing", "lateness")
    lines = [(kind, getattr(costs, kind)) for kind in kinds if getattr(costs, kind)]
    return (*lines, ("total", costs.total))


def has_rates(factory: Factory) -> bool:
    """Return whether the owner gave any money at all."""
    steps = (step for item in factory.items.values() for step in item.steps)
    return bool(
        factory.rates
        or any(item.price or item.expedite_surcharge for item in factory.items.values())
        or any(machine.rate_per_hour for machine in factory.machines.values())
        or any(group.rate_per_hour for group in factory.operators)
        or any(order.lateness_per_day for order in factory.orders)
        or any(step.outsourced_price for step in steps)
    )


def plan_costs(
    factory: Factory, timeline: Timeline, built: Built, solution: Solution, orders: Iterable[PlannedOrder]
) -> Costs | None:
    """Return what a plan costs, or None when no rates were given."""
    if not has_rates(factory):
        return None
    machines, labour, overtime = _work(factory, timeline, built, solution)
    materials, unpriced = _materials(factory, built)
    sent_out = (each for each in built.operations.values() if each.step.outsourced_days)
    outsourcing = sum((each.step.outsourced_price * each.quantity for each in sent_out), Decimal(0))
    return Costs(
        machines=whole(machines),
        labour=whole(labour),
        overtime=whole(overtime),
        materials=whole(materials),
        outsourcing=whole(outsourcing),
        lateness=whole(_lateness(factory, orders)),
        unpriced=unpriced,
    )


def late_day_costs(factory: Factory) -> dict[str, Decimal]:
    """Return per order what a begun late day costs: its own rate, or the factory's; 0 was not given."""
    usual = (factory.rates or Rates()).lateness_per_day
    return {order.code: order.lateness_per_day or usual for order in factory.orders}


def _lateness(factory: Factory, orders: Iterable[PlannedOrder]) -> Decimal:
    rates = late_day_costs(factory)
    return sum((late_days(each.late_s) * rates.get(each.code, Decimal(0)) for each in orders), Decimal(0))


def late_days(late_s: int) -> int:
    """Return the begun days of a lateness."""
    return -(-late_s // DAY_S)


def _materials(factory: Factory, built: Built) -> tuple[Decimal, tuple[str, ...]]:
    cost, unpriced = Decimal(0), dict[str, None]()
    for placed in built.operations.values():
        lot = placed.make.lot
        taken = lot is not None and lot.step == placed.step.code and (lot.machine or lot.done or lot.started)
        for part in () if taken else placed.step.components:
            item = factory.items[part.item]
            if item.made:
                continue
            if not item.price:
                unpriced[item.code] = None
            cost += part.quantity_per * (1 + part.waste) * placed.quantity * item.price
    for order in factory.orders:
        item = factory.items[order.item]
        if not item.made:
            cost += order.quantity * item.price
            if not item.price:
                unpriced[item.code] = None
    return cost, tuple(sorted(unpriced))


def _work(
    factory: Factory, timeline: Timeline, built: Built, solution: Solution
) -> tuple[Decimal, Decimal, Decimal]:
    """What machines, people and overtime cost."""
    floor = Floor(factory, timeline, built.open, max((each.end for each in solution.operations), default=0))
    surcharge = overtime_factor(factory) - 1
    rates = {group.code: group.rate_per_hour for group in factory.operators}
    machines = labour = overtime = Decimal(0)
    for each in holders(solution):
        held = floor.held(each, built.operations[each.operation].step)
        if held is None:
            continue
        own = factory.machines[held.machine].rate_per_hour
        people = sum((rates.get(group, Decimal(0)) for group in held.groups), Decimal(0)) * held.crew
        machines += hours(held.machine_s) * own
        labour += hours(held.people_s) * people
        overtime += hours(held.overtime_s) * (people if held.groups else own) * surcharge
    return machines, labour, overtime


def overtime_factor(factory: Factory) -> Decimal:
    """Return what an overtime hour costs as a multiple of an ordinary one."""
    return (factory.rates or Rates()).overtime_percent / 100


def hours(seconds: int) -> Decimal:
    """Return seconds as exact hours."""
    return Decimal(seconds) / HOUR_S


def whole(amount: Decimal) -> int:
    """Return an amount in whole đồng."""
    return int(amount.to_integral_value(ROUND_HALF_UP))
