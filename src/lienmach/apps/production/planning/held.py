"""Who is held for how long by an operation: its machine, its people, and how much of that is overtime."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lienmach.apps.production.planning.factory import Factory, Step
from lienmach.apps.production.planning.timeline import DAY_S, Interval, Timeline, open_intervals
from lienmach.engines.scheduling.problem import During
from lienmach.engines.scheduling.solution import ScheduledOperation, Solution


@dataclass(frozen=True, slots=True)
class Held:
    """Working seconds of one operation.

    Attributes
    ----------
    machine_s
        Of its machine, setup included.
    people_s
        Of each of its people: ``crew`` from each group in ``groups``.
    overtime_s
        Of these in overtime shifts: of its people, or of its machine where the step names none.
    """

    machine: str
    groups: tuple[str, ...]
    crew: int
    machine_s: int
    people_s: int
    overtime_s: int


class OpenTime:
    """Open intervals that can be asked what lies between two moments."""

    def __init__(self, spans: Sequence[Interval]) -> None:
        self._spans = spans
        self._ends = [end for _, end in spans]

    def within(self, start: int, end: int) -> list[Interval]:
        """Return the parts of the open time between two moments."""
        found = []
        for index in range(bisect_right(self._ends, start), len(self._spans)):
            opened, closed = self._spans[index]
            if opened >= end:
                break
            found.append((max(opened, start), min(closed, end)))
        return found

    def inside(self, spans: Iterable[Interval]) -> list[Interval]:
        """Return the parts of the open time that lie in the given spans."""
        return [part for start, end in spans for part in self.within(start, end)]


def length(spans: Iterable[Interval]) -> int:
    """Return how long spans are together."""
    return sum(end - start for start, end in spans)


def holders(solution: Solution) -> Iterator[ScheduledOperation]:
    """Yield the operations that hold machine and people: of the same furnace load only the first."""
    loads: set[tuple[str, str]] = set()
    for each in solution.operations:
        if each.batch is not None:
            if (each.machine, each.batch) in loads:
                continue
            loads.add((each.machine, each.batch))
        yield each


class Floor:
    """Tells what operations hold on machines with given opening hours.

    Parameters
    ----------
    opened
        Opening hours of the machines; None where it is always open: nobody of ours is held there.
    until
        Plan second before which everything ends.
    """

    def __init__(
        self,
        factory: Factory,
        timeline: Timeline,
        opened: Mapping[str, Sequence[Interval] | None],
        until: int,
    ) -> None:
        self._machines = factory.machines
        self._open = {code: OpenTime(spans) for code, spans in opened.items() if spans is not None}
        self._overtime = {
            calendar: OpenTime(
                open_intervals(timeline, [s for s in shifts if s.overtime], (), until // DAY_S + 2)
            )
            for calendar, shifts in factory.calendars.items()
        }

    def held(self, each: ScheduledOperation, step: Step) -> Held | None:
        """Return what an operation holds; None where it is done by somebody else."""
        machine, opened = self._machines.get(each.machine), self._open.get(each.machine)
        if machine is None or opened is None:
            return None
        setup = opened.within(each.setup_start or 0, each.setup_end or 0)
        whole = [*setup, *opened.within(each.start, each.end)]
        people = setup if step.operator_during is During.SETUP else whole
        return Held(
            machine.code,
            each.operators,
            step.operator_count,
            length(whole),
            length(people) if each.operators else 0,
            length(self._overtime[machine.calendar].inside(people if each.operators else whole)),
        )
