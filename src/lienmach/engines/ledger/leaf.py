"""Leaf version 1: a small header that says nothing guessable, and salted commitments to the rest.

Stored verbatim and never written again from its parts. Canonical JSON with these keys:

=====  ==============================================================================================
``v``  1
``e``  event id (UUID)
``k``  kind: a word of a fixed vocabulary, `app.noun_verb` or one of the log's own
``t``  time of the event, UTC, milliseconds, ``Z``
``a``  author: ``k`` id of the key (8 hex); from a device also ``n`` its counter and ``p`` the leaf hash of
       its previous leaf (hex, "" for its first)
``b``  only in the leaf that signs a batch: ``n`` how many leaves, ``r`` root over their leaf hashes (hex)
``c``  commitments by group (hex); a group without content is absent
``s``  Ed25519 signature (base64) of the author's key over ``lm/leaf/v1\\n`` and the leaf without ``s``
=====  ==============================================================================================
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .canonical import MAX_INTEGER
from .encoding import base64_bytes, base64_text
from .errors import Malformed
from .merkle import HASH_SIZE, leaf_hash
from .tiles import MAX_ENTRY_SIZE

VERSION = 1
GROUPS = ("partner", "private", "public")
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}(?:[.-][a-z][a-z0-9_]{0,39})?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_KEY_ID = re.compile("[0-9a-f]{8}")
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Author:
    """Whose key stands for the leaf; a device also says which of its leaves this is."""

    key_id: str
    counter: int | None = None
    previous: bytes | None = None
    """Leaf hash of the device's previous leaf, empty for its first; None for a hosted author."""

    def __post_init__(self) -> None:
        if not _KEY_ID.fullmatch(self.key_id):
            raise Malformed(f"{self.key_id!r} is not a key id of 8 hex digits.")
        if (self.counter is None) != (self.previous is None):
            raise Malformed("An author's counter and previous leaf come together.")
        if self.counter is not None and not _counts(self.counter):
            raise Malformed("An author's counter is an integer from 1 on.")
        if self.previous is not None and len(self.previous) not in (0, HASH_SIZE):
            raise Malformed("The author's previous leaf is not a hash.")
        if self.counter is not None and (self.counter == 1) != (self.previous == b""):
            raise Malformed("The first leaf of a device, and only that one, has no previous leaf.")

    @property
    def is_device(self) -> bool:
        """Whether the author signs each leaf itself."""
        return self.counter is not None


@dataclass(frozen=True, slots=True)
class Batch:
    """The leaves that a hosted author signs together."""

    count: int
    root: bytes

    def __post_init__(self) -> None:
        if not _counts(self.count) or len(self.root) != HASH_SIZE:
            raise Malformed("A batch has a leaf or more and a root of 32 bytes.")


@dataclass(frozen=True, slots=True)
class Leaf:
    """The parts of a leaf. Checked on creation: what exists can be logged."""

    event: str
    kind: str
    time: str
    author: Author
    commitments: Mapping[str, bytes] = field(default_factory=dict)
    batch: Batch | None = None
    signature: bytes | None = None

    def __post_init__(self) -> None:
        if not _UUID.fullmatch(self.event):
            raise Malformed(f"{self.event!r} is not an event id.")
        if not _KIND.fullmatch(self.kind):
            raise Malformed(f"{self.kind!r} is not a kind of event.")
        _time_check(self.time)
        for group, value in self.commitments.items():
            if group not in GROUPS or len(value) != HASH_SIZE:
                raise Malformed(f"{group!r} is not a group, or its commitment is not 32 bytes.")
        if self.signature is None:
            return
        if len(self.signature) != 64:
            raise Malformed("The author's signature is not 64 bytes.")

    @property
    def unsigned_bytes(self) -> bytes:
        """What the author signs, behind a prefix: the leaf without ``s``."""
        return self._written("")

    def to_bytes(self) -> bytes:
        """The leaf. Keep exactly these bytes.

        Raises
        ------
        Malformed
            A device's leaf or a batch's that nobody signed.
        """
        if self.signature is None:
            if self.author.is_device or self.batch:
                raise Malformed("The leaf of a device and the leaf of a batch are signed by their author.")
            return self._written("")
        return self._written(f'"s":"{base64_text(self.signature)}",')

    def _written(self, signature: str) -> bytes:
        """Canonical JSON, written directly: keys in order, and no checked value holds what JSON escapes."""
        author = f'"k":"{self.author.key_id}"'
        if self.author.previous is not None:
            author += f',"n":{self.author.counter},"p":"{self.author.previous.hex()}"'
        batch = "" if self.batch is None else f'"b":{{"n":{self.batch.count},"r":"{self.batch.root.hex()}"}},'
        groups = ",".join(
            f'"{group}":"{self.commitments[group].hex()}"' for group in sorted(self.commitments)
        )
        return (
            f'{{"a":{{{author}}},{batch}"c":{{{groups}}},"e":"{self.event}","k":"{self.kind}",'
            f'{signature}"t":"{self.time}","v":{VERSION}}}'
        ).encode("ascii")


def leaf_parse(data: bytes) -> Leaf:
    """Read a leaf; bytes that are not exactly the canonical ones of a leaf of version 1 are `Malformed`."""
    if len(data) > MAX_ENTRY_SIZE:
        raise Malformed(f"A leaf of {len(data)} bytes; at most {MAX_ENTRY_SIZE} fit.")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Malformed("The leaf is not JSON.") from error
    try:
        leaf = _leaf_of(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise Malformed("The leaf does not have the keys of version 1.") from error
    if leaf.to_bytes() != data:
        raise Malformed("The leaf is not in canonical form, or has keys that version 1 does not know.")
    return leaf


def _leaf_of(document: dict[str, Any]) -> Leaf:
    if document["v"] != VERSION:
        raise Malformed(f"A leaf of version {document['v']!r}; this reads version {VERSION}.")
    author = document["a"]
    device = "n" in author
    batch = document.get("b")
    signature = document.get("s")
    return Leaf(
        event=document["e"],
        kind=document["k"],
        time=document["t"],
        author=Author(
            author["k"],
            author["n"] if device else None,
            _previous(author["p"]) if device else None,
        ),
        commitments={group: _hash(value) for group, value in document["c"].items()},
        batch=None if batch is None else Batch(batch["n"], _hash(batch["r"])),
        signature=None
        if signature is None
        else base64_bytes(signature, what="Author's signature", length=64),
    )


def _counts(value: int) -> bool:
    # JSON's 2.0 and true would pass the comparison, and be written as they came.
    return type(value) is int and 1 <= value <= MAX_INTEGER


def _hash(text: str) -> bytes:
    if not _HASH.fullmatch(text):
        raise Malformed("A hash in the leaf is not 64 hex digits.")
    return bytes.fromhex(text)


def _previous(text: str) -> bytes:
    return b"" if text == "" else _hash(text)


def time_text(at: datetime) -> str:
    """A moment as the header states it: UTC, cut to milliseconds."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone.")
    moment = at.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _time_check(text: str) -> None:
    try:
        if not _TIME.fullmatch(text):
            raise ValueError(text)
        datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"{text!r} is not a time like 2026-01-31T07:05:00.000Z.") from error


def hash_of(data: bytes) -> bytes:
    """Leaf hash of a leaf's bytes."""
    return leaf_hash(data)
