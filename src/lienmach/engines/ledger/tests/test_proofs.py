"""Proof files and disclosures: the published bytes, and nothing that was touched."""

from dataclasses import replace

import pytest

from lienmach.engines.ledger import authors, tiles
from lienmach.engines.ledger.commitments import opening
from lienmach.engines.ledger.disclosure import Authorship, Disclosure, disclosure_parse
from lienmach.engines.ledger.errors import LedgerError, Malformed, Rejected
from lienmach.engines.ledger.merkle import leaf_hash
from lienmach.engines.ledger.policy import policy_parse
from lienmach.engines.ledger.proofs import Proof, proof_parse
from lienmach.engines.ledger.tiles import TiledLog

from .samples import (
    AUTHOR,
    EXAMPLE,
    LOG,
    LOG_ALONE,
    POLICY,
    STRANGER,
    TIME,
    UNIVERSITY,
    WITNESS,
    checkpoint,
    head,
    mutations,
    needs_data,
    tree_of,
)
from .test_authors import batch
from .test_leaf import LEAF

OPENED = {
    "partner": opening(b"\1" * 32, {"shipment": "S-17", "quantity": 500}),
    "private": opening(b"\2" * 32, {"note": "Ca đêm"}),
}


def proof_of(index: int, count: int) -> Proof:
    note = checkpoint(count).signed(WITNESS, TIME)
    return Proof(index, tuple(tree_of(count).inclusion_proof(index)), note.to_bytes())


def disclosure(*, hosted: bool = True) -> Disclosure:
    """A hand-over in a log of a few leaves, shown to the partner."""
    leaves, _ = batch(5)
    commitments = {group: shown.commitment for group, shown in OPENED.items()}
    if hosted:
        leaves[3] = replace(LEAF, commitments=commitments).to_bytes()
        signing = replace(LEAF, kind=authors.BATCH_KIND, commitments={}, batch=authors.batch_of(leaves))
        last = authors.leaf_sign(signing, AUTHOR).to_bytes()
        author = Authorship(AUTHOR.verifier, authors.batch_proof(leaves, 3, last))
    else:
        own = replace(LEAF, commitments=commitments, author=authors.device_author(AUTHOR.verifier, 1, b""))
        leaves[3] = authors.leaf_sign(own, AUTHOR).to_bytes()
        last, author = leaves[0], Authorship(AUTHOR.verifier)
    logged = [*leaves, last]
    log = TiledLog(tiles.grow({}.get, 0, logged).get, len(logged))
    note = head(LOG.name, log.size, log.root()).signed(LOG).signed(WITNESS, TIME).signed(UNIVERSITY, TIME)
    proof = Proof(3, tuple(log.inclusion_proof(3)), note.to_bytes())
    return Disclosure(leaves[3], proof, policy_parse(POLICY), {"partner": OPENED["partner"]}, author)


@needs_data
def test_worked_example_byte_by_byte() -> None:
    """The published proof is read, verified, and written again as it was."""
    data = (EXAMPLE / "index1.tlog-proof").read_bytes()
    proof = proof_parse(data)
    assert proof.to_bytes() == data
    leaf = (EXAMPLE / "index1.leaf").read_bytes()
    policy = policy_parse(f"log {LOG.verifier.text}\nwitness w {WITNESS.verifier.text}\nquorum w\n".encode())
    assert proof.verify(leaf_hash(leaf), policy).witnesses == {"w": TIME}
    made = tree_of(0)
    made.extend(leaf_hash(entry) for entry in (b"a", b"bb", b"ccc"))
    note = head(LOG.name, 3, made.root()).signed(LOG).signed(WITNESS, TIME)
    assert Proof(1, tuple(made.inclusion_proof(1)), note.to_bytes()).to_bytes() == data


@pytest.mark.parametrize(("index", "count"), [(0, 1), (0, 2), (6, 7), (255, 256), (256, 257), (100, 300)])
def test_proofs_hold_and_prove_one_leaf(index: int, count: int) -> None:
    """The leaf at its index; no other leaf, no other index."""
    proof, policy = proof_of(index, count), policy_parse(LOG_ALONE)
    assert proof_parse(proof.to_bytes()) == proof
    assert proof.verify(leaf_hash(b"entry %d" % index), policy).checkpoint.size == count
    with pytest.raises(Rejected):
        proof.verify(leaf_hash(b"entry %d" % (index + 1)), policy)
    for other in {index + 1, index - 1, count} - {-1}:
        with pytest.raises(Rejected):
            replace(proof, index=other).verify(leaf_hash(b"entry %d" % index), policy)


