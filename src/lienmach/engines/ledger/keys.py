"""Keys of notes: their texts (vkeys), their ids, and signing and checking with the three types in use.

======  =============================================  ==========  =========
type    signs                                          public key  signature
======  =============================================  ==========  =========
0x01    the note's body, Ed25519: logs and authors     32 B        64 B
0x04    a timestamped cosignature, Ed25519             32 B        8 + 64 B
0x06    a timestamped cosignature, ML-DSA-44           1,312 B     8 + 2,420 B
======  =============================================  ==========  =========
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .checkpoints import checkpoint_parse
from .cosignatures import ed25519_message, split_timestamped, subtree_message, timestamped
from .encoding import base64_bytes, base64_text
from .errors import LedgerError, Malformed, Rejected

SEED_SIZE = 32
_PRIVATE = "PRIVATE+KEY+"


class KeyType(IntEnum):
    """Signature types of C2SP signed-note that we speak."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_MLDSA44 = 0x06

    @property
    def public_size(self) -> int:
        """Bytes of a public key."""
        return 1312 if self is KeyType.COSIGNATURE_MLDSA44 else 32

    @property
    def signature_size(self) -> int:
        """Bytes of a signature, its time not counted."""
        return 2420 if self is KeyType.COSIGNATURE_MLDSA44 else 64


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Somebody's public key under its name."""

    name: str
    type: KeyType
    public: bytes

    def __post_init__(self) -> None:
        name_check(self.name)
        if len(self.public) != self.type.public_size:
            raise Malformed(f"The key of {self.name} has {len(self.public)} bytes.")

    @property
    def id(self) -> bytes:
        """Four bytes that, with the name, say which key a signature line means."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The vkey: ``name+id+base64(type || key)``."""
        return f"{self.name}+{self.id.hex()}+{base64_text(bytes([self.type]) + self.public)}"

    def verify(self, body: str, signature: bytes) -> int | None:
        """Check a signature on a note's body.

        Returns
        -------
        int or None
            The time of a cosignature in POSIX seconds (0: it bears none), None for a plain signature.

        Raises
        ------
        Rejected
            When it is not this key's signature on this body, or cannot be checked here.
        """
        try:
            if self.type is KeyType.ED25519:
                self.verify_raw(body.encode(), signature)
                return None
            time, raw = split_timestamped(signature, self.type.signature_size)
            self.verify_raw(_cosigned(self, body, time), raw)
        except (Malformed, ValueError) as error:
            raise Rejected(f"The signature of {self.name} does not hold: {error}") from error
        return time

    def verify_raw(self, message: bytes, signature: bytes) -> None:
        """Check a signature of this key's algorithm on exactly these bytes."""
        try:
            if self.type is KeyType.COSIGNATURE_MLDSA44:
                _verify_mldsa(self.public, message, signature)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise Rejected(f"The signature of {self.name} does not hold.") from error


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key as its 32-byte seed, under its name. Its text is a secret."""

    name: str
    type: KeyType
    seed: bytes

    def __post_init__(self) -> None:
        name_check(self.name)
        if len(self.seed) != SEED_SIZE:
            raise Malformed(f"The seed of {self.name} is not {SEED_SIZE} bytes.")

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r}, {self.type!r}, …)"

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return _verifier(self)

    @property
    def secret_text(self) -> str:
        """``PRIVATE+KEY+name+id+base64(type || seed)``, as the Go note package writes keys."""
        secret = base64_text(bytes([self.type]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{secret}"

    def sign(self, body: str, time: int | None = None) -> bytes:
        """The signature for a note's line; a cosigner gives its time in POSIX seconds, a log none."""
        if self.type is KeyType.ED25519:
            if time is not None:
                raise ValueError("A signature of type 0x01 bears no time.")
            return self.sign_raw(body.encode())
        if time is None:
            raise ValueError(f"A cosignature of {self.name} needs its time.")
        return timestamped(time, self.sign_raw(_cosigned(self, body, time)))

    def sign_raw(self, message: bytes) -> bytes:
        """Sign exactly these bytes. ML-DSA signatures are randomised: two of one message differ."""
        if self.type is KeyType.COSIGNATURE_MLDSA44:
            signature: bytes = _mldsa(self.seed).sign(message)
            return signature
        return _ed25519(self.seed).sign(message)


