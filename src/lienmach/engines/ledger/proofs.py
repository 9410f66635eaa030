"""Proofs that a leaf stands in a log (C2SP tlog-proof v1), verified offline against a policy."""

from dataclasses import dataclass

from .encoding import base64_bytes, base64_text, decimal
from .errors import Malformed
from .merkle import HASH_SIZE, check_inclusion
from .notes import MAX_NOTE_SIZE, Note, note_parse
from .policy import Policy, Verdict

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """Where the leaf stands, the hashes up to the root, and the signed checkpoint verbatim."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""
    """For the application; nobody vouches for it."""

    def to_bytes(self) -> bytes:
        """The `.tlog-proof` file."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {base64_text(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [base64_text(value) for value in self.path]
        return "".join(f"{line}\n" for line in (*lines, "")).encode() + self.checkpoint

    @property
    def note(self) -> Note:
        """The checkpoint, read."""
        return note_parse(self.checkpoint)

    def verify(self, leaf_hash: bytes, policy: Policy, *, latest: int | None = None) -> Verdict:
        """Check that the leaf with this hash stands in a log as the policy asks for.

        ``latest`` is explained at `Policy.evaluate`. Raises `Rejected` with the reason.
        """
        verdict = policy.evaluate(self.note, latest=latest)
        head = verdict.checkpoint
        check_inclusion(self.index, head.size, leaf_hash, self.path, head.root)
        return verdict


def proof_parse(data: bytes) -> Proof:
    """Read a `.tlog-proof` file; nothing is verified."""
    if len(data) > MAX_NOTE_SIZE:
        raise Malformed(f"A proof of {len(data)} bytes; at most {MAX_NOTE_SIZE} are read.")
    front, separator, checkpoint = data.partition(b"\n\n")
    if not separator:
        raise Malformed("The proof has no blank line before its checkpoint.")
    try:
        lines = front.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("The proof is not UTF-8.") from error
    if lines.pop(0) != HEADER:
        raise Malformed(f"A proof begins with the line {HEADER}.")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = base64_bytes(lines.pop(0).removeprefix("extra "), what="Extra data")
        if not extra:
            raise Malformed("The proof's extra line is empty.")
    if not lines or not lines[0].startswith("index "):
        raise Malformed("The proof has no index line.")
    index = decimal(lines.pop(0).removeprefix("index "), what="Index")
    if len(lines) > MAX_PATH:
        raise Malformed(f"A path of {len(lines)} hashes; no tree is that high.")
    path = tuple(base64_bytes(line, what="Path", length=HASH_SIZE) for line in lines)
    note_parse(checkpoint)
    return Proof(index, path, checkpoint, extra)
