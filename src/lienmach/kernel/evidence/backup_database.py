"""What a backup asks of a database: a copy of one moment, and to come back with every log held."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

HELD = "This database was restored from a backup of {made_at}; others may have seen more of this log."


class CannotBackUp(Exception):
    """No backup can be made here; the message says why and what to do."""


class CannotRestore(Exception):
    """The backup cannot be used, or not here; the message says why and what to do."""


class Database(Protocol):
    """The installation's database, whichever it is."""

    file: str
    """What its copy is called inside a backup."""
    kind: str
    """What people call it."""

    def copy(self, into: Path) -> datetime | None:
        """Write what the database holds at one moment; return when something was last erased from it.

        Raises
        ------
        CannotBackUp
        """

    def occupied(self) -> str:
        """Say what is in the way of restoring into it, and what to do; empty when nothing is."""

    def bring_back(self, copy: Path, *, made_at: str) -> None:
        """Take the state of a copy, every log held, all of it or nothing.

        Raises
        ------
        CannotRestore
        """
