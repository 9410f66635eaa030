"""Canonical JSON: the published vectors, a second implementation, and what must never be hashed."""

import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienmach.engines.ledger.canonical import canonical, exact
from lienmach.engines.ledger.errors import Malformed

from .samples import DATA, lacking, needs_data

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
integers = st.integers(-(2**53) + 1, 2**53 - 1)
scalars = st.none() | st.booleans() | integers | texts
plain = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=4)
    ),
    max_leaves=15,
)
anything = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)


@needs_data
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_published_vectors(name: str) -> None:
    """The six of RFC 8785's author."""
    folder = DATA / "jcs-rfc8785"
    written = canonical(json.loads((folder / "input" / f"{name}.json").read_bytes()))
    assert written == (folder / "output" / f"{name}.json").read_bytes().rstrip(b"\n")
    assert written == bytes.fromhex((folder / "outhex" / f"{name}.txt").read_text())


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"), ("8000000000000000", "0"), ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"), ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"), ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"), ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"), ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"), ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"), ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)  # fmt: skip
def test_numbers_of_rfc_8785(bits: str, text: str) -> None:
    """Appendix B of the RFC."""
    assert canonical(struct.unpack(">d", bytes.fromhex(bits))[0]) == text.encode()


@given(plain)
def test_exact_is_canonical(value: object) -> None:
    """The quick way and the whole RFC write the same bytes."""
    assert exact(value) == canonical(value)


@given(anything)
def test_a_second_implementation_agrees(value: object) -> None:
    """Against the rfc8785 package, floats and non-ASCII keys included."""
    try:
        import rfc8785
    except ImportError:
        lacking("rfc8785 (development dependency) is not installed")
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        [1.0],
        {"a": {"b": 0.1}},
        {"ké": 1},
        {1: 2},
        2**53,
        -(2**53),
        "\ud800",
        {"a": b"x"},
        (1,),
        math.nan,
    ],
)
def test_what_must_not_be_hashed(value: object) -> None:
    """Floats, keys that sort differently elsewhere, integers that others round, half a character."""
    with pytest.raises(Malformed):
        exact(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, {1: 2}, 2**53, "\udfff", {"\ud800": 1}, {"a": b"x"}])
def test_what_json_cannot_say(value: object) -> None:
    """Refused by the whole RFC too."""
    with pytest.raises(Malformed):
        canonical(value)
