"""A log as files (C2SP tlog-tiles v0.1.0): paths, entry bundles, growing and reading, as pure functions.

A *reader* is any callable from a path to bytes, or ``None`` when there is no such file: ``files.get`` of a
dictionary will do. Writing is the caller's: `grow` returns what has to be stored.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from . import merkle
from .errors import Malformed, Rejected

WIDTH = 256
HEIGHT = 8
MAX_ENTRY_SIZE = 65_535
ENTRIES = "entries"

Reader = Callable[[str], bytes | None]
_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One file below ``tile/``: hashes of a level, or (``level`` None) a bundle of entries."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """``tile/<L>/<N>[.p/<W>]``."""
        return tile_path(self.level, self.index, self.width)


def tile_path(level: int | None, index: int, width: int = WIDTH) -> str:
    """Path of a tile, of an entry bundle when ``level`` is None; a width below 256 makes it a partial one."""
    if not 1 <= width <= WIDTH or index < 0 or not (level is None or 0 <= level <= 63):
        raise ValueError(f"No tile at level {level}, index {index}, width {width}.")
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03}")
    place = "/".join(reversed(groups))
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{ENTRIES if level is None else level}/{place}{partial}"


def path_parse(path: str) -> Tile:
    """Read a path; every other spelling of the same tile is `Malformed`."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise Malformed(f"{path!r} is not the path of a tile.")
    level, front, last, width = match.groups()
    index = int(front.replace("x", "").replace("/", "") + last)
    tile = Tile(None if level == ENTRIES else int(level), index, int(width) if width else WIDTH)
    if (tile.level or 0) > 63 or tile.path != path:
        raise Malformed(f"{path!r} is not the path of a tile.")
    return tile


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes the tile holds in a tree of ``size`` leaves; 0 when it is not there."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - WIDTH * index))


