"""Cosignatures of both kinds, against the worked example and across names and times."""

import pytest

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.cosignatures import (
    MAX_TIME,
    ed25519_message,
    split_timestamped,
    subtree_message,
    timestamped,
)
from lienmach.engines.ledger.errors import Malformed, Rejected
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.notes import Note, note_parse, note_verify

from .samples import EXAMPLE, LOG, TIME, UNIVERSITY, WITNESS, checkpoint, needs_data


@needs_data
def test_worked_example() -> None:
    """The published ML-DSA message byte by byte, and the published cosignatures."""
    note = note_parse((EXAMPLE / "checkpoint-mldsa").read_bytes())
    head = checkpoint_parse(note.body)
    message = subtree_message(UNIVERSITY.name, TIME, head.origin, 0, head.size, head.root)
    assert message == bytes.fromhex((EXAMPLE / "cosigned_message.hex").read_text().strip())
    verified = note_verify(note, [LOG.verifier, WITNESS.verifier, UNIVERSITY.verifier])
    assert [one.time for one in verified] == [None, TIME, TIME]


def test_messages_as_specified() -> None:
    """Literally what the specification shows."""
    body = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert ed25519_message(1679315147, body) == b"cosignature/v1\ntime 1679315147\n" + body.encode()
    message = subtree_message("w", 5, "log", 0, 7, b"\2" * 32)
    assert (
        message == b"subtree/v1\n\0\x01w" + bytes(7) + b"\5\x03log" + bytes(8) + bytes(7) + b"\7" + b"\2" * 32
    )


@pytest.mark.parametrize("key", [WITNESS, UNIVERSITY])
def test_a_cosignature_holds_for_its_tree_time_and_name_only(key: SigningKey) -> None:
    """Moved to another time, tree or (ML-DSA) name it fails."""
    note = checkpoint(5).signed(key, TIME)
    line = note.signatures[-1]
    assert key.verifier.verify(note.body, line.signature) == TIME
    later = (TIME + 1).to_bytes(8, "big") + line.signature[8:]
    for body, signature in (
        (note.body, later),
        (checkpoint(6).body, line.signature),
        (note.body, b"\0" * 72),
    ):
        with pytest.raises(Rejected):
            key.verifier.verify(body, signature)


def test_ed25519_names_nobody_and_mldsa_does() -> None:
    """Why an Ed25519 key belongs to one cosigner: its message does not say whose it is."""
    body = checkpoint(5).body
    for key, held in ((WITNESS, True), (UNIVERSITY, False)):
        renamed = SigningKey("somebody.example", key.type, key.seed).verifier
        try:
            renamed.verify(body, key.sign(body, TIME))
            holds = True
        except Rejected:
            holds = False
        assert holds is held


def test_mldsa_signatures_are_randomised_and_all_hold() -> None:
    """Two signatures of one message differ; neither can be predicted from a vector."""
    body = checkpoint(5).body
    first, second = UNIVERSITY.sign(body, TIME), UNIVERSITY.sign(body, TIME)
    assert first != second
    assert UNIVERSITY.verifier.verify(body, first) == UNIVERSITY.verifier.verify(body, second) == TIME


def test_mldsa_does_not_cover_extensions_and_ed25519_does() -> None:
    """As the specification warns; our checkpoints have none."""
    body = checkpoint(5).body
    extended = body + "extension\n"
    assert UNIVERSITY.verifier.verify(extended, UNIVERSITY.sign(body, TIME)) == TIME
    with pytest.raises(Rejected):
        WITNESS.verifier.verify(extended, WITNESS.sign(body, TIME))


def test_what_is_not_a_checkpoint_gets_no_mldsa_cosignature() -> None:
    """There is no origin, size and root to sign."""
    with pytest.raises(Malformed):
        UNIVERSITY.sign("some text\n", TIME)
    with pytest.raises(Rejected):
        UNIVERSITY.verifier.verify("some text\n", b"\0" * 2428)
    with pytest.raises(Malformed):
        Note("text\x01\n").signed(LOG)


def test_times() -> None:
    """Beyond 2^63-1 is malformed; a log's plain signature has none; a cosigner's needs one."""
    assert split_timestamped(timestamped(MAX_TIME, b"s"), 1) == (MAX_TIME, b"s")
    with pytest.raises(Malformed):
        split_timestamped(b"\x80" + b"\0" * 7 + b"s", 1)
    with pytest.raises(Malformed):
        split_timestamped(b"short", 64)
    with pytest.raises(ValueError, match="bears no time"):
        LOG.sign("text\n", TIME)
    with pytest.raises(ValueError, match="needs its time"):
        WITNESS.sign("text\n")
    with pytest.raises(ValueError, match="bears no time"):
        subtree_message("w", 5, "log", 8, 16, b"\2" * 32)
    with pytest.raises(ValueError, match="not a subtree"):
        subtree_message("w", 0, "log", 6, 10, b"\2" * 32)
    assert subtree_message("w", 0, "log", 8, 13, b"\2" * 32)


def test_a_log_may_sign_with_mldsa_too() -> None:
    """Type 0x06 under the log's own name, beside its Ed25519 signature."""
    second = SigningKey(LOG.name, KeyType.COSIGNATURE_MLDSA44, LOG.seed)
    note = checkpoint(5).signed(second, TIME)
    assert len(note_verify(note, [LOG.verifier, second.verifier])) == 2
