"""What if? A workshop in which one thing is different is planned again, with nobody later than planned.

Planning again here means pulling late orders forward in the plan that there is: the plan stays a plan of the
changed workshop (nothing was made harder), every operation ends when it did or earlier, and what an order
gains is due to the change and not to another throw of the dice. What could be pulled forward without any
change counts for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from lienmach.apps.production.planning.lateness import MAXIMUM_CAUSES, Chains
from lienmach.apps.production.planning.operations import Built
from lienmach.apps.production.planning.plan import Cause, CauseKind, PlannedOrder
from lienmach.apps.production.planning.relief import without_cause
from lienmach.engines.scheduling.insertion import Booked, NoRoom, in_another_shop, pull_forward
from lienmach.engines.scheduling.problem import Problem
from lienmach.engines.scheduling.solution import Solution

LOOK_WORK, CHANGE_WORK, BUILD_WORK = 12, 4, 14
"""Units of work (see ``engines.scheduling.budget``) of looking at a gap, and per operation of changing the
workshop around the plan, and of reading the plan."""
FOR_ENDS = 0.2
"""Share of the budget for what could be had without any change: the rest is for changes, of fewer orders if
need be."""
MOST_LOOKS = 20_000
"""Gaps looked at for one order."""
TRIED_CAUSES = 6
TOGETHER = 3
"""So many causes at most are removed together."""
WORTH_NAMING = 10
"""A cause that would take away less than this part of the lateness stands behind the others."""
_WAYS = (CauseKind.CALENDAR, CauseKind.WORK)
"""How the work is done at all: named first only when nothing that was waited for would help."""

Key = tuple[CauseKind, str]


class Replanning:
    """Plans a changed workshop again, within a budget of work.

    Attributes
    ----------
    late
        The late orders that are asked about, the weightiest first: as many as a part of the budget reaches.
        All others keep what their chain of causes says.
    families
        Per order: all operations that go into it.
    ends
        Per order: when it ends if it is pulled forward without any change.
    """

    def __init__(self, built: Built, solution: Solution, orders: Iterable[PlannedOrder], budget: int) -> None:
        self.built = built
        self.solution = solution
        self.left = budget
        self._here = Booked(built.problem, solution)
        self.delivering = self._delivering()
        placed = solution.by_operation
        # An order that waits for a purchase that is delivered as it is does not end with its operations.
        self.late = [
            order
            for order in orders
            if order.late_s
            and order.end == max((placed[n].end for n in self.delivering.get(order.code, ())), default=None)
        ]
        self.late.sort(key=lambda order: (-order.late_s * order.weight, order.code))
        self.families = self._families()
        self.ends = {order.code: order.end for order in self.late}
        if self.late and not self.over:
            least = self.left - int(budget * FOR_ENDS)
            self.ends |= (asked := self.each_alone(built.problem, list(self.ends), least))
            self.late = [order for order in self.late if order.code in asked]

    @property
    def price(self) -> int:
        """What one try costs at least."""
        return CHANGE_WORK * self.built.problem.operation_count

    @property
    def over(self) -> bool:
        """Whether the budget does not allow another try."""
        return self.left < self.price

    def each_alone(self, problem: Problem, codes: Sequence[str], least: int = 0) -> dict[str, int]:
        """When each of the orders ends, pulled forward by itself; of those asked until ``least`` is left."""
        ends = {}
        with self._changed(problem) as booked:
            for code in codes:
                mark = booked.mark()
                self._pull(booked, code)
                ends[code] = min(self._end(booked, code), self.ends[code])
                booked.rollback(mark)
                if self.left <= least:
                    break
        return ends

    def one(self, problem: Problem, code: str) -> tuple[int, Solution]:
        """When one order ends, pulled forward by itself; and the schedule then."""
        with self._changed(problem) as booked:
            self._pull(booked, code)
            return min(self._end(booked, code), self.ends[code]), booked.solution()

    def all_late(self, problem: Problem, new: Sequence[str] = ()) -> tuple[dict[str, int], Solution] | None:
        """When the late orders end, the worst pulled forward first, and the schedule then.

        ``new`` are operations that the plan does not hold yet; None when they find no room in time.
        """
        if not new:
            return self.all_in_place(problem)
        self.left -= BUILD_WORK * problem.operation_count
        booked = Booked(problem, self.solution)
        try:
            booked.insert(new)
        except NoRoom:
            return None
        if not all(self._in_time(booked, name) for name in new):
            return None
        return self._one_after_the_other(booked, new)

    def all_in_place(self, problem: Problem) -> tuple[dict[str, int], Solution]:
        """The same for a workshop in which the plan holds every operation."""
        with self._changed(problem) as booked:
            return self._one_after_the_other(booked, ())

    def _one_after_the_other(self, booked: Booked, new: Sequence[str]) -> tuple[dict[str, int], Solution]:
        for order in self.late:
            self._pull(booked, order.code, new)
            if self.left <= 0:
                break
        ends = {order.code: min(self._end(booked, order.code, new), order.end) for order in self.late}
        return ends, booked.solution()

    def _changed(self, problem: Problem) -> AbstractContextManager[Booked]:
        """The plan in a changed workshop, for a while."""
        self.left -= self.price
        return in_another_shop(self._here, problem)

    def _pull(self, booked: Booked, code: str, extra: Iterable[str] = ()) -> None:
        before = booked.work
        pull_forward(booked, [*self.families[code], *extra], budget=MOST_LOOKS)
        self.left -= LOOK_WORK * (booked.work - before + len(self.families[code]))

    def _end(self, booked: Booked, code: str, extra: Iterable[str] = ()) -> int:
        own = self.delivering[code]
        jobs = {booked.known[name][0].id for name in own}
        names = [*own, *(name for name in extra if booked.known[name][0].id in jobs)]
        return max(booked.run_of[name].end for name in names)

    @staticmethod
    def _in_time(booked: Booked, name: str) -> bool:
        """Whether what waits for a new operation can stay where it is."""
        end = booked.run_of[name].end
        return all(
            end + precedence.min_wait <= booked.run_of[precedence.after].start
            for precedence in booked.out[name]
            if precedence.after in booked.run_of
        )

    def _delivering(self) -> dict[str, list[str]]:
        """Per order, the operations of the jobs that deliver it."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, placed in self.built.operations.items():
            if placed.make.due is not None:
                for code in placed.make.orders:
                    found[code].append(name)
        return dict(found)

    def _families(self) -> dict[str, list[str]]:
        into: dict[str, list[str]] = defaultdict(list)
        for precedence in self.built.problem.precedences:
            into[precedence.after].append(precedence.before)
        families = {}
        for order in self.late:
            found = dict.fromkeys(self.delivering[order.code])
            pending = list(found)
            while pending:
                for name in into[pending.pop()]:
                    if name not in found:
                        found[name] = None
                        pending.append(name)
            families[order.code] = list(found)
        return families