def tiles_of(size: int) -> Iterator[Tile]:
    """Every hash tile of a tree of ``size`` leaves, level by level; empty tiles do not exist."""
    level, count = 0, size
    while count:
        for index in range((count + WIDTH - 1) // WIDTH):
            yield Tile(level, index, min(WIDTH, count - WIDTH * index))
        level, count = level + 1, count >> HEIGHT


def bundles_of(size: int) -> Iterator[Tile]:
    """Every entry bundle of a tree of ``size`` leaves."""
    for index in range((size + WIDTH - 1) // WIDTH):
        yield Tile(None, index, min(WIDTH, size - WIDTH * index))


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """Entries one after the other, each behind its length as a big-endian uint16."""
    for entry in entries:
        if len(entry) > MAX_ENTRY_SIZE:
            raise ValueError(f"An entry of {len(entry)} bytes; at most {MAX_ENTRY_SIZE} fit.")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def bundle_entries(data: bytes, count: int) -> list[bytes]:
    """Read a bundle that has to hold exactly ``count`` entries."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise Malformed(f"Entry {len(entries)} of the bundle is cut off.")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) != count:
        raise Malformed(f"The bundle holds {len(entries)} entries instead of {count}.")
    return entries


def tile_hashes(data: bytes, width: int) -> list[bytes]:
    """Read a tile that has to hold exactly ``width`` hashes."""
    if len(data) != merkle.HASH_SIZE * width:
        raise Malformed(f"The tile has {len(data)} bytes instead of {merkle.HASH_SIZE * width}.")
    return [data[at : at + merkle.HASH_SIZE] for at in range(0, len(data), merkle.HASH_SIZE)]


def read_hashes(read: Reader, level: int, index: int, width: int) -> list[bytes]:
    """The first ``width`` hashes of a tile: from the partial one, or from the full one that replaced it."""
    data = read(tile_path(level, index, width))
    if data is not None:
        return tile_hashes(data, width)
    full = read(tile_path(level, index)) if width < WIDTH else None
    if full is None:
        raise Rejected(f"{tile_path(level, index, width)} is missing.")
    return tile_hashes(full, WIDTH)[:width]


def read_entries(read: Reader, index: int, width: int) -> list[bytes]:
    """The first ``width`` entries of a bundle, partial or full, as `read_hashes` does."""
    data = read(tile_path(None, index, width))
    if data is not None:
        return bundle_entries(data, width)
    full = read(tile_path(None, index)) if width < WIDTH else None
    if full is None:
        raise Rejected(f"{tile_path(None, index, width)} is missing.")
    return bundle_entries(full, WIDTH)[:width]


def grow(read: Reader, size: int, entries: Sequence[bytes]) -> dict[str, bytes]:
    """Files that have to be stored for a log of ``size`` entries to grow by these, in an order that is safe.

    Existing files are read (at most one partial bundle and one partial tile per level) and never replaced
    by other bytes. Store them all before a checkpoint of the new size is published.
    """
    if not entries:
        return {}
    files: dict[str, bytes] = {}
    index, held = divmod(size, WIDTH)
    pending = [*(read_entries(read, index, held) if held else []), *entries]
    for at in range(0, len(pending), WIDTH):
        chunk = pending[at : at + WIDTH]
        files[tile_path(None, index + at // WIDTH, len(chunk))] = bundle_bytes(chunk)
    level, count, hashes = 0, size, [merkle.leaf_hash(entry) for entry in entries]
    while hashes:
        index, held = divmod(count, WIDTH)
        row = [*(read_hashes(read, level, index, held) if held else []), *hashes]
        hashes = []
        for at in range(0, len(row), WIDTH):
            chunk = row[at : at + WIDTH]
            files[tile_path(level, index + at // WIDTH, len(chunk))] = b"".join(chunk)
            if len(chunk) == WIDTH:
                hashes.append(merkle.Frontier().extend(chunk).root())
        level, count = level + 1, count >> HEIGHT
    return files


class TiledLog:
    """A log of ``size`` entries behind a reader: entries, root and proofs.

    What it answers is as good as the files. Compare `root` with a verified checkpoint, or check the proofs.
    Tiles read are kept, with the nodes between their hashes: one object per request, not per process.
    """

    def __init__(self, read: Reader, size: int) -> None:
        self._read = read
        self._tiles: dict[tuple[int, int], list[list[bytes]]] = {}
        self.size = size

    def entry(self, index: int) -> bytes:
        """The bytes of one leaf."""
        if not 0 <= index < self.size:
            raise ValueError(f"Leaf {index} is not in a log of {self.size}.")
        bundle, at = divmod(index, WIDTH)
        return read_entries(self._read, bundle, width_at(0, bundle, self.size))[at]

    def node(self, level: int, index: int) -> bytes:
        """A complete node, as `merkle` asks for them."""
        tile_level, inside = divmod(level, HEIGHT)
        tile, first = divmod(index << inside, WIDTH)
        return self._nodes(tile_level, tile)[inside][first >> inside]

    def root(self, size: int | None = None) -> bytes:
        """Root of the log, or of its first ``size`` leaves."""
        return merkle.root(self.size if size is None else size, self.node)

    def frontier(self) -> merkle.Frontier:
        """What appending to the log needs."""
        return merkle.frontier(self.size, self.node)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """See `merkle.inclusion_proof`."""
        return merkle.inclusion_proof(index, self.size if size is None else size, self.node)

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """See `merkle.consistency_proof`."""
        return merkle.consistency_proof(old, self.size if new is None else new, self.node)

    def _nodes(self, level: int, index: int) -> list[list[bytes]]:
        """The tile's hashes and the complete nodes above them, up to seven levels."""
        known = self._tiles.get((level, index))
        if known is None:
            width = width_at(level, index, self.size)
            if not width:
                raise ValueError(f"A log of {self.size} leaves has no tile {level}/{index}.")
            known = [read_hashes(self._read, level, index, width)]
            for _ in range(HEIGHT - 1):
                row = known[-1]
                known.append([merkle.node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)])
            self._tiles[level, index] = known
        return known
