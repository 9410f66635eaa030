"""What a segment consists of. Canonical JSON, so that one hash names all of it."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from lienmach.engines.ledger.canonical import exact

FORMAT = "lienmach/segment@v1"
NAME = "manifest.json"


class ManifestDamaged(Exception):
    """These bytes are no manifest."""


@dataclass(frozen=True, kw_only=True)
class File:
    """One Parquet file: all events of one type and version in the stretch."""

    path: str
    type: str
    version: int
    rows: int
    bytes: int
    sha256: str
    columns: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Which stretch, computed by which version of the projection, in which files.

    `root` is the Merkle root over the leaves in the order of the sequence; `previous` the hash of the
    manifest of the stretch before, empty for the first.
    """

    number: int
    revision: int
    first: int
    last: int
    projection: int
    root: str
    previous: str
    files: tuple[File, ...]

    def to_bytes(self) -> bytes:
        """The manifest as it is stored and hashed."""
        document: dict[str, Any] = {"format": FORMAT, **asdict(self)}
        document["files"] = [asdict(each) for each in self.files]
        return exact(document)

    @property
    def hash(self) -> str:
        """What the log holds of the segment."""
        return sha256(self.to_bytes()).hexdigest()


def manifest_parse(data: bytes) -> Manifest:
    """Read a manifest; anything but its canonical bytes is `ManifestDamaged`."""
    import json

    try:
        document = json.loads(data)
        form = document.pop("format")
        files = tuple(File(**each) for each in document.pop("files"))
        found = Manifest(files=files, **document)
        same = form == FORMAT and found.to_bytes() == data
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ManifestDamaged(f"Not a segment's manifest: {error}") from error
    if not same:
        raise ManifestDamaged(f"Not a manifest of format {FORMAT} in its canonical spelling.")
    return found
