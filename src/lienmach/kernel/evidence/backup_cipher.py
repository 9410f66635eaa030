"""A backup's bytes, unreadable without its key: AES-256-GCM in pieces, each sealed with its place.

A piece that is changed, moved, left out or doubled does not open, nor does a file that ends early (its last
piece says that it is the last). The key is kept apart and may be destroyed long before the file: so what
was erased since goes from every copy of the file, wherever that lies.
"""

import io
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lienmach.engines.ledger.encoding import base64_bytes, base64_text

MAGIC = b"lienmach/backup@v2\n"
KEY_MAGIC = "lienmach/backup-key@v1"
KEY_SIZE = 32
ID_SIZE = 16
PIECE = 1 << 20
_TAG = 16
_PREFIX = 7


class Unopened(Exception):
    """The file does not open with this key, or is damaged."""


@dataclass(frozen=True, repr=False)
class BackupKey:
    """What opens one backup. Its text is a secret."""

    id: str
    key: bytes

    @classmethod
    def make(cls) -> "BackupKey":
        """Return a new key for a new backup."""
        return cls(secrets.token_hex(ID_SIZE), secrets.token_bytes(KEY_SIZE))

    @property
    def text(self) -> str:
        """The key file."""
        return f"{KEY_MAGIC}\n{self.id}\n{base64_text(self.key)}\n"

    def save(self, path: Path) -> None:
        """Write the key file; it is never written over another."""
        with open(
            path, "x", opener=lambda file, flags: os.open(file, flags, 0o600), encoding="ascii"
        ) as file:
            file.write(self.text)
            file.flush()
            os.fsync(file.fileno())


def key_read(path: Path) -> BackupKey:
    """Read a key file.

    Raises
    ------
    Unopened
    """
    try:
        magic, identity, key, end = path.read_text("ascii").split("\n")
        found = BackupKey(identity, base64_bytes(key, what="Key", length=KEY_SIZE))
        if magic != KEY_MAGIC or end or len(bytes.fromhex(identity)) != ID_SIZE:
            raise ValueError("another format")
    except (OSError, ValueError) as error:
        raise Unopened(f"{path} is not the key of a backup: {error}") from error
    return found


def key_destroy(path: Path) -> bool:
    """Overwrite and remove a key file; say whether it was there."""
    try:
        with path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return False
    path.unlink()
    return True


class Sealing(io.RawIOBase):
    """What is written to it goes sealed into a file. `finish()` writes the last piece."""

    def __init__(self, file: BinaryIO, key: BackupKey) -> None:
        super().__init__()
        prefix = secrets.token_bytes(_PREFIX)
        self._file, self._cipher = file, AESGCM(key.key)
        self._header = MAGIC + bytes.fromhex(key.id) + prefix
        self._prefix, self._count, self._held = prefix, 0, bytearray()
        file.write(self._header)

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Take bytes; whole pieces go out."""
        self._held += data
        while len(self._held) > PIECE:
            self._put(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return len(data)

    def finish(self) -> None:
        """Write the last piece; without it the file does not open."""
        self._put(bytes(self._held), last=True)
        self._held.clear()

    def _put(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._count, last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._header))
        self._count += 1


class Opening(io.RawIOBase):
    """What was sealed, read again.

    Raises
    ------
    Unopened
        From any read, when a piece is not what was sealed.
    """

    def __init__(self, file: BinaryIO, key: BackupKey) -> None:
        super().__init__()
        header = file.read(len(MAGIC) + ID_SIZE + _PREFIX)
        if not header.startswith(MAGIC) or len(header) != len(MAGIC) + ID_SIZE + _PREFIX:
            raise Unopened("It is not a backup of this format.")
        identity = header[len(MAGIC) : -_PREFIX].hex()
        if identity != key.id:
            raise Unopened(f"It is the backup {identity}; the key is of {key.id}.")
        self._file, self._cipher, self._header = file, AESGCM(key.key), header
        self._prefix, self._count, self._held, self._ended = header[-_PREFIX:], 0, b"", False
        self._next = file.read(PIECE + _TAG)

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes."""
        while not self._held and not self._ended:
            self._take()
        if size < 0:
            parts = [self._held]
            while not self._ended:
                self._take()
                parts.append(self._held)
            self._held = b""
            return b"".join(parts)
        data, self._held = self._held[:size], self._held[size:]
        return data

    def _take(self) -> None:
        sealed, self._next = self._next, self._file.read(PIECE + _TAG)
        last = not self._next
        try:
            self._held = self._cipher.decrypt(_nonce(self._prefix, self._count, last), sealed, self._header)
        except InvalidTag:
            raise Unopened("A piece of it is damaged or missing, or the key is another.") from None
        self._count, self._ended = self._count + 1, last


def _nonce(prefix: bytes, count: int, last: bool) -> bytes:
    return prefix + count.to_bytes(4, "big") + bytes([last])
