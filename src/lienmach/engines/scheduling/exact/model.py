"""A shop as a CP-SAT model: a relaxation whose bound is valid, and exact wherever that costs little.

Left out, so that only `decode` knows them: closed time during setups, the memory of a machine's family across
an operation without one, and the exact end of a batch whose members meet closed time differently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lienmach.engines.scheduling.calendar import ALWAYS_OPEN
from lienmach.engines.scheduling.draft import Draft
from lienmach.engines.scheduling.exact.calendars import Piece
from lienmach.engines.scheduling.exact.expressions import Expression, Literal
from lienmach.engines.scheduling.exact.horizon import horizon
from lienmach.engines.scheduling.floor import Booking
from lienmach.engines.scheduling.result import Objective
from lienmach.engines.scheduling.shop import Crew, Shop

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


class TooLargeError(Exception):
    """The model would have more parts than CP-SAT can use in the time it gets."""


@dataclass(slots=True)
class Choice:
    """One way to do an operation: a mode with one of its crews.

    Parameters
    ----------
    taken
        True in a solution that does it this way; the constant 1 when there is no other way.
    size
        From start to end, when it is taken.
    """

    operation: int
    machine: int
    kind: int
    crew: Crew | None
    taken: Literal
    size: Expression


@dataclass(slots=True)
class Step:
    """The variables of one movable operation.

    Attributes
    ----------
    held, hold
        Start of the setup, and the time from there to the end, where the model needs to know them.
    """

    start: cp_model.IntVar
    end: Expression
    size: Expression
    held: cp_model.IntVar | None = None
    hold: cp_model.IntVar | None = None
    choices: list[Choice] = field(default_factory=list)


class Model:
    """The variables of all operations, their order, and the objective.

    Parameters
    ----------
    incumbent
        A complete schedule: the hint, and the upper bound of the objective.
    largest
        Parts (choices and pieces of calendars) that are allowed.

    Raises
    ------
    TooLargeError
        When there would be more.
    """

    def __init__(self, shop: Shop, objective: Objective, incumbent: Draft, largest: int) -> None:
        from ortools.sat.python import cp_model

        self.shop = shop
        self.objective = objective
        self._bookings = [booking for booking in incumbent.bookings if booking is not None]
        self.cp = cp_model.CpModel()
        self.left = largest
        self._durations: dict[int, set[int]] = {}
        for modes in shop.modes:
            for _, duration, kind in modes:
                self._durations.setdefault(kind, set()).add(duration)
        self.horizon = horizon(shop, objective, incumbent)
        self.steps: dict[int, Step] = {}
        self._leaders: dict[int, int] = {}
        for i in reversed(range(len(shop.operations))):
            self._leaders[self.booking(i).batch] = i
        for i, operation in enumerate(shop.operations):
            if operation.committed is None:
                self.steps[i] = self._step(i)
        self._precedences()

    def booking(self, i: int) -> Booking:
        """Where an operation is in the incumbent."""
        return self._bookings[i]

    def leader(self, i: int) -> int:
        """The first member of an operation's batch in the incumbent."""
        batch = self.booking(i).batch
        return i if batch < 0 else self._leaders[batch]

    def hint(self, variable: cp_model.IntVar, value: int) -> None:
        """Say what a variable is in the incumbent."""
        self.cp.add_hint(variable, int(value))

    def count(self, parts: int) -> None:
        """Stop when the model becomes too large."""
        self.left -= parts
        if self.left < 0:
            raise TooLargeError

    def hold(self, i: int) -> cp_model.IntVar:
        """The variable for the time from the start of an operation's setup to its end."""
        step = self.steps[i]
        if step.hold is None:
            held, placement = self.held(i), self.booking(i).placement
            step.hold = self.cp.new_int_var(0, self.horizon.last[i] - self.shop.start, "")
            self.cp.add(held + step.hold == step.end)
            first = placement.setup_start if placement.has_setup else placement.start
            self.hint(step.hold, placement.end - first)
        return step.hold

    def held(self, i: int) -> cp_model.IntVar:
        """The variable for the start of an operation's setup."""
        step = self.steps[i]
        if step.held is None:
            placement = self.booking(i).placement
            step.held = self.cp.new_int_var(self.shop.start, self.horizon.last[i], "")
            self.cp.add(step.held <= step.start)
            self.hint(step.held, placement.setup_start if placement.has_setup else placement.start)
        return step.held

    # -- operations --------------------------------------------------------------------------------------

    def _step(self, i: int) -> Step:
        shop, cp = self.shop, self.cp
        booking = self.booking(i)
        first, last = self.horizon.first[i], self.horizon.last[i]
        start = cp.new_int_var(first, last, "")
        self.hint(start, booking.placement.start)
        found = []
        for mode, (_, _, kind) in enumerate(shop.modes[i]):
            for crew in shop.kinds[kind].crews or (None,):
                parts = self.horizon.pieces(shop, i, mode, crew)
                self.count(len(parts))
                if parts:
                    found.append((mode, crew, parts))
        stretched = any(self._stretched(i, mode) for mode, _, _ in found)
        fixed = len(found) == 1 and len(found[0][2]) == 1 and not stretched
        size: Expression = found[0][2][0].span if fixed else 0
        end: Expression = start + size
        if not fixed:
            end = cp.new_int_var(first, last, "")
            size = cp.new_int_var(0, last - first, "")
            cp.add(start + size == end)
            self.hint(end, booking.placement.end)
            self.hint(size, booking.placement.end - booking.placement.start)
        step = Step(start, end, size)
        for mode, crew, parts in found:
            machine, _, kind = shop.modes[i][mode]
            chosen = booking.machine == machine and booking.placement.crew == crew
            taken: Literal = 1
            if len(found) > 1:
                taken = cp.new_bool_var("")
                self.hint(taken, chosen)
            spent = self._processing(start, parts, taken, booking.placement.start if chosen else None)
            if self._stretched(i, mode):
                cp.add(size >= spent).only_enforce_if(taken)
            elif not fixed:
                cp.add(size == spent).only_enforce_if(taken)
            known = len(parts) == 1 and not self._stretched(i, mode)
            step.choices.append(Choice(i, machine, kind, crew, taken, parts[0].span if known else size))
        if len(found) != 1:
            cp.add_exactly_one(choice.taken for choice in step.choices)
        return step

    def _stretched(self, i: int, mode: int) -> bool:
        """Whether a batch there may take longer than the operation alone."""
        machine, duration, kind = self.shop.modes[i][mode]
        if self.shop.kinds[kind].recipe is None:
            return False
        always = self.shop.machine_time[machine] is ALWAYS_OPEN and not self.shop.kinds[kind].crews
        return not always or self._durations[kind] != {duration}

    def _processing(
        self, start: cp_model.IntVar, parts: list[Piece], taken: Literal, hinted: int | None
    ) -> Expression:
        """If `taken`, the work is in one of the pieces; answers what it spends from start to end."""
        cp = self.cp
        if len(parts) == 1:
            part = parts[0]
            cp.add_linear_constraint(start, part.first, part.last).only_enforce_if(taken)
            return part.span
        inside = []
        for part in parts:
            literal = cp.new_bool_var("")
            self.hint(literal, hinted is not None and part.first <= hinted <= part.last)
            inside.append(literal)
        cp.add(sum(inside) == taken)
        firsts = sum(part.first * literal for part, literal in zip(parts, inside, strict=True))
        lasts = sum(part.last * literal for part, literal in zip(parts, inside, strict=True))
        cp.add(start >= firsts).only_enforce_if(taken)
        cp.add(start <= lasts).only_enforce_if(taken)
        return sum(part.span * literal for part, literal in zip(parts, inside, strict=True))

    # -- order and objective -----------------------------------------------------------------------------

    def end_of(self, i: int) -> Expression:
        """End of an operation, a number for a committed one."""
        if i in self.steps:
            return self.steps[i].end
        return self.booking(i).placement.end

    def _precedences(self) -> None:
        for i, before in enumerate(self.shop.before):
            for j, wait in before:
                if i in self.steps:
                    self.cp.add(self.steps[i].start >= self.end_of(j) + wait)
                elif j in self.steps:
                    committed = self.shop.operations[i].committed
                    if committed is not None and committed.end is not None:
                        self.cp.add(self.steps[j].end + wait <= committed.start)

    def minimize(self, extra: Expression, most: int) -> int:
        """Minimise the objective and, among equals, `extra`, which is at most `most`; answers its factor."""
        cp, shop = self.cp, self.shop
        factor = most + 1
        if self.objective is Objective.MAKESPAN:
            value = cp.new_int_var(shop.start, max(self.horizon.last), "")
            for i in range(len(shop.operations)):
                cp.add(value >= self.end_of(i))
            self.hint(value, max(self._incumbent_ends(range(len(shop.operations)))))
            cp.minimize(factor * value + extra)
            return factor
        terms: list[Expression] = []
        by_job: dict[int, list[int]] = {}
        for i, owner in enumerate(shop.job_of):
            by_job.setdefault(owner, []).append(i)
        for number, job in enumerate(shop.problem.jobs):
            if job.due is None or not job.weight:
                continue
            late = cp.new_int_var(0, max(0, max(self.horizon.last[i] for i in by_job[number]) - job.due), "")
            for i in by_job[number]:
                inside = any(shop.job_of[j] == number for j, _ in shop.after[i])
                if not inside:
                    cp.add(late >= self.end_of(i) - job.due)
            self.hint(late, max(0, max(self._incumbent_ends(by_job[number])) - job.due))
            terms.append(factor * job.weight * late)
        cp.minimize(sum(terms) + extra)
        return factor

    def _incumbent_ends(self, operations: Iterable[int]) -> list[int]:
        return [self.booking(i).placement.end for i in operations]
