"""A tree in memory: every complete node kept. For batches, tests and logs that fit."""

from collections.abc import Iterable

from . import merkle


class Tree:
    """Grows by leaf hashes; answers roots and proofs for every size it has had."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self.extend(leaf_hashes)

    def __len__(self) -> int:
        return len(self._levels[0])

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Append leaf hashes, in order."""
        self._levels[0].extend(leaf_hashes)
        level = 0
        while len(self._levels[level]) > 1:
            below = self._levels[level]
            if level + 1 == len(self._levels):
                self._levels.append([])
            above = self._levels[level + 1]
            above.extend(
                merkle.node_hash(below[at], below[at + 1]) for at in range(2 * len(above), len(below) - 1, 2)
            )
            level += 1

    def node(self, level: int, index: int) -> bytes:
        """A complete node, as `merkle` asks for them."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """Root of the whole tree, or of its first ``size`` leaves."""
        return merkle.root(len(self) if size is None else size, self.node)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """See `merkle.inclusion_proof`."""
        return merkle.inclusion_proof(index, len(self) if size is None else size, self.node)

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """See `merkle.consistency_proof`."""
        return merkle.consistency_proof(old, len(self) if new is None else new, self.node)
