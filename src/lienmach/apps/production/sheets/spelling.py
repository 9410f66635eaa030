"""One spelling per code: people write ``TIEN-01``, ``tien-01`` and ``Tien-01`` for one machine."""

from __future__ import annotations

from collections.abc import Iterable


class Spelling:
    """Remembers how a code was first written; unknown codes are remembered as they come."""

    def __init__(self, codes: Iterable[str]) -> None:
        self._first: dict[str, str] = {}
        for code in codes:
            self(code)

    def __call__(self, code: str) -> str:
        """Return the first spelling of ``code``."""
        return self._first.setdefault(_folded(code), code)

    def __contains__(self, code: str) -> bool:
        return _folded(code) in self._first

    def all(self) -> tuple[str, ...]:
        """Return every spelling, in order of appearance."""
        return tuple(self._first.values())


def _folded(code: str) -> str:
    return " ".join(code.split()).casefold()
