"""Orders → what has to be made and bought, each pegged to the orders it is for.

Netting and pegging are the materials engine's; here the workshop is put into its words, its answer is checked
by its verifier, and turned into the jobs of the schedule. Netting estimates when a part is needed; the
schedule does not keep to that estimate but starts a job as soon as what is pegged to it can be there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lienmach.apps.production.planning.factory import Factory, WorkInProgress
from lienmach.apps.production.planning.materials import (
    lead_seconds,
    lot_materials,
    lot_receipt,
    materials_problem,
)
from lienmach.apps.production.planning.operations import Make
from lienmach.apps.production.planning.timeline import Timeline
from lienmach.engines.materials.problem import MaterialsProblem
from lienmach.engines.materials.solution import (
    MaterialsPlan,
    MessageKind,
    Need,
    NeedKind,
    PlannedOrder,
    SupplyKind,
)
from lienmach.engines.materials.solution import Peg as SupplyPeg
from lienmach.engines.materials.solve import plan_materials
from lienmach.engines.materials.verify import verify
from lienmach.engines.scheduling.problem import MaterialReady

Peg = tuple[str, str]
"""A job and one of its steps: who consumes."""


class NettingError(Exception):
    """The materials plan does not add up: a fault in this software, never in the input."""


@dataclass(frozen=True, slots=True)
class Buy:
    """A purchase to place: at the earliest it is there at second ``arrives``.

    ``wanted`` is when it is to be delivered on to a customer as it is; None when it is only used here.
    """

    item: str
    quantity: Decimal
    arrives: int
    orders: tuple[str, ...]
    used_by: tuple[Peg, ...]
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything that has to be made and bought.

    Attributes
    ----------
    overdue
        Open purchases that should have come before now.
    delivered
        Orders (or parts of them) that are delivered as bought: what they wait for, and until when.
    jobs
        The jobs that each planned order of the materials plan became.
    """

    makes: tuple[Make, ...]
    buys: tuple[Buy, ...]
    overdue: tuple[str, ...] = ()
    delivered: Mapping[str, MaterialReady] = field(default_factory=dict)
    jobs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def break_down(factory: Factory, timeline: Timeline) -> Needs:
    """Return what has to be made and bought, netted against stock and open purchases.

    Raises
    ------
    NettingError
        When the materials plan fails its own verifier.
    lienmach.engines.materials.problem.MaterialsError
        When items and bills do not fit together; lists every fault.
    """
    problem = materials_problem(factory, timeline)
    plan = plan_materials(problem)
    faults = verify(problem, plan)
    if faults:
        raise NettingError("\n".join(str(fault) for fault in faults[:20]))
    return _Reading(factory, timeline, problem, plan).needs()


