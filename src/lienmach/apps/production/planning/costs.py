"""What a plan costs, in whole đồng, from the rates the owner gave; what has none costs nothing and is said.

* A machine costs its rate for every working second it is held, setups included; a furnace load counts once.
* People cost their rate while they are held: for the whole operation, or for the setup alone.
* Work in an overtime shift costs the overtime share on top: of the people's rate, or of the machine's where
  the step names no skill (the rate then includes whoever runs it).
* Material is what is consumed from now on, from stock or bought, at the price of the bought item.
* Each begun day of lateness costs the order's own rate, or the factory's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.planning.timeline import DAY_S, Interval, Timeline, open_intervals
from lienmach.engines.scheduling.problem import During

if TYPE_CHECKING:
    from lienmach.apps.production.planning.operations import Built, Placed
    from lienmach.apps.production.planning.plan import PlannedOrder
    from lienmach.engines.scheduling.solution import ScheduledOperation, Solution

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
        or any(item.price for item in factory.items.values())
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
    work = _Work(factory, timeline, built, solution)
    materials, unpriced = _materials(factory, built)
    outsourcing = sum(
        (each.step.outsourced_price * each.quantity for each in built.operations.values()), Decimal(0)
    )
    return Costs(
        machines=_whole(work.machines),
        labour=_whole(work.labour),
        overtime=_whole(work.overtime),
        materials=_whole(materials),
        outsourcing=_whole(outsourcing),
        lateness=_whole(_lateness(factory, orders)),
        unpriced=unpriced,
    )


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))


def _lateness(factory: Factory, orders: Iterable[PlannedOrder]) -> Decimal:
    usual = factory.rates.lateness_per_day if factory.rates else Decimal(0)
    own = {order.code: order.lateness_per_day for order in factory.orders}
    return sum((-(-each.late_s // DAY_S) * (own.get(each.code) or usual) for each in orders), Decimal(0))


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


class _Work:
    """Adds up the hours of machines and people."""

    def __init__(self, factory: Factory, timeline: Timeline, built: Built, solution: Solution) -> None:
        self.machines = self.labour = self.overtime = Decimal(0)
        self._factory = factory
        self._surcharge = (factory.rates.overtime_percent if factory.rates else Decimal(150)) / 100 - 1
        self._rate = {group.code: group.rate_per_hour for group in factory.operators}
        self._open = {code: _Time(spans) for code, spans in built.open.items() if spans is not None}
        days = max((each.end for each in solution.operations), default=0) // DAY_S + 2
        self._overtime = {
            calendar: _Time(open_intervals(timeline, [s for s in shifts if s.overtime], (), days))
            for calendar, shifts in factory.calendars.items()
        }
        loads: set[tuple[str, str]] = set()
        for each in solution.operations:
            first = each.batch is None or (each.machine, each.batch) not in loads
            if each.batch is not None:
                loads.add((each.machine, each.batch))
            self._add(each, built.operations[each.operation], first=first)

    def _add(self, each: ScheduledOperation, placed: Placed, *, first: bool) -> None:
        machine = self._factory.machines.get(each.machine)
        opened = self._open.get(each.machine)
        if machine is None or opened is None:
            return
        setup = opened.within(each.setup_start or 0, each.setup_end or 0)
        running = opened.within(each.start, each.end)
        if first:
            hours = _hours(setup) + _hours(running)
            self.machines += hours * machine.rate_per_hour
        held = setup if placed.step.operator_during is During.SETUP else [*setup, *running]
        people = sum((self._rate.get(pool, Decimal(0)) for pool in each.operators), Decimal(0))
        people *= placed.step.operator_count
        self.labour += _hours(held) * people
        late = self._overtime[machine.calendar]
        paid = held if each.operators else [*setup, *running] if first else []
        overtime = sum((_hours(late.within(start, end)) for start, end in paid), Decimal(0))
        self.overtime += overtime * (people if each.operators else machine.rate_per_hour) * self._surcharge


def _hours(spans: Sequence[Interval]) -> Decimal:
    return Decimal(sum(end - start for start, end in spans)) / HOUR_S


class _Time:
    """Open intervals that can be asked what lies between two moments."""

    def __init__(self, spans: Sequence[Interval]) -> None:
        self._spans = spans
        self._ends = [end for _, end in spans]

    def within(self, start: int, end: int) -> list[Interval]:
        """The parts of the open time between two moments."""
        found = []
        for index in range(bisect_right(self._ends, start), len(self._spans)):
            opened, closed = self._spans[index]
            if opened >= end:
                break
            found.append((max(opened, start), min(closed, end)))
        return found
