"""The Merkle tree of RFC 6962 and RFC 9162: hashes, a frontier to append to, proofs made and checked.

A *node* is named ``(level, index)``: the root over the ``2**level`` leaves that start at ``index << level``.
Proofs are made from any function that knows the complete nodes of a tree, wherever they are stored.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from .errors import Malformed, Rejected

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

Node = Callable[[int, int], bytes]


_LEAF, _NODE = sha256(b"\x00"), sha256(b"\x01")


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    begun = _LEAF.copy()  # a third faster than beginning anew
    begun.update(data)
    return begun.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def _pairs(nodes: Sequence[bytes]) -> list[bytes]:
    """The node over each two nodes."""
    above: list[bytes] = []
    begin, keep = _NODE.copy, above.append  # looked up once: there is little else to save
    for left, right in zip(nodes[::2], nodes[1::2], strict=True):
        begun = begin()
        begun.update(left + right)
        keep(begun.digest())
    return above


def fold(roots: Sequence[bytes]) -> bytes:
    """Root over perfect subtrees given from left (largest) to right; the empty tree's for none."""
    if not roots:
        return EMPTY_ROOT
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = node_hash(left, root)
    return root


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs: the size and the roots of the perfect subtrees, largest first.

    Immutable, so that a failed transaction leaves the old one standing. ``to_bytes`` is at most 2 kB.
    """

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.roots) != self.size.bit_count():
            raise Malformed(f"A tree of {self.size} leaves does not have {len(self.roots)} perfect subtrees.")
        if any(len(root) != HASH_SIZE for root in self.roots):
            raise Malformed("A subtree root is not 32 bytes.")

    def extend(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """The frontier after these leaf hashes, in order."""
        nodes, roots, new = list(leaf_hashes), list(self.roots), []
        size = self.size + len(nodes)
        rest = self.size
        # Level by level: whoever has no neighbour on the right is the root of a perfect subtree.
        while nodes:
            if rest & 1:
                nodes.insert(0, roots.pop())
            if len(nodes) & 1:
                new.append(nodes.pop())
            nodes = _pairs(nodes)
            rest >>= 1
        return Frontier(size, (*roots, *reversed(new)))

    def root(self) -> bytes:
        """The tree's root."""
        return fold(self.roots)

    def to_bytes(self) -> bytes:
        """The roots one after the other; the size is kept beside them."""
        return b"".join(self.roots)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        """Read what ``to_bytes`` wrote for that size."""
        if len(data) % HASH_SIZE:
            raise Malformed(f"A frontier of {len(data)} bytes is not made of 32-byte hashes.")
        return cls(size, tuple(data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)))


def split_point(width: int) -> int:
    """Largest power of two below ``width`` (of at least 2): where RFC 6962 splits a range."""
    return 1 << ((width - 1).bit_length() - 1)


def range_root(start: int, end: int, node: Node) -> bytes:
    """Root over the leaves ``[start, end)`` of a range that occurs in the tree (`start` aligned to it)."""
    roots = []
    while start < end:
        level = (end - start).bit_length() - 1
        roots.append(node(level, start >> level))
        start += 1 << level
    return fold(roots)


def root(size: int, node: Node) -> bytes:
    """Root of the first ``size`` leaves."""
    return range_root(0, size, node)


def frontier(size: int, node: Node) -> Frontier:
    """Frontier of the first ``size`` leaves."""
    roots, start = [], 0
    while start < size:
        level = (size - start).bit_length() - 1
        roots.append(node(level, start >> level))
        start += 1 << level
    return Frontier(size, tuple(roots))


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Hashes that lead from leaf ``index`` to the root of ``size`` leaves, the leaf's sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"Leaf {index} is not in a tree of {size}.")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + split_point(end - start)
        if index < middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    path.reverse()
    return path


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """Hashes that show that the tree of ``old`` leaves is the beginning of the tree of ``new``.

    Raises
    ------
    ValueError
        For ``old`` = 0 too: every tree continues the empty one, so such a proof would prove nothing
        (`check_consistency` refuses it for the same reason).
    """
    if not 0 < old <= new:
        raise ValueError(f"No consistency proof from {old} to {new} leaves: 1 <= old <= new.")
    path, start, end = [], 0, new
    while old != end:
        middle = start + split_point(end - start)
        if old <= middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    if start:
        path.append(range_root(start, end, node))
    path.reverse()
    return path


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash stands at ``index`` in the tree of ``size`` leaves with this root.

    Raises
    ------
    Rejected
        With the reason; a proof of the wrong length or with a hash that is not 32 bytes too.
    """
    if not 0 <= index < size:
        raise Rejected(f"Leaf {index} is not in a tree of {size}.")
    _check_hashes(leaf, root, *proof)
    first, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Rejected(f"The inclusion proof of leaf {index} is too long.")
        if first & 1 or first == last:
            computed = node_hash(sibling, computed)
            while first and not first & 1:
                first >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        first >>= 1
        last >>= 1
    if last:
        raise Rejected(f"The inclusion proof of leaf {index} is too short.")
    if computed != root:
        raise Rejected(f"Leaf {index} is not what the tree of {size} leaves with this root holds there.")


def check_subtree_inclusion(
    index: int, start: int, end: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check inclusion in the subtree over the leaves ``[start, end)``, which has to be a valid one."""
    if not is_subtree(start, end):
        raise Rejected(f"[{start}, {end}) is not a subtree: its start is not aligned to its width.")
    check_inclusion(index - start, end - start, leaf, proof, root)


def is_subtree(start: int, end: int) -> bool:
    """Whether ``[start, end)`` occurs as a subtree: start is a multiple of 2^ceil(log2(width))."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``old`` leaves is the beginning of the tree of ``new`` leaves.

    Raises
    ------
    Rejected
        With the reason. From size 0 there is no proof: whoever holds nothing has nothing to compare, and
        a caller for whom that is fine (a witness meeting a log) has to say so itself.
    """
    if not 0 < old <= new:
        raise Rejected(f"There is no consistency proof from {old} to {new} leaves.")
    _check_hashes(old_root, new_root, *proof)
    if old == new:
        if proof:
            raise Rejected("Two trees of one size need no proof, and one was given.")
        if old_root != new_root:
            raise Rejected(f"Two different trees of {old} leaves.")
        return
    hashes = list(proof) if old & (old - 1) else [old_root, *proof]
    if not hashes:
        raise Rejected("The consistency proof is empty.")
    first, last = old - 1, new - 1
    while first & 1:
        first >>= 1
        last >>= 1
    old_computed = new_computed = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise Rejected("The consistency proof is too long.")
        if first & 1 or first == last:
            old_computed = node_hash(sibling, old_computed)
            new_computed = node_hash(sibling, new_computed)
            while first and not first & 1:
                first >>= 1
                last >>= 1
        else:
            new_computed = node_hash(new_computed, sibling)
        first >>= 1
        last >>= 1
    if last:
        raise Rejected("The consistency proof is too short.")
    if old_computed != old_root or new_computed != new_root:
        raise Rejected(f"The tree of {new} leaves does not continue the tree of {old} leaves.")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_SIZE for value in hashes):
        raise Rejected("A hash is not 32 bytes.")
