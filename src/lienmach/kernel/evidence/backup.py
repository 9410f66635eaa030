"""One file that holds an installation, on SQLite or PostgreSQL, and bringing it back.

The file is a tar with uploaded files, published logs, a consistent copy of the database, and the keys,
copied in this order: whatever is written meanwhile, the copy of the database is never behind the copied logs
and no log in it lacks its key. It is sealed with a key of its own, which lies in a file of its own: keep the
two in two places. The next backup after an erasure destroys the keys of those before it, so that what was
erased is gone from every copy of them.

A restored log is *held*: yesterday's database that goes on signing would fork every log, so nothing is signed
until the log has caught up with what others have seen.
"""

import io
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.db import connection

from lienmach.kernel.evidence.backup_cipher import (
    BackupKey,
    Opening,
    Sealing,
    Unopened,
    key_destroy,
    key_read,
)
from lienmach.kernel.evidence.backup_database import CannotRestore, Database
from lienmach.kernel.evidence.backup_postgres import PostgresDatabase
from lienmach.kernel.evidence.backup_sqlite import SqliteDatabase

FORMAT = "lienmach/backup@v2"
MANIFEST = "manifest.json"
DATABASES = {each.file: each.kind for each in (SqliteDatabase, PostgresDatabase)}
BEFORE = ("files", "logs")
AFTER = ("segments", "keys", "secret.key", "witnesses.policy")
REGISTER = "backups.json"
"""Backups made from here, with the place their keys were written to. It stays when a backup is restored."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What stands at the end of a backup: when it was made, and the SHA-256 of every file in it."""

    format: str
    made_at: str
    files: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A backup made from here: its id, when, and where its key was written to."""

    id: str
    made_at: str
    key_file: str


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What a backup holds, and which older keys were destroyed or have to be, because of an erasure since."""

    manifest: Manifest
    destroyed: tuple[Made, ...]
    elsewhere: tuple[Made, ...]


def database_installed() -> Database:
    """Return this installation's database, as the settings name it."""
    if connection.vendor == "postgresql":
        return PostgresDatabase(connection)
    return SqliteDatabase(Path(str(connection.settings_dict["NAME"])))


def backup(data: Path, database: Database, target: Path, *, key_file: Path, at: datetime) -> Backup:
    """Write a backup and its key; the platform may go on working meanwhile.

    Raises
    ------
    FileExistsError
        Neither a backup nor a key is written over another.
    CannotBackUp
        The database cannot be copied.
    """
    for path in (target, key_file):
        if path.exists():
            raise FileExistsError(f"{path} is there already; name another file.")
    sums: dict[str, str] = {}
    draft, key = target.with_name(f".{target.name}.part"), BackupKey.make()
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as name, draft.open("xb") as file:
            sealing = Sealing(file, key)
            with tarfile.open(fileobj=sealing, mode="w|gz") as tar:
                for path, inside in _files(data, *BEFORE):
                    sums[inside] = _add(tar, inside, path, at)
                copy = Path(name) / database.file
                erased = database.copy(copy)
                sums[database.file] = _add(tar, database.file, copy, at)
                copy.unlink()
                for path, inside in _files(data, *AFTER):
                    sums[inside] = _add(tar, inside, path, at)
                manifest = Manifest(format=FORMAT, made_at=at.isoformat(), files=sums)
                listing = Path(name) / MANIFEST
                listing.write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
                _add(tar, MANIFEST, listing, at)
            sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o600)
        key.save(key_file)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    made = Made(id=key.id, made_at=at.isoformat(), key_file=str(key_file))
    destroyed, elsewhere = _register(data, made, erased)
    return Backup(manifest=manifest, destroyed=destroyed, elsewhere=elsewhere)


