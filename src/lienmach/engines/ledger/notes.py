"""Signed notes (C2SP signed-note v1.0.0): a text, a blank line, one line per signature."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .encoding import base64_bytes, base64_text
from .errors import Malformed, Rejected
from .keys import KeyType, SigningKey, VerifierKey, name_check

# A signature of ML-DSA-44 takes 3.3 kB: a hundred of them fit. C2SP asks for at least 16.
MAX_NOTE_SIZE = 1_000_000
MAX_SIGNATURES = 100
_DASH = "— "


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Who signed, with which key, and what; nothing is checked yet."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {base64_text(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds: by which key, and at which time (POSIX seconds) if it is a cosignature."""

    key: VerifierKey
    line: SignatureLine
    time: int | None


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines."""

    body: str
    signatures: tuple[SignatureLine, ...] = ()

    def to_bytes(self) -> bytes:
        """The note as it is stored and sent."""
        if not self.signatures:
            raise ValueError("A note without a signature is not a note.")
        return (self.body + "\n" + "".join(line.text for line in self.signatures)).encode()

    def signed(self, key: SigningKey, time: int | None = None) -> "Note":
        """The note with one more signature; cosigners give their time."""
        _text_check(self.body)
        line = signature_line(self.body, key, time)
        return replace(self, signatures=(*self.signatures, line))

    def with_lines(self, lines: Iterable[SignatureLine]) -> "Note":
        """The note with more signature lines; those it has already are not repeated."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *lines))))


def signature_line(body: str, key: SigningKey, time: int | None = None) -> SignatureLine:
    """Sign a note's body."""
    return SignatureLine(key.name, key.verifier.id, key.sign(body, time))


def note_parse(data: bytes) -> Note:
    """Read a note; every deviation from the format is `Malformed`. No signature is checked."""
    if len(data) > MAX_NOTE_SIZE:
        raise Malformed(f"A note of {len(data)} bytes; at most {MAX_NOTE_SIZE} are read.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("The note is not UTF-8.") from error
    body, separator, block = text.rpartition("\n\n")
    if not separator:
        raise Malformed("The note has no blank line between its text and its signatures.")
    body += "\n"
    _text_check(body)
    return Note(body, lines_parse(block))


def lines_parse(block: str) -> tuple[SignatureLine, ...]:
    """Read signature lines, as they end a note and as a witness answers them."""
    if not block.endswith("\n"):
        raise Malformed("The last signature line has no newline.")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed(f"{len(lines)} signatures; at most {MAX_SIGNATURES} are read.")
    return tuple(_line_parse(line) for line in lines)


def _line_parse(line: str) -> SignatureLine:
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not separator:
        raise Malformed("A signature line is written: em dash, space, key name, space, base64.")
    name_check(name)
    data = base64_bytes(encoded, what=f"Signature of {name}")
    if len(data) < 5:
        raise Malformed(f"The signature of {name} is empty.")
    return SignatureLine(name, data[:4], data[4:])


def note_verify(note: Note, keys: Sequence[VerifierKey]) -> tuple[Verified, ...]:
    """Check every signature of a known key.

    Signatures of unknown keys are ignored. One of a known key that does not hold spoils the whole note.

    Raises
    ------
    Rejected
        When a known key's signature does not hold, or when no known key signed.
    """
    known = {(key.name, key.id): key for key in keys}
    verified = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is not None:
            verified.append(Verified(key, line, key.verify(note.body, line.signature)))
    if not verified:
        signers = ", ".join(f"{line.name}+{line.key_id.hex()}" for line in note.signatures)
        raise Rejected(f"No signature by a known key; the note is signed by {signers}.")
    return tuple(verified)


def is_cosigner(key: VerifierKey) -> bool:
    """Whether the key's signatures bear a time."""
    return key.type is not KeyType.ED25519


def _text_check(body: str) -> None:
    if not body.endswith("\n") or any(sign < " " and sign != "\n" for sign in body):
        raise Malformed("The text of a note ends in a newline and has no other control characters.")
