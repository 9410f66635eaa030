"""What an import answers: everything, or every reason why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Whether a problem stops the import."""

    ERROR = "error"
    """Nothing is imported until this is put right."""
    WARNING = "warning"
    """Imported all the same; somebody should look."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it.

    Parameters
    ----------
    code
        Stable name of the kind of problem, for programs: ``not_a_date``.
    sheet
        Name of the tab as it stands in the file; empty when the file itself is the problem.
    row
        Number of the row as the spreadsheet shows it, from 1; ``None`` when no single row is meant.
    column
        Heading as it stands in the file; empty when no single column is meant.
    cell
        Address as the spreadsheet shows it: ``C14``; empty when no single cell is meant.
    value
        What stands there now, shortened for display.
    reason
        What is wrong, a sentence in the reader's language.
    remedy
        What to do, a sentence in the reader's language.
    severity
        Whether it stops the import.
    """

    code: str
    reason: str
    remedy: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    cell: str = ""
    value: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = "!".join(
            part for part in (self.sheet, self.cell or (str(self.row) if self.row else "")) if part
        )
        heading = f" ({self.column})" if self.column else ""
        return f"{place}{heading}: {self.reason} {self.remedy}" if place else f"{self.reason} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Row(Mapping[str, Any]):
    """One imported row. Works as a mapping from column key to typed value; every declared column is present.

    Parameters
    ----------
    number
        Number of the row in the file, from 1.
    cells
        Typed values, ``None`` for a blank cell without a default.
    assumed
        Keys whose value is the declared default because the file said nothing.
    bad
        Keys of cells with a problem already reported; they hold ``None``. Only in ``Rejected.readable``.
    """

    number: int
    cells: Mapping[str, Any]
    assumed: frozenset[str]
    place: "Place" = field(repr=False)
    bad: frozenset[str] = frozenset()

    def __getitem__(self, key: str) -> Any:
        return self.cells[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def address(self, key: str) -> str:
        """Address of the cell, ``C14``; empty when the file has no such column."""
        letters = self.place.letters.get(key, "")
        return f"{letters}{self.number}" if letters else ""

    def problem(
        self, code: str, key: str, *, reason: str, remedy: str, severity: Severity = Severity.ERROR
    ) -> Problem:
        """A problem that only the caller can see (a cycle in the bill), reported at this row's cell."""
        value = self.cells.get(key)
        return Problem(
            code,
            reason,
            remedy,
            sheet=self.place.title,
            row=self.number,
            column=self.place.headings.get(key, ""),
            cell=self.address(key),
            value="" if value is None else str(value)[:80],
            severity=severity,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sheet's columns stand in the file that was read."""

    title: str
    letters: Mapping[str, str]
    headings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """Everything that stood in the workbook, typed. There are no errors, perhaps warnings.

    Parameters
    ----------
    tables
        Sheet name → its rows in the order of the file; a sheet that the file lacks is empty.
    missing
        Names of the declared sheets that the file lacks.
    warnings
        What somebody should look at.
    """

    tables: Mapping[str, tuple[Row, ...]]
    missing: frozenset[str]
    warnings: tuple[Problem, ...]

    def __getitem__(self, sheet: str) -> tuple[Row, ...]:
        return self.tables[sheet]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing was imported; every problem that could be found, in the order of the file.

    Parameters
    ----------
    readable
        What could be read all the same, so that the caller's own checks across rows can report at once what
        they see, and the person does not correct one kind of error only to meet the next. Never to be stored.
    """

    problems: tuple[Problem, ...]
    readable: Imported | None = field(default=None, repr=False, compare=False)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop the import, without the warnings."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)
