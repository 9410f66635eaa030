"""Enough people with the right skill at every instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lienmach.engines.scheduling.problem import During
from lienmach.engines.scheduling.verify.report import Violation, ViolationKind
from lienmach.engines.scheduling.verify.view import Item, View


def operators(view: View) -> Iterator[Violation]:
    """Pools with the skill that was asked for, and never more people than they have."""
    # Per pool: (instant, change in people, change in people held by planned operations, operation)
    steps: dict[str, list[tuple[int, int, int, str]]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for name, item in view.items.items():
        placed = item.placed
        if item.committed and not placed.operators:
            continue
        needs = item.mode.operators
        if len(placed.operators) != len(needs):
            yield Violation(
                ViolationKind.OPERATOR,
                name,
                f"Operation {name} has {len(placed.operators)} operator pools for {len(needs)} needs.",
            )
            continue
        if placed.batch is not None:
            if (placed.machine, placed.batch) in seen:
                continue
            seen.add((placed.machine, placed.batch))
        for need, pool_id in zip(needs, placed.operators, strict=True):
            pool = view.pool.get(pool_id)
            if pool is None or need.skill not in pool.skills:
                yield Violation(
                    ViolationKind.OPERATOR,
                    name,
                    f"Operation {name}: pool {pool_id} has no skill '{need.skill}'.",
                )
                continue
            held = _held(item, need.during)
            if held is not None:
                planned = 0 if item.committed else need.count
                steps[pool_id].append((held[0], need.count, planned, name))
                steps[pool_id].append((held[1], -need.count, -planned, name))
    for pool_id, changes in sorted(steps.items()):
        yield from _pool_load(view, pool_id, changes)


def _pool_load(view: View, pool_id: str, changes: list[tuple[int, int, int, str]]) -> Iterator[Violation]:
    size = view.pool[pool_id].size
    used = planned = 0
    # At the same instant those who leave go first.
    for instant, change, planned_change, name in sorted(
        changes, key=lambda step: (step[0], step[1], step[3])
    ):
        used += change
        planned += planned_change
        if change > 0 and used > size and planned > 0:
            yield Violation(
                ViolationKind.OPERATOR,
                name,
                f"Operator pool {pool_id}: {used} people are needed at {instant}, but it has {size}.",
            )


def _held(item: Item, during: During) -> tuple[int, int] | None:
    """From when to when somebody is held; None when not at all."""
    placed = item.placed
    if item.committed:
        return (placed.start, placed.end) if during is During.WHOLE and placed.end > placed.start else None
    if during is During.WHOLE:
        return (placed.held_from, placed.end) if placed.end > placed.held_from else None
    if placed.setup_start is None or placed.setup_end is None or placed.setup_end == placed.setup_start:
        return None
    return (placed.setup_start, placed.setup_end)
