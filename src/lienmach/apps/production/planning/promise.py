"""By when could one more order be delivered, if every booked order keeps its place?

Materials first: what no booked order is promised (stock, open purchases, surplus), and purchases with their
lead times for the rest, level by level. Then machines: the new operations go into the gaps of the plan, with
the changeovers on both sides. The answer is the earliest date, what holds it, what to buy, and the price
below which the order costs money, where the owner gave rates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from lienmach.apps.production.planning.booked import BookedPlan, days_for, planned_tasks, put_back
from lienmach.apps.production.planning.breakdown import Needs, break_down
from lienmach.apps.production.planning.costs import Costs, plan_costs
from lienmach.apps.production.planning.factory import Factory, Order
from lienmach.apps.production.planning.lateness import Chains
from lienmach.apps.production.planning.operations import Built, Make, build_problem
from lienmach.apps.production.planning.plan import (
    Cause,
    CauseKind,
    Obstacle,
    Plan,
    PlannedPurchase,
    PlannedTask,
)
from lienmach.apps.production.planning.purchasing import dated, first_starts
from lienmach.apps.production.planning.spare import Spare, spare_for
from lienmach.apps.production.planning.timeline import DAY_S, Timeline
from lienmach.engines.scheduling.problem import MaterialReady
from lienmach.engines.scheduling.promise import promise
from lienmach.engines.scheduling.result import Infeasible
from lienmach.engines.scheduling.solution import Solution

NEW_ORDER = "NEW"
LONGEST_HORIZON_DAYS = 20 * 366
WIDEN = 4
SHOWN_CAUSES = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``due`` is the end of the wanted day, if one was named."""

    item: str
    quantity: Decimal
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """The earliest date, and why not earlier.

    Attributes
    ----------
    end
        Plan second at which everything is done; it is the moment of asking when all is in stock.
    causes
        What the chain behind the end waited for, the costliest first.
    from_stock
        Pieces that lie there already and that nobody is promised.
    price
        What making it costs; None where the owner gave no money.
    """

    wanted: Wanted
    name: str
    unit: str
    timeline: Timeline
    asked: int
    end: int
    causes: tuple[Cause, ...]
    tasks: tuple[PlannedTask, ...]
    purchases: tuple[PlannedPurchase, ...]
    from_stock: Decimal
    price: Costs | None

    @property
    def date(self) -> date:
        """The day that can be promised."""
        return self.timeline.day(self.end)

    @property
    def in_time(self) -> bool | None:
        """Whether that is by the wanted day; None when none was named."""
        if self.wanted.due is None:
            return None
        return self.end <= self.timeline.second_of(self.wanted.due)


@dataclass(frozen=True, slots=True)
class NoPromise:
    """There is no date: an operation fits nowhere."""

    obstacles: tuple[Obstacle, ...]


class UnknownItem(ValueError):
    """Nothing in the workshop has this code."""


def promise_date(plan: Plan, wanted: Wanted, *, at: datetime | None = None) -> Promise | NoPromise:
    """Return the earliest date for one more order.

    Parameters
    ----------
    at
        When it is asked; nothing new begins before. Default: the plan's now.

    Raises
    ------
    UnknownItem
        When the workshop has no such item.
    lienmach.apps.production.planning.booked.CannotPutBack
        When the plan does not say from which workshop it was made.
    ValueError
        When the quantity is not above 0.
    """
    return promise_on(plan, put_back(plan), wanted, at=at)


def promise_on(
    plan: Plan, booked: BookedPlan, wanted: Wanted, *, at: datetime | None = None
) -> Promise | NoPromise:
    """Return the same for a plan that stands on the machines already."""
    if wanted.item not in booked.factory.items:
        raise UnknownItem(wanted.item)
    asked = max(0, booked.timeline.second_of(at)) if at is not None else 0
    now = Timeline(booked.timeline.moment(asked).astimezone(UTC), booked.timeline.zone)
    order = Order(_unused(booked.factory), wanted.item, wanted.quantity, due=now.epoch)
    spare = spare_for(booked, order)
    needs = _later(break_down(spare.factory, now), asked, spare)
    return _Asking(plan, booked, wanted, asked, order, spare, needs).answer()


