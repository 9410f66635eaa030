"""What is wrong with a declaration: where, what, and what to do. All of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong; ``line`` is 1-based and 0 when the place is the whole file."""

    file: str
    line: int
    path: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.path}: {self.reason} {self.remedy}".rstrip()


class DeclarationError(ValueError):
    """One or more declarations cannot be used; ``problems`` names every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
