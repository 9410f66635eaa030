"""What a cosigner signs (C2SP tlog-cosignature v1.1.0-rc.1), types 0x04 (Ed25519) and 0x06 (ML-DSA-44).

A cosignature is eight bytes of POSIX seconds, then the signature. The Ed25519 message does not name the
cosigner: a key pair belongs to one cosigner and is never a log's key too.
"""

from .errors import Malformed
from .merkle import HASH_SIZE, is_subtree

MAX_TIME = 2**63 - 1
SUBTREE_LABEL = b"subtree/v1\n\x00"


def ed25519_message(time: int, body: str) -> bytes:
    """Message of type 0x04: a header, the time, and the whole body of the checkpoint with its extensions."""
    return f"cosignature/v1\ntime {_checked(time)}\n{body}".encode()


def subtree_message(cosigner: str, time: int, origin: str, start: int, end: int, root: bytes) -> bytes:
    """Message of type 0x06 about the leaves ``[start, end)``; a checkpoint is ``[0, size)``.

    ``time`` 0 makes no statement that this is the largest tree seen, and has to be 0 when ``start`` is not.
    """
    if start and time:
        raise ValueError("A cosignature on a subtree that does not start at 0 bears no time.")
    if len(root) != HASH_SIZE or not (is_subtree(start, end) or start == end == 0):
        raise ValueError(f"[{start}, {end}) with a root of {len(root)} bytes is not a subtree.")
    return b"".join(
        (
            SUBTREE_LABEL,
            _short(cosigner),
            _checked(time).to_bytes(8, "big"),
            _short(origin),
            start.to_bytes(8, "big"),
            end.to_bytes(8, "big"),
            root,
        )
    )


def timestamped(time: int, signature: bytes) -> bytes:
    """Time and signature as they stand in a signature line."""
    return _checked(time).to_bytes(8, "big") + signature


def split_timestamped(data: bytes, length: int) -> tuple[int, bytes]:
    """Time and signature of a line, the signature being of this length."""
    if len(data) != 8 + length:
        raise Malformed(f"A timestamped signature of {len(data)} bytes instead of {8 + length}.")
    time = int.from_bytes(data[:8], "big")
    if time > MAX_TIME:
        raise Malformed("The time of a cosignature is beyond 2^63-1.")
    return time, data[8:]


def _checked(time: int) -> int:
    if not 0 <= time <= MAX_TIME:
        raise ValueError(f"{time} is not a time of a cosignature.")
    return time


def _short(text: str) -> bytes:
    data = text.encode()
    if not 1 <= len(data) <= 255:
        raise ValueError(f"A name of {len(data)} bytes; cosigned messages hold 1 to 255.")
    return bytes([len(data)]) + data
