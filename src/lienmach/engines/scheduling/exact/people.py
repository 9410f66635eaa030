"""Enough people at every moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lienmach.engines.scheduling.exact.expressions import Expression
from lienmach.engines.scheduling.exact.machines import Lead
from lienmach.engines.scheduling.exact.model import Model
from lienmach.engines.scheduling.problem import Commitment

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


def people(model: Model, leads: list[Lead]) -> None:
    """Every run's crew is held from its setup to its end, or for its setup only."""
    cp, shop = model.cp, model.shop
    held: list[list[cp_model.IntervalVar]] = [[] for _ in shop.pool_size]
    count: list[list[int]] = [[] for _ in shop.pool_size]
    for lead in leads:
        crew = lead.choice.crew
        if crew is None:
            continue
        i = lead.choice.operation
        step = model.steps[i]
        no_setup = isinstance(lead.setup, int) and not lead.setup
        begin = step.start if no_setup else model.held(i)
        size = lead.choice.size if no_setup else model.hold(i)
        if not no_setup:
            cp.add(begin + lead.setup <= step.start).only_enforce_if(lead.taken)
        for pool, number in crew.whole:
            held[pool].append(cp.new_optional_interval_var(begin, size, step.end, lead.taken, ""))
            count[pool].append(number)
        if no_setup or not crew.setup:
            continue
        setup, ready = _setup(model, lead)
        for pool, number in crew.setup:
            held[pool].append(cp.new_optional_interval_var(begin, setup, ready, lead.taken, ""))
            count[pool].append(number)
    for pool, intervals in enumerate(held):
        if not intervals:
            continue
        for start, end, number in _committed(model, pool):
            intervals.append(cp.new_fixed_size_interval_var(start, end - start, ""))
            count[pool].append(number)
        cp.add_cumulative(intervals, count[pool], shop.pool_size[pool])


def _setup(model: Model, lead: Lead) -> tuple[Expression, Expression]:
    """Size and end of a setup, each a number or a variable by itself."""
    i = lead.choice.operation
    if isinstance(lead.setup, int):
        return lead.setup, model.held(i) + lead.setup
    cp = model.cp
    setup = cp.new_int_var(0, lead.longest_setup, "")
    ready = cp.new_int_var(model.shop.start, model.horizon.last[i], "")
    cp.add(setup == lead.setup)
    cp.add(ready == model.held(i) + setup).only_enforce_if(lead.taken)
    return setup, ready


def _committed(model: Model, pool: int) -> list[tuple[int, int, int]]:
    """People of a pool that committed operations hold; never more than there are, whatever the facts say."""
    shop = model.shop
    changes: list[tuple[int, int]] = []
    batches: set[int] = set()
    for i, operation in enumerate(shop.operations):
        if operation.committed is None:
            continue
        _, placement, batch = model.booking(i)
        if placement.crew is None or batch in batches:
            continue
        if batch >= 0:
            batches.add(batch)
        running = operation.committed.kind is Commitment.RUNNING
        start = shop.start if running else placement.start
        for other, number in placement.crew.whole:
            if other == pool and placement.end > start:
                changes += [(start, number), (placement.end, -number)]
    changes.sort()
    result = []
    used = 0
    for k, (moment, change) in enumerate(changes):
        used += change
        if used > 0 and changes[k + 1][0] > moment:
            result.append((moment, changes[k + 1][0], min(used, shop.pool_size[pool])))
    return result
