"""One file that shows an event to somebody: the leaf, the groups opened for him, the proof, the policy.

Our own format, `lienmach/disclosure@v1`: JSON in one fixed spelling, so that the file has no byte to spare.
The policy inside is the sender's; the reader verifies against his own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from .authors import BatchProof, batch_check, leaf_check
from .checkpoints import checkpoint_parse
from .commitments import Opening
from .encoding import base64_bytes, base64_text
from .errors import Malformed, Rejected
from .keys import VerifierKey, vkey_parse
from .leaf import Leaf, leaf_parse
from .merkle import HASH_SIZE, leaf_hash
from .notes import note_parse, note_verify
from .policy import Policy, Verdict, policy_parse
from .proofs import Proof, proof_parse

FORMAT = "lienmach/disclosure@v1"
MAX_FILE_SIZE = 4_000_000


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who signed the leaf: the key, and for a hosted author the batch."""

    key: VerifierKey
    batch: BatchProof | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """Shows that the proof's checkpoint, as its log signed it, is a leaf in the provincial log."""

    entry: bytes
    """That leaf: a signed note with the body of the proof's checkpoint."""
    proof: Proof


@dataclass(frozen=True, slots=True)
class Shown:
    """What a verified file says."""

    verdict: Verdict
    leaf: Leaf
    index: int
    groups: Mapping[str, Any]
    """Opened groups, as JSON values."""
    closed: tuple[str, ...]
    """Groups the leaf commits to that were not opened."""
    author: VerifierKey | None
    """The key that signed the leaf or its batch; None when the file does not show it."""
    province: Verdict | None = None
    """The checkpoint of the provincial log that holds this log's; None when the file does not show it."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The parts of the file."""

    leaf: bytes
    proof: Proof
    policy: Policy
    opened: Mapping[str, Opening] = field(default_factory=dict)
    author: Authorship | None = None
    province: Gathered | None = None

    def to_bytes(self) -> bytes:
        """The file."""
        document: dict[str, Any] = {
            "format": FORMAT,
            "leaf": base64_text(self.leaf),
            "opened": {
                group: {"body": opening.body.decode(), "salt": base64_text(opening.salt)}
                for group, opening in self.opened.items()
            },
            "policy": self.policy.text,
            "proof": self.proof.to_bytes().decode(),
        }
        if self.author is not None:
            document["author"] = _author_document(self.author)
        if self.province is not None:
            document["province"] = {
                "entry": self.province.entry.decode(),
                "proof": self.province.proof.to_bytes().decode(),
            }
        return _spelled(document)

    def verify(self, policy: Policy | None = None, *, latest: int | None = None) -> Shown:
        """Check everything in the file.

        Parameters
        ----------
        policy
            The reader's own; None takes the one in the file, which proves no more than that the file agrees
            with itself and with the keys it names.
        latest
            See `Policy.evaluate`.

        Raises
        ------
        Malformed, Rejected
            With the reason.
        """
        leaf = leaf_parse(self.leaf)
        verdict = self.proof.verify(leaf_hash(self.leaf), policy or self.policy, latest=latest)
        groups = {}
        for group, opening in sorted(self.opened.items()):
            if group not in leaf.commitments:
                raise Rejected(f"The leaf has no group {group!r}, and the file shows one.")
            opening.check(leaf.commitments[group], group=group)
            groups[group] = _content(opening.body, group)
        if self.author is not None and self.author.batch is not None:
            batch_check(self.leaf, self.author.batch, self.author.key)
        elif self.author is not None:
            leaf_check(leaf, self.author.key)
        closed = tuple(group for group in sorted(leaf.commitments) if group not in groups)
        author = self.author.key if self.author is not None else None
        province = None
        if self.province is not None:
            province = _check_province(self.province, self.proof, policy or self.policy, latest)
        return Shown(verdict, leaf, self.proof.index, groups, closed, author, province)


