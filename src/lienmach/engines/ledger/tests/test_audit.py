"""The audit of a log's files: silent on honest ones, and the first bad index on every other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.ledger import merkle, tiles
from lienmach.engines.ledger.audit import Tampering, audit, first_divergence
from lienmach.engines.ledger.tiles import TiledLog

from .samples import entries, files_of

SIZE = 70_000


@pytest.fixture(scope="module")
def large() -> dict[str, bytes]:
    return files_of(SIZE)


@pytest.fixture(scope="module")
def root(large: dict[str, bytes]) -> bytes:
    return TiledLog(large.get, SIZE).root()


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600, 65_536, SIZE])
def test_honest_logs(size: int) -> None:
    """No alarm, also when partial files of older sizes lie around."""
    files = files_of(size)
    assert audit({**files_of(min(size, 100)), **files}.get, size, TiledLog(files.get, size).root()) == []


@pytest.mark.parametrize(
    ("path", "at", "index", "kind"),
    [
        ("tile/entries/000", 2, 0, Tampering.ENTRY_CHANGED),
        ("tile/entries/100", 9, 25_600, Tampering.ENTRY_CHANGED),
        ("tile/entries/273.p/112", 2, 69_888, Tampering.ENTRY_CHANGED),
        ("tile/0/100", 32 * 5, 25_605, Tampering.TILE_CHANGED),
        ("tile/1/000", 32 * 7, 1_792, Tampering.TILE_CHANGED),
        ("tile/1/001.p/17", 32 * 16, 69_632, Tampering.TILE_CHANGED),
        ("tile/2/000.p/1", 0, 0, Tampering.TILE_CHANGED),
    ],
)
def test_one_byte(
    path: str, at: int, index: int, kind: Tampering, large: dict[str, bytes], root: bytes
) -> None:
    """One byte of one file: found, with the first leaf it touches and what was changed."""
    data = large[path]
    touched = {**large, path: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]}
    finding = audit(touched.get, SIZE, root)[0]
    assert (finding.index, finding.kind, finding.path) == (index, kind, path)


@pytest.mark.parametrize("path", ["tile/entries/007", "tile/0/007", "tile/1/000", "tile/2/000.p/1"])
def test_files_lost_or_cut(path: str, large: dict[str, bytes], root: bytes) -> None:
    """Missing, too short, too long."""
    for data, kind in (
        (None, Tampering.FILE_MISSING),
        (large[path][:-1], Tampering.FILE_MALFORMED),
        (large[path] + b"\0", Tampering.FILE_MALFORMED),
    ):
        touched = {name: held for name, held in large.items() if name != path}
        if data is not None:
            touched[path] = data
        findings = audit(touched.get, SIZE, root)
        assert [(finding.path, finding.kind) for finding in findings] == [(path, kind)]


def test_a_history_rewritten_with_care() -> None:
    """Entries and tiles made anew agree with each other; only a checkpoint held elsewhere gives it away."""
    old = files_of(600)
    rewritten = tiles.grow({}.get, 0, [*entries(600)[:300], b"better numbers", *entries(600)[301:]])
    findings = audit(rewritten.get, 600, TiledLog(old.get, 600).root())
    assert [finding.kind for finding in findings] == [Tampering.HISTORY_REWRITTEN]
    assert first_divergence(old.get, rewritten.get, 600) == 300
    assert first_divergence(old.get, old.get, 600) is None


@settings(max_examples=60)
@given(st.integers(1, 600), st.data())
def test_any_change_is_found(size: int, data: st.DataObject) -> None:
    """Any file, any byte, at any size."""
    files = files_of(size)
    root = TiledLog(files.get, size).root()
    path = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[path]) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(files[path])
    changed[at] ^= 1 << bit
    assert audit({**files, path: bytes(changed)}.get, size, root)


@pytest.mark.parametrize("change", ["swap", "drop", "insert", "truncate", "double"])
def test_entries_moved_about(change: str) -> None:
    """Reordering, deletion, insertion and doubling in bundles whose tiles stay: the first place is named."""
    leaves = entries(256)
    moved = {
        "swap": [*leaves[:9], leaves[10], leaves[9], *leaves[11:]],
        "drop": [*leaves[:9], *leaves[10:], b"filler"],
        "insert": [*leaves[:9], b"inserted", *leaves[9:-1]],
        "truncate": leaves[:9],
        "double": [*leaves[:10], leaves[9], *leaves[11:]],
    }[change]
    files = files_of(256)
    root = TiledLog(files.get, 256).root()
    finding = audit({**files, "tile/entries/000": tiles.bundle_bytes(moved)}.get, 256, root)[0]
    assert finding.index == {"truncate": 0, "double": 10}.get(change, 9)


def test_the_root_of_nothing() -> None:
    """An empty log with another root is a rewritten one."""
    assert audit({}.get, 0, merkle.EMPTY_ROOT) == []
    assert audit({}.get, 0, b"\1" * 32)[0].kind is Tampering.HISTORY_REWRITTEN
