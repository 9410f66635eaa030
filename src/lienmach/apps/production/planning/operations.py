"""What has to be made → the scheduling problem: machines with open time, operations with their modes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from lienmach.apps.production.planning.factory import Factory, Step, WorkInProgress
from lienmach.apps.production.planning.factory import Machine as FactoryMachine
from lienmach.apps.production.planning.timeline import Interval, Timeline, open_intervals
from lienmach.engines.scheduling.problem import (
    ANY_FAMILY,
    Commitment,
    Committed,
    During,
    Job,
    Machine,
    MaterialReady,
    Mode,
    Operation,
    OperatorNeed,
    OperatorPool,
    Precedence,
    Problem,
    SetupMatrix,
)

OUTSIDE = "outside"
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Make:
    """The making of one item for one or more orders.

    Attributes
    ----------
    due
        Only for a make that is itself a customer order.
    material
        Per step: the dates from which what it consumes is there.
    feeds
        The (job, step) pairs that consume what is made.
    lot
        The lot on the floor that this make carries on with; None for a new job.
    """

    job: str
    item: str
    quantity: int
    orders: tuple[str, ...]
    due: int | None = None
    weight: int = 1
    release: int = 0
    material: Mapping[str, tuple[MaterialReady, ...]] = field(default_factory=dict)
    feeds: tuple[tuple[str, str], ...] = ()
    lot: WorkInProgress | None = None

    def steps(self, factory: Factory) -> tuple[Step, ...]:
        """Return the steps that are still to be done."""
        steps = factory.items[self.item].steps
        if self.lot is None:
            return steps
        return steps[[step.code for step in steps].index(self.lot.step) :]

    def pieces(self, step: Step) -> int:
        """Return how many pieces are still to be done at a step."""
        return self.lot.remaining if self.lot is not None and step.code == self.lot.step else self.quantity


@dataclass(frozen=True, slots=True)
class Placed:
    """What an operation of the problem stands for."""

    make: Make
    step: Step
    quantity: int


@dataclass(frozen=True, slots=True)
class Built:
    """The problem and the way back from its operations to the workshop's words."""

    problem: Problem
    operations: Mapping[str, Placed]
    open: Mapping[str, tuple[Interval, ...] | None]


def build_problem(factory: Factory, timeline: Timeline, makes: Sequence[Make], horizon_days: int) -> Built:
    """Return the scheduling problem of the given makes.

    Raises
    ------
    lienmach.engines.scheduling.problem.ProblemError
        When its parts do not fit together; lists every fault.
    """
    machines = _machines(factory, timeline, horizon_days)
    builder = _Operations(factory, timeline)
    placed: dict[str, Placed] = {}
    jobs: list[Job] = []
    precedences: list[Precedence] = []
    by_step: dict[tuple[str, str], list[Operation]] = {}
    for make in makes:
        operations: list[Operation] = []
        before: tuple[Step, list[Operation]] | None = None
        for step in make.steps(factory):
            current = builder.of_step(make, step)
            operations.extend(current)
            placed.update({operation.id: Placed(make, step, operation.quantity) for operation in current})
            if before is not None:
                precedences.extend(_passed_on(*before, current))
            by_step[make.job, step.code] = current
            before = step, current
        jobs.append(Job(make.job, tuple(operations), release=make.release, due=make.due, weight=make.weight))
    for make in makes:
        last = by_step[make.job, factory.items[make.item].steps[-1].code]
        for consumer in make.feeds:
            precedences.extend(
                Precedence(first.id, second.id) for first in last for second in by_step[consumer]
            )
    problem = Problem(
        machines=tuple(machines),
        jobs=tuple(jobs),
        precedences=tuple(dict.fromkeys(precedences)),
        operators=_pools(factory, timeline, horizon_days),
        setups=_setups(factory),
        epoch=timeline.epoch.isoformat(),
    )
    return Built(problem, placed, {machine.id: machine.open for machine in machines})


