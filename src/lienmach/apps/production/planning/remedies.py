"""What would help late orders: each remedy is tried by planning again, and only what helps is kept.

Remedies are looked for where the causes are: overtime on the machine that was waited for, one more person, a
purchase that comes earlier, a step given to somebody else, a job made in two lots, a machine that is not
listed for a step. Their order is what they gain over the late orders that were asked about, by weight; where
the owner gave rates, each also says what it costs and what less lateness saves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from lienmach.apps.production.planning.booked import BookedPlan, put_back
from lienmach.apps.production.planning.costs import late_day_costs, late_days, whole
from lienmach.apps.production.planning.counterfactual import Replanning, explained
from lienmach.apps.production.planning.lateness import Chains
from lienmach.apps.production.planning.plan import Cause, CauseKind, Plan, PlannedOrder, Remedy, RemedyKind
from lienmach.apps.production.planning.pricing import Pricing, Tried
from lienmach.apps.production.planning.relief import (
    brings,
    split_in_two,
    step_name,
    with_machine_too,
    with_material_earlier,
    with_operator,
    with_overtime,
    with_step_elsewhere,
)
from lienmach.apps.production.planning.timeline import DAY_S
from lienmach.engines.scheduling.problem import Problem

OVERTIME_HOURS = 4
LEAST_GAIN_S = 3_600
MOST_REMEDIES = 8
MOST_BARGAINS = 4
"""So many of the best by money are kept though others gain more."""
FOR_CAUSES = 0.7
"""Share of the budget that tests causes; the rest tries remedies."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A remedy before it is tried."""

    kind: RemedyKind
    subject: str
    amount: int
    problem: Problem
    new: tuple[str, ...] = ()
    place: str = ""


def advised(plan: Plan, *, budget: int) -> Plan:
    """Return the plan with its causes tested and with what would help.

    Parameters
    ----------
    budget
        Units of work, as for the search; when it is used up the rest stays untested.
    """
    if not plan.late_orders or plan.factory is None:
        return plan
    return advise(plan, put_back(plan), budget=budget)


def advise(plan: Plan, booked: BookedPlan, *, budget: int) -> Plan:
    """Return the same for a plan that stands on the machines already."""
    replanning = Replanning(booked.built, booked.solution, plan.orders, int(budget * FOR_CAUSES))
    causes = explained(replanning)
    orders = tuple(
        replace(order, causes=causes.get(order.code, order.causes)) if order.late_s else order
        for order in plan.orders
    )
    replanning.left += budget - int(budget * FOR_CAUSES)
    return replace(plan, orders=orders, remedies=remedies_for(booked, replanning, causes))


def remedies_for(
    booked: BookedPlan, replanning: Replanning, causes: dict[str, tuple[Cause, ...]]
) -> tuple[Remedy, ...]:
    """Return what helps, the most helpful first."""
    if not replanning.late or replanning.over:
        return ()
    before, schedule = replanning.all_in_place(booked.built.problem)
    pricing, rates = Pricing(booked, schedule), late_day_costs(booked.factory)
    found = []
    for candidate in _Candidates(booked, replanning, causes).ranked():
        if replanning.left < replanning.price:
            break
        tried = replanning.all_late(candidate.problem, candidate.new)
        if tried is None:
            continue
        after, solution = tried
        remedy = _remedy(candidate, replanning.late, before, after, rates)
        if sum(gain for _, gain in remedy.gains) >= LEAST_GAIN_S:
            until = max(after[code] for code, _ in remedy.gains)
            priced = Tried(candidate.kind, candidate.subject, candidate.problem, solution, until)
            found.append(replace(remedy, lines=pricing.lines(priced)))
    return _best(found)


def _best(found: list[Remedy]) -> tuple[Remedy, ...]:
    """The most helpful and the best bargains, the most helpful first."""
    ordered = sorted(found, key=lambda remedy: (-remedy.weighted_s, remedy.kind, remedy.subject))
    bargains = sorted((each for each in ordered if each.net is not None), key=lambda each: -(each.net or 0))
    kept = (*ordered[:MOST_REMEDIES], *bargains[:MOST_BARGAINS])
    return tuple(each for each in ordered if each in kept)


def _remedy(
    candidate: _Candidate,
    late: list[PlannedOrder],
    before: Mapping[str, int],
    after: Mapping[str, int],
    rates: Mapping[str, Decimal],
) -> Remedy:
    gains = []
    weighted = on_time = 0
    saves: Decimal | None = None
    for order in late:
        base = before.get(order.code, order.end)
        gain = base - after[order.code]
        if gain <= 0:
            continue
        gains.append((order.code, gain))
        was, remains = max(0, base - order.due), max(0, after[order.code] - order.due)
        weighted += order.weight * (was - remains)
        on_time += was > 0 and not remains
        if rates[order.code]:
            saved = (late_days(was) - late_days(remains)) * rates[order.code]
            saves = saved if saves is None else saves + saved
    return Remedy(
        kind=candidate.kind,
        subject=candidate.subject,
        amount=candidate.amount,
        gains=tuple(gains),
        on_time=on_time,
        weighted_s=weighted,
        place=candidate.place,
        saves=None if saves is None else whole(saves),
    )


