"""Strict reading of the few encodings the formats share: one text for one value, nothing else accepted."""

import base64
import binascii
import re

from .errors import Malformed

MAX_SIZE = 2**63 - 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def base64_text(data: bytes) -> str:
    """Standard alphabet, padded (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def base64_bytes(text: str, *, what: str, length: int | None = None) -> bytes:
    """Decode; wrong alphabet, padding, trailing bits or length raise `Malformed`."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"{what}: not base64.") from error
    if base64_text(data) != text:
        raise Malformed(f"{what}: not canonical base64 (padding or trailing bits).")
    if length is not None and len(data) != length:
        raise Malformed(f"{what}: {len(data)} bytes instead of {length}.")
    return data


def decimal(text: str, *, what: str) -> int:
    """A non-negative decimal without sign or leading zero, at most 2^63-1."""
    if not _DECIMAL.fullmatch(text) or (value := int(text)) > MAX_SIZE:
        raise Malformed(f"{what}: not a decimal number without leading zeros up to 2^63-1.")
    return value
