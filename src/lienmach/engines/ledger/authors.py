"""Who said it: devices sign each of their leaves, hosted authors sign the root of a batch.

A log proves that nothing was changed since. The author's signature proves who said it then, as far as the
key is that author's alone: say with every answer whether the key is hosted, on a device, or in an own box.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .errors import Rejected
from .keys import KeyType, SigningKey, VerifierKey
from .leaf import Author, Batch, Leaf, leaf_parse
from .merkle import check_inclusion, leaf_hash
from .tree import Tree

PREFIX = b"lm/leaf/v1\n"
BATCH_KIND = "ledger.batch_signed"


@dataclass(frozen=True, slots=True)
class BatchProof:
    """Shows that a leaf stands in a batch that its author signed."""

    leaf: bytes
    """The leaf that signs the batch, verbatim."""
    index: int
    path: tuple[bytes, ...]


def leaf_sign(leaf: Leaf, key: SigningKey) -> Leaf:
    """The leaf with its author's signature (type 0x01); its author has to be the key's owner."""
    if key.type is not KeyType.ED25519 or leaf.author.key_id != key.verifier.id.hex():
        raise ValueError("A leaf is signed by the Ed25519 key that it names as its author's.")
    return replace(leaf, signature=key.sign_raw(PREFIX + leaf.unsigned_bytes))


def leaf_check(leaf: Leaf, key: VerifierKey) -> None:
    """Raise `Rejected` unless this key signed the leaf."""
    if leaf.signature is None:
        raise Rejected("The leaf bears no signature of its author.")
    if key.type is not KeyType.ED25519 or leaf.author.key_id != key.id.hex():
        raise Rejected(f"The leaf names the author key {leaf.author.key_id}, not {key.id.hex()}.")
    key.verify_raw(PREFIX + leaf.unsigned_bytes, leaf.signature)


def batch_of(leaves: Sequence[bytes]) -> Batch:
    """What a hosted author signs for these leaves, in their order."""
    return Batch(len(leaves), Tree(leaf_hash(data) for data in leaves).root())


def batch_proof(leaves: Sequence[bytes], index: int, signing_leaf: bytes) -> BatchProof:
    """Proof that the leaf at ``index`` of the batch is signed by the batch's leaf."""
    tree = Tree(leaf_hash(data) for data in leaves)
    return BatchProof(signing_leaf, index, tuple(tree.inclusion_proof(index)))


def batch_check(data: bytes, proof: BatchProof, key: VerifierKey) -> None:
    """Raise `Rejected` unless this key signed a batch in which the leaf stands."""
    leaf, signing = leaf_parse(data), leaf_parse(proof.leaf)
    if signing.batch is None:
        raise Rejected("The leaf given as a batch's signature signs no batch.")
    if leaf.author.key_id != signing.author.key_id:
        raise Rejected("The batch is signed by another author than the leaf names.")
    leaf_check(signing, key)
    check_inclusion(proof.index, signing.batch.count, leaf_hash(data), proof.path, signing.batch.root)


def chain_check(leaves: Sequence[bytes], key: VerifierKey) -> None:
    """Check a device's leaves, from its first on: signed, counted without gap, each naming the one before.

    Raises
    ------
    Rejected
        Naming the counter at which something is missing, doubled or not the device's.
    """
    previous = b""
    for counter, data in enumerate(leaves, start=1):
        leaf = leaf_parse(data)
        if leaf.author.counter != counter:
            raise Rejected(f"After leaf {counter - 1} of the device comes {leaf.author.counter}.")
        if leaf.author.previous != previous:
            raise Rejected(f"Leaf {counter} of the device does not continue its leaf {counter - 1}.")
        leaf_check(leaf, key)
        previous = leaf_hash(data)


def device_author(key: VerifierKey, counter: int, previous: bytes) -> Author:
    """The author of a device's leaf; ``previous`` is the hash of its last leaf, empty for the first."""
    return Author(key.id.hex(), counter, previous)