def test_extra_data_is_carried_and_not_believed() -> None:
    """It reads back; the verdict does not depend on it."""
    proof = replace(proof_of(2, 5), extra=b"\0anything")
    assert proof_parse(proof.to_bytes()) == proof
    proof.verify(leaf_hash(b"entry 2"), policy_parse(LOG_ALONE))


def test_no_mutation_of_a_proof_verifies() -> None:
    """Every single-byte change, when every signature in the file is asked for."""
    policy = policy_parse(f"log {LOG.verifier.text}\nwitness w {WITNESS.verifier.text}\nquorum w\n".encode())
    leaf = leaf_hash(b"entry 5")
    for changed in mutations(proof_of(5, 11).to_bytes()):
        with pytest.raises(LedgerError):
            proof_parse(changed).verify(leaf, policy)


GOOD = proof_of(1, 3).to_bytes().decode()


@pytest.mark.parametrize(
    "text",
    [
        "", GOOD.replace("@v1", "@v2"), GOOD.replace("index 1", "index 01"), GOOD.replace("index 1\n", ""),
        GOOD.replace("index 1", "Index 1"), GOOD.replace("index 1", "extra !!!\nindex 1"),
        GOOD.split("\n\n")[0],
        GOOD.replace("index 1", "extra \nindex 1"), GOOD.replace("index 1", "index 1\nextra QUJD"),
        GOOD.replace("index 1", "index -1"), GOOD.replace("index 1\n", "index 1\nAAAA\n"), " " + GOOD,
        GOOD.replace("index 1\n", "index 1\n" + "A" * 43 + "=\n" * 1 + ("A" * 43 + "=\n") * 63),
        GOOD.replace("\n\n", "\n\n\n", 1).replace("\n\n—", "\n—"), GOOD[:-1], GOOD.replace("\n", "\r\n"),
    ],
)  # fmt: skip
def test_malformed_proofs(text: str) -> None:
    """Each deviates in one thing."""
    with pytest.raises(Malformed):
        proof_parse(text.encode())


@pytest.mark.parametrize("hosted", [True, False])
def test_a_disclosure_shows_what_was_opened(hosted: bool) -> None:
    """The partner's group with its content, the private one only as being there, and the author's key."""
    data = disclosure(hosted=hosted).to_bytes()
    shown = disclosure_parse(data).verify(policy_parse(POLICY))
    assert shown.groups == {"partner": {"shipment": "S-17", "quantity": 500}}
    assert (shown.closed, shown.index, shown.author) == (("private",), 3, AUTHOR.verifier)
    assert set(shown.verdict.witnesses) == {"hiep-hoi", "dai-hoc"}
    assert "đêm".encode() not in data
    assert disclosure_parse(data).to_bytes() == data


def test_a_disclosure_that_lies() -> None:
    """A changed content, a group the leaf does not have, another leaf, another author, another policy."""
    good = disclosure()
    other = opening(b"\1" * 32, {"shipment": "S-17", "quantity": 5000})
    wrong = [
        (replace(good, opened={"partner": other}), "is not what the leaf commits to"),
        (replace(good, opened={"public": other}), "has no group"),
        (replace(good, leaf=LEAF.to_bytes()), "Leaf 3 is not what"),
        (
            replace(good, author=Authorship(STRANGER.verifier, good.author and good.author.batch)),
            "names the author",
        ),
        (replace(good, author=Authorship(AUTHOR.verifier)), "bears no signature"),
    ]
    for lie, reason in wrong:
        with pytest.raises(Rejected, match=reason):
            disclosure_parse(lie.to_bytes()).verify(policy_parse(POLICY))
    with pytest.raises(Rejected, match="knows no log"):
        good.verify(policy_parse(f"log {STRANGER.verifier.text}\nquorum none\n".encode()))


def test_no_mutation_of_a_disclosure_shows_anything_else() -> None:
    """A single-byte change is refused, or it hit the sender's own policy and the answer is the same."""
    good = disclosure()
    data, policy = good.to_bytes(), policy_parse(POLICY)
    expected = good.verify(policy)
    theirs = data.index(b'"policy"'), data.index(b'"proof"')
    for changed in mutations(data, stride=7):
        try:
            shown = disclosure_parse(changed).verify(policy)
        except LedgerError:
            continue
        at = next(at for at, (one, two) in enumerate(zip(data, changed, strict=False)) if one != two)
        assert theirs[0] < at < theirs[1]
        assert shown == expected


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"format": "lienmach/disclosure@v2"}', b"{" * 100_000, b"\xff", b'{"format": 1}'],
)
def test_what_is_not_a_disclosure(data: bytes) -> None:
    """Refused without a stack trace."""
    with pytest.raises(Malformed):
        disclosure_parse(data)
