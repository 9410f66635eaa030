"""The answer: a verified schedule, a date for every order, what to buy, and why something is late.

Times are seconds since the timeline's epoch; ``documents`` turns them into dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lienmach.apps.production.planning.assumptions import Assumption
from lienmach.apps.production.planning.costs import HOUR_S, Costs, whole
from lienmach.apps.production.planning.factory import Factory
from lienmach.apps.production.planning.timeline import Interval, Timeline


class CauseKind(StrEnum):
    """What an order lost time to."""

    MATERIAL = "material"
    """Waited for something bought; ``subject`` is the item."""
    MACHINE = "machine"
    """Waited for a machine; ``subject`` is the machine, ``blockers`` the orders that held it."""
    SETUP = "setup"
    """Waited for a changeover; ``subject`` is the machine."""
    OPERATOR = "operator"
    """Waited for people; ``subject`` is the group of operators."""
    CALENDAR = "calendar"
    """Closed time, while waiting or in the middle of the work; ``subject`` is the machine (or its people)."""
    BATCH = "batch"
    """Waited until a furnace load was complete; ``subject`` is the machine."""
    CHOICE = "choice"
    """The planner kept the machine for a more urgent order; ``subject`` is the machine."""
    RELEASE = "release"
    """Was not to start earlier; ``subject`` is the job."""
    WAIT = "wait"
    """A wait that the process needs; ``subject`` is the item and the step after which it waits."""
    WORK = "work"
    """The work itself on a machine; ``subject`` is the machine."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why an order ends when it does.

    Attributes
    ----------
    seconds
        What the chain behind the order's end lost to it.
    blockers
        Other orders that stood in the way.
    gain_s
        How much earlier the order would be without it, found by planning again with everybody else where
        they are; None when that was not tried.
    also
        What would have to go together with it, because each alone gains nothing (two materials that come on
        the same day).
    """

    kind: CauseKind
    subject: str
    seconds: int
    blockers: tuple[str, ...] = ()
    gain_s: int | None = None
    also: tuple[tuple[CauseKind, str], ...] = ()


class RemedyKind(StrEnum):
    """What could be done about late orders."""

    OVERTIME = "overtime"
    """``subject`` (a machine, with its people) works ``amount`` hours longer every working day."""
    OPERATOR = "operator"
    """One more person in the group ``subject``."""
    EXPEDITE = "expedite"
    """What is bought of ``subject`` comes ``amount`` days earlier."""
    OUTSOURCE = "outsource"
    """Step ``subject`` is done elsewhere within ``amount`` days."""
    SPLIT = "split"
    """Job ``subject`` is made in two lots that follow each other or run side by side."""
    ALTERNATIVE = "alternative"
    """Step ``subject`` may also be done on ``place``."""


class CostKind(StrEnum):
    """What a remedy costs money for."""

    MACHINES = "machines"
    """Seconds of machine ``subject``, more or less than without the remedy."""
    LABOUR = "labour"
    """Seconds of people of group ``subject``."""
    OVERTIME = "overtime"
    """Seconds worked in overtime by ``subject``: people, or a machine."""
    OUTSOURCING = "outsourcing"
    """Pieces of step ``subject`` done elsewhere."""
    EXPEDITING = "expediting"
    """Deliveries of item ``subject`` that come earlier."""


class CostUnit(StrEnum):
    """What a part of the cost is counted in; seconds are paid by the hour."""

    SECOND = "second"
    PIECE = "piece"
    DELIVERY = "delivery"


_COUNTED = {CostKind.OUTSOURCING: CostUnit.PIECE, CostKind.EXPEDITING: CostUnit.DELIVERY}


@dataclass(frozen=True, slots=True)
class CostLine:
    """A part of what a remedy costs: ``rate`` is đồng for an hour, a piece or a delivery of ``quantity``."""

    kind: CostKind
    subject: str
    quantity: int
    rate: Decimal

    @property
    def unit(self) -> CostUnit:
        """What the quantity counts."""
        return _COUNTED.get(self.kind, CostUnit.SECOND)

    @property
    def amount(self) -> Decimal:
        """Đồng; below zero when it saves."""
        return amount_of([self])


def amount_of(lines: Iterable[CostLine]) -> Decimal:
    """Return đồng of several lines; divided into hours once at the end, so that halves stay halves."""
    paid = (line.quantity * line.rate * (1 if line.unit is CostUnit.SECOND else HOUR_S) for line in lines)
    return sum(paid, Decimal(0)) / HOUR_S


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that would make orders earlier and no order later, found by planning again.

    Attributes
    ----------
    gains
        (order, seconds earlier), the orders that are late now.
    on_time
        How many of them would be in time.
    weighted_s
        Seconds of lateness that would go, times the orders' weights.
    saves
        Whole đồng that less lateness saves; None where no late day has a rate.
    lines
        What it costs, in parts; None where something that it takes has no rate.
    """

    kind: RemedyKind
    subject: str
    amount: int
    gains: tuple[tuple[str, int], ...]
    on_time: int
    weighted_s: int
    place: str = ""
    saves: int | None = None
    lines: tuple[CostLine, ...] | None = None

    @property
    def cost(self) -> int | None:
        """Whole đồng; None where it is not known, which is not free."""
        return None if self.lines is None else whole(amount_of(self.lines))

    @property
    def net(self) -> int | None:
        """What it saves less what it costs; None where either is not known."""
        return None if self.saves is None or self.cost is None else self.saves - self.cost

    def gain_of(self, order: str) -> int:
        """Seconds that one order would be earlier."""
        return dict(self.gains).get(order, 0)


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One operation in its place. ``job`` is an order, or the making of a part for one or more orders."""

    id: str
    job: str
    item: str
    step: str
    machine: str
    start: int
    end: int
    quantity: int
    orders: tuple[str, ...]
    setup_start: int | None = None
    setup_end: int | None = None
    batch: str | None = None
    waits_for: str = ""
    cause: str = ""
    operators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order with the date that can be promised. ``promised`` None means nothing was needed but stock."""

    code: str
    item: str
    quantity: Decimal
    customer: str
    due: int
    weight: int
    end: int
    causes: tuple[Cause, ...] = ()

    @property
    def late_s(self) -> int:
        """Seconds after the due date; 0 when on time."""
        return max(0, self.end - self.due)


