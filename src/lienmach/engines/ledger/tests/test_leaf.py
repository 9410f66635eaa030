"""Leaf version 1 and what it commits to: the same bytes everywhere, and nothing to guess from."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienmach.engines.ledger.canonical import canonical
from lienmach.engines.ledger.commitments import Opening, commit, opening
from lienmach.engines.ledger.errors import LedgerError, Malformed, Rejected
from lienmach.engines.ledger.leaf import Author, Batch, Leaf, leaf_parse, time_text

from .samples import AUTHOR, mutations

EVENT = "01936d5e-0000-7abc-8def-0123456789ab"
HOSTED = Author(AUTHOR.verifier.id.hex())
LEAF = Leaf(
    EVENT,
    "production.receipt_confirmed",
    "2026-11-21T07:00:00.123Z",
    HOSTED,
    {"private": b"\2" * 32, "partner": b"\1" * 32},
)

hashes = st.binary(min_size=32, max_size=32)
authors = st.builds(Author, st.just(HOSTED.key_id)) | st.builds(
    Author, st.just(HOSTED.key_id), st.integers(2, 2**53 - 1), hashes
)
leaves = st.builds(
    Leaf,
    event=st.uuids().map(str),
    kind=st.sampled_from(["production.plan_published", "pad", "segment-sealed", "ledger.batch_signed"]),
    time=st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)).map(time_text),
    author=authors,
    commitments=st.dictionaries(st.sampled_from(["public", "partner", "private"]), hashes),
    batch=st.none() | st.builds(Batch, st.integers(1, 2**53 - 1), hashes),
    signature=st.binary(min_size=64, max_size=64),
)


def test_the_published_commitment() -> None:
    """Salt 40..5f and a small body give the fact sheet's hash."""
    shown = opening(bytes(range(0x40, 0x60)), {"uom": "KGM", "qty": "12.5", "lot": "L2025-11-01"})
    assert shown.body == b'{"lot":"L2025-11-01","qty":"12.5","uom":"KGM"}'
    assert shown.commitment.hex() == "8ac6795358fbd0722609b7bd8197ef517f366768269ea52d014fa6f7c4103efe"
    shown.check(shown.commitment, group="partner")


@pytest.mark.parametrize(
    "other",
    [Opening(b"\1" * 32, b'{"qty":"12"}'), Opening(b"\0" * 32, b'{"qty":"13"}')],
    ids=["salt", "body"],
)
def test_another_body_or_salt_opens_nothing(other: Opening) -> None:
    """Somebody who edits a row or guesses a content without the salt is refused."""
    with pytest.raises(Rejected, match="partner"):
        other.check(commit(b"\0" * 32, b'{"qty":"12"}'), group="partner")


@pytest.mark.parametrize("salt", [b"", b"\0" * 16, b"\0" * 33])
def test_salts_have_32_bytes(salt: bytes) -> None:
    """Else a salt could lend bytes to the body."""
    with pytest.raises(Malformed):
        commit(salt, b"{}")


def test_the_leaf_byte_by_byte() -> None:
    """These bytes are version 1: a change here breaks every proof ever handed out."""
    assert LEAF.to_bytes() == (
        b'{"a":{"k":"%s"},"c":{"partner":"%s","private":"%s"},"e":"%s",'
        b'"k":"production.receipt_confirmed","t":"2026-11-21T07:00:00.123Z","v":1}'
        % (HOSTED.key_id.encode(), b"01" * 32, b"02" * 32, EVENT.encode())
    )
    assert len(LEAF.to_bytes()) < 600


@given(leaves)
def test_leaves_read_back_and_are_canonical(leaf: Leaf) -> None:
    """Written, read, written: the same; and what RFC 8785 makes of the same JSON."""
    data = leaf.to_bytes()
    assert leaf_parse(data) == leaf
    assert canonical(json.loads(data)) == data
    assert len(data) < 900


def test_no_mutation_reads_as_the_same_leaf() -> None:
    """A changed byte is malformed or another leaf: one leaf has one spelling."""
    signed = replace(LEAF, author=Author(HOSTED.key_id, 7, b"\3" * 32), signature=b"\4" * 64)
    for changed in mutations(signed.to_bytes()):
        try:
            assert leaf_parse(changed) != signed
        except LedgerError:
            continue


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("v", 2), ("v", True), ("v", "1"), ("e", EVENT.upper()), ("e", None), ("k", "Free text about Mr Nam"),
        ("k", ""), ("t", "2026-11-21T07:00:00Z"), ("t", "2026-13-21T07:00:00.000Z"), ("a", {}),
        ("a", {"k": "xyz"}),
        ("a", {"k": HOSTED.key_id, "n": 1}), ("a", {"k": HOSTED.key_id, "n": 1, "p": "00" * 32}),
        ("a", {"k": HOSTED.key_id, "n": 2, "p": ""}), ("a", {"k": HOSTED.key_id, "n": 1.0, "p": ""}),
        ("c", None), ("c", {"person": "00" * 32}), ("c", {"partner": None}), ("c", {"partner": "00" * 31}),
        ("c", {"partner": "AA" * 32}), ("s", "AAAA"), ("b", {"n": 0, "r": "00" * 32}), ("x", 1),
        ("b", {"n": 1, "r": "00" * 32}), ("n", 2), ("a", []), ("c", []),
    ],
)  # fmt: skip
def test_malformed_leaves(part: str, value: object) -> None:
    """Each deviates in one part; a device's or a batch's leaf without a signature does too."""
    document = json.loads(LEAF.to_bytes())
    document[part] = value
    with pytest.raises(Malformed):
        leaf_parse(json.dumps(document, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "counter", [b"2.0", b"2e0", b"02", b"true", b'"2"', b"0", b"-2", b"9007199254740992"]
)
def test_a_counter_has_one_spelling(counter: bytes) -> None:
    """Signed and complete but for the number: a second spelling would be a second leaf of one event."""
    author, batch = Author(HOSTED.key_id, 2, b"\3" * 32), Batch(2, b"\4" * 32)
    data = replace(LEAF, author=author, batch=batch, signature=b"\5" * 64).to_bytes()
    front, middle, back = data.split(b'"n":2')
    for first, second in ((counter, b"2"), (b"2", counter)):
        with pytest.raises(Malformed):
            leaf_parse(front + b'"n":' + first + middle + b'"n":' + second + back)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"1", b"nul", b"\xff", LEAF.to_bytes() + b"\n", b" " + LEAF.to_bytes()]
)
def test_what_is_not_a_leaf(data: bytes) -> None:
    """Other JSON, other bytes, spaces around."""
    with pytest.raises(Malformed):
        leaf_parse(data)


def test_a_leaf_fits_a_bundle() -> None:
    """65,535 bytes are the format's limit; ours stays far below, and a foreign one above is refused."""
    with pytest.raises(Malformed, match="at most 65535"):
        leaf_parse(b" " * 65_536)


def test_times_are_utc_milliseconds() -> None:
    """A local time becomes UTC; a time without a zone is a mistake of the caller."""
    hanoi = timezone(timedelta(hours=7))
    assert time_text(datetime(2026, 11, 21, 7, 0, 0, 123999, hanoi)) == "2026-11-21T00:00:00.123Z"
    with pytest.raises(ValueError, match="time zone"):
        time_text(datetime(2026, 11, 21))