def explained(replanning: Replanning) -> dict[str, tuple[Cause, ...]]:
    """Return the causes of the late orders, tested by removing them: what helps stands first.

    What was waited for is tried before how the work is done at all, the costliest first, until something
    helps; then several things together, where no wait alone would help. When the budget does not last for
    all, the rest keep the order of the chain, untested.
    """
    chains = Chains(replanning.built, replanning.solution)
    placed = replanning.solution.by_operation
    cases = []
    for order in replanning.late:
        last = max(replanning.delivering[order.code], key=lambda name: (placed[name].end, name))
        cases.append(_Case(order, list(chains.causes(last, most=TRIED_CAUSES))))
    _try_in_turn(replanning, cases, lambda cause: cause.kind not in _WAYS)
    _try_in_turn(replanning, cases, lambda cause: cause.kind in _WAYS)
    for case in sorted(cases, key=lambda case: case.settled):
        if case.waited_in_vain and not replanning.over:
            case.try_together(replanning)
    return {case.order.code: case.ranked() for case in cases}


@dataclass(slots=True)
class _Case:
    """A late order with the causes of its chain, the costliest first."""

    order: PlannedOrder
    causes: list[Cause]

    @property
    def settled(self) -> bool:
        """Whether something that helps enough was found."""
        return any((cause.gain_s or 0) * WORTH_NAMING >= self.order.late_s for cause in self.causes)

    @property
    def waited_in_vain(self) -> bool:
        """Whether nothing that was waited for would help enough by itself."""
        return all(_rank(cause, self.order.late_s)[0] for cause in self.causes)

    def try_together(self, replanning: Replanning) -> None:
        """Remove the costliest wait together with what holds the order then."""
        vain = [i for i, cause in enumerate(self.causes) if cause.gain_s == 0]
        for i in vain[:1]:
            self.causes[i] = _together(replanning, self.order.code, self.causes[i])

    def ranked(self) -> tuple[Cause, ...]:
        """What helps most first, then the rest in the order of the chain."""
        ordered = sorted(self.causes, key=lambda cause: _rank(cause, self.order.late_s))
        return tuple(ordered[:MAXIMUM_CAUSES])