class _Reading:
    """Reads jobs and purchases out of a materials plan."""

    def __init__(
        self, factory: Factory, timeline: Timeline, problem: MaterialsProblem, plan: MaterialsPlan
    ) -> None:
        self._factory = factory
        self._timeline = timeline
        self._plan = plan
        self._orders = {order.code: order for order in factory.orders}
        self._arrival = {receipt.id: max(0, receipt.at) for receipt in problem.receipts}
        self._lots = {lot_receipt(lot): lot for lot in factory.in_progress}
        self._lot_needs = {name: (lot, step) for lot, step, _, name, _ in lot_materials(factory)}
        self._served: dict[str, list[Need]] = defaultdict(list)
        for peg in plan.pegs:
            if peg.kind is not SupplyKind.STOCK:
                self._served[peg.supply].append(plan.need[peg.need])
        self._lot_orders: dict[str, tuple[str, ...]] = {}
        self._jobs = dict(self._job_names())

    def needs(self) -> Needs:
        made = [order for order in self._plan.orders if order.kind is SupplyKind.MAKE]
        bought = [order for order in self._plan.orders if order.kind is SupplyKind.PURCHASE]
        overdue = [m.subject for m in self._plan.messages if m.kind is MessageKind.OVERDUE]
        makes = (*(self._carry_on(lot) for lot in self._lots.values()), *(self._make(each) for each in made))
        parts = _lots_of(self._factory, makes)
        return Needs(
            tuple(_cut(makes, parts)),
            tuple(
                replace(buy, used_by=tuple(_to_all_parts(buy.used_by, parts)))
                for buy in map(self._buy, bought)
            ),
            tuple(name for name in overdue if name not in self._lots),
            self._delivered(),
            {order.id: tuple(name for name, _ in parts[self._jobs[order.id]]) for order in made},
        )

    def _job_names(self) -> Iterator[tuple[str, str]]:
        """A job that serves one customer order alone has its code; others add the item and a number."""
        used: Counter[str] = Counter(lot.code for lot in self._lots.values())
        for order in self._plan.orders:
            if order.kind is not SupplyKind.MAKE:
                continue
            direct = self._demands(order.id)
            name = direct[0] if len(direct) == 1 else ""
            if not name:
                first = next(iter(self._for_orders(order.holds_up)), "")
                name = f"{first}/{order.item}" if first else order.item
            used[name] += 1
            yield order.id, name if used[name] == 1 else f"{name}~{used[name]}"

    def _demands(self, supply: str) -> list[str]:
        """The customer orders that are delivered from a supply, without a further step."""
        owners = (need.owner for need in self._served[supply] if need.kind is NeedKind.DEMAND)
        return list(dict.fromkeys(owner for owner in owners if owner in self._orders))

    def _consumers(self, supply: str) -> tuple[Peg, ...]:
        """The jobs and steps that consume a supply."""
        found = []
        for need in self._served[supply]:
            if need.kind is NeedKind.COMPONENT:
                found.append((self._jobs[need.owner], need.operation))
            elif need.owner in self._lot_needs:
                lot, step = self._lot_needs[need.owner]
                found.append((lot.code, step))
        return tuple(found)

    def _for_orders(self, names: Iterable[str]) -> tuple[str, ...]:
        """Customer orders behind demands; material of a lot on the floor stands for the lot's orders."""
        found: dict[str, None] = {}
        for name in names:
            if name in self._lot_needs:
                found.update(dict.fromkeys(self._orders_of_lot(self._lot_needs[name][0])))
            else:
                found[name] = None
        return tuple(found)

    def _orders_of_lot(self, lot: WorkInProgress) -> tuple[str, ...]:
        if lot.code not in self._lot_orders:
            found: dict[str, None] = {lot.order: None} if lot.order else {}
            for need in self._served[lot_receipt(lot)]:
                if need.kind is NeedKind.DEMAND:
                    found.update(dict.fromkeys(self._for_orders([need.owner])))
                elif need.kind is NeedKind.COMPONENT:
                    found.update(dict.fromkeys(self._for_orders(self._plan.order[need.owner].holds_up)))
            self._lot_orders[lot.code] = tuple(found)
        return self._lot_orders[lot.code]

    def _make(self, order: PlannedOrder) -> Make:
        return self._job(
            self._jobs[order.id],
            order.item,
            int(order.start_quantity),
            self._demands(order.id),
            self._for_orders(order.holds_up),
            self._consumers(order.id),
            ((need.operation, need) for need in self._plan.needs_of.get(order.id, ())),
        )

    def _carry_on(self, lot: WorkInProgress) -> Make:
        served = [lot.order] if lot.order else self._demands(lot_receipt(lot))
        wanted = (
            (step, need)
            for name, (other, step) in self._lot_needs.items()
            if other is lot
            for need in self._plan.needs_of.get(name, ())
        )
        made = self._job(
            lot.code,
            lot.item,
            lot.quantity,
            served,
            self._orders_of_lot(lot),
            self._consumers(lot_receipt(lot)),
            wanted,
        )
        return replace(made, lot=lot, release=0)

    def _job(
        self,
        job: str,
        item: str,
        quantity: int,
        direct: Sequence[str],
        codes: tuple[str, ...],
        feeds: tuple[Peg, ...],
        wanted: Iterable[tuple[str, Need]],
    ) -> Make:
        served = [self._orders[code] for code in direct]
        for_orders = [self._orders[code] for code in codes]
        releases = [self._timeline.second_of(o.earliest) for o in served if o.earliest is not None]
        return Make(
            job=job,
            item=item,
            quantity=quantity,
            orders=codes,
            due=min((self._timeline.second_of(o.due) for o in served), default=None),
            weight=max((o.weight for o in served or for_orders), default=1),
            release=max([0, *releases]),
            material=self._material(wanted),
            feeds=feeds,
        )

    def _material(self, wanted: Iterable[tuple[str, Need]]) -> Mapping[str, tuple[MaterialReady, ...]]:
        """Per step, when what it consumes can be there at the earliest, and what that is."""
        ready: dict[str, list[MaterialReady]] = defaultdict(list)
        for step, need in wanted:
            for peg in self._plan.pegs_of_need[need.id]:
                if (date := self._ready(need.item, peg)) is not None:
                    ready[step].append(date)
        return {step: tuple(found) for step, found in ready.items()}

    def _ready(self, item: str, peg: SupplyPeg) -> MaterialReady | None:
        if peg.kind is SupplyKind.PURCHASE:
            return MaterialReady(self._earliest(item), item)
        if peg.kind is SupplyKind.RECEIPT and peg.supply not in self._lots and self._arrival[peg.supply]:
            return MaterialReady(self._arrival[peg.supply], f"{item} ({peg.supply})")
        return None

    def _delivered(self) -> dict[str, MaterialReady]:
        """What customer orders take from purchases as they are: the last of them counts."""
        found: dict[str, MaterialReady] = {}
        for code in self._orders:
            for need in self._plan.needs_of.get(code, ()):
                dates = [self._ready(need.item, peg) for peg in self._plan.pegs_of_need[need.id]]
                for each in filter(None, dates):
                    found[code] = max(found.get(code, each), each, key=lambda ready: ready.at)
        return found

    def _buy(self, order: PlannedOrder) -> Buy:
        direct = [self._timeline.second_of(self._orders[code].due) for code in self._demands(order.id)]
        return Buy(
            item=order.item,
            quantity=order.quantity,
            arrives=self._earliest(order.item),
            orders=self._for_orders(order.holds_up),
            used_by=self._consumers(order.id),
            wanted=min(direct, default=None),
        )

    def _earliest(self, item: str) -> int:
        return lead_seconds(self._factory.items[item])


