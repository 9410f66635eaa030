"""Signing keys of logs and hosted authors: files of the data folder, never in the database.

Whoever copies the database cannot sign; whoever restores it keeps signing under the same names. One file per
key, in the text of the Go note package, so that a log can move to its factory by moving its files.
"""

import os
import secrets
import time
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import SEED_SIZE, KeyType, SigningKey, secret_parse

DRAFT_S = 10.0
"""No key takes so long to make."""


class Purpose(StrEnum):
    """What a key signs. Keys of different purposes are different keys."""

    AUTHOR = "author"
    """Batches of leaves, in the name of the organisation whose account is hosted here."""
    LOG = "log"
    """Checkpoints of the organisation's log. The key's name is the log's origin."""
    LOG_MLDSA44 = "log-mldsa44"
    """The same checkpoints a second time with ML-DSA-44, under the same name, where that is switched on."""


class KeyUnusable(LedgerError):
    """A key's file is missing or damaged; the message names the file and the remedy."""


def key_of(organisation: UUID, purpose: Purpose) -> SigningKey:
    """Return the organisation's key, made when first asked for."""
    return _key(str(settings.DATA), organisation, purpose)


def second_key(organisation: UUID) -> SigningKey | None:
    """Return the key that signs checkpoints beside the first one; None unless `LIENMACH_LOG_MLDSA` is on."""
    return key_of(organisation, Purpose.LOG_MLDSA44) if settings.LOG_MLDSA else None


def author_id(organisation: UUID) -> str:
    """Return the id of the organisation's hosted author, as leaves name it."""
    return _author_id(str(settings.DATA), organisation)


@lru_cache(maxsize=4096)
def _author_id(data: str, organisation: UUID) -> str:
    return key_of(organisation, Purpose.AUTHOR).verifier.id.hex()


def key_kept(organisation: UUID, purpose: Purpose) -> SigningKey:
    """Return the organisation's key, which has to be there already.

    Raises
    ------
    KeyUnusable
        A log that exists is not signed by a key made now.
    """
    path = _path(str(settings.DATA), organisation, purpose)
    if not path.is_file():
        raise KeyUnusable(f"{path} is missing: put the key back from its own backup.")
    return _key(str(settings.DATA), organisation, purpose)


def _path(data: str, organisation: UUID, purpose: Purpose) -> Path:
    return Path(data) / "keys" / f"{organisation}.{purpose}.key"


@lru_cache(maxsize=1024)
def _key(data: str, organisation: UUID, purpose: Purpose) -> SigningKey:
    path = _path(data, organisation, purpose)
    if not path.is_file():
        second = purpose is Purpose.LOG_MLDSA44
        name = _key(data, organisation, Purpose.LOG).name if second else _new_name(purpose)
        _make(path, name, KeyType.COSIGNATURE_MLDSA44 if second else KeyType.ED25519)
    try:
        return secret_parse(path.read_text("ascii").strip())
    except ValueError as error:
        raise KeyUnusable(f"{path}: {error} Put the key back from its own backup.") from error


def _new_name(purpose: Purpose) -> str:
    """Return an opaque name: what is published under it must not say whose log it is."""
    host = urlsplit(settings.ADDRESS).netloc or "localhost"
    return f"{host}/{purpose}/{secrets.token_hex(5)}"


def drafts_remove() -> None:
    """Remove what processes left that died while they made a key: unfinished keys, or second names of one."""
    for draft in (Path(settings.DATA) / "keys").glob("*.new"):
        with suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > DRAFT_S:
                draft.unlink()


def _make(path: Path, name: str, kind: KeyType) -> None:
    """Write a new key so that it is there whole or not at all, whoever else makes it at this moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = SigningKey(name, kind, secrets.token_bytes(SEED_SIZE))
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    with open(draft, "x", opener=lambda file, flags: os.open(file, flags, 0o600), encoding="ascii") as file:
        file.write(key.secret_text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was faster: its key counts
    finally:
        draft.unlink()
