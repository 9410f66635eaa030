"""A log's files computed again, every one: names the first leaf that cannot be relied on, and why."""

from dataclasses import dataclass
from enum import StrEnum

from . import merkle
from .errors import LedgerError, Rejected
from .tiles import (
    WIDTH,
    Reader,
    Tile,
    bundles_of,
    read_entries,
    read_hashes,
    tile_path,
    tiles_of,
    width_at,
)


class Tampering(StrEnum):
    """What kind of damage the files show."""

    FILE_MISSING = "file missing"
    FILE_MALFORMED = "file malformed"
    ENTRY_CHANGED = "entry changed"
    TILE_CHANGED = "tile changed"
    HISTORY_REWRITTEN = "history rewritten"


@dataclass(frozen=True, slots=True)
class Finding:
    """One damage. ``index`` is the first leaf it touches; ``path`` is the file that shows it."""

    index: int
    path: str
    kind: Tampering
    reason: str


def audit(read: Reader, size: int, root: bytes, *, limit: int = 100) -> list[Finding]:
    """Recompute every hash of a log from its entries.

    Parameters
    ----------
    read
        The log's files. Must not be a cache of what is being audited.
    size, root
        Of a checkpoint whose signatures were verified.
    limit
        How many findings to list; the first is the one that counts.

    Returns
    -------
    list of Finding
        By leaf index; empty when the log is what the checkpoint says.
    """
    findings: list[Finding] = []
    stored = _stored_tiles(read, size, findings)
    computed: list[bytes] = []
    changed: list[tuple[int, str]] = []
    for bundle in bundles_of(size):
        try:
            entries = read_entries(read, bundle.index, bundle.width)
        except LedgerError as error:
            findings.append(_file(bundle, bundle.index * WIDTH, error))
            computed += stored.get((0, bundle.index), [b""] * bundle.width)
            continue
        hashes = [merkle.leaf_hash(entry) for entry in entries]
        first = _first_difference(hashes, stored.get((0, bundle.index)))
        if first is not None:
            changed.append((bundle.index * WIDTH + first, bundle.path))
        computed += hashes
    findings += _changed_entries(changed, stored, size)
    _compare_levels(computed, stored, size, findings)
    # Only when every file agrees with every other is the root left to compare.
    if not findings and merkle.Frontier().extend(computed).root() != root:
        findings.append(
            Finding(
                0, "checkpoint", Tampering.HISTORY_REWRITTEN,
                f"Entries and tiles agree with each other and not with the checkpoint of size {size}: "
                "compare with an older witnessed checkpoint to find where the histories part.",
            )
        )  # fmt: skip
    return sorted(findings, key=lambda finding: finding.index)[:limit]


def first_divergence(left: Reader, right: Reader, size: int) -> int | None:
    """First leaf at which two logs of ``size`` leaves or more differ; None when they do not."""
    for index in range((size + WIDTH - 1) // WIDTH):
        width = width_at(0, index, size)
        ours, theirs = (read_hashes(read, 0, index, width) for read in (left, right))
        at = _first_difference(ours, theirs)
        if at is not None:
            return index * WIDTH + at
    return None


def _stored_tiles(read: Reader, size: int, findings: list[Finding]) -> dict[tuple[int, int], list[bytes]]:
    stored = {}
    for tile in tiles_of(size):
        level = tile.level or 0
        try:
            stored[level, tile.index] = read_hashes(read, level, tile.index, tile.width)
        except LedgerError as error:
            findings.append(_file(tile, tile.index * WIDTH ** (level + 1), error))
    return stored


def _changed_entries(
    changed: list[tuple[int, str]], stored: dict[tuple[int, int], list[bytes]], size: int
) -> list[Finding]:
    """Entries that are not what their tile says; which of the two was changed, the tile above knows."""
    findings = []
    for index, path in changed:
        tile = index // WIDTH
        row, above = stored[0, tile], stored.get((1, tile // WIDTH), [])
        sound = len(row) == WIDTH and tile % WIDTH < len(above)
        if sound and merkle.Frontier().extend(row).root() != above[tile % WIDTH]:
            kind, path = Tampering.TILE_CHANGED, tile_path(0, tile, width_at(0, tile, size))
        else:
            kind = Tampering.ENTRY_CHANGED
        findings.append(Finding(index, path, kind, f"Entry {index} does not hash to what its tile holds."))
    return findings


def _compare_levels(
    hashes: list[bytes], stored: dict[tuple[int, int], list[bytes]], size: int, findings: list[Finding]
) -> None:
    """Tiles above the leaves against what the entries give."""
    level = 1
    hashes = _parents(hashes)
    while hashes:
        for index in range((len(hashes) + WIDTH - 1) // WIDTH):
            row = hashes[index * WIDTH : (index + 1) * WIDTH]
            at = _first_difference(row, stored.get((level, index)))
            if at is not None:
                leaf = (index * WIDTH + at) * WIDTH**level
                if not any(leaf <= known.index < leaf + WIDTH**level for known in findings):
                    path = tile_path(level, index, width_at(level, index, size))
                    reason = f"Hash {at} of the tile is not the root of the entries below it."
                    findings.append(Finding(leaf, path, Tampering.TILE_CHANGED, reason))
        level, hashes = level + 1, _parents(hashes)


def _parents(hashes: list[bytes]) -> list[bytes]:
    full = len(hashes) // WIDTH
    return [merkle.Frontier().extend(hashes[at * WIDTH : (at + 1) * WIDTH]).root() for at in range(full)]


def _first_difference(left: list[bytes], right: list[bytes] | None) -> int | None:
    if right is None:
        return None
    return next((at for at, (one, other) in enumerate(zip(left, right, strict=True)) if one != other), None)


def _file(tile: Tile, index: int, error: LedgerError) -> Finding:
    kind = Tampering.FILE_MISSING if isinstance(error, Rejected) else Tampering.FILE_MALFORMED
    return Finding(index, tile.path, kind, str(error))