class _Candidates:
    """What might help, judged by what was waited for."""

    def __init__(
        self, booked: BookedPlan, replanning: Replanning, causes: dict[str, tuple[Cause, ...]]
    ) -> None:
        self._booked = booked
        self._built = booked.built
        self._problem = booked.built.problem
        self._replanning = replanning
        self._causes = causes
        self._hopes: dict[tuple[RemedyKind, str, str], int] = defaultdict(int)
        self._days: dict[str, int] = {}
        self._weight = {order.code: order.weight for order in replanning.late}
        self._chains = Chains(booked.built, replanning.solution)
        self._operations = {operation.id: operation for _, operation in self._problem.operations()}
        self._always_open = {machine.id for machine in self._problem.machines if machine.open is None}

    def ranked(self) -> Iterator[_Candidate]:
        """The most promising first, kinds taken in turn so that a short budget sees several."""
        for code, found in self._causes.items():
            for cause in found:
                self._hope(code, cause)
            self._hope_for_steps(code)
        turns: dict[RemedyKind, list[tuple[RemedyKind, str, str]]] = defaultdict(list)
        for key in sorted(self._hopes, key=lambda key: (-self._hopes[key], key)):
            turns[key[0]].append(key)
        lists = sorted(turns.values(), key=lambda keys: -self._hopes[keys[0]])
        for turn in range(max(map(len, lists), default=0)):
            for keys in lists:
                if turn < len(keys):
                    candidate = self._candidate(*keys[turn])
                    if candidate is not None:
                        yield candidate

    def _hope(self, code: str, cause: Cause) -> None:
        hope = (cause.gain_s if cause.gain_s is not None else cause.seconds) * self._weight[code]
        match cause.kind:
            case CauseKind.MATERIAL:
                self._hopes[RemedyKind.EXPEDITE, cause.subject.split(" (")[0], ""] += hope
            case CauseKind.OPERATOR:
                self._hopes[RemedyKind.OPERATOR, cause.subject, ""] += hope
            case CauseKind.RELEASE | CauseKind.WAIT:
                return
            case _:
                self._hopes[RemedyKind.OVERTIME, cause.subject, ""] += hope

    def _hope_for_steps(self, code: str) -> None:
        """The step that holds the order longest might go elsewhere; its job might be made in two lots."""
        placed = self._replanning.solution.by_operation
        last = max(self._replanning.delivering[code], key=lambda name: (placed[name].end, name))
        spent = self._chains.spent(last)
        if not spent:
            return
        name, seconds = max(spent.items(), key=lambda entry: (entry[1], entry[0]))
        operation = self._operations[name]
        if operation.committed is not None:
            return
        weight = self._weight[code]
        step = step_name(self._built, name)
        self._hopes[RemedyKind.OUTSOURCE, step, ""] += seconds * weight
        self._days[step] = max(self._days.get(step, 1), _days(seconds))
        self._hopes[RemedyKind.SPLIT, placed[name].job, ""] += seconds * weight // 2
        machine = placed[name].machine
        for other in self._spare_machines(name):
            self._hopes[RemedyKind.ALTERNATIVE, f"{step_name(self._built, name)}\n{machine}", other] += (
                seconds * weight
            )

    def _candidate(self, kind: RemedyKind, subject: str, more: str) -> _Candidate | None:
        problem = self._problem
        match kind:
            case RemedyKind.OVERTIME:
                if subject in self._always_open:
                    return None
                return _Candidate(
                    kind, subject, OVERTIME_HOURS, with_overtime(problem, subject, OVERTIME_HOURS)
                )
            case RemedyKind.OPERATOR:
                return _Candidate(kind, subject, 1, with_operator(problem, subject))
            case RemedyKind.EXPEDITE:
                days = self._days_to_save(subject)
                changed = with_material_earlier(problem, subject, days)
                return _Candidate(kind, subject, days, changed) if days else None
            case RemedyKind.OUTSOURCE:
                days = self._days[subject]
                changed = with_step_elsewhere(problem, self._of_step(subject), days)
                return _Candidate(kind, subject, days, changed)
            case RemedyKind.SPLIT:
                changed, new = split_in_two(problem, subject)
                return _Candidate(kind, subject, 2, changed, tuple(new)) if new else None
            case RemedyKind.ALTERNATIVE:
                step, machine = subject.split("\n")
                changed = with_machine_too(problem, self._of_step(step), machine, more)
                return _Candidate(kind, step, 1, changed, place=more)

    def _of_step(self, step: str) -> set[str]:
        """The operations of late orders at a step."""
        late = {name for names in self._replanning.families.values() for name in names}
        return {name for name in late if step_name(self._built, name) == step}

    def _spare_machines(self, name: str) -> list[str]:
        """Machines of the same group that the step does not name."""
        operation = self._operations[name]
        machines = self._booked.factory.machines
        able = {mode.machine for mode in operation.modes}
        groups = {machines[code].group for code in able if code in machines}
        return [code for code, machine in machines.items() if machine.group in groups and code not in able]

    def _days_to_save(self, item: str) -> int:
        """Half the time that the material is waited for, in whole days."""
        moments = [
            ready.at
            for _, operation in self._problem.operations()
            for ready in operation.material
            if brings(ready, item)
        ]
        return -(-max(moments, default=0) // (2 * DAY_S))


def _days(seconds: int) -> int:
    """Half of the time in whole days, at least one: whoever does it elsewhere needs that long."""
    return max(1, seconds // (2 * DAY_S))
