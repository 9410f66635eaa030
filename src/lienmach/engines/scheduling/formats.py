"""Standard benchmark files of the scheduling literature as problems.

Jobs, operations and machines get their 0-based number in the file as id (`"3"`; operations `"3.0"`, `"3.1"`
…), times are the file's integers. Nothing is read from disk here: the caller gives the text.

Layouts: `jsp` (job shop: pairs machine duration, machines from 0), `fjs` (flexible job shop: alternatives,
machines from 1), `large` (flexible job shop as a table of durations, 0 = not eligible), `cjs` (complex job
shop with batching, setup families, release and due dates, weights).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction

from lienmach.engines.scheduling.problem import (
    Job,
    Machine,
    Mode,
    Operation,
    Precedence,
    Problem,
    SetupMatrix,
    chain,
)


class Format(StrEnum):
    """The layouts that can be read."""

    JSP = "jsp"
    FJS = "fjs"
    LARGE = "large"
    CJS = "cjs"


class FormatError(ValueError):
    """The text does not have the layout; the message names the line."""


def read(text: str, layout: Format | None = None) -> Problem:
    """Read a benchmark file.

    Parameters
    ----------
    layout
        `None` finds it out from the text.

    Raises
    ------
    FormatError
        When the text does not have the layout, or has none of them.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise FormatError("The file is empty: it should begin with the numbers of jobs and machines.")
    return _READERS[layout or detect(lines)](_Numbers(lines))


def detect(lines: list[str]) -> Format:
    """The layout of a file, from its lines without comments.

    The second line of a cjs file names its objective. A `large` file has its second number alone on a line;
    the other two differ in whether a job's line has exactly two numbers per machine without a count in
    front.
    """
    if len(lines) > 1 and lines[1].strip().isalpha():
        return Format.CJS
    if len(lines[0].split()) == 1:
        return Format.LARGE
    if len(lines) > 1:
        fields = lines[1].split()
        if len(fields) % 2 == 0 and not _reads_as_fjs(fields):
            return Format.JSP
        if len(lines[0].split()) == 2 and all(
            len(line.split()) == 2 * int(lines[0].split()[1]) for line in lines[1:]
        ):
            return Format.JSP
        return Format.FJS
    raise FormatError("The layout was not recognised: say which it is (jsp, fjs, large or cjs).")


def _reads_as_fjs(fields: list[str]) -> bool:
    try:
        numbers = [int(field) for field in fields]
        position = 1
        for _ in range(numbers[0]):
            position += 1 + 2 * numbers[position]
    except (ValueError, IndexError):
        return False
    return position == len(numbers)


def with_due_dates(problem: Problem, factor: str | float) -> Problem:
    """Due dates and weights by the rule of Singer and Pinedo.

    `due = int(release + factor x sum over operations of the mean duration of the alternatives)`; weight 4
    for the first 20 % of the jobs, 2 up to 80 %, 1 for the rest.
    """
    exact = Fraction(str(factor))
    count = len(problem.jobs)
    first, second = math.ceil(Fraction(count, 5)), math.ceil(Fraction(4 * count, 5))
    jobs = []
    for number, job in enumerate(problem.jobs):
        work = sum(
            Fraction(sum(mode.duration for mode in operation.modes), len(operation.modes))
            for operation in job.operations
        )
        weight = 4 if number < first else 2 if number < second else 1
        jobs.append(replace(job, due=int(job.release + exact * work), weight=weight))
    return replace(problem, jobs=tuple(jobs))


