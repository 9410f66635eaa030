"""One thing at a time on a machine, with its setup; and what may share a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lienmach.engines.scheduling.problem import Machine
from lienmach.engines.scheduling.verify.operations import first_batch_there, processing
from lienmach.engines.scheduling.verify.report import Violation, ViolationKind
from lienmach.engines.scheduling.verify.time import OpenTime
from lienmach.engines.scheduling.verify.view import Item, View


def machines(view: View) -> Iterator[Violation]:
    """Batches and sequences of all machines."""
    on_machine: dict[str, list[Item]] = defaultdict(list)
    for item in view.items.values():
        on_machine[item.machine.id].append(item)
    for machine in view.problem.machines:
        runs = _runs(on_machine[machine.id])
        for run in runs:
            yield from _batch(view, machine, run)
        if not machine.unlimited:
            yield from _sequence(view, machine, runs)


def _batch(view: View, machine: Machine, run: list[Item]) -> Iterator[Violation]:
    first = run[0]
    if first.placed.batch is None:
        return
    names = ", ".join(item.operation.id for item in run)
    place = f"Batch {first.placed.batch} on {machine.id} ({names})"

    def broken(rule: str) -> Violation:
        return Violation(ViolationKind.BATCH, first.operation.id, f"{place}: {rule}")

    recipes = {item.operation.recipe for item in run}
    if len(run) > 1 and (len(recipes) > 1 or None in recipes):
        yield broken("its members must have the same recipe.")
    if len(run) > 1 and sum(item.operation.load for item in run) > machine.batch_capacity:
        yield broken(f"holds more than the capacity {machine.batch_capacity}.")
    movable = [item for item in run if not item.committed]
    if not movable:
        return
    if len({(item.placed.start, item.placed.end, item.placed.held_from) for item in run}) > 1:
        yield broken("its members must start and end together.")
    if len({(item.mode.family, item.mode.operators, item.placed.operators) for item in run}) > 1:
        yield broken("its members must need the same setup and the same people.")
    longest = max(item.mode.duration for item in run)
    resumable = all(item.operation.resumable for item in run)
    yield from processing(view, first.operation.id, first, longest, resumable)


def _sequence(view: View, machine: Machine, runs: list[list[Item]]) -> Iterator[Violation]:
    family = machine.initial_family
    before: list[Item] | None = None
    # A run may be longer than those after it: the machine is free when the longest one so far has ended.
    busy_until: int | None = None
    for run in runs:
        first = run[0].placed
        facts = all(item.committed for item in run)
        facts_before = before is not None and all(item.committed for item in before)
        early = busy_until is not None and first.held_from < busy_until
        if before is not None and early and not (facts and facts_before):
            yield Violation(
                ViolationKind.OVERLAP,
                first.operation,
                f"Operations {before[0].operation.id} and {first.operation} overlap on {machine.id} at "
                f"{first.held_from}.",
            )
        if not facts or (before is not None and not facts_before):
            yield from _setup(view, machine, run, family)
        families = [item.mode.family for item in run if item.mode.family is not None]
        family = families[0] if families else family
        end = max(item.placed.end for item in run)
        if busy_until is None or end >= busy_until:
            before, busy_until = run, end


def _setup(view: View, machine: Machine, run: list[Item], family: str | None) -> Iterator[Violation]:
    item = run[0]
    placed = item.placed
    needed = max(each.mode.setup for each in run)
    if machine.setups is not None:
        needed += view.matrix[machine.setups].seconds(family, item.mode.family)
    # People are there for the setup of a planned operation; a frozen one books them for the run only.
    time = OpenTime(machine.open) if item.committed else view.open_time(item, setup=True)
    spent = 0
    if placed.setup_start is not None and placed.setup_end is not None:
        spent = time.between(placed.setup_start, placed.setup_end)
    if spent < needed:
        yield Violation(
            ViolationKind.SETUP,
            placed.operation,
            f"Operation {placed.operation} on {machine.id}: the setup from family {family} to "
            f"{item.mode.family} takes {needed} working seconds, but {spent} are planned.",
        )
    needs_job = machine.setups is not None and view.matrix[machine.setups].needs_job
    if needs_job and not item.committed and placed.setup_start is not None:
        for late in _not_there(view, run, placed.setup_start):
            yield Violation(
                ViolationKind.SETUP,
                placed.operation,
                f"Operation {placed.operation} on {machine.id}: set up at {placed.setup_start}, "
                f"before {late}.",
            )


def _not_there(view: View, run: list[Item], t: int) -> Iterator[str]:
    """What the operations of a run wait for that has not arrived at `t`."""
    for item in run:
        if t < item.job.release:
            yield f"job {item.job.id} is released at {item.job.release}"
        for ready in item.operation.material:
            if t < ready.at:
                yield f"{ready.reason} arrives at {ready.at}"
        for precedence in view.into.get(item.operation.id, ()):
            before = view.items.get(precedence.before)
            if before is not None and not first_batch_there(view, before, item, precedence, t):
                yield f"the parts of {precedence.before} arrive"


def _runs(items: list[Item]) -> list[list[Item]]:
    """Batches and single operations of one machine, by the time they begin to hold it."""
    runs: dict[object, list[Item]] = defaultdict(list)
    for item in items:
        key = ("batch", item.placed.batch) if item.placed.batch is not None else ("one", item.operation.id)
        runs[key].append(item)
    return sorted(
        runs.values(),
        key=lambda run: (run[0].placed.held_from, run[0].placed.end, run[0].operation.id),
    )
