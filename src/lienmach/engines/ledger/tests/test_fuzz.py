"""Whatever bytes arrive, a reader answers with a value or says why not; nothing else comes out."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.ledger import witness
from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.disclosure import disclosure_parse
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import secret_parse, vkey_parse
from lienmach.engines.ledger.leaf import Leaf, leaf_parse
from lienmach.engines.ledger.notes import Note, lines_parse, note_parse
from lienmach.engines.ledger.policy import policy_parse
from lienmach.engines.ledger.proofs import Proof, proof_parse
from lienmach.engines.ledger.tiles import bundle_entries, path_parse, tile_hashes
from lienmach.engines.ledger.witness import Request

from .samples import LOG, POLICY, TIME, UNIVERSITY, WITNESS, checkpoint
from .test_leaf import LEAF
from .test_proofs import disclosure, proof_of
from .test_witness import request

NOTE = checkpoint(5).signed(WITNESS, TIME)
OWN = policy_parse(POLICY)


def text(reader: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: reader(data.decode("utf-8", "surrogateescape"))


READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "note": (note_parse, NOTE.to_bytes()),
    "lines": (text(lines_parse), NOTE.signatures[0].text.encode()),
    "checkpoint": (text(checkpoint_parse), NOTE.body.encode()),
    "vkey": (text(vkey_parse), LOG.verifier.text.encode()),
    "secret": (text(secret_parse), UNIVERSITY.secret_text.encode()),
    "policy": (policy_parse, POLICY),
    "policy in use": (lambda data: OWN.evaluate(note_parse(data)), NOTE.to_bytes()),
    "proof": (proof_parse, proof_of(1, 3).to_bytes()),
    "disclosure": (lambda data: disclosure_parse(data).verify(OWN), disclosure().to_bytes()),
    "its own policy": (lambda data: disclosure_parse(data).verify(), disclosure().to_bytes()),
    "leaf": (leaf_parse, LEAF.to_bytes()),
    "request": (witness.request_parse, request(3, 8)),
    "conflict": (text(witness.conflict_size), b"8\n"),
    "answer": (text(lambda answer: witness.cosigned(NOTE, answer, [WITNESS.verifier])), b"x"),
    "path": (text(path_parse), b"tile/0/x001/234.p/5"),
    "bundle": (lambda data: bundle_entries(data, 3), b"\0\1a\0\1b\0\1c"),
    "tile": (lambda data: tile_hashes(data, 3), b"\0" * 96),
}


@st.composite
def spoiled(draw: st.DrawFn, good: bytes) -> bytes:
    """A good document with stretches cut, doubled, moved or replaced; or just any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=300))
    data = good
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 60)))
        insert = draw(
            st.sampled_from(
                [b"", data[start:end] * 2, b"\n", b"\n\n", b"0", b"\xff", b'"', b"{", b"null", b"1e5"]
            )
            | st.binary(max_size=6)
        )
        data = data[:start] + insert + data[end:]
    return data


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=120)
@given(data=st.data())
def test_only_reasons_come_out(name: str, data: st.DataObject) -> None:
    """No stack trace for a stranger's bytes, and what is read is written again as it was."""
    reader, good = READERS[name]
    sent = data.draw(spoiled(good))
    try:
        value = reader(sent)
    except LedgerError as error:
        assert str(error)
        return
    if isinstance(value, Note | Proof | Leaf | Request):
        assert value.to_bytes() == sent
