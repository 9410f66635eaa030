"""Salted commitments: the log holds a hash that says nothing, the body stays outside and can be erased.

The salt is random, one per group and event, and stored with the body. It is never derived from a key: a salt
that can be computed again has not been erased. Without the salt nobody can test a guess, however few the
possible bodies are.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from .canonical import exact
from .errors import Malformed, Rejected

PREFIX = b"lm/v1"
SALT_SIZE = 32


@dataclass(frozen=True, slots=True)
class Opening:
    """What shows the content of a commitment: the salt and the body's canonical bytes."""

    salt: bytes
    body: bytes

    @property
    def commitment(self) -> bytes:
        """The hash that stands in the leaf."""
        return commit(self.salt, self.body)

    def check(self, commitment: bytes, *, group: str) -> None:
        """Raise `Rejected` when this does not open the commitment."""
        if not hmac.compare_digest(self.commitment, commitment):
            raise Rejected(f"The content shown as {group!r} is not what the leaf commits to.")


def commit(salt: bytes, body: bytes) -> bytes:
    """SHA-256("lm/v1" || salt || body); the salt is 32 bytes of the system's random source."""
    if len(salt) != SALT_SIZE:
        raise Malformed(f"A salt of {len(salt)} bytes; it has {SALT_SIZE}.")
    return sha256(PREFIX + salt + body).digest()


def opening(salt: bytes, body: Any) -> Opening:
    """Canonicalise a group's body once; store what comes out, verbatim."""
    return Opening(salt, exact(body))
