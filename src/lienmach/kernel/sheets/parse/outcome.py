"""How reading a cell can end other than well."""

from dataclasses import dataclass
from typing import Any


class Misread(Exception):
    """The cell does not hold what its column asks for. Reason and remedy are sentences for the reader."""

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Doubted:
    """The cell could be read, but somebody should look: becomes a warning."""

    value: Any
    code: str
    reason: str
    remedy: str
