"""Identifiers: UUID version 7, so that keys sort by the moment they were made (RFC 9562, section 5.7)."""

import secrets
import time
from datetime import datetime
from uuid import UUID


def uuid7(at: datetime | None = None) -> UUID:
    """Return a new UUIDv7.

    Parameters
    ----------
    at
        The moment the identifier carries (aware). Without it the wall clock is read: an identifier
        is not a fact of the domain, so this is the one place below the doors that may.
    """
    milliseconds = time.time_ns() // 1_000_000 if at is None else int(at.timestamp() * 1000)
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= secrets.randbits(12) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return UUID(int=value)
