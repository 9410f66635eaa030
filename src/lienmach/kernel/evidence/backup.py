"""One file that holds an installation, and bringing it back.

The file is a tar with uploaded files, published logs, a consistent copy of the database, and the keys,
copied in this order: whatever is written meanwhile, the copy of the database is never behind the copied logs
and no log in it lacks its key. It holds secrets: keep it as the data folder itself.

A restored log is *held*: yesterday's database that goes on signing would fork every log, so nothing is signed
until the log has caught up with what others have seen.
"""

import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO

FORMAT = "lienmach/backup@v1"
MANIFEST = "manifest.json"
DATABASE = "lienmach.sqlite3"
BEFORE = ("files", "logs")
AFTER = ("keys", "secret.key", "witnesses.policy")
HELD = "This database was restored from a backup of {made_at}; others may have seen more of this log."


class CannotRestore(Exception):
    """The backup cannot be used, or not here; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What stands at the end of a backup: when it was made, and the SHA-256 of every file in it."""

    format: str
    made_at: str
    files: dict[str, str]


def backup(data: Path, database: Path, target: Path, *, at: datetime) -> Manifest:
    """Write a backup; the platform may go on working meanwhile.

    Raises
    ------
    FileExistsError
        A backup is not written over another.
    """
    if target.exists():
        raise FileExistsError(f"{target} is there already; name another file.")
    sums: dict[str, str] = {}
    draft = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as name, tarfile.open(draft, "w:gz") as tar:
            for path, inside in _files(data, *BEFORE):
                sums[inside] = _add(tar, inside, path, at)
            copy = Path(name) / DATABASE
            with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as into:
                source.backup(into)
            sums[DATABASE] = _add(tar, DATABASE, copy, at)
            for path, inside in _files(data, *AFTER):
                sums[inside] = _add(tar, inside, path, at)
            manifest = Manifest(format=FORMAT, made_at=at.isoformat(), files=sums)
            listing = Path(name) / MANIFEST
            listing.write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
            _add(tar, MANIFEST, listing, at)
        draft.chmod(0o600)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _files(data: Path, *names: str) -> Iterator[tuple[Path, str]]:
    for name in names:
        for path in sorted([data / name] if (data / name).is_file() else (data / name).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path, path.relative_to(data).as_posix()


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


def restore(source: Path, data: Path) -> Manifest:
    """Bring a backup back into an empty data folder, with every log held.

    Nothing is put in place before every file was found to be what the manifest says.

    Raises
    ------
    CannotRestore
    """
    if any((data / name).exists() for name in (DATABASE, *BEFORE, "keys")):
        raise CannotRestore(
            f"{data} holds an installation already. Restore into an empty folder: "
            "set LIENMACH_DATA, or move the old one away."
        )
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=data) as name:
        folder = Path(name)
        try:
            sums = _unpack(source, folder)
            manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
        except (OSError, EOFError, tarfile.TarError, TypeError, ValueError, zlib.error) as error:
            raise CannotRestore(f"{source} is not a whole backup: {error}") from error
        del sums[MANIFEST]
        _check(manifest, sums)
        with closing(sqlite3.connect(folder / DATABASE)) as database:
            database.execute("UPDATE evidence_log SET held = ?", (HELD.format(made_at=manifest.made_at),))
            database.commit()
        (folder / MANIFEST).unlink()
        for path in folder.iterdir():
            path.replace(data / path.name)
    return manifest


def _unpack(source: Path, folder: Path) -> dict[str, str]:
    sums = {}
    with tarfile.open(source, "r:gz") as tar:
        for entry in tar:
            place = PurePosixPath(entry.name)
            known = {*BEFORE, *AFTER, DATABASE, MANIFEST}
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


def _check(manifest: Manifest, sums: dict[str, str]) -> None:
    if manifest.format != FORMAT:
        raise CannotRestore(f"A backup of format {manifest.format!r}; this reads {FORMAT}.")
    if set(sums) != set(manifest.files) or DATABASE not in sums:
        raise CannotRestore("The backup does not hold the files its manifest lists.")
    for name, value in sums.items():
        if value != manifest.files[name]:
            raise CannotRestore(f"{name} in the backup is damaged.")
