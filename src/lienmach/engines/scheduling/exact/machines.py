"""One thing at a time on each machine: intervals, setups in sequence, batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lienmach.engines.scheduling.exact.expressions import Expression, Literal
from lienmach.engines.scheduling.exact.model import Choice, Model
from lienmach.engines.scheduling.shop import NO_FAMILY

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Lead:
    """A run of a machine: one operation, or the first member of a batch.

    Parameters
    ----------
    taken
        True in a solution in which the operation leads a run there.
    setup, longest_setup
        Seconds of the run's setup, and how many they can be at most.
    """

    choice: Choice
    taken: Literal
    setup: Expression
    longest_setup: int


@dataclass(frozen=True, slots=True)
class _Fact:
    """Committed time on a machine."""

    start: int
    end: int
    kind: int
    family: int


def machines(model: Model) -> list[Lead]:
    """Add the rules of all machines; answers who leads the runs."""
    shop = model.shop
    on_machine: list[list[Choice]] = [[] for _ in shop.machine_time]
    for step in model.steps.values():
        for choice in step.choices:
            on_machine[choice.machine].append(choice)
    facts = _facts(model)
    leads = []
    for machine, choices in enumerate(on_machine):
        runs = [(choice, choice.taken) for choice in choices]
        if shop.unlimited[machine]:
            leads += [Lead(choice, taken, 0, 0) for choice, taken in runs]
            continue
        if shop.capacity[machine] > 1:
            runs = _batches(model, choices)
        table = shop.setup_table[machine]
        if any(any(row) for row in table or ()):
            leads += _in_sequence(model, machine, runs, facts[machine])
        else:
            leads += _side_by_side(model, runs, facts[machine])
    return leads


def _facts(model: Model) -> list[list[_Fact]]:
    """Committed time per machine, merged where the facts overlap."""
    shop = model.shop
    found: list[list[_Fact]] = [[] for _ in shop.machine_time]
    for i, operation in enumerate(shop.operations):
        if operation.committed is None:
            continue
        machine, placement, _ = model.booking(i)
        kind = next(kind for where, _, kind in shop.modes[i] if where == machine)
        start = max(placement.start, shop.start)
        if placement.end > start or placement.end == shop.start:
            found[machine].append(_Fact(start, max(start, placement.end), kind, shop.kinds[kind].family))
    for items in found:
        items.sort(key=lambda fact: (fact.start, fact.end))
        merged: list[_Fact] = []
        for fact in items:
            if merged and fact.start < merged[-1].end:
                before = merged.pop()
                fact = _Fact(before.start, max(before.end, fact.end), before.kind, NO_FAMILY)
            merged.append(fact)
        items[:] = merged
    return found


def _side_by_side(model: Model, runs: list[tuple[Choice, Literal]], facts: list[_Fact]) -> list[Lead]:
    """No run cares which one was before it; its own setup is always the same."""
    cp, shop = model.cp, model.shop
    intervals = [cp.new_fixed_size_interval_var(fact.start, fact.end - fact.start, "") for fact in facts]
    leads = []
    for choice, taken in runs:
        step = model.steps[choice.operation]
        setup = shop.kinds[choice.kind].setup
        begin: Expression = step.start - setup
        size = choice.size + setup
        if setup:
            cp.add(begin >= shop.start).only_enforce_if(taken)
            if choice.crew is not None:
                begin, size = model.held(choice.operation), model.hold(choice.operation)
                cp.add(begin + setup <= step.start).only_enforce_if(taken)
        intervals.append(cp.new_optional_interval_var(begin, size, step.end, taken, ""))
        leads.append(Lead(choice, taken, setup, setup))
    cp.add_no_overlap(intervals)
    return leads


# -- setups ------------------------------------------------------------------------------------------------


def _in_sequence(
    model: Model, machine: int, runs: list[tuple[Choice, Literal]], facts: list[_Fact]
) -> list[Lead]:
    """Which run follows which, and the setup between them; node 0 is the machine's beginning and end."""
    cp, shop = model.cp, model.shop
    model.count((len(runs) + len(facts)) ** 2)
    succession = _incumbent_succession(model, machine, {choice.operation for choice, _ in runs})
    arcs: list[tuple[int, int, Literal]] = []
    # All in time: the arcs that enter a run, with their setups.
    entering: list[list[tuple[int, Literal]]] = [[] for _ in runs]

    def arc(before: int, after: int) -> Literal:
        literal = cp.new_bool_var("")
        arcs.append((before, after, literal))
        return literal

    nothing = cp.new_bool_var("")
    arcs.append((0, 0, nothing))
    intervals = [cp.new_fixed_size_interval_var(fact.start, fact.end - fact.start, "") for fact in facts]
    for b, (choice, taken) in enumerate(runs, 1):
        step = model.steps[choice.operation]
        intervals.append(cp.new_optional_interval_var(step.start, choice.size, step.end, taken, ""))
        arcs.append((b, b, ~taken if not isinstance(taken, int) else 1 - taken))
        first = arc(0, b)
        model.hint(first, succession.get(choice.operation) == -1)
        entering[b - 1].append((shop.setup_seconds(choice.kind, shop.initial_family[machine]), first))
        _after(model, choice, shop.start, entering[b - 1][-1])
        arc(b, 0)
        for a, (before, _) in enumerate(runs, 1):
            if before.operation == choice.operation:
                continue
            literal = arc(a, b)
            model.hint(literal, succession.get(choice.operation) == before.operation)
            seconds = shop.setup_seconds(choice.kind, shop.kinds[before.kind].family)
            entering[b - 1].append((seconds, literal))
            _after(model, choice, model.end_of(before.operation), (seconds, literal))
        for f, fact in enumerate(facts, 1 + len(runs)):
            literal = arc(f, b)
            seconds = shop.setup_seconds(choice.kind, fact.family)
            entering[b - 1].append((seconds, literal))
            _after(model, choice, fact.end, (seconds, literal))
            literal = arc(b, f)
            seconds = shop.setup_seconds(fact.kind, shop.kinds[choice.kind].family)
            cp.add(step.end + seconds <= fact.start).only_enforce_if(literal)
    for f in range(len(facts)):
        arc(0, 1 + len(runs) + f)
        arc(1 + len(runs) + f, 0)
        for later in range(f + 1, len(facts)):
            arc(1 + len(runs) + f, 1 + len(runs) + later)
    cp.add_circuit(arcs)
    cp.add_no_overlap(intervals)
    leads = []
    for (choice, taken), ways in zip(runs, entering, strict=True):
        setup = sum(seconds * literal for seconds, literal in ways if seconds)
        longest = max(seconds for seconds, _ in ways)
        leads.append(Lead(choice, taken, setup, longest))
    return leads