def _try_in_turn(replanning: Replanning, cases: list[_Case], which: Callable[[Cause], bool]) -> None:
    """Try the first causes of all orders, then the second ones of those that are not settled, and so on."""
    for turn in range(TRIED_CAUSES):
        named: dict[Key, list[tuple[_Case, int]]] = defaultdict(list)
        for case in cases:
            wanted = [i for i, cause in enumerate(case.causes) if which(cause)]
            if turn < len(wanted) and not case.settled:
                cause = case.causes[wanted[turn]]
                named[cause.kind, cause.subject].append((case, wanted[turn]))
        # A change is made once for all orders that name it; what most orders name comes first.
        for key in sorted(named, key=lambda key: (-len(named[key]), key)):
            if replanning.over:
                return
            changed = without_cause(replanning.built, replanning.built.problem, *key)
            ends = replanning.each_alone(changed, [case.order.code for case, _ in named[key]])
            for case, i in named[key]:
                code = case.order.code
                if code in ends:
                    case.causes[i] = replace(case.causes[i], gain_s=replanning.ends[code] - ends[code])


def _rank(cause: Cause, late_s: int) -> tuple[int, int, int]:
    gain = cause.gain_s or 0
    if not gain:
        return (2, 0, -cause.seconds)
    if cause.kind in _WAYS or gain * WORTH_NAMING < late_s:
        return (1, -gain, -cause.seconds)
    return (0, -gain, -cause.seconds)


def _together(replanning: Replanning, code: str, cause: Cause) -> Cause:
    """A cause that helps only together with others (two materials of the same day), with those others."""
    built = replanning.built
    removed: list[Key] = [(cause.kind, cause.subject)]
    problem = without_cause(built, built.problem, *removed[0])
    while len(removed) <= TOGETHER and not replanning.over:
        end, solution = replanning.one(problem, code)
        if end < replanning.ends[code]:
            return replace(cause, gain_s=replanning.ends[code] - end, also=tuple(removed[1:]))
        changed = replace(built, problem=problem)
        placed = solution.by_operation
        last = max(replanning.delivering[code], key=lambda name: (placed[name].end, name))
        found = Chains(changed, solution).causes(last, most=TRIED_CAUSES)
        rest = [each for each in found if (each.kind, each.subject) not in removed]
        rest.sort(key=lambda each: (each.kind in _WAYS, -each.seconds))
        more = (rest[0].kind, rest[0].subject) if rest else None
        if more is None:
            break
        removed.append(more)
        problem = without_cause(built, problem, *more)
    return cause
