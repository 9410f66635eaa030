"""Authors: a device's chain without gaps, a hosted author's batches, and nobody signing for another."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.ledger import authors
from lienmach.engines.ledger.errors import LedgerError, Rejected
from lienmach.engines.ledger.leaf import Author, Leaf, leaf_parse
from lienmach.engines.ledger.merkle import leaf_hash

from .samples import AUTHOR, STRANGER, WITNESS, mutations
from .test_leaf import EVENT, LEAF

KEY = AUTHOR.verifier


def chain(count: int) -> list[bytes]:
    """Leaves of a device, each naming the one before."""
    leaves: list[bytes] = []
    for counter in range(1, count + 1):
        previous = leaf_hash(leaves[-1]) if leaves else b""
        leaf = replace(LEAF, author=authors.device_author(KEY, counter, previous))
        leaves.append(authors.leaf_sign(leaf, AUTHOR).to_bytes())
    return leaves


def batch(count: int) -> tuple[list[bytes], bytes]:
    """Leaves of a hosted author, and the leaf that signs them."""
    leaves = [replace(LEAF, event=f"{EVENT[:-4]}{number:04x}").to_bytes() for number in range(count)]
    signing = replace(LEAF, kind=authors.BATCH_KIND, commitments={}, batch=authors.batch_of(leaves))
    return leaves, authors.leaf_sign(signing, AUTHOR).to_bytes()


def test_a_device_chain() -> None:
    """In order and whole it holds; a leaf lost, doubled, swapped or signed by another is named."""
    leaves = chain(5)
    authors.chain_check(leaves, KEY)
    for wrong in (leaves[1:], [*leaves[:2], *leaves[3:]], [*leaves[:2], *leaves[1:]], [leaves[1], leaves[0]]):
        with pytest.raises(Rejected):
            authors.chain_check(wrong, KEY)
    with pytest.raises(Rejected, match="names the author key"):
        authors.chain_check(leaves, STRANGER.verifier)


def test_a_device_that_changed_its_story() -> None:
    """Two chains that part: the second does not continue the first."""
    leaves = chain(3)
    other = authors.leaf_sign(
        replace(LEAF, kind="pad", author=authors.device_author(KEY, 2, leaf_hash(leaves[0]))), AUTHOR
    ).to_bytes()
    with pytest.raises(Rejected, match="Leaf 3 of the device does not continue"):
        authors.chain_check([leaves[0], other, leaves[2]], KEY)


@settings(max_examples=25)
@given(st.integers(1, 40), st.data())
def test_batches(count: int, data: st.DataObject) -> None:
    """Every leaf of a batch is shown to be signed, and no leaf outside it."""
    leaves, signing = batch(count)
    index = data.draw(st.integers(0, count - 1))
    proof = authors.batch_proof(leaves, index, signing)
    authors.batch_check(leaves[index], proof, KEY)
    with pytest.raises(Rejected):
        authors.batch_check(replace(LEAF, kind="pad").to_bytes(), proof, KEY)
    with pytest.raises(Rejected):
        authors.batch_check(leaves[index], proof, STRANGER.verifier)


def test_a_batch_leaf_is_signed_itself() -> None:
    """It is a leaf like any other, so the log holds the signature as well."""
    _, signing = batch(3)
    authors.leaf_check(leaf_parse(signing), KEY)


def test_no_mutation_of_a_signed_leaf_holds() -> None:
    """Every changed byte is malformed or not what the author signed."""
    for changed in mutations(chain(2)[1]):
        with pytest.raises(LedgerError):
            authors.leaf_check(leaf_parse(changed), KEY)


def test_batches_are_not_forged_from_parts() -> None:
    """A leaf that signs no batch, and a batch of another author, prove nothing."""
    leaves, signing = batch(3)
    proof = authors.batch_proof(leaves, 1, signing)
    with pytest.raises(Rejected, match="signs no batch"):
        authors.batch_check(leaves[1], replace(proof, leaf=chain(1)[0]), KEY)
    other = Leaf(EVENT, "pad", LEAF.time, Author(STRANGER.verifier.id.hex())).to_bytes()
    with pytest.raises(Rejected, match="another author"):
        authors.batch_check(other, proof, KEY)


def test_only_the_named_author_signs() -> None:
    """Neither a witness's key nor a leaf that names another."""
    for key in (WITNESS, STRANGER):
        with pytest.raises(ValueError, match="names as its author"):
            authors.leaf_sign(LEAF, key)
    with pytest.raises(Rejected, match="no signature"):
        authors.leaf_check(LEAF, KEY)
