"""What a witness answers to ``add-checkpoint`` (C2SP tlog-witness v1.0.0), as a function of its state.

The order of the checks is the protocol's. What the function cannot do is keep the state, and there the
caller owes two things:

1. *Check and store in one atomic step*: ``UPDATE … WHERE origin = ? AND size = :old`` (an insert when there
   is no row yet). When no row changed, another request was faster: answer `conflict` with the stored size.
2. *Store before answering*: the answer of an accepted request must not leave before the commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from .checkpoints import Checkpoint, checkpoint_parse
from .encoding import base64_bytes, base64_text, decimal
from .errors import Malformed, Rejected
from .keys import SigningKey, VerifierKey
from .merkle import EMPTY_ROOT, HASH_SIZE, check_consistency
from .notes import MAX_NOTE_SIZE, Note, lines_parse, note_parse, note_verify, signature_line

MAX_PROOF = 63
MAX_REQUEST_SIZE = MAX_NOTE_SIZE
TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


class Status(IntEnum):
    """The protocol's answers, as HTTP numbers them."""

    OK = 200
    BAD_REQUEST = 400
    FORBIDDEN = 403
    NOT_FOUND = 404
    CONFLICT = 409
    UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class WitnessedLog:
    """What a witness knows of one log: the keys it trusts for the origin and what it cosigned last."""

    keys: tuple[VerifierKey, ...]
    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Request:
    """An ``add-checkpoint`` request, read but not checked."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    def to_bytes(self) -> bytes:
        """The body as it is sent."""
        return request_bytes(self.old, self.proof, self.note.to_bytes())


@dataclass(frozen=True, slots=True)
class Update:
    """What has to be stored, only if the size stored for the origin still is ``old``."""

    origin: str
    old: int
    size: int
    root: bytes
    note: bytes
    """The checkpoint with the log's verified signatures and ours: what GET answers from now on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and, when accepted, what has to be stored first."""

    status: Status
    body: str
    content_type: str = TEXT
    update: Update | None = None
    suspicious: bool = False
    """Signed by the log and inconsistent: keep the request, it may prove misbehaviour."""


def add_checkpoint(
    body: bytes, log_of: Callable[[str], WitnessedLog | None], signers: Sequence[SigningKey], time: int
) -> Answer:
    """Decide a request.

    Parameters
    ----------
    body
        The request's body.
    log_of
        The witness's state of an origin, None when it does not witness that log.
    signers
        The witness's keys of type 0x04 or 0x06; each gives one line of the answer.
    time
        POSIX seconds, above 0: the time the cosignatures state.
    """
    if time <= 0 or not signers:
        raise ValueError("A witness has a clock and a key.")
    try:
        request = request_parse(body)
    except Malformed as error:
        return Answer(Status.BAD_REQUEST, f"{error}\n")
    head = request.checkpoint
    if request.old > head.size:
        return Answer(Status.BAD_REQUEST, f"Old size {request.old} is above the checkpoint's {head.size}.\n")
    log = log_of(head.origin)
    if log is None:
        return Answer(Status.NOT_FOUND, "This witness does not know the log.\n")
    try:
        verified = note_verify(request.note, log.keys)
    except Rejected as error:
        return Answer(Status.FORBIDDEN, f"{error}\n")
    if request.old != log.size:
        return conflict(log.size)
    try:
        _check_growth(request, log)
    except Rejected as error:
        return Answer(Status.UNPROCESSABLE, f"{error}\n", suspicious=True)
    lines = tuple(signature_line(request.note.body, key, time) for key in signers)
    kept = Note(request.note.body).with_lines((*(one.line for one in verified), *lines))
    update = Update(head.origin, log.size, head.size, head.root, kept.to_bytes())
    return Answer(Status.OK, "".join(line.text for line in lines), update=update)


def conflict(size: int) -> Answer:
    """The answer when the request's old size is not the one cosigned last."""
    return Answer(Status.CONFLICT, f"{size}\n", SIZE)


def _check_growth(request: Request, log: WitnessedLog) -> None:
    head = request.checkpoint
    if not head.is_possible:
        raise Rejected("A checkpoint of size 0 has the root of the empty tree.")
    if log.size == 0:
        # Any tree continues the empty one; the library function refuses such a proof, so it is decided here.
        if request.proof:
            raise Rejected("From size 0 the consistency proof is empty.")
        return
    check_consistency(log.size, head.size, log.root, head.root, request.proof)


def request_bytes(old: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The body of a request: what the witness has seen, the consistency proof from there, the checkpoint."""
    lines = [f"old {old}", *(base64_text(value) for value in proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + checkpoint


def request_parse(body: bytes) -> Request:
    """Read a request; every deviation from the format is `Malformed`."""
    if len(body) > MAX_REQUEST_SIZE:
        raise Malformed(f"A request of {len(body)} bytes; at most {MAX_REQUEST_SIZE} are read.")
    front, separator, checkpoint = body.partition(b"\n\n")
    if not separator:
        raise Malformed("The request has no blank line before its checkpoint.")
    try:
        first, *rest = front.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("The request's lines before the checkpoint are not ASCII.") from error
    if not first.startswith("old "):
        raise Malformed("A request begins with 'old <size>'.")
    if len(rest) > MAX_PROOF:
        raise Malformed(f"{len(rest)} proof lines; at most {MAX_PROOF} are read.")
    proof = tuple(base64_bytes(line, what="Proof", length=HASH_SIZE) for line in rest)
    note = note_parse(checkpoint)
    old = decimal(first.removeprefix("old "), what="Old size")
    return Request(old, proof, note, checkpoint_parse(note.body))


def conflict_size(body: str) -> int:
    """The size in the answer 409 of a witness: where the next consistency proof has to start."""
    if not body.endswith("\n"):
        raise Malformed("The witness's size has no newline.")
    return decimal(body[:-1], what="The witness's size")


def cosigned(note: Note, answer: str, keys: Sequence[VerifierKey]) -> Note:
    """The note with those lines of a witness's answer that these keys verify; other lines are ignored.

    Raises
    ------
    Malformed, Rejected
        The answer is not made of signature lines, none is by one of the keys, one does not hold, or one
        bears no time.
    """
    verified = note_verify(Note(note.body, lines_parse(answer)), keys)
    if any(not one.time for one in verified):
        raise Rejected("The witness's cosignature bears no time.")
    return note.with_lines(one.line for one in verified)


def origin_hash(origin: str) -> str:
    """The name of a log in the address ``<prefix>/<origin hash>/checkpoint``."""
    return sha256(origin.encode()).hexdigest()