class _Numbers:
    """The integers of a file, one after the other, with the line they stand on for error messages."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self._fields: Iterator[tuple[int, str]] = (
            (number, field) for number, line in enumerate(lines, 1) for field in line.split()
        )
        self._line = 1

    def word(self, what: str) -> str:
        try:
            self._line, field = next(self._fields)
        except StopIteration:
            raise FormatError(f"The file ends where {what} is expected.") from None
        return field

    def take(self, what: str, least: int = 0, most: int | None = None) -> int:
        field = self.word(what)
        try:
            value = int(field)
        except ValueError:
            raise FormatError(f"Line {self._line}: {what} must be an integer, not '{field}'.") from None
        if value < least or (most is not None and value > most):
            limits = f"at least {least}" if most is None else f"from {least} to {most}"
            raise FormatError(f"Line {self._line}: {what} must be {limits}, not {value}.")
        return value

    def skip_line(self) -> None:
        """Go on with the second line of the file."""
        self._fields = (
            (number, field) for number, line in enumerate(self.lines[1:], 2) for field in line.split()
        )

    def end(self) -> None:
        for line, field in self._fields:
            raise FormatError(f"Line {line}: nothing more is expected, but there is '{field}'.")


def _machines(count: int) -> tuple[Machine, ...]:
    return tuple(Machine(str(number)) for number in range(count))


def _assemble(
    machines: tuple[Machine, ...], jobs: list[Job], setups: tuple[SetupMatrix, ...] = ()
) -> Problem:
    precedences: list[Precedence] = []
    for job in jobs:
        precedences.extend(chain(job.operations))
    return Problem(machines, tuple(jobs), tuple(precedences), setups=setups)


def _read_jsp(numbers: _Numbers) -> Problem:
    jobs_count = numbers.take("the number of jobs", 1)
    machine_count = numbers.take("the number of machines", 1)
    jobs = []
    for job in range(jobs_count):
        operations = []
        for step in range(machine_count):
            machine = numbers.take("a machine", 0, machine_count - 1)
            duration = numbers.take("a duration")
            operations.append(Operation(f"{job}.{step}", (Mode(str(machine), duration),)))
        jobs.append(Job(str(job), tuple(operations)))
    numbers.end()
    return _assemble(_machines(machine_count), jobs)


def _read_fjs(numbers: _Numbers) -> Problem:
    jobs_count = numbers.take("the number of jobs", 1)
    machine_count = numbers.take("the number of machines", 1)
    numbers.skip_line()
    jobs = []
    for job in range(jobs_count):
        operations = []
        for step in range(numbers.take("a number of operations", 1)):
            alternatives = numbers.take("a number of alternatives", 1, machine_count)
            modes = []
            for _ in range(alternatives):
                machine = numbers.take("a machine", 1, machine_count)
                modes.append(Mode(str(machine - 1), numbers.take("a duration")))
            operations.append(Operation(f"{job}.{step}", tuple(modes)))
        jobs.append(Job(str(job), tuple(operations)))
    numbers.end()
    return _assemble(_machines(machine_count), jobs)


def _read_large(numbers: _Numbers) -> Problem:
    jobs_count = numbers.take("the number of jobs", 1)
    machine_count = numbers.take("the number of machines", 1)
    lengths = [numbers.take("a number of operations", 1) for _ in range(jobs_count)]
    jobs = []
    for job, length in enumerate(lengths):
        operations = []
        for step in range(length):
            durations = [numbers.take("a duration") for _ in range(machine_count)]
            modes = tuple(Mode(str(m), duration) for m, duration in enumerate(durations) if duration)
            operations.append(Operation(f"{job}.{step}", modes))
        jobs.append(Job(str(job), tuple(operations)))
    numbers.end()
    return _assemble(_machines(machine_count), jobs)


def _read_cjs(numbers: _Numbers) -> Problem:
    jobs_count = numbers.take("the number of jobs", 1)
    machine_count = numbers.take("the number of machines", 1)
    family_count = numbers.take("the number of families", 1)
    numbers.word("the objective")
    orders = []
    for _ in range(jobs_count):
        release = numbers.take("a release date")
        due = numbers.take("a due date")
        weight = numbers.take("a weight")
        steps = numbers.take("a number of operations", 1)
        orders.append(
            (release, due, weight, [numbers.take("a family", 0, family_count - 1) for _ in range(steps)])
        )
    machines = tuple(
        Machine(str(number), batch_capacity=numbers.take("a batch capacity", 1), setups="setups")
        for number in range(machine_count)
    )
    modes: list[tuple[Mode, ...]] = []
    for family in range(family_count):
        alternatives = []
        for _ in range(numbers.take("a number of alternatives", 1, machine_count)):
            machine = numbers.take("a machine", 0, machine_count - 1)
            alternatives.append(Mode(str(machine), numbers.take("a duration"), family=str(family)))
        modes.append(tuple(alternatives))
    times = tuple(
        (str(before), str(after), numbers.take("a setup time"))
        for before in range(family_count)
        for after in range(family_count)
    )
    numbers.end()
    jobs = [
        Job(
            str(number),
            tuple(
                Operation(f"{number}.{step}", modes[family], recipe=str(family))
                for step, family in enumerate(families)
            ),
            release=release,
            due=due,
            weight=weight,
        )
        for number, (release, due, weight, families) in enumerate(orders)
    ]
    return _assemble(machines, jobs, (SetupMatrix("setups", times),))


_READERS: dict[Format, Callable[[_Numbers], Problem]] = {
    Format.JSP: _read_jsp,
    Format.FJS: _read_fjs,
    Format.LARGE: _read_large,
    Format.CJS: _read_cjs,
}
