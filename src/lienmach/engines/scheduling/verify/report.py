"""What the verifier answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lienmach.engines.scheduling.result import Evaluation


class ViolationKind(StrEnum):
    """Which rule is broken."""

    PLACED = "placed"
    ELIGIBILITY = "eligibility"
    DURATION = "duration"
    CALENDAR = "calendar"
    OVERLAP = "overlap"
    SETUP = "setup"
    BATCH = "batch"
    PRECEDENCE = "precedence"
    RELEASE = "release"
    MATERIAL = "material"
    OPERATOR = "operator"
    COMMITMENT = "commitment"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: which, where (operation or machine), and how it is broken."""

    kind: ViolationKind
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the verifier found.

    Parameters
    ----------
    evaluation
        The objectives; None when an operation is missing, because then they mean nothing.
    """

    violations: tuple[Violation, ...]
    evaluation: Evaluation | None

    @property
    def ok(self) -> bool:
        """Whether the schedule may be shown to anybody."""
        return not self.violations