def _register(data: Path, made: Made, erased: datetime | None) -> tuple[tuple[Made, ...], tuple[Made, ...]]:
    """Keep a backup in the register; destroy the keys of those that hold what was erased since.

    Only now, when a newer backup is on the disk.
    """
    path = data / REGISTER
    known = [Made(**each) for each in json.loads(path.read_text("utf-8"))] if path.exists() else []
    old = [each for each in known if erased and datetime.fromisoformat(each.made_at) <= erased]
    destroyed = tuple(each for each in old if key_destroy(Path(each.key_file)))
    kept = [asdict(each) for each in (*(each for each in known if each not in old), made)]
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(json.dumps(kept, indent=1), "utf-8")
    draft.replace(path)
    return destroyed, tuple(each for each in old if each not in destroyed)


def _files(data: Path, *names: str) -> Iterator[tuple[Path, str]]:
    for name in names:
        for path in sorted([data / name] if (data / name).is_file() else (data / name).rglob("*")):
            inside = path.relative_to(data)
            if path.is_file() and not any(part.startswith(".") for part in inside.parts):
                yield path, inside.as_posix()


def _add(tar: tarfile.TarFile, name: str, path: Path, at: datetime) -> str:
    """Add a file; return the SHA-256 of what went in, whatever happens to the file meanwhile."""
    with path.open("rb") as file:
        content = _Hashed(file)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = os.fstat(file.fileno()).st_size, 0o600, int(at.timestamp())
        tar.addfile(entry, content)
    return content.sum.hexdigest()


class _Hashed(io.RawIOBase):
    """A file that hashes what is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file, self.sum = file, sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sum.update(data)
        return data


def restore(source: Path, data: Path, database: Database, *, key_file: Path) -> Manifest:
    """Bring a backup back into an empty data folder and an empty database, with every log held.

    Nothing is put in place before every file was found to be what the manifest says; then the database, whole
    or not at all, and behind it the keys: without them nobody could sign.

    Raises
    ------
    CannotRestore
    """
    if any((data / name).exists() for name in (*DATABASES, *BEFORE, "segments", "keys")):
        raise CannotRestore(
            f"{data} holds an installation already. Restore into an empty folder: "
            "set LIENMACH_DATA, or move the old one away."
        )
    if reason := database.occupied():
        raise CannotRestore(reason)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=data) as name:
        folder = Path(name)
        try:
            sums = _unpack(source, folder, key_read(key_file))
            manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
        except (OSError, EOFError, tarfile.TarError, TypeError, ValueError, Unopened, zlib.error) as error:
            raise CannotRestore(f"{source} is not a whole backup: {error}") from error
        del sums[MANIFEST]
        _check(manifest, sums, database)
        (folder / MANIFEST).unlink()
        database.bring_back(folder / database.file, made_at=manifest.made_at)
        for path in folder.iterdir():
            path.replace(data / path.name)
    return manifest


def _unpack(source: Path, folder: Path, key: BackupKey) -> dict[str, str]:
    sums = {}
    with source.open("rb") as sealed, tarfile.open(fileobj=Opening(sealed, key), mode="r|gz") as tar:
        for entry in tar:
            place = PurePosixPath(entry.name)
            known = {*BEFORE, *AFTER, *DATABASES, MANIFEST}
            content = tar.extractfile(entry) if entry.isfile() else None
            if content is None or place.is_absolute() or ".." in place.parts or place.parts[0] not in known:
                raise CannotRestore(f"{entry.name} does not belong into a backup.")
            path = folder / entry.name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("xb") as file:
                shutil.copyfileobj(content, file)
            path.chmod(0o600)
            with path.open("rb") as written:
                sums[entry.name] = file_digest(written, "sha256").hexdigest()
    return sums


def _check(manifest: Manifest, sums: dict[str, str], database: Database) -> None:
    if manifest.format != FORMAT:
        raise CannotRestore(f"A backup of format {manifest.format!r}; this reads {FORMAT}.")
    if set(sums) != set(manifest.files) or len(held := [name for name in DATABASES if name in sums]) != 1:
        raise CannotRestore("The backup does not hold the files its manifest lists.")
    if held != [database.file]:
        raise CannotRestore(
            f"The backup is of {DATABASES[held[0]]}, and this installation is set to {database.kind}. "
            "DATABASE_URL says which: empty is SQLite."
        )
    for name, value in sums.items():
        if value != manifest.files[name]:
            raise CannotRestore(f"{name} in the backup is damaged.")
