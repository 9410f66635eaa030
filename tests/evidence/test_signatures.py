"""Checkpoints signed twice, and what a quorum is worth."""

from pathlib import Path
from typing import Any

import pytest

from lienmach.engines.ledger.disclosure import disclosure_parse
from lienmach.engines.ledger.keys import KeyType, SigningKey, vkey_parse
from lienmach.engines.ledger.notes import note_parse, note_verify
from lienmach.engines.ledger.policy import policy_parse
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.log.export import log_export
from lienmach.kernel.evidence.log.policy import owner_of, weaknesses
from lienmach.kernel.evidence.log.proofs import event_proof
from lienmach.kernel.scope import SystemScope

from .conftest import Platform

OWN = "localhost:8000/log/1"
HOSTS = {
    "a1": "w1.hiep-hoi.vn",
    "a2": "w2.hiep-hoi.vn",
    "b": "dhbk.edu.vn",
    "c": "witness.example.com",
    "own": "localhost",
}


@pytest.mark.django_db
def test_a_log_signs_with_ml_dsa_too_where_that_is_switched_on(
    platform: Platform, settings: Any, tmp_path: Path
) -> None:
    """Older checkpoints stay as they are; new ones bear both, and either key alone convinces."""
    settings.LOG_MLDSA = True
    event = platform.move(8)
    platform.settle()
    note = note_parse((platform.folder / "checkpoint").read_bytes())
    keys = [
        vkey_parse((platform.folder / name).read_text().strip()) for name in ("log.vkey", "log-mldsa44.vkey")
    ]
    assert [key.type for key in keys] == [KeyType.ED25519, KeyType.COSIGNATURE_MLDSA44]
    assert keys[0].name == keys[1].name
    assert len(note_verify(note, keys)) == 2
    file = event_proof(platform.scope, event_id=event.event_id)
    for key in keys:
        alone = policy_parse(f"log {key.text}\nquorum none\n".encode())
        assert disclosure_parse(file.to_bytes()).verify(alone).verdict.logs == (key,)
    log_export(platform.log, tmp_path / "copy")
    assert (tmp_path / "copy/log-mldsa44.vkey").exists()
    assert audit(SystemScope()).findings == []
    settings.LOG_MLDSA = False
    platform.move(9)
    platform.settle()
    assert audit(SystemScope()).findings == []


def policy(*lines: str) -> Any:
    text = "\n".join(lines)
    for number, (name, host) in enumerate(HOSTS.items(), start=1):
        key = SigningKey(f"{host}/{name}", KeyType.COSIGNATURE_ED25519, bytes([number]) * 32).verifier.text
        text = text.replace(f"<{name}>", f"witness {name} {key} http://{name}")
    return policy_parse(text.encode())


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("<a1>", "<b>", "group q all a1 b", "quorum q"), []),
        (("<a1>", "<b>", "<c>", "group q 2 a1 b c", "quorum q"), []),
        (("<a1>", "<a2>", "group q all a1 a2", "quorum q"), ["with 1 owner"]),
        (("<a1>", "<a2>", "<b>", "group q 2 a1 a2 b", "quorum q"), ["with 1 owner"]),
        (("<a1>", "<a2>", "<b>", "group a any a1 a2", "group q all a b", "quorum q"), []),
        (("<a1>", "<own>", "group q all a1 own", "quorum q"), ["own is run by the owner", "with 1 owner"]),
        (("<own>", "quorum own"), ["own is run by the owner", "with 0 owner"]),
        (("<a1>", "quorum none"), ["Nobody is asked"]),
    ],
)
def test_a_quorum_counts_legal_entities_not_keys(lines: tuple[str, ...], words: list[str]) -> None:
    """Two keys of one association are one witness; one's own is none."""
    found = weaknesses(policy(*lines), OWN)
    assert len(found) == len(words)
    for one, word in zip(found, words, strict=True):
        assert word in one


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("w.hiep-hoi.vn/a", "hiep-hoi.vn"),
        ("log.dhbk.edu.vn", "dhbk.edu.vn"),
        ("localhost:8000/log/1", "localhost"),
    ],
)
def test_whose_a_key_is(name: str, owner: str) -> None:
    assert owner_of(name) == owner
