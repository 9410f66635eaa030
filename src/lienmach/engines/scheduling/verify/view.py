"""The placed operations with what the problem says about them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from lienmach.engines.scheduling.problem import (
    During,
    Job,
    Machine,
    Mode,
    Operation,
    Precedence,
    Problem,
    SetupMatrix,
)
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution
from lienmach.engines.scheduling.verify.time import OpenTime, shared


@dataclass(frozen=True, slots=True)
class Item:
    """A placed operation with what the problem says about it."""

    job: Job
    operation: Operation
    mode: Mode
    machine: Machine
    placed: ScheduledOperation

    @property
    def committed(self) -> bool:
        return self.operation.committed is not None


class View:
    """A problem and a schedule side by side."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.solution = solution
        self.machine = {machine.id: machine for machine in problem.machines}
        self.matrix: dict[str, SetupMatrix] = {matrix.id: matrix for matrix in problem.setups}
        self.pool = {pool.id: pool for pool in problem.operators}
        self._time: dict[object, OpenTime] = {}
        self.into: dict[str, list[Precedence]] = defaultdict(list)
        for precedence in problem.precedences:
            self.into[precedence.after].append(precedence)
        self.items: dict[str, Item] = {}
        for job, operation in problem.operations():
            placed = solution.by_operation.get(operation.id)
            mode = next(
                (m for m in operation.modes if placed is not None and m.machine == placed.machine), None
            )
            if placed is not None and mode is not None:
                self.items[operation.id] = Item(job, operation, mode, self.machine[mode.machine], placed)

    def open_time(self, item: Item, *, setup: bool) -> OpenTime:
        """When the machine works with the people held: for the whole, and with `setup` for the setup too."""
        pools = tuple(
            name
            for need, name in zip(item.mode.operators, item.placed.operators, strict=False)
            if name in self.pool and (setup or need.during is During.WHOLE)
        )
        key = (item.machine.id, pools)
        if key not in self._time:
            self._time[key] = shared(
                [OpenTime(item.machine.open), *(OpenTime(self.pool[name].open) for name in pools)]
            )
        return self._time[key]