def horizon_days(factory: Factory, timeline: Timeline, makes: Iterable[Make]) -> int:
    """Return a first guess of how far the calendars must reach; ``plan`` widens it when it was too short."""
    work: dict[str, Decimal] = defaultdict(Decimal)
    latest = 0
    for make in makes:
        latest = max([latest, make.due or 0, *(r.at for ready in make.material.values() for r in ready)])
        for step in make.steps(factory):
            place = step.group or (step.alternatives[0].machine if step.alternatives else OUTSIDE)
            work[place] += Decimal(step.cycle_seconds) + make.quantity * step.seconds_per_piece
            work[place] += step.fixed_seconds + sum(
                (Decimal(option.fixed_seconds) for option in step.alternatives[:1]), Decimal(0)
            )
    busiest = max(work.values(), default=Decimal(0))
    return 60 + latest // DAY_S + int(busiest / DAY_S) * 4


def eligible(factory: Factory, step: Step) -> list[tuple[FactoryMachine, Decimal, int]]:
    """Return the machines of a step with seconds per piece and fixed seconds on each."""
    if step.alternatives:
        return [
            (factory.machines[option.machine], option.seconds_per_piece, option.fixed_seconds)
            for option in step.alternatives
        ]
    return [
        (machine, step.seconds_per_piece, step.fixed_seconds)
        for machine in factory.group_machines(step.group)
    ]


def outside(step: Step) -> str:
    """Return the name of the place where an outsourced step is done."""
    return f"{OUTSIDE}: {step.supplier}" if step.supplier else OUTSIDE


def _machines(factory: Factory, timeline: Timeline, days: int) -> list[Machine]:
    ruled = {matrix.id for matrix in _setups(factory)}
    compiled: dict[tuple[str, tuple[int, ...]], tuple[Interval, ...]] = {}
    result = []
    for machine in factory.machines.values():
        closed = [
            number
            for number, closure in enumerate(factory.closures)
            if closure.machine in (None, machine.code)
        ]
        key = (machine.calendar, tuple(closed))
        if key not in compiled:
            shifts = factory.calendars[machine.calendar]
            closures = [factory.closures[number] for number in closed]
            compiled[key] = open_intervals(timeline, shifts, closures, days)
        result.append(
            Machine(
                machine.code,
                open=compiled[key],
                batch_capacity=max(1, machine.batch_capacity),
                setups=machine.group if machine.group in ruled and not machine.unlimited else None,
                initial_family=machine.initial_family or None,
                unlimited=machine.unlimited,
            )
        )
    places = (outside(step) for item in factory.items.values() for step in item.steps if step.outsourced_days)
    result.extend(Machine(place, unlimited=True) for place in dict.fromkeys(places))
    return result


def _pools(factory: Factory, timeline: Timeline, days: int) -> tuple[OperatorPool, ...]:
    """Operators keep their own shifts and the workshop's holidays; without shifts they follow machines."""
    holidays = [closure for closure in factory.closures if closure.machine is None]
    return tuple(
        OperatorPool(
            group.code,
            group.skills,
            group.count,
            open_intervals(timeline, factory.calendars[group.calendar], holidays, days)
            if group.calendar
            else None,
        )
        for group in factory.operators
    )


