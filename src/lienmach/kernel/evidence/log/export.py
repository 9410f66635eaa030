"""A published log copied into a folder of somebody's choice."""

from pathlib import Path

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.errors import Rejected
from lienmach.engines.ledger.notes import note_parse
from lienmach.engines.ledger.tiles import bundles_of, tiles_of
from lienmach.kernel.evidence.log.files import CHECKPOINT, VKEY, VKEY_MLDSA44, LogFiles, files_of
from lienmach.kernel.evidence.models import Log


def log_export(log: Log, folder: Path) -> int:
    """Copy the files of the published checkpoint; return its size. An older copy there is brought up to date.

    Raises
    ------
    Rejected
        When nothing is published, a published file is missing, or a file there holds something else.
    """
    source, target = files_of(log.origin), LogFiles(folder)
    published = source.read(CHECKPOINT)
    if published is None:
        raise Rejected("Nothing is published yet." + (f" The log is held: {log.held}" if log.held else ""))
    size = checkpoint_parse(note_parse(published).body).size
    for tile in (*bundles_of(size), *tiles_of(size)):
        data = source.read(tile.path)
        if data is None:
            raise Rejected(f"{source.folder / tile.path} is missing; `lienmach evidence audit` says more.")
        target.store({tile.path: data})
    target.replace(VKEY, source.read(VKEY) or b"")
    if (second := source.read(VKEY_MLDSA44)) is not None:
        target.replace(VKEY_MLDSA44, second)
    target.replace(CHECKPOINT, published)
    return size