Parts = Mapping[str, Sequence[tuple[str, int]]]
"""Job → the jobs it is made in, each with its pieces."""


def _lots_of(factory: Factory, makes: Sequence[Make]) -> Parts:
    """Cut what is larger than its item's largest lot; what is on the floor already stays as it is."""
    used = {make.job for make in makes}
    parts: dict[str, list[tuple[str, int]]] = {}
    for make in makes:
        most = int(factory.items[make.item].lot_maximum)
        sizes = [make.quantity]
        if most and make.lot is None:
            sizes = [most] * (make.quantity // most) + [make.quantity % most] * bool(make.quantity % most)
        parts[make.job] = [(make.job, sizes[0])]
        for number, size in enumerate(sizes[1:], start=2):
            name = f"{make.job}.{number}"
            while name in used:
                name += "."
            used.add(name)
            parts[make.job].append((name, size))
    return parts


def _cut(makes: Sequence[Make], parts: Parts) -> Iterator[Make]:
    """Who consumes what was cut waits for every part of it."""
    for make in makes:
        feeds = tuple(_to_all_parts(make.feeds, parts))
        for name, size in parts[make.job]:
            yield replace(make, job=name, quantity=size, feeds=feeds)


def _to_all_parts(consumers: Iterable[Peg], parts: Parts) -> Iterator[Peg]:
    return ((name, step) for job, step in consumers for name, _ in parts[job])
