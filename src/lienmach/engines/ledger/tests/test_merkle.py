"""The tree of RFC 6962: published vectors, a slow obvious tree, and proofs that were touched."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienmach.engines.ledger import merkle
from lienmach.engines.ledger.errors import Malformed, Rejected
from lienmach.engines.ledger.tree import Tree

from .samples import DATA, needs_data, obvious_consistency, obvious_path, obvious_root

hashes = st.lists(st.binary(max_size=8).map(merkle.leaf_hash), max_size=70)


def vectors(kind: str) -> list[Path]:
    return sorted((DATA / "merkle-rfc6962" / kind).rglob("*.json"))


def decoded(vector: dict) -> tuple[dict[str, bytes], list[bytes]]:
    names = [name for name in ("root", "leafHash", "root1", "root2") if name in vector]
    proof = [base64.b64decode(value) for value in vector["proof"] or []]
    return {name: base64.b64decode(vector[name]) for name in names}, proof


def verdict(check: object, *arguments: object) -> bool:
    try:
        check(*arguments)  # type: ignore[operator]
    except Rejected:
        return False
    return True


@needs_data
def test_inclusion_vectors() -> None:
    """86 proofs of transparency-dev, 80 of them wrong."""
    paths = vectors("inclusion")
    assert len(paths) == 86
    for path in paths:
        vector = json.loads(path.read_bytes())
        known, proof = decoded(vector)
        good = verdict(
            merkle.check_inclusion,
            vector["leafIdx"],
            vector["treeSize"],
            known["leafHash"],
            proof,
            known["root"],
        )
        assert good is not vector["wantErr"], path


@needs_data
def test_consistency_vectors() -> None:
    """84 proofs, 79 of them wrong; those from size 0 are refused, as our decision says."""
    paths = vectors("consistency")
    assert len(paths) == 84
    for path in paths:
        vector = json.loads(path.read_bytes())
        known, proof = decoded(vector)
        good = verdict(
            merkle.check_consistency, vector["size1"], vector["size2"], known["root1"], known["root2"], proof
        )
        assert good is not vector["wantErr"], path


@needs_data
def test_subtree_vectors() -> None:
    """180 proofs about parts of a tree."""
    paths = vectors("subtreeinclusion")
    assert len(paths) == 180
    for path in paths:
        vector = json.loads(path.read_bytes())
        known, proof = decoded(vector)
        good = verdict(
            merkle.check_subtree_inclusion,
            vector["leafIdx"],
            vector["start"],
            vector["end"],
            known["leafHash"],
            proof,
            known["root"],
        )
        assert good is not vector["wantErr"], path


@given(hashes)
def test_roots_are_the_obvious_ones(leaves: list[bytes]) -> None:
    """Frontier, memory tree and definition agree, also when growing piece by piece."""
    root = obvious_root(leaves)
    tree, frontier = Tree(leaves), merkle.Frontier().extend(leaves)
    assert tree.root() == frontier.root() == root
    half = len(leaves) // 2
    again = merkle.Frontier().extend(leaves[:half])
    again = merkle.Frontier.from_bytes(again.size, again.to_bytes()).extend(leaves[half:])
    assert again == frontier == merkle.frontier(len(leaves), tree.node)


@given(hashes.filter(bool), st.data())
def test_proofs_are_the_obvious_ones_and_hold(leaves: list[bytes], data: st.DataObject) -> None:
    """Made as RFC 6962 defines them and accepted by RFC 9162's checks, at any size the tree has had."""
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    tree = Tree(leaves)
    path = tree.inclusion_proof(index, size)
    assert path == obvious_path(index, leaves[:size])
    merkle.check_inclusion(index, size, leaves[index], path, tree.root(size))
    growth = tree.consistency_proof(old, size)
    assert growth == obvious_consistency(old, leaves[:size])
    merkle.check_consistency(old, size, tree.root(old), tree.root(size), growth)


@given(hashes.filter(lambda leaves: len(leaves) > 2), st.data())
def test_a_touched_proof_proves_nothing(leaves: list[bytes], data: st.DataObject) -> None:
    """Another index, size, leaf, hash, order or length: refused."""
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    tree = Tree(leaves)
    root, path = tree.root(), tree.inclusion_proof(index)
    at = data.draw(st.integers(0, len(path) - 1))
    touched = list(path)
    touched[at] = bytes([touched[at][0] ^ 1]) + touched[at][1:]
    for wrong in (touched, path[:-1], [*path, root], [path[0][:31], *path[1:]]):
        with pytest.raises(Rejected):
            merkle.check_inclusion(index, size, leaves[index], wrong, root)
    with pytest.raises(Rejected):
        merkle.check_inclusion(index, size, merkle.leaf_hash(b"another leaf, longer than 8"), path, root)
    with pytest.raises(Rejected):
        merkle.check_inclusion(size, size, leaves[index], path, root)


@given(hashes.filter(lambda leaves: len(leaves) > 1), st.data())
def test_a_rewritten_past_is_not_consistent(leaves: list[bytes], data: st.DataObject) -> None:
    """One old leaf changed: no proof of the new tree convinces whoever remembers the old root."""
    old = data.draw(st.integers(1, len(leaves) - 1))
    at = data.draw(st.integers(0, old - 1))
    rewritten = Tree([*leaves[:at], merkle.leaf_hash(b"something else"), *leaves[at + 1 :]])
    honest = Tree(leaves)
    for proof in (rewritten.consistency_proof(old), honest.consistency_proof(old)):
        with pytest.raises(Rejected):
            merkle.check_consistency(old, len(leaves), honest.root(old), rewritten.root(), proof)


def test_size_zero() -> None:
    """The decision on size 0: the empty tree has a root, and neither proofs nor checks start from it."""
    assert merkle.Frontier().root() == Tree().root() == merkle.EMPTY_ROOT
    with pytest.raises(ValueError, match="1 <= old"):
        merkle.consistency_proof(0, 4, Tree([merkle.EMPTY_ROOT] * 4).node)
    with pytest.raises(Rejected, match="no consistency proof from 0"):
        merkle.check_consistency(0, 4, merkle.EMPTY_ROOT, merkle.EMPTY_ROOT, [])
    with pytest.raises(ValueError, match="not in a tree of 0"):
        merkle.inclusion_proof(0, 0, Tree().node)


@pytest.mark.parametrize(("size", "data"), [(1, b""), (3, b"\0" * 32), (2, b"\0" * 31), (0, b"\0" * 32)])
def test_a_frontier_that_does_not_fit_its_size(size: int, data: bytes) -> None:
    """A damaged row in a database is noticed before it is appended to."""
    with pytest.raises(Malformed):
        merkle.Frontier.from_bytes(size, data)


def test_no_duplicated_odd_node() -> None:
    """[a, b, c] and [a, b, c, c] have different roots (CVE-2012-2459), and a node is never a leaf."""
    a, b, c = (merkle.leaf_hash(letter) for letter in (b"a", b"b", b"c"))
    assert Tree([a, b, c]).root() != Tree([a, b, c, c]).root()
    assert merkle.leaf_hash(a + b) != merkle.node_hash(a, b)