def _after(model: Model, choice: Choice, end: Expression, way: tuple[int, Literal]) -> None:
    """A run follows what ends at `end`, after a setup."""
    cp, shop = model.cp, model.shop
    i = choice.operation
    seconds, literal = way
    step = model.steps[i]
    cp.add(step.start >= end + seconds).only_enforce_if(literal)
    if not seconds:
        return
    if choice.crew is not None:
        held = model.held(i)
        cp.add(held >= end).only_enforce_if(literal)
        cp.add(held + seconds <= step.start).only_enforce_if(literal)
    if shop.setup_needs_job[choice.machine]:
        cp.add(step.start >= shop.earliest[i] + seconds).only_enforce_if(literal)
        for before, wait in shop.before[i]:
            cp.add(step.start >= model.end_of(before) + wait + seconds).only_enforce_if(literal)


def _incumbent_succession(model: Model, machine: int, operations: set[int]) -> dict[int, int]:
    """For each operation that leads a run there in the incumbent: who leads the run before, or -1."""
    found = []
    for i in operations:
        booking = model.booking(i)
        if booking.machine == machine and model.leader(i) == i:
            found.append((booking.placement.start, booking.placement.end, i))
    found.sort()
    result = {}
    before = -1
    for _, _, i in found:
        result[i] = before
        before = i
    return result


# -- batches -----------------------------------------------------------------------------------------------


def _batches(model: Model, choices: list[Choice]) -> list[tuple[Choice, Literal]]:
    """Let operations of one kind and crew join the run of one that stands before them in the problem."""
    groups: dict[object, list[Choice]] = {}
    for choice in choices:
        key: object = choice.operation
        if model.shop.kinds[choice.kind].recipe is not None:
            key = (choice.kind, choice.crew)
        groups.setdefault(key, []).append(choice)
    runs = []
    for group in groups.values():
        model.count(len(group) ** 2)
        runs += _group(model, group)
    return runs


def _group(model: Model, group: list[Choice]) -> list[tuple[Choice, Literal]]:
    cp, shop = model.cp, model.shop
    if len(group) == 1:
        return [(group[0], group[0].taken)]
    capacity = shop.capacity[group[0].machine]
    leads: list[Literal] = []
    joined: list[list[Expression]] = [[] for _ in group]
    for k, choice in enumerate(group):
        i, step = choice.operation, model.steps[choice.operation]
        here = model.booking(i).machine == choice.machine
        lead = cp.new_bool_var("")
        model.hint(lead, here and model.leader(i) == i)
        ways: list[Literal] = [lead]
        for earlier in range(k):
            leader = group[earlier].operation
            if shop.operations[i].load + shop.operations[leader].load > capacity:
                continue
            join = cp.new_bool_var("")
            model.hint(join, here and model.leader(i) == leader)
            first = model.steps[leader]
            cp.add_implication(join, leads[earlier])
            cp.add(step.start == first.start).only_enforce_if(join)
            cp.add(step.end == first.end).only_enforce_if(join)
            joined[earlier].append(shop.operations[i].load * join)
            ways.append(join)
        cp.add(sum(ways) == choice.taken)
        leads.append(lead)
    for choice, loads in zip(group, joined, strict=True):
        if loads:
            cp.add(sum(loads) + shop.operations[choice.operation].load <= capacity)
    return list(zip(group, leads, strict=True))