@dataclass(frozen=True, slots=True)
class PlannedPurchase:
    """Something to buy; ``overdue`` means order today: the schedule already waits for it, or nearly."""

    item: str
    name: str
    unit: str
    supplier: str
    quantity: Decimal
    order_by: date
    arrives: date
    overdue: bool
    orders: tuple[str, ...]
    lead_time_assumed: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """How the plan was found, so that it can be found again."""

    method: str
    seed: int
    budget: int
    work: int
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that the verifier accepted.

    ``factory`` is what was planned, as it was given (before anything was assumed): together with the tasks it
    is enough to put the plan back on the machines. ``costs`` is None where the owner gave no money.
    ``remedies`` have what gains most first.
    """

    name: str
    timeline: Timeline
    objective: str
    makespan: int
    weighted_tardiness: int
    lower_bound: int | None
    setup_seconds: int
    tasks: tuple[PlannedTask, ...]
    orders: tuple[PlannedOrder, ...]
    purchases: tuple[PlannedPurchase, ...]
    assumptions: tuple[Assumption, ...]
    measure: Measure
    machines: Mapping[str, str]
    open: Mapping[str, tuple[Interval, ...] | None]
    factory: Factory | None = None
    costs: Costs | None = None
    remedies: tuple[Remedy, ...] = ()

    @property
    def money_known(self) -> bool:
        """Whether anything is known of what remedies cost or save."""
        return any(remedy.saves is not None or remedy.lines is not None for remedy in self.remedies)

    @property
    def remedies_by_money(self) -> tuple[Remedy, ...]:
        """The remedies whose net is known, the best bargain first; ``remedies`` has what gains most first."""
        known = [remedy for remedy in self.remedies if remedy.net is not None]
        return tuple(sorted(known, key=lambda remedy: -(remedy.net or 0)))

    def rank_by_money(self, remedy: Remedy) -> int | None:
        """Return the place of a remedy by money, the best bargain is 1; None where its net is not known."""
        return None if remedy.net is None else self.remedies_by_money.index(remedy) + 1

    @property
    def late_orders(self) -> tuple[PlannedOrder, ...]:
        """Late orders, the worst first."""
        late = [order for order in self.orders if order.late_s]
        return tuple(sorted(late, key=lambda order: (-order.late_s * order.weight, order.code)))

    @property
    def end(self) -> int:
        """When the last operation ends."""
        return max((task.end for task in self.tasks), default=0)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no plan; ``message`` is the engine's own sentence, ``explain`` has others."""

    kind: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class NoPlan:
    """There is no plan; every obstacle found."""

    obstacles: tuple[Obstacle, ...]
