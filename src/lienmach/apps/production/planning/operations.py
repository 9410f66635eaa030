"""What has to be made → the scheduling problem: machines with open time, operations with their modes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from lienmach.apps.production.planning.factory import Factory, Step
from lienmach.apps.production.planning.factory import Machine as FactoryMachine
from lienmach.apps.production.planning.timeline import Interval, Timeline, open_intervals
from lienmach.engines.scheduling.problem import (
    ANY_FAMILY,
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
    placed: dict[str, Placed] = {}
    jobs: list[Job] = []
    precedences: list[Precedence] = []
    by_step: dict[tuple[str, str], list[str]] = {}
    for make in makes:
        operations: list[Operation] = []
        before: list[str] = []
        for step in factory.items[make.item].steps:
            current = _operations(factory, make, step)
            operations.extend(current)
            ids = [operation.id for operation in current]
            placed.update({operation.id: Placed(make, step, operation.quantity) for operation in current})
            precedences.extend(_between(before, ids))
            by_step[make.job, step.code] = before = ids
        jobs.append(Job(make.job, tuple(operations), release=make.release, due=make.due, weight=make.weight))
    for make in makes:
        last = by_step[make.job, factory.items[make.item].steps[-1].code]
        for consumer in make.feeds:
            precedences.extend(_between(last, by_step[consumer]))
    problem = Problem(
        machines=tuple(machines),
        jobs=tuple(jobs),
        precedences=tuple(dict.fromkeys(precedences)),
        operators=tuple(OperatorPool(skill, (skill,), size) for skill, size in factory.operators.items()),
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
        for step in factory.items[make.item].steps:
            place = step.group or (step.alternatives[0].machine if step.alternatives else OUTSIDE)
            work[place] += Decimal(step.cycle_seconds) + make.quantity * step.seconds_per_piece
            work[place] += sum(
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
    return [(machine, step.seconds_per_piece, 0) for machine in factory.group_machines(step.group)]


def _machines(factory: Factory, timeline: Timeline, days: int) -> list[Machine]:
    ruled = {matrix.id for matrix in _setups(factory)}
    compiled: dict[tuple[str, tuple[int, ...]], tuple[Interval, ...]] = {}
    result = []
    for machine in factory.machines.values():
        closures = [c for c in factory.closures if c.machine in (None, machine.code)]
        key = (machine.calendar, tuple(factory.closures.index(closure) for closure in closures))
        if key not in compiled:
            shifts = factory.calendars[machine.calendar]
            compiled[key] = open_intervals(timeline, shifts, closures, days)
        result.append(
            Machine(
                machine.code,
                open=compiled[key],
                batch_capacity=max(1, machine.batch_capacity),
                setups=machine.group if machine.group in ruled else None,
            )
        )
    if any(step.outsourced_days for item in factory.items.values() for step in item.steps):
        result.append(Machine(OUTSIDE, unlimited=True))
    return result


def _operations(factory: Factory, make: Make, step: Step) -> list[Operation]:
    """One operation per step; a furnace step becomes as many loads as the quantity needs."""
    material = tuple(make.material.get(step.code, ()))
    name = f"{make.job}/{step.code}"
    if step.outsourced_days:
        mode = Mode(OUTSIDE, int(step.outsourced_days * DAY_S))
        return [Operation(name, (mode,), quantity=make.quantity, material=material)]
    machines = eligible(factory, step)
    capacity = min(
        (machine.batch_capacity for machine, _, _ in machines if machine.batch_capacity), default=0
    )
    if not (step.cycle_seconds and capacity):
        return [_operation(factory, make, step, name, make.quantity, material)]
    loads = [capacity] * (make.quantity // capacity)
    if make.quantity % capacity:
        loads.append(make.quantity % capacity)
    if len(loads) == 1:
        return [_operation(factory, make, step, name, loads[0], material)]
    return [
        _operation(factory, make, step, f"{name}#{number}", load, material)
        for number, load in enumerate(loads, start=1)
    ]


def _operation(
    factory: Factory, make: Make, step: Step, name: str, quantity: int, material: tuple[MaterialReady, ...]
) -> Operation:
    family = family_of(make.item, step)
    needs = (OperatorNeed(step.skill),) if step.skill and factory.operators else ()
    modes = []
    batched = False
    for machine, rate, fixed in eligible(factory, step):
        in_load = bool(step.cycle_seconds and machine.batch_capacity)
        batched = batched or (machine.batch_capacity > 1 and in_load)
        work = Decimal(step.cycle_seconds) if in_load else quantity * (rate or Decimal(step.cycle_seconds))
        duration = int((work / machine.efficiency).to_integral_value(ROUND_CEILING)) + fixed
        modes.append(Mode(machine.code, duration, family=family, operators=needs))
    return Operation(
        name,
        tuple(modes),
        resumable=step.resumable,
        recipe=(step.family or f"{make.item}/{step.code}") if batched else None,
        load=quantity if batched else 1,
        quantity=quantity,
        material=material,
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
        times = [(ANY_FAMILY, family, seconds) for family, seconds in sorted(into[group].items()) if seconds]
        times += [(before, after, seconds) for (before, after), seconds in sorted(pairs[group].items())]
        matrices.append(SetupMatrix(group, tuple(times)))
    return tuple(matrices)


def _between(before: Sequence[str], after: Sequence[str]) -> list[Precedence]:
    return [Precedence(first, second) for first in before for second in after]
