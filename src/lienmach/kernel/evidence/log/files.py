"""A log's folder: tiles, bundles and the checkpoint, written so that a crash leaves old or new, never half.

The layout is tlog-tiles: whatever serves the folder over HTTP serves the log. Tiles may be ahead of the
checkpoint after a crash, never behind.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from lienmach.engines.ledger.errors import Rejected
from lienmach.engines.ledger.tiles import path_parse

CHECKPOINT = "checkpoint"
VKEY = "log.vkey"
VKEY_MLDSA44 = "log-mldsa44.vkey"


class LogFiles:
    """The files of one log below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, None when there is none."""
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def store(self, files: Mapping[str, bytes]) -> None:
        """Write tiles and bundles; return when they are on the disk.

        Raises
        ------
        Rejected
            When a file is there already with other bytes: published tiles never change.
        """
        folders = set()
        for path, data in files.items():
            path_parse(path)
            known = self.read(path)
            if known is not None and known != data:
                raise Rejected(f"{self.folder / path} holds other bytes than the log gives: it was changed.")
            if known is None:
                self._write(path, data)
                folders.add((self.folder / path).parent)
        for folder in folders:
            sync_folder(folder)

    def replace(self, path: str, data: bytes) -> None:
        """Put a file in the place of an older one."""
        if self.read(path) != data:
            self._write(path, data)
            sync_folder((self.folder / path).parent)

    def _write(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)


def files_of(origin: str) -> LogFiles:
    """Return the published files of the log with this origin, named by the last word of it."""
    return LogFiles(Path(settings.DATA) / "logs" / origin.rsplit("/", 1)[-1])


def sync_folder(folder: Path) -> None:
    """Return when the folder's names are on the disk."""
    if os.name == "nt":
        return  # Windows keeps names and contents in one journal and opens no folders
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
