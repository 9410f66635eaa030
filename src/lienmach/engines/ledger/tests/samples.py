"""Keys of known seeds, small logs, the folder of published vectors, and a tree too slow to be wrong."""

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest

from lienmach.engines.ledger import tiles
from lienmach.engines.ledger.checkpoints import Checkpoint
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.merkle import leaf_hash
from lienmach.engines.ledger.notes import Note
from lienmach.engines.ledger.tree import Tree

DATA = Path(os.environ.get("LIENMACH_TEST_DATA", "../shared/data")) / "evidence"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"no vectors in {DATA} (set LIENMACH_TEST_DATA)")
EXAMPLE = DATA / "worked-example"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def lacking(what: str) -> NoReturn:
    """Pass over a test whose means are missing on this machine; CI has to have them."""
    if IN_CI:
        pytest.fail(f"{what}; CI installs it, this must not be skipped.")
    pytest.skip(what)


LOG = SigningKey("log.example/xuong-a", KeyType.ED25519, bytes(range(0x20)))
WITNESS = SigningKey("witness.example/hiep-hoi", KeyType.COSIGNATURE_ED25519, bytes(range(0x20, 0x40)))
UNIVERSITY = SigningKey("witness.example/dai-hoc", KeyType.COSIGNATURE_MLDSA44, bytes(range(0x40, 0x60)))
AUTHOR = SigningKey("log.example/xuong-a/may-3", KeyType.ED25519, bytes(range(0x60, 0x80)))
STRANGER = SigningKey("log.example/xuong-b", KeyType.ED25519, bytes(range(0x80, 0xA0)))
TIME = 1_763_700_000

POLICY = f"""log {LOG.verifier.text}
witness hiep-hoi {WITNESS.verifier.text}
witness dai-hoc {UNIVERSITY.verifier.text}
group all-of-them all hiep-hoi dai-hoc
quorum all-of-them
""".encode()
LOG_ALONE = f"log {LOG.verifier.text}\nquorum none\n".encode()


def entries(count: int) -> list[bytes]:
    """Distinct entries."""
    return [b"entry %d" % index for index in range(count)]


def tree_of(count: int) -> Tree:
    """The tree of `entries`."""
    return Tree(leaf_hash(entry) for entry in entries(count))


def checkpoint(count: int, key: SigningKey = LOG) -> Note:
    """Signed head of the tree of `entries`."""
    return head(key.name, count, tree_of(count).root()).signed(key)


def head(origin: str, size: int, root: bytes) -> Note:
    """Unsigned head."""
    return Note(Checkpoint(origin, size, root).body)


def files_of(count: int) -> dict[str, bytes]:
    """A log of `entries` as files."""
    return tiles.grow({}.get, 0, entries(count))


def obvious_root(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word by word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return sha256(b"\x01" + obvious_root(hashes[:half]) + obvious_root(hashes[half:])).digest()


def obvious_path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1, word by word."""
    if len(hashes) == 1:
        return []
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    if index < half:
        return [*obvious_path(index, hashes[:half]), obvious_root(hashes[half:])]
    return [*obvious_path(index - half, hashes[half:]), obvious_root(hashes[:half])]


def obvious_consistency(old: int, hashes: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, section 2.1.2, word by word."""
    if old == len(hashes):
        return [] if whole else [obvious_root(hashes)]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    if old <= half:
        return [*obvious_consistency(old, hashes[:half], whole), obvious_root(hashes[half:])]
    return [*obvious_consistency(old - half, hashes[half:], False), obvious_root(hashes[:half])]


def mutations(data: bytes, stride: int = 1) -> list[bytes]:
    """Every single-byte change of some kinds: one bit, another letter, a byte gone, a byte doubled."""
    changed = []
    for at in range(0, len(data), stride):
        front, byte, back = data[:at], data[at], data[at + 1 :]
        for other in (byte ^ 1, byte ^ 0x20, byte ^ 0x80, ord("A")):
            changed.append(front + bytes([other]) + back)
        changed += [front + back, front + bytes([byte, byte]) + back]
    return [value for value in changed if value != data]
