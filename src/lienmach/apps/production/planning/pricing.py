"""What a remedy costs, line by line, from the rates the owner gave; a remedy without a price is not free.

A remedy is paid for by what it takes itself:

* overtime: the hours worked in it, at the overtime rate of the people, or of the machine where the step names
  no skill; the ordinary hours that it leaves empty are paid all the same;
* one more person: every hour the group is there, from now until the last order that this helps is done;
* a purchase that comes earlier: the surcharge, for every delivery that is needed earlier than it would come;
* a step done elsewhere: the price of each piece that goes there;
* two lots, one more machine: nothing by itself.

To this comes what machines and people are held longer with it than without, at their rates, or shorter: the
setups of a second lot, the dearer machine, the hours that a step done elsewhere no longer takes. Without it
means planned again in the same way with nothing changed, as for what the remedy gains.

When something that is needed has no rate, the cost is not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from lienmach.apps.production.planning.booked import BookedPlan
from lienmach.apps.production.planning.costs import has_rates, overtime_factor
from lienmach.apps.production.planning.held import Floor, Held, OpenTime, holders, length
from lienmach.apps.production.planning.plan import CostKind, CostLine, RemedyKind
from lienmach.apps.production.planning.relief import brings, first_lot_of
from lienmach.apps.production.planning.timeline import Interval, merged
from lienmach.engines.scheduling.problem import During, Machine, OperatorPool, Problem
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution

Key = tuple[CostKind, str, Decimal]
"""Kind, subject and rate of a line."""
_NOTHING_ITSELF = (RemedyKind.SPLIT, RemedyKind.ALTERNATIVE)


@dataclass(frozen=True, slots=True)
class Tried:
    """A remedy with the schedule that came of it.

    Attributes
    ----------
    problem
        The workshop with the remedy.
    until
        Plan second at which the last order that it helps is done.
    """

    kind: RemedyKind
    subject: str
    problem: Problem
    solution: Solution
    until: int


class Unpriced(Exception):
    """Something that is needed has no rate."""


class Pricing:
    """Prices remedies against the schedule that is found without any."""

    def __init__(self, booked: BookedPlan, unchanged: Solution) -> None:
        self._factory = booked.factory
        self._timeline = booked.timeline
        self._problem = booked.built.problem
        self._operations = booked.built.operations
        self._places = {machine.id for machine in self._problem.machines}
        self._machine_rate = {code: each.rate_per_hour for code, each in booked.factory.machines.items()}
        self._people_rate = {group.code: group.rate_per_hour for group in booked.factory.operators}
        self._before = {each.operation: each for each in holders(unchanged)}
        self._floor = self._on(self._problem, unchanged)
        self._known = has_rates(booked.factory)

    def lines(self, tried: Tried) -> tuple[CostLine, ...] | None:
        """Return what the remedy costs; None when that is not known."""
        if not self._known:
            return None
        amounts: defaultdict[Key, int] = defaultdict(int)
        try:
            for key, quantity in self._itself(tried):
                amounts[key] += quantity
            if not any(amounts.values()) and tried.kind not in _NOTHING_ITSELF:
                return None
            for key, quantity in self._moved(tried):
                amounts[key] += quantity
        except Unpriced:
            return None
        return tuple(
            CostLine(kind, subject, amounts[kind, subject, rate], rate)
            for kind, subject, rate in sorted(amounts)
            if amounts[kind, subject, rate] and rate
        )

    # -- what it takes itself ----------------------------------------------------------------------------

    def _itself(self, tried: Tried) -> Iterator[tuple[Key, int]]:
        match tried.kind:
            case RemedyKind.OVERTIME:
                yield from self._overtime(tried)
            case RemedyKind.OPERATOR:
                rate = _given(self._people_rate[tried.subject])
                yield (CostKind.LABOUR, tried.subject, rate), self._presence(tried)
            case RemedyKind.EXPEDITE:
                rate = _given(self._factory.items[tried.subject].expedite_surcharge)
                yield (CostKind.EXPEDITING, tried.subject, rate), self._earlier_deliveries(tried)
            case RemedyKind.OUTSOURCE:
                for each in tried.solution.operations:
                    if each.machine not in self._places:
                        placed = self._operations[each.operation]
                        rate = _given(placed.step.outsourced_price)
                        yield (CostKind.OUTSOURCING, tried.subject, rate), placed.quantity

    def _overtime(self, tried: Tried) -> Iterator[tuple[Key, int]]:
        """Work in time that is closed without the remedy."""
        before, after = _Presence(self._problem), _Presence(tried.problem)
        factor = overtime_factor(self._factory)
        for each in holders(tried.solution):
            step = self._operations[each.operation].step
            setup_only = bool(each.operators) and step.operator_during is During.SETUP
            seconds = after.seconds(each, setup_only) - before.seconds(each, setup_only)
            if not seconds:
                continue
            for group in each.operators:
                rate = _given(self._people_rate[group]) * factor
                yield (CostKind.OVERTIME, group, rate), seconds * step.operator_count
            if not each.operators:
                rate = _given(self._machine_rate[each.machine]) * factor
                yield (CostKind.OVERTIME, each.machine, rate), seconds

    def _presence(self, tried: Tried) -> int:
        """Seconds that one person of a group is there; without own shifts, whenever a machine needs them."""
        pool = next(each for each in self._problem.operators if each.id == tried.subject)
        opened: Iterable[Interval] = pool.open or ()
        if pool.open is None:
            skilled = {
                mode.machine
                for _, operation in self._problem.operations()
                for mode in operation.modes
                if any(need.skill in pool.skills for need in mode.operators)
            }
            windows = [each.open or () for each in self._problem.machines if each.id in skilled]
            opened = merged(span for spans in windows for span in spans)
        return length((start, min(end, tried.until)) for start, end in opened if start < tried.until)

    def _earlier_deliveries(self, tried: Tried) -> int:
        """Deliveries of an item that some operation starts before, with the remedy."""
        starts = {each.operation: each.start for each in tried.solution.operations}
        return len(
            {
                (ready.reason, ready.at)
                for _, operation in self._problem.operations()
                for ready in operation.material
                if brings(ready, tried.subject) and starts[operation.id] < ready.at
            }
        )

    # -- what is held longer, or shorter -----------------------------------------------------------------

    def _moved(self, tried: Tried) -> Iterator[tuple[Key, int]]:
        """Hours with the remedy less hours without, of the operations that stand differently."""
        floor = self._on(tried.problem, tried.solution)
        after = {each.operation: each for each in holders(tried.solution)}
        for name in dict.fromkeys([*self._before, *after]):
            stands, stood = after.get(name), self._before.get(name)
            if stands == stood:
                continue
            now, then = self._held(floor, stands), self._held(self._floor, stood)
            if now != then:
                yield from self._hours(now, 1)
                yield from self._hours(then, -1)

    def _held(self, floor: Floor, stands: ScheduledOperation | None) -> Held | None:
        if stands is None:
            return None
        placed = self._operations.get(stands.operation) or self._operations[first_lot_of(stands.operation)]
        return floor.held(stands, placed.step)

    def _hours(self, held: Held | None, sign: int) -> Iterator[tuple[Key, int]]:
        """What is held, as lines; an hour has a price when the machine has one, or the people at it."""
        if held is None:
            return
        own = self._machine_rate[held.machine]
        people = {group: self._people_rate[group] for group in held.groups}
        if held.machine_s and not own and not (held.people_s and any(people.values())):
            raise Unpriced(held.machine)
        share = overtime_factor(self._factory) - 1
        yield (CostKind.MACHINES, held.machine, own), sign * held.machine_s
        for group, rate in people.items():
            yield (CostKind.LABOUR, group, rate), sign * held.people_s * held.crew
            yield (CostKind.OVERTIME, group, rate * share), sign * held.overtime_s * held.crew
        if not people:
            yield (CostKind.OVERTIME, held.machine, own * share), sign * held.overtime_s

    def _on(self, problem: Problem, solution: Solution) -> Floor:
        opened = {machine.id: machine.open for machine in problem.machines}
        until = max((each.end for each in solution.operations), default=0)
        return Floor(self._factory, self._timeline, opened, until)


class _Presence:
    """When a machine and everybody held at it are there."""

    def __init__(self, problem: Problem) -> None:
        places: list[Machine | OperatorPool] = [*problem.machines, *problem.operators]
        self._open = {each.id: OpenTime(each.open) for each in places if each.open is not None}

    def seconds(self, each: ScheduledOperation, setup_only: bool) -> int:
        """Return how long an operation works, or its setup alone."""
        spans = [] if setup_only else [(each.start, each.end)]
        if each.setup_start is not None and each.setup_end is not None:
            spans.append((each.setup_start, each.setup_end))
        for place in (each.machine, *each.operators):
            spans = self._open[place].inside(spans) if place in self._open else spans
        return length(spans)


def _given(rate: Decimal) -> Decimal:
    if not rate:
        raise Unpriced
    return rate
