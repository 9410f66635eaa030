"""A log as files: paths and widths at the sizes that break things, growth, and other people's logs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.ledger import merkle, tiles
from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.errors import Malformed, Rejected
from lienmach.engines.ledger.keys import vkey_parse
from lienmach.engines.ledger.notes import note_parse, note_verify
from lienmach.engines.ledger.tiles import Tile, TiledLog
from lienmach.engines.ledger.tree import Tree

from .samples import DATA, EXAMPLE, entries, files_of, needs_data, obvious_root

SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000)


@pytest.fixture(scope="module")
def large() -> dict[str, bytes]:
    """A log of 70,000 entries."""
    return files_of(70_000)


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (1, 273, 112, "tile/1/273.p/112"),
        (None, 999, 256, "tile/entries/999"),
        (None, 1000, 1, "tile/entries/x001/000.p/1"),
        (63, 0, 255, "tile/63/000.p/255"),
    ],
)
def test_paths(level: int | None, index: int, width: int, path: str) -> None:
    """As tlog-tiles writes them, and back."""
    assert tiles.tile_path(level, index, width) == path
    assert tiles.path_parse(path) == Tile(level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/00/000", "tile/64/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
        "tile/0/x000/001", "tile/0/001/000", "tile/8/0/000", "tile/-1/000", "tile/0/000/", "/tile/0/000",
        "tile/0/../000", "tile/0/x001/x234/67", "tile/0/٠٠٠", "tile/0/000\n",
    ],
)  # fmt: skip
def test_other_spellings_are_refused(path: str) -> None:
    """One tile, one path: a server that takes others serves what nobody checks."""
    with pytest.raises(Malformed):
        tiles.path_parse(path)


def test_widths_of_the_published_example() -> None:
    """Size 70,000 and 256, as tlog-tiles spells them out."""
    parts = list(tiles.tiles_of(70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in parts) == 273
    assert [tile for tile in parts if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles.tiles_of(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert list(tiles.tiles_of(0)) == list(tiles.bundles_of(0)) == []


@pytest.mark.parametrize("size", SIZES)
def test_root_and_proofs_come_out_of_the_files(size: int, large: dict[str, bytes]) -> None:
    """At every size that fills or begins a tile the files give the tree's root and proofs that hold."""
    files = files_of(size)
    assert set(files) == {tile.path for tile in (*tiles.tiles_of(size), *tiles.bundles_of(size))}
    log = TiledLog(files.get, size)
    expected = merkle.Frontier().extend(merkle.leaf_hash(entry) for entry in entries(size))
    assert log.frontier() == expected
    assert log.root() == expected.root()
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        assert log.entry(index) == b"entry %d" % index
        path = log.inclusion_proof(index)
        merkle.check_inclusion(index, size, merkle.leaf_hash(log.entry(index)), path, log.root())
    later = TiledLog(large.get, 70_000)
    assert later.root(size) == log.root()
    if size:
        growth = later.consistency_proof(size)
        merkle.check_consistency(size, 70_000, log.root(), later.root(), growth)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 300), max_size=6))
def test_growing_in_steps_is_growing_at_once(steps: list[int]) -> None:
    """Any way to the same size gives the same full files and the partial ones of that size."""
    stored: dict[str, bytes] = {}
    everything, size = entries(sum(steps)), 0
    for step in steps:
        new = tiles.grow(stored.get, size, everything[size : size + step])
        assert not [path for path in new if stored.get(path, new[path]) != new[path]]
        stored |= new
        size += step
    for path, data in tiles.grow({}.get, 0, everything).items():
        assert stored[path] == data


def test_a_partial_tile_may_be_gone_when_the_full_one_is_there() -> None:
    """Readers of an older checkpoint take the beginning of the full tile; growth does too, after a crash."""
    full, old = files_of(256), 100
    log = TiledLog(full.get, old)
    assert log.root() == files_root(old)
    assert log.entry(99) == b"entry 99"
    again = tiles.grow(full.get, old, entries(256)[old:])
    assert again == {path: full[path] for path in again}


def files_root(size: int) -> bytes:
    return obvious_root([merkle.leaf_hash(entry) for entry in entries(size)])


def test_entries_of_any_length() -> None:
    """Empty ones and the longest; one byte more does not fit."""
    several = [b"", b"x" * 65_535, b"y"]
    assert tiles.bundle_entries(tiles.bundle_bytes(several), 3) == several
    with pytest.raises(ValueError, match="65535"):
        tiles.bundle_bytes([b"x" * 65_536])


@pytest.mark.parametrize("data", [b"\0", b"\0\1", b"\0\1a\0", b"\0\1a", b"\0\1a\0\1b\0\0"])
def test_bundles_that_do_not_add_up(data: bytes) -> None:
    """Cut off, too few or too many entries for two."""
    with pytest.raises(Malformed):
        tiles.bundle_entries(data, 2)


def test_missing_and_short_tiles_are_named() -> None:
    """The file that is wrong stands in the message."""
    files = files_of(300)
    short = {**files, "tile/0/000": files["tile/0/000"][:-1]}
    with pytest.raises(Malformed, match="8191 bytes"):
        TiledLog(short.get, 300).root(200)
    del files["tile/0/001.p/44"]
    with pytest.raises(Rejected, match=r"tile/0/001\.p/44 is missing"):
        TiledLog(files.get, 300).root()


@needs_data
def test_a_foreign_log() -> None:
    """All 16 checkpoints of a log written by Tessera: signature, root, every proof between them."""
    folder = DATA / "tessera-tlog-tiles"
    key = vkey_parse((folder / "log.vkey").read_text().strip())

    def read(path: str) -> bytes | None:
        file = folder / "log" / path
        return file.read_bytes() if file.exists() else None

    roots = []
    for size in range(16):
        note = note_parse((folder / "log" / f"checkpoint.{size}").read_bytes())
        note_verify(note, [key])
        head = checkpoint_parse(note.body)
        assert head.size == size
        assert TiledLog(read, size).root() == head.root
        roots.append(head.root)
    log = TiledLog(read, 15)
    for index in range(15):
        leaf = merkle.leaf_hash(log.entry(index))
        merkle.check_inclusion(index, 15, leaf, log.inclusion_proof(index), roots[15])
    for old in range(1, 15):
        merkle.check_consistency(old, 15, roots[old], roots[15], log.consistency_proof(old))


@needs_data
def test_worked_example_byte_by_byte() -> None:
    """The three leaves give exactly the published files."""
    files = tiles.grow({}.get, 0, [b"a", b"bb", b"ccc"])
    assert set(files) == {"tile/0/000.p/3", "tile/entries/000.p/3"}
    for path, data in files.items():
        assert (EXAMPLE / path).read_bytes() == data
    tree = Tree(tiles.tile_hashes(files["tile/0/000.p/3"], 3))
    assert tree.consistency_proof(1) == [tree.node(0, 1), tree.node(0, 2)]
    assert tree.consistency_proof(2) == [tree.node(0, 2)]