def disclosure_parse(data: bytes) -> Disclosure:
    """Read the file; any other spelling of the same content is `Malformed`."""
    if len(data) > MAX_FILE_SIZE:
        raise Malformed(f"A file of {len(data)} bytes; at most {MAX_FILE_SIZE} are read.")
    try:
        document = json.loads(data)
        if document["format"] != FORMAT:
            raise Malformed(f"The file is not {FORMAT}.")
        if _spelled(document) != data:
            raise Malformed("The file is not spelled as this format is: it was changed or written by hand.")
        known = {"author", "format", "leaf", "opened", "policy", "proof", "province"}
        if not document.keys() <= known:
            raise Malformed(f"The file has parts unknown to {FORMAT}.")
        return Disclosure(
            leaf=base64_bytes(document["leaf"], what="Leaf"),
            proof=proof_parse(document["proof"].encode()),
            policy=policy_parse(document["policy"].encode("utf-8", "surrogateescape")),
            opened={group: _opening(part) for group, part in document["opened"].items()},
            author=_author(document["author"]) if "author" in document else None,
            province=_gathered(document["province"]) if "province" in document else None,
        )
    except (KeyError, TypeError, AttributeError, UnicodeError, RecursionError, json.JSONDecodeError) as error:
        raise Malformed(f"The file is not {FORMAT}.") from error


def _content(body: bytes, group: str) -> Any:
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The content shown as {group!r} is not JSON.") from error


def _no_number(name: str) -> NoReturn:
    """NaN and the infinities are no JSON, though this library reads them."""
    raise ValueError(f"{name} is not a number of JSON.")


def _gathered(part: dict[str, str]) -> Gathered:
    if part.keys() != {"entry", "proof"}:
        raise Malformed("What shows the provincial log has an entry and a proof.")
    return Gathered(part["entry"].encode(), proof_parse(part["proof"].encode()))


def _check_province(gathered: Gathered, proof: Proof, policy: Policy, latest: int | None) -> Verdict:
    """Check that the log itself signed the gathered checkpoint and another log of the policy holds it."""
    entry = note_parse(gathered.entry)
    if entry.body != proof.note.body:
        raise Rejected("The provincial log is shown with another checkpoint than the proof's.")
    origin = checkpoint_parse(entry.body).origin
    note_verify(entry, [party.key for party in policy.logs if party.key.name == origin])
    verdict = gathered.proof.verify(leaf_hash(gathered.entry), policy, latest=latest)
    if verdict.checkpoint.origin == origin:
        raise Rejected("A log does not vouch for its own checkpoint.")
    return verdict


def _opening(part: dict[str, str]) -> Opening:
    if part.keys() != {"body", "salt"}:
        raise Malformed("An opened group has a body and a salt.")
    return Opening(base64_bytes(part["salt"], what="Salt"), part["body"].encode())


def _author_document(author: Authorship) -> dict[str, Any]:
    document: dict[str, Any] = {"key": author.key.text}
    if author.batch is not None:
        document["batch"] = {
            "index": author.batch.index,
            "leaf": base64_text(author.batch.leaf),
            "path": [base64_text(value) for value in author.batch.path],
        }
    return document


def _author(document: dict[str, Any]) -> Authorship:
    key = vkey_parse(document["key"])
    part = document.get("batch")
    if not document.keys() <= {"key", "batch"} or (part and part.keys() != {"index", "leaf", "path"}):
        raise Malformed("The author has a key and at most a batch.")
    if part is None:
        return Authorship(key)
    if type(part["index"]) is not int:
        raise Malformed("The index in the batch is not a number.")
    path = tuple(base64_bytes(text, what="Path in the batch", length=HASH_SIZE) for text in part["path"])
    return Authorship(
        key, BatchProof(base64_bytes(part["leaf"], what="Leaf of the batch"), part["index"], path)
    )


def _spelled(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode(
        "utf-8", "surrogateescape"
    )
