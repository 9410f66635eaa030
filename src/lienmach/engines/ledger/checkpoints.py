"""The body of a checkpoint (C2SP tlog-checkpoint v1.0.0): which log, how many leaves, which root."""

from dataclasses import dataclass

from .encoding import base64_bytes, base64_text, decimal
from .errors import Malformed
from .merkle import EMPTY_ROOT, HASH_SIZE


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head. ``extensions`` are lines nobody but the log vouches for; ours has none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The text that is signed, with its final newline."""
        lines = (self.origin, str(self.size), base64_text(self.root), *self.extensions)
        return "".join(line + "\n" for line in lines)

    @property
    def is_possible(self) -> bool:
        """False for an empty tree with a root of something."""
        return self.size > 0 or self.root == EMPTY_ROOT


def checkpoint_parse(body: str) -> Checkpoint:
    """Read the text of a note as a checkpoint."""
    lines = body.split("\n")
    if lines.pop() or len(lines) < 3:
        raise Malformed("A checkpoint has three lines or more, each ended by a newline.")
    if not all(lines):
        raise Malformed("A checkpoint has no empty lines.")
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin,
        decimal(size, what="Tree size"),
        base64_bytes(root, what="Root hash", length=HASH_SIZE),
        tuple(extensions),
    )
