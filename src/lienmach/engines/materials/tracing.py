"""Walks through the pegging graph: what an order stands on, and when its steps can begin."""

from __future__ import annotations

from dataclasses import dataclass

from lienmach.engines.materials.problem import MaterialsProblem
from lienmach.engines.materials.solution import MaterialsPlan, NeedKind, Peg, SupplyKind


@dataclass(frozen=True, slots=True)
class External:
    """Material that a step waits for and that no step of ours makes: from `at` on, with its reason."""

    at: int
    kind: SupplyKind
    supply: str
    item: str


@dataclass(frozen=True, slots=True)
class StepMaterial:
    """What one step of a planned order (or of a demand, with an empty operation) waits for.

    Parameters
    ----------
    external
        Stock, receipts and purchases with their dates.
    made
        Ids of the planned orders that have to end before: precedences in the schedule.
    """

    owner: str
    operation: str
    external: tuple[External, ...]
    made: tuple[str, ...]


def step_materials(problem: MaterialsProblem, plan: MaterialsPlan) -> tuple[StepMaterial, ...]:
    """For each owner and step that needs material: dates and precedences for the schedule."""
    arrivals = {receipt.id: max(receipt.at, problem.start) for receipt in problem.receipts}
    found: dict[tuple[str, str], tuple[list[External], list[str]]] = {}
    for need in plan.needs:
        if need.kind is NeedKind.SAFETY_STOCK:
            continue
        external, made = found.setdefault((need.owner, need.operation), ([], []))
        for peg in plan.pegs_of_need[need.id]:
            if peg.kind is SupplyKind.MAKE:
                made.append(peg.supply)
                continue
            at = problem.start
            if peg.kind is SupplyKind.RECEIPT:
                at = arrivals[peg.supply]
            elif peg.kind is SupplyKind.PURCHASE:
                at = plan.order[peg.supply].available
            external.append(External(at, peg.kind, peg.supply, need.item))
    return tuple(
        StepMaterial(owner, operation, tuple(external), tuple(dict.fromkeys(made)))
        for (owner, operation), (external, made) in found.items()
    )


def thread(plan: MaterialsPlan, demand: str) -> tuple[Peg, ...]:
    """All pegs that a demand stands on, from the demand down to stock, receipts and purchases."""
    found: list[Peg] = []
    seen = {demand}
    pending = [demand]
    for owner in pending:
        for need in plan.needs_of.get(owner, ()):
            for peg in plan.pegs_of_need[need.id]:
                found.append(peg)
                if peg.kind is SupplyKind.MAKE and peg.supply not in seen:
                    seen.add(peg.supply)
                    pending.append(peg.supply)
    return tuple(found)
