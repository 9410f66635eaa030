"""Do the parts of a problem fit together? Every fault is found, not only the first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lienmach.engines.scheduling.problem import Job, Operation, OperatorPool, Problem


def faults(problem: Problem) -> list[str]:
    """All faults in the references between the parts of a problem, one sentence each."""
    found = [
        *_repeated("machine", [machine.id for machine in problem.machines]),
        *_repeated("job", [job.id for job in problem.jobs]),
        *_repeated("operation", [operation.id for _, operation in problem.operations()]),
        *_repeated("operator pool", [pool.id for pool in problem.operators]),
        *_repeated("setup matrix", [matrix.id for matrix in problem.setups]),
        *_previous_faults(problem),
        *_machine_faults(problem),
        *_operation_faults(problem),
        *_precedence_faults(problem),
    ]
    return found or [
        *_frozen_overlaps(problem),
        *_running_together(problem),
        *_overfull_batches(problem),
    ]


def find_cycle(successors: Mapping[str, Sequence[str]]) -> list[str] | None:
    """A circle in a directed graph as a closed list of its nodes (first = last), or None.

    The walk is iterative: real bills and routings may be deeper than Python's recursion limit.
    """
    done: set[str] = set()
    for root in successors:
        if root in done:
            continue
        path, on_path = [root], {root}
        walks = [iter(successors.get(root, ()))]
        while walks:
            following = next(walks[-1], None)
            if following is None:
                walks.pop()
                node = path.pop()
                on_path.discard(node)
                done.add(node)
            elif following in on_path:
                return [*path[path.index(following) :], following]
            elif following not in done:
                path.append(following)
                on_path.add(following)
                walks.append(iter(successors.get(following, ())))
    return None


def _repeated(kind: str, ids: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield f"The {kind} id '{name}' is used {count} times: give each {kind} its own id."


def _previous_faults(problem: Problem) -> Iterator[str]:
    for name, count in Counter(place.operation for place in problem.previous).items():
        if count > 1:
            yield f"The previous plan has operation '{name}' {count} times: give its place once."


def _machine_faults(problem: Problem) -> Iterator[str]:
    matrices = {matrix.id for matrix in problem.setups}
    for machine in problem.machines:
        if machine.setups is not None and machine.setups not in matrices:
            yield f"Machine {machine.id}: there is no setup matrix '{machine.setups}'."


def _operation_faults(problem: Problem) -> Iterator[str]:
    machines = {machine.id: machine for machine in problem.machines}
    largest_pool: dict[str, int] = defaultdict(int)
    pools = {pool.id: pool for pool in problem.operators}
    for pool in problem.operators:
        for skill in pool.skills:
            largest_pool[skill] = max(largest_pool[skill], pool.size)
    for job, operation in problem.operations():
        place = f"Job {job.id}, operation {operation.id}"
        for mode in operation.modes:
            machine = machines.get(mode.machine)
            if machine is None:
                yield f"{place}: there is no machine '{mode.machine}'."
                continue
            if operation.recipe is not None and operation.load > machine.batch_capacity > 1:
                yield (
                    f"{place}: load {operation.load} is more than machine {machine.id} holds "
                    f"({machine.batch_capacity}): split the lot."
                )
            if machine.unlimited and mode.setup:
                yield f"{place}: a setup on the unlimited machine {machine.id} has no meaning."
            for need in mode.operators:
                if largest_pool[need.skill] < need.count:
                    yield (
                        f"{place}: needs {need.count} with skill '{need.skill}' on machine {machine.id}, "
                        f"but the largest pool with that skill has {largest_pool[need.skill]}."
                    )
        yield from _commitment_faults(place, operation, pools, problem.start)


def _commitment_faults(
    place: str, operation: Operation, pools: Mapping[str, OperatorPool], start: int
) -> Iterator[str]:
    committed = operation.committed
    if committed is None:
        return
    for pool in committed.operators:
        if pool not in pools:
            yield f"{place}: is committed to operator pool '{pool}', which does not exist."
    if committed.remaining is not None and committed.start > start:
        yield f"{place}: is said to run, but starts at {committed.start}, after the plan's start {start}."
    mode = operation.mode_on(committed.machine)
    for need, name in zip(mode.operators if mode else (), committed.operators, strict=False):
        if name in pools and need.skill not in pools[name].skills:
            yield f"{place}: is committed to operator pool '{name}', which has no skill '{need.skill}'."
    if committed.operators and mode is not None and len(committed.operators) != len(mode.operators):
        yield (
            f"{place}: is committed to {len(committed.operators)} operator pools, but its mode on machine "
            f"{committed.machine} has {len(mode.operators)} needs."
        )


def _precedence_faults(problem: Problem) -> Iterator[str]:
    known = {operation.id: operation for _, operation in problem.operations()}
    successors: dict[str, list[str]] = defaultdict(list)
    for precedence in problem.precedences:
        place = f"Precedence {precedence.before} -> {precedence.after}"
        missing = [name for name in (precedence.before, precedence.after) if name not in known]
        for name in missing:
            yield f"{place}: there is no operation '{name}'."
        if missing:
            continue
        successors[precedence.before].append(precedence.after)
        wanted = precedence.transfer_quantity
        if wanted is not None and wanted > known[precedence.before].quantity:
            yield f"{place}: the transfer quantity {wanted} is more than the quantity made."
    for (before, after), count in Counter((p.before, p.after) for p in problem.precedences).items():
        if count > 1:
            yield f"Precedence {before} -> {after}: is given {count} times: give it once."
    cycle = find_cycle(successors)
    if cycle is not None:
        circle = " -> ".join(cycle)
        yield f"Operations wait for each other in a circle: {circle}. Remove one of these precedences."


def _frozen_overlaps(problem: Problem) -> Iterator[str]:
    """Two frozen operations on one machine at the same time, unless they share a batch."""
    unlimited = {machine.id for machine in problem.machines if machine.unlimited}
    capacity = {machine.id: machine.batch_capacity for machine in problem.machines}
    frozen: dict[str, list[tuple[int, int, Job, Operation]]] = defaultdict(list)
    for job, operation in problem.operations():
        committed = operation.committed
        if committed is not None and committed.end is not None and committed.machine not in unlimited:
            frozen[committed.machine].append((committed.start, committed.end, job, operation))
    for machine, items in sorted(frozen.items()):
        items.sort(key=lambda item: (item[0], item[1], item[3].id))
        for (start, end, _, before), (next_start, next_end, _, after) in pairwise(items):
            batched = (
                capacity[machine] > 1
                and (start, end) == (next_start, next_end)
                and before.recipe is not None
                and before.recipe == after.recipe
            )
            if next_start < end and not batched:
                yield (
                    f"Frozen operations {before.id} and {after.id} overlap on machine {machine} "
                    f"({start}..{end} and {next_start}..{next_end}): release one of them."
                )


def _running_together(problem: Problem) -> Iterator[str]:
    """Two operations running on one machine at once, unless they share a batch."""
    machines = {machine.id: machine for machine in problem.machines}
    running: dict[str, list[Operation]] = defaultdict(list)
    for _, operation in problem.operations():
        committed = operation.committed
        if committed is not None and committed.remaining is not None:
            running[committed.machine].append(operation)
    for name, operations in sorted(running.items()):
        machine = machines[name]
        recipes = {operation.recipe for operation in operations}
        together = machine.batch_capacity > 1 and len(recipes) == 1 and None not in recipes
        if len(operations) > 1 and not machine.unlimited and not together:
            listed = ", ".join(operation.id for operation in operations)
            yield f"Operations {listed} all run on machine {name} now: report all but one as done."


def _overfull_batches(problem: Problem) -> Iterator[str]:
    """Committed operations that are together on a batching machine, but more than it holds."""
    capacity = {
        machine.id: machine.batch_capacity for machine in problem.machines if machine.batch_capacity > 1
    }
    together: dict[tuple[str, int | None, int | None], list[Operation]] = defaultdict(list)
    for _, operation in problem.operations():
        committed = operation.committed
        if committed is not None and committed.machine in capacity:
            start = None if committed.end is None else committed.start
            together[committed.machine, start, committed.end].append(operation)
    for (machine, _, _), operations in together.items():
        load = sum(operation.load for operation in operations)
        if len(operations) > 1 and load > capacity[machine]:
            listed = ", ".join(operation.id for operation in operations)
            yield (
                f"Operations {listed} are committed to machine {machine} together with a load of {load}, "
                f"but it holds {capacity[machine]}: release one of them."
            )
