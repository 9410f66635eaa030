"""Asking witnesses (C2SP tlog-witness, client side): for a cosignature, and for what they have seen."""

import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lienmach.engines.ledger.checkpoints import Checkpoint, checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError, Rejected
from lienmach.engines.ledger.keys import VerifierKey
from lienmach.engines.ledger.merkle import Node, consistency_proof
from lienmach.engines.ledger.notes import MAX_NOTE_SIZE, Note, note_parse, note_verify
from lienmach.engines.ledger.policy import Party
from lienmach.engines.ledger.witness import Status, conflict_size, cosigned, origin_hash, request_bytes

DEADLINE_S = 5.0
TRIES = 3


class Unreachable(LedgerError):
    """The witness did not answer, or answered with something the protocol does not know."""


class Silent(Unreachable):
    """No witness at all answers; `reasons` says why not, by their names."""

    def __init__(self, reasons: Mapping[str, LedgerError]) -> None:
        said = "; ".join(str(reason) for reason in reasons.values())
        super().__init__(f"No witness can be asked whether this is the latest state: {said}")
        self.reasons = reasons


class Ahead(Rejected):
    """The witness has cosigned a larger tree than ours: nothing is signed until the leaves are back."""


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes


def cosignature(party: Party, note: Note, old: int, head: Checkpoint, node: Node) -> Note:
    """Return the note with the witness's cosignature.

    Parameters
    ----------
    party
        The witness's key and address.
    note, head
        The checkpoint, signed by the log, and the same read.
    old
        Size the witness cosigned last, as far as we know; it corrects us.
    node
        Complete nodes of the tree, for consistency proofs.

    Raises
    ------
    Ahead, Rejected, Unreachable
    """
    for _ in range(TRIES):
        proof = consistency_proof(old, head.size, node) if old else []
        answer = _send(party, "add-checkpoint", request_bytes(old, proof, note.to_bytes()))
        text = answer.body.decode("utf-8", "replace")
        if answer.status == Status.OK:
            return cosigned(note, text, [party.key])
        if answer.status != Status.CONFLICT:
            raise Rejected(f"{party.key.name} answered {answer.status}: {text.strip()}")
        old = conflict_size(text)
        if old > head.size:
            raise Ahead(f"{party.key.name} has seen {old} leaves of {head.origin}; here are {head.size}.")
    raise Unreachable(f"{party.key.name} names another size each time.")


def last_seen(party: Party, origin: str, logs: Sequence[VerifierKey]) -> Checkpoint | None:
    """Return the largest checkpoint the witness keeps of a log, its signatures verified; None if it has none.

    Raises
    ------
    Rejected, Malformed, Unreachable
    """
    answer = _send(party, f"{origin_hash(origin)}/checkpoint", None)
    if answer.status == Status.NOT_FOUND:
        return None
    if answer.status != Status.OK:
        raise Unreachable(f"{party.key.name} answered {answer.status}.")
    note = note_parse(answer.body)
    note_verify(note, logs)
    note_verify(note, [party.key])
    head = checkpoint_parse(note.body)
    if head.origin != origin:
        raise Rejected(f"{party.key.name} answered with a checkpoint of {head.origin}.")
    return head


def _send(party: Party, path: str, body: bytes | None) -> _Answer:
    url = f"{(party.url or '').rstrip('/')}/{path}"
    if not url.startswith(("http://", "https://")):
        raise Unreachable(f"The address of {party.key.name}, {party.url!r}, is not http:// or https://.")
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "text/plain"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:  # noqa: S310 - the operator's policy
            return _Answer(answer.status, answer.read(MAX_NOTE_SIZE + 1))
    except urllib.error.HTTPError as error:
        return _Answer(error.code, error.read(MAX_NOTE_SIZE + 1))
    except (OSError, ValueError) as error:
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        raise Unreachable(f"{party.key.name} at {party.url} does not answer: {why}") from error