class _Operations:
    """Turns steps into operations; people at running steps are handed out in the order of the lots."""

    def __init__(self, factory: Factory, timeline: Timeline) -> None:
        self._factory = factory
        self._timeline = timeline
        self._free = {group.code: group.count for group in factory.operators}

    def of_step(self, make: Make, step: Step) -> list[Operation]:
        """One operation per step; a furnace step becomes as many loads as the quantity needs."""
        material = tuple(make.material.get(step.code, ()))
        name = f"{make.job}/{step.code}"
        quantity = make.pieces(step)
        lot = make.lot if make.lot is not None and make.lot.step == step.code else None
        if step.outsourced_days:
            return [self._sent_out(make, step, lot, material)]
        loads = list(self._loads(step, quantity))
        if len(loads) == 1:
            return [self._operation(make, step, name, loads[0], material, lot)]
        return [
            self._operation(make, step, f"{name}#{number}", load, material, lot if number == 1 else None)
            for number, load in enumerate(loads, start=1)
        ]

    def _loads(self, step: Step, quantity: int) -> Iterator[int]:
        machines = eligible(self._factory, step)
        capacity = min(
            (machine.batch_capacity for machine, _, _ in machines if machine.batch_capacity), default=0
        )
        if not (step.cycle_seconds and capacity):
            yield quantity
            return
        yield from [capacity] * (quantity // capacity)
        if quantity % capacity:
            yield quantity % capacity

    def _sent_out(
        self, make: Make, step: Step, lot: WorkInProgress | None, material: tuple[MaterialReady, ...]
    ) -> Operation:
        place, duration = outside(step), int(step.outsourced_days * DAY_S)
        committed = None
        if lot is not None and lot.started is not None:
            began = min(0, self._timeline.second_of(lot.started))
            committed = Committed(Commitment.RUNNING, place, began, remaining=max(0, duration + began))
        return Operation(
            f"{make.job}/{step.code}",
            (Mode(place, duration),),
            quantity=make.pieces(step),
            material=() if committed else material,
            committed=committed,
        )

    def _operation(
        self,
        make: Make,
        step: Step,
        name: str,
        quantity: int,
        material: tuple[MaterialReady, ...],
        lot: WorkInProgress | None,
    ) -> Operation:
        family = family_of(make.item, step)
        needs = self._needs(step)
        modes = []
        batched = False
        running: Committed | None = None
        for machine, rate, fixed in eligible(self._factory, step):
            in_load = bool(step.cycle_seconds and machine.batch_capacity)
            batched = batched or (machine.batch_capacity > 1 and in_load)
            work = (
                Decimal(step.cycle_seconds) if in_load else quantity * (rate or Decimal(step.cycle_seconds))
            )
            seconds = int((work / machine.efficiency).to_integral_value(ROUND_CEILING))
            modes.append(Mode(machine.code, seconds + fixed, family=family, operators=needs))
            if lot is not None and lot.machine == machine.code:
                running = self._running(lot, seconds, needs, in_load=in_load)
        return Operation(
            name,
            tuple(modes),
            resumable=step.resumable,
            recipe=(step.recipe or step.family or f"{make.item}/{step.code}") if batched else None,
            load=quantity if batched else 1,
            quantity=quantity,
            material=() if running else material,
            committed=running,
        )

    def _needs(self, step: Step) -> tuple[OperatorNeed, ...]:
        if not (step.skill and self._factory.operators):
            return ()
        return (OperatorNeed(step.skill, step.operator_during, step.operator_count),)

    def _running(
        self, lot: WorkInProgress, seconds: int, needs: tuple[OperatorNeed, ...], *, in_load: bool
    ) -> Committed:
        """A running step keeps its machine; set up it is already. A load's time runs since it was started."""
        began = min(0, self._timeline.second_of(lot.started)) if lot.started is not None else 0
        remaining = max(0, seconds + began) if in_load else seconds
        operators = []
        for need in needs:
            for group in self._factory.operators:
                enough = self._free[group.code] >= need.count and need.skill in group.skills
                if need.during is During.WHOLE and enough:
                    self._free[group.code] -= need.count
                    operators.append(group.code)
                    break
        return Committed(
            Commitment.RUNNING, lot.machine, began, remaining=remaining, operators=tuple(operators)
        )


def family_of(item: str, step: Step) -> str | None:
    """Return the setup family: the one given, or the item's own step when it has a setup, or none."""
    return step.family or (f"{item}/{step.code}" if step.setup_seconds else None)


def _setups(factory: Factory) -> tuple[SetupMatrix, ...]:
    """One matrix per group: into a family costs its longest setup; changeovers given override that."""
    into: dict[str, dict[str, int]] = defaultdict(dict)
    for item in factory.items.values():
        for step in item.steps:
            family = family_of(item.code, step)
            if family is None:
                continue
            for group in {machine.group for machine, _, _ in eligible(factory, step)}:
                into[group][family] = max(into[group].get(family, 0), step.setup_seconds)
    pairs: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for change in factory.changeovers:
        pairs[change.group][change.before, change.after] = change.seconds
    matrices = []
    for group in sorted({*into, *pairs}):
        times = {(ANY_FAMILY, family): seconds for family, seconds in sorted(into[group].items()) if seconds}
        times |= dict(sorted(pairs[group].items()))
        rows = tuple((before, after, seconds) for (before, after), seconds in times.items())
        matrices.append(SetupMatrix(group, rows))
    return tuple(matrices)


def _passed_on(step: Step, before: Sequence[Operation], after: Sequence[Operation]) -> Iterator[Precedence]:
    """Precedences from a step to the next, with its waits and its transfer batches."""
    for first in before:
        batch = step.transfer_quantity if 0 < step.transfer_quantity < first.quantity else None
        for second in after:
            yield Precedence(first.id, second.id, step.min_wait_seconds, step.max_wait_seconds, batch)
