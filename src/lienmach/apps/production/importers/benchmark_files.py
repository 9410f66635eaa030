"""Reads standard scheduling files, so that anyone can hold the planner against the literature.

Layouts: ``jsp`` (job shop: pairs machine, duration; machines from 0), ``fjs`` (flexible job shop: operations
with alternatives; machines from 1), ``large`` (flexible job shop as a matrix: 0 = not eligible) and ``cjs``
(complex job shop with batching, setup families, release and due dates, weights; indices from 0).
In the problem, jobs, operations and machines carry the file's order, from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import ceil

from lienmach.engines.scheduling.problem import (
    Job,
    Machine,
    Mode,
    Operation,
    Problem,
    SetupMatrix,
    chain,
)

CJS_OBJECTIVES = {"TWT", "TWC", "MAKESPAN"}
MATRIX = "families"


class Layout(StrEnum):
    """The layout of a benchmark file."""

    JSP = "jsp"
    FJS = "fjs"
    LARGE = "large"
    CJS = "cjs"


class FileUnreadable(ValueError):
    """The text is not a file of the layout; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A job as the file gives it: per operation its (machine, duration) pairs, and its family in ``cjs``."""

    operations: tuple[tuple[tuple[int, int], ...], ...]
    families: tuple[int, ...] = ()
    release: int = 0
    due: int | None = None
    weight: int = 1


def read_problem(text: str, layout: Layout | None = None) -> tuple[Problem, Layout]:
    """Return the problem in the file, and its layout.

    Raises
    ------
    FileUnreadable
        When the text has no such layout, or (without ``layout``) none or more than one fits.
    """
    if layout is not None:
        return _read(layout, text), layout
    fitting: list[tuple[Problem, Layout]] = []
    reasons = []
    for candidate in (Layout.CJS, Layout.LARGE, Layout.JSP, Layout.FJS):
        try:
            fitting.append((_read(candidate, text), candidate))
        except FileUnreadable as problem:
            reasons.append(f"{candidate}: {problem}")
    if not fitting:
        raise FileUnreadable("No known layout fits. " + " ".join(reasons))
    if len(fitting) > 1:
        names = ", ".join(layout for _, layout in fitting)
        raise FileUnreadable(f"More than one layout fits ({names}). Say which with --format.")
    return fitting[0]


def with_due_dates(problem: Problem, factor: float) -> Problem:
    """Return the problem with due dates and weights by the rule of Singer and Pinedo.

    ``due = int(release + factor * sum of mean alternative durations)``; weight 4 for the first fifth of the
    jobs, 2 up to four fifths, 1 for the rest.
    """
    count = len(problem.jobs)
    exact = Fraction(str(factor))
    jobs = []
    for index, job in enumerate(problem.jobs):
        work = sum(
            (
                Fraction(sum(mode.duration for mode in operation.modes), len(operation.modes))
                for operation in job.operations
            ),
            Fraction(0),
        )
        weight = 4 if index < ceil(count / 5) else 2 if index < ceil(count * 4 / 5) else 1
        jobs.append(replace(job, due=int(job.release + exact * work), weight=weight))
    return replace(problem, jobs=tuple(jobs))


def _read(layout: Layout, text: str) -> Problem:
    try:
        return _READERS[layout](text)
    except FileUnreadable:
        raise
    except (IndexError, ValueError) as problem:
        raise FileUnreadable(f"Numbers are missing or do not fit together ({problem}).") from problem


def _read_jsp(text: str) -> Problem:
    lines = _lines(text)
    jobs, machines = _header(lines, 2)
    shapes = []
    for number, values in _job_lines(lines, jobs):
        if len(values) % 2:
            raise FileUnreadable(f"Line {number}: an odd count of numbers, pairs machine duration expected.")
        pairs = list(zip(values[::2], values[1::2], strict=True))
        _check_pairs(pairs, machines, number, first=0)
        shapes.append(Shape(tuple((pair,) for pair in pairs)))
    return _problem(machines, shapes)


def _read_fjs(text: str) -> Problem:
    lines = _lines(text)
    jobs, machines = _header(lines, 3)
    shapes = []
    for number, values in _job_lines(lines, jobs):
        reader = iter(values)
        try:
            operations = tuple(_alternatives(reader, machines, number) for _ in range(next(reader)))
        except (StopIteration, RuntimeError) as problem:
            raise FileUnreadable(f"Line {number}: ends in the middle of an operation.") from problem
        if next(reader, None) is not None:
            raise FileUnreadable(f"Line {number}: numbers are left over after the last operation.")
        shapes.append(Shape(operations))
    return _problem(machines, shapes)


def _alternatives(reader: Iterator[int], machines: int, number: int) -> tuple[tuple[int, int], ...]:
    values = [next(reader, None) for _ in range(2 * (next(reader, 0) or 0))]
    if not values or None in values:
        raise FileUnreadable(f"Line {number}: ends in the middle of an operation.")
    numbers = [value for value in values if value is not None]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    _check_pairs(pairs, machines, number, first=1)
    return tuple((machine - 1, duration) for machine, duration in pairs)


def _read_large(text: str) -> Problem:
    values = [value for _, line in _lines(text) for value in line]
    if len(values) < 2:
        raise FileUnreadable("The file is empty.")
    jobs, machines = values[0], values[1]
    counts = values[2 : 2 + jobs]
    rows = values[2 + jobs :]
    if jobs < 1 or machines < 1 or len(rows) != sum(counts) * machines:
        raise FileUnreadable("The count of numbers is not jobs x operations x machines.")
    shapes = []
    position = 0
    for count in counts:
        operations = []
        for _ in range(count):
            row = rows[position : position + machines]
            position += machines
            operations.append(tuple((machine, duration) for machine, duration in enumerate(row) if duration))
            if not operations[-1]:
                raise FileUnreadable("An operation has no machine.")
        shapes.append(Shape(tuple(operations)))
    return _problem(machines, shapes)


def _read_cjs(text: str) -> Problem:
    rows = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(rows) < 2 or len(rows[1][1]) != 1 or rows[1][1][0].upper() not in CJS_OBJECTIVES:
        raise FileUnreadable("The second line must name the objective: TWT, TWC or Makespan.")
    numbers = [[_integer(word, number) for word in words] for number, words in rows if (number, words) != rows[1]]
    jobs, machines, families = numbers[0][:3]
    if len(numbers) != 1 + jobs + machines + 2 * families:
        raise FileUnreadable("The count of lines is not 2 + jobs + machines + 2 x families.")
    job_rows = numbers[1 : 1 + jobs]
    capacities = [row[0] for row in numbers[1 + jobs : 1 + jobs + machines]]
    family_rows = numbers[1 + jobs + machines : 1 + jobs + machines + families]
    matrix = numbers[1 + jobs + machines + families :]
    alternatives = [tuple(zip(row[1::2], row[2::2], strict=True)) for row in family_rows]
    shapes = [
        Shape(
            tuple(alternatives[family] for family in row[4 : 4 + row[3]]),
            tuple(row[4 : 4 + row[3]]),
            release=row[0],
            due=row[1],
            weight=row[2],
        )
        for row in job_rows
    ]
    times = tuple(
        (str(before), str(after), seconds)
        for before, line in enumerate(matrix)
        for after, seconds in enumerate(line)
    )
    setups = (SetupMatrix(MATRIX, times),) if any(seconds for _, _, seconds in times) else ()
    return _problem(machines, shapes, capacities=capacities, setups=setups)


def _problem(
    machines: int,
    shapes: list[Shape],
    *,
    capacities: list[int] | None = None,
    setups: tuple[SetupMatrix, ...] = (),
) -> Problem:
    jobs, precedences = [], []
    for job, shape in enumerate(shapes):
        operations = tuple(
            Operation(
                f"{job}/{position}",
                tuple(
                    Mode(str(machine), duration, family=str(shape.families[position]) if setups else None)
                    for machine, duration in pairs
                ),
                recipe=str(shape.families[position]) if shape.families else None,
            )
            for position, pairs in enumerate(shape.operations)
        )
        if not operations:
            raise FileUnreadable(f"Job {job} has no operations.")
        jobs.append(Job(str(job), operations, release=shape.release, due=shape.due, weight=shape.weight))
        precedences.extend(chain(operations))
    return Problem(
        tuple(
            Machine(
                str(machine),
                batch_capacity=capacities[machine] if capacities else 1,
                setups=MATRIX if setups else None,
            )
            for machine in range(machines)
        ),
        tuple(jobs),
        tuple(precedences),
        setups=setups,
    )


def _lines(text: str) -> list[tuple[int, list[int]]]:
    """Lines of integers with their numbers; comments and blank lines left out, fractions cut."""
    result = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if words and not words[0].startswith("#"):
            result.append((number, [_integer(word, number) for word in words]))
    return result


def _integer(word: str, number: int) -> int:
    try:
        return int(float(word))
    except (ValueError, OverflowError) as problem:
        raise FileUnreadable(f"Line {number}: '{word[:20]}' is not a number.") from problem


def _header(lines: list[tuple[int, list[int]]], longest: int) -> tuple[int, int]:
    if not lines or not 2 <= len(lines[0][1]) <= longest:
        raise FileUnreadable("The first line must say how many jobs and machines there are.")
    return lines[0][1][0], lines[0][1][1]


def _job_lines(lines: list[tuple[int, list[int]]], jobs: int) -> list[tuple[int, list[int]]]:
    if len(lines) != jobs + 1:
        raise FileUnreadable(f"{jobs} jobs are announced, {len(lines) - 1} lines follow.")
    return lines[1:]


def _check_pairs(pairs: list[tuple[int, int]], machines: int, number: int, *, first: int) -> None:
    for machine, duration in pairs:
        if not first <= machine < machines + first:
            raise FileUnreadable(f"Line {number}: there is no machine {machine}.")
        if duration < 0:
            raise FileUnreadable(f"Line {number}: a duration is negative.")


_READERS: dict[Layout, Callable[[str], Problem]] = {
    Layout.JSP: _read_jsp,
    Layout.FJS: _read_fjs,
    Layout.LARGE: _read_large,
    Layout.CJS: _read_cjs,
}
