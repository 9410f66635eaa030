"""Whether a log may sign: never less than it signed, never beside what outsiders have seen.

A database restored from yesterday that goes on signing forks its log, and every witness will say so. Before
the first signature after a start or a restore, compare with everything that was ever handed out: the
published checkpoint and what each witness keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .checkpoints import Checkpoint
from .errors import Rejected
from .merkle import Node, root


class Position(StrEnum):
    """Where our log stands against one checkpoint somebody keeps."""

    LEVEL = "level"
    """Theirs is ours, or an older one of ours."""
    BEHIND = "behind"
    """They have seen more than we hold: leaves have to be fetched back before anything is signed."""
    FORKED = "forked"
    """They have seen another history: this log is closed and a successor names its last good head."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the comparison with everybody gives."""

    positions: Mapping[str, Position]
    """Who keeps a checkpoint -> how we stand against it."""
    catch_up: Checkpoint | None
    """The largest checkpoint that is ahead of us: the size and root to reach, None when nobody is ahead."""

    @property
    def may_sign(self) -> bool:
        """Only when somebody was asked and everybody asked agrees."""
        return bool(self.positions) and set(self.positions.values()) == {Position.LEVEL}


def standing(size: int, node: Node, kept: Mapping[str, Checkpoint]) -> Standing:
    """Compare a log of ``size`` leaves with what others keep of it.

    Parameters
    ----------
    size, node
        Our log, as `merkle` asks for its nodes.
    kept
        Who -> the checkpoint it keeps, its signatures verified. Nobody reachable is an empty mapping: then
        `Standing.may_sign` is False, and only an operator's logged decision may go further.
    """
    positions = {}
    ahead: list[Checkpoint] = []
    for name, theirs in kept.items():
        if theirs.size > size:
            positions[name] = Position.BEHIND
            ahead.append(theirs)
        elif theirs.root == root(theirs.size, node):
            positions[name] = Position.LEVEL
        else:
            positions[name] = Position.FORKED
    return Standing(positions, max(ahead, key=lambda one: one.size, default=None))


def sign_check(candidate: Checkpoint, last: Checkpoint | None, node: Node) -> None:
    """Raise `Rejected` unless ``candidate`` continues the checkpoint signed last.

    The same size and root may be signed again. ``node`` answers for the tree of the candidate.
    """
    if root(candidate.size, node) != candidate.root:
        raise Rejected(f"The root to be signed is not the one of the {candidate.size} leaves held.")
    if last is None:
        return
    if candidate.origin != last.origin:
        raise Rejected(f"The last checkpoint signed is one of {last.origin}, not of {candidate.origin}.")
    if candidate.size < last.size:
        raise Rejected(
            f"Size {last.size} was signed already; signing {candidate.size} would take leaves back."
        )
    if root(last.size, node) != last.root:
        raise Rejected(f"The first {last.size} leaves are not the ones signed before: a second history.")