class _Asking:
    def __init__(
        self,
        plan: Plan,
        booked: BookedPlan,
        wanted: Wanted,
        asked: int,
        order: Order,
        spare: Spare,
        needs: Needs,
    ) -> None:
        self._plan = plan
        self._booked = booked
        self._wanted = wanted
        self._asked = asked
        self._order = order
        self._spare = spare
        self._needs = needs

    def answer(self) -> Promise | NoPromise:
        if not self._needs.makes:
            return self._from_stock()
        makes = (*self._booked.needs.makes, *self._needs.makes)
        days = days_for(self._plan, self._booked.factory, makes) + self._asked // DAY_S
        while True:
            built = build_problem(
                self._booked.factory, self._booked.timeline, makes, min(days, LONGEST_HORIZON_DAYS)
            )
            found = promise(built.problem, self._booked.solution)
            if isinstance(found, Solution):
                return self._promise(built, found)
            if days >= LONGEST_HORIZON_DAYS:
                return _nothing(found)
            days *= WIDEN

    def _from_stock(self) -> Promise:
        """All of it lies there, or is only bought."""
        bought = self._needs.delivered.get(self._order.code)
        end = max(self._asked, bought.at if bought else 0)
        causes = (Cause(CauseKind.MATERIAL, bought.reason, end - self._asked),) if bought else ()
        nothing = Built(self._booked.built.problem, {}, {})
        return self._result(end, causes, nothing, Solution(()))

    def _promise(self, built: Built, solution: Solution) -> Promise:
        new = {make.job for make in self._needs.makes}
        placed = [each for each in solution.operations if each.job in new]
        own = {name: each for name, each in built.operations.items() if each.make.job in new}
        direct = {make.job for make in self._needs.makes if make.due is not None}
        last = max(
            (each for each in placed if each.job in direct), key=lambda each: (each.end, each.operation)
        )
        causes = Chains(built, solution).causes(last.operation, most=SHOWN_CAUSES + 1)
        bought = self._needs.delivered.get(self._order.code)
        end = max(last.end, bought.at if bought else 0)
        mine = Built(built.problem, own, built.open)
        return self._result(end, causes[:SHOWN_CAUSES], mine, Solution(tuple(placed)))

    def _result(
        self,
        end: int,
        causes: tuple[Cause, ...],
        built: Built,
        solution: Solution,
    ) -> Promise:
        item = self._booked.factory.items[self._wanted.item]
        made = sum((make.quantity for make in self._needs.makes if make.due is not None), 0)
        return Promise(
            wanted=self._wanted,
            name=item.name,
            unit=item.unit,
            timeline=self._booked.timeline,
            asked=self._asked,
            end=end,
            causes=causes,
            tasks=planned_tasks(built, solution),
            purchases=self._purchases(built, solution),
            from_stock=self._lying_there(made),
            price=plan_costs(self._spare.factory, self._booked.timeline, built, solution, ()),
        )

    def _lying_there(self, made: int) -> Decimal:
        stock = self._spare.factory.stock.get(self._wanted.item, Decimal(0))
        held = self._booked.factory.items[self._wanted.item].safety_stock
        return max(Decimal(0), min(stock - held, self._wanted.quantity)) if stock and not made else Decimal(0)

    def _purchases(self, built: Built, solution: Solution) -> tuple[PlannedPurchase, ...]:
        starts = first_starts(built, solution)
        found = (
            dated(self._booked.factory, self._booked.timeline, buy, starts, asked=self._asked)
            for buy in self._needs.buys
        )
        return tuple(sorted(found, key=lambda each: (each.order_by, each.item)))


def _later(needs: Needs, asked: int, spare: Spare) -> Needs:
    """Needs counted from the moment of asking, in seconds of the plan; receipts at their exact moment."""

    def moved(ready: MaterialReady) -> MaterialReady:
        name = ready.reason.partition(" (")[2].removesuffix(")")
        if name in spare.exact:
            known = spare.exact[name]
            return MaterialReady(max(asked, known.at), known.reason)
        return MaterialReady(ready.at + asked, ready.reason)

    def make(each: Make) -> Make:
        material = {step: tuple(map(moved, found)) for step, found in each.material.items()}
        return replace(each, release=each.release + asked, due=_plus(each.due, asked), material=material)

    return Needs(
        tuple(make(each) for each in needs.makes),
        tuple(replace(buy, arrives=buy.arrives + asked, orders=(), wanted=None) for buy in needs.buys),
        needs.overdue,
        {code: moved(ready) for code, ready in needs.delivered.items()},
    )


def _plus(second: int | None, asked: int) -> int | None:
    return None if second is None else second + asked


def _unused(factory: Factory) -> str:
    taken = {order.code for order in factory.orders} | {lot.code for lot in factory.in_progress}
    code = NEW_ORDER
    while code in taken:
        code += "+"
    return code


def _nothing(found: Infeasible) -> NoPromise:
    return NoPromise(
        tuple(Obstacle(each.kind.value, each.operation, each.message) for each in found.obstacles)
    )