@lru_cache(maxsize=256)
def _verifier(key: SigningKey) -> VerifierKey:
    private = _mldsa(key.seed) if key.type is KeyType.COSIGNATURE_MLDSA44 else _ed25519(key.seed)
    return VerifierKey(key.name, key.type, private.public_key().public_bytes_raw())


@lru_cache(maxsize=256)
def _ed25519(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)  # works out the public half: as long as signing


def name_check(name: str) -> None:
    """Refuse a key name that the formats cannot carry."""
    if not name or "+" in name or any(sign.isspace() or sign < " " for sign in name):
        raise Malformed(f"{name!r} is not a key name: no spaces, no '+', not empty.")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise Malformed(f"{name!r} is not a key name: not UTF-8.") from error


def vkey_parse(text: str) -> VerifierKey:
    """Read a vkey; the id in it has to be the one of the key."""
    name, key_id, key_type, public = _key_parts(text)
    key = VerifierKey(name, key_type, public)
    if key.id.hex() != key_id:
        raise Malformed(
            f"The key of {name} has the id {key.id.hex()}, not {key_id}: it was changed or mistyped."
        )
    return key


def secret_parse(text: str) -> SigningKey:
    """Read what `SigningKey.secret_text` wrote."""
    if not text.startswith(_PRIVATE):
        raise Malformed(f"A signing key begins with {_PRIVATE}.")
    name, key_id, key_type, seed = _key_parts(text.removeprefix(_PRIVATE))
    key = SigningKey(name, key_type, seed)
    if key.verifier.id.hex() != key_id:
        raise Malformed(f"The signing key of {name} does not have the id {key_id}.")
    return key


def _key_parts(text: str) -> tuple[str, str, KeyType, bytes]:
    # base64 may hold '+' too: the first two are the separators.
    name, _, rest = text.partition("+")
    key_id, separator, encoded = rest.partition("+")
    if not separator or not re.fullmatch("[0-9a-f]{8}", key_id):
        raise Malformed("A key is written name+hex id (8 digits)+base64.")
    data = base64_bytes(encoded, what=f"Key of {name}")
    try:
        return name, key_id, KeyType(data[0] if data else -1), data[1:]
    except ValueError as error:
        raise Malformed(
            f"The key of {name} is of a type that is not supported (0x01, 0x04, 0x06 are)."
        ) from error


def _cosigned(key: VerifierKey | SigningKey, body: str, time: int) -> bytes:
    if key.type is KeyType.COSIGNATURE_ED25519:
        return ed25519_message(time, body)
    head = checkpoint_parse(body)
    return subtree_message(key.name, time, head.origin, 0, head.size, head.root)


class Unsupported(LedgerError):
    """The installed `cryptography` or its OpenSSL knows no ML-DSA."""


def _mldsa(seed: bytes):  # type: ignore[no-untyped-def]  # absent from cryptography below 47
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

        return MLDSA44PrivateKey.from_seed_bytes(seed)
    except (ImportError, UnsupportedAlgorithm) as error:
        raise Unsupported("ML-DSA-44 needs cryptography 48 or later.") from error


def _verify_mldsa(public: bytes, message: bytes, signature: bytes) -> None:
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

        key = MLDSA44PublicKey.from_public_bytes(public)
    except (ImportError, UnsupportedAlgorithm) as error:
        raise Rejected(
            "An ML-DSA-44 signature cannot be checked: install cryptography 48 or later."
        ) from error
    key.verify(signature, message)
