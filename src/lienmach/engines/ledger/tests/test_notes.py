"""Notes and keys: byte for byte the worked example, other people's checkpoints, and everything malformed."""

import base64
import json
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from lienmach.engines.ledger import merkle
from lienmach.engines.ledger.checkpoints import Checkpoint, checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError, Malformed, Rejected
from lienmach.engines.ledger.keys import KeyType, SigningKey, VerifierKey, secret_parse, vkey_parse
from lienmach.engines.ledger.notes import Note, note_parse, note_verify

from .samples import (
    DATA,
    EXAMPLE,
    LOG,
    STRANGER,
    TIME,
    UNIVERSITY,
    WITNESS,
    checkpoint,
    head,
    mutations,
    needs_data,
)

DOCUMENTED = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""


def test_the_example_of_the_specification() -> None:
    """Of C2SP signed-note."""
    key = vkey_parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    note = note_parse(DOCUMENTED.encode())
    assert note.body == "This is an example message.\n"
    assert note_verify(note, [key])[0].key == key


@needs_data
def test_worked_example_byte_by_byte() -> None:
    """Our log key and witness sign exactly the published 319 bytes."""
    published = (EXAMPLE / "checkpoint").read_bytes()
    assert sha256(published).hexdigest() == "9cab8e5a82ee4891b52b5f2845edd9ea38e7deba6847f3fa0cb228e3ea9e5115"
    frontier = merkle.Frontier().extend(merkle.leaf_hash(leaf) for leaf in (b"a", b"bb", b"ccc"))
    note = head(LOG.name, 3, frontier.root()).signed(LOG).signed(WITNESS, TIME)
    assert note.to_bytes() == published
    assert note_parse(published) == note
    for name, key in (("log", LOG), ("witness", WITNESS), ("witness-mldsa44", UNIVERSITY)):
        assert (EXAMPLE / f"{name}.vkey").read_text() == key.verifier.text


@needs_data
def test_sigstore_checkpoints() -> None:
    """Ten checkpoints of Rekor, with one signature or several, in any order, all accepted with their leaf."""
    bundles = sorted((DATA / "sigstore-checkpoints").glob("*/bundle.sigstore.json"))
    assert len(bundles) == 10
    for path in bundles:
        trusted = json.loads((path.parent / "trusted_root.json").read_text())["tlogs"]
        keys = [key for key in map(_rekor_key, trusted) if key]
        for entry in json.loads(path.read_text())["verificationMaterial"]["tlogEntries"]:
            proof = entry["inclusionProof"]
            note = note_parse(proof["checkpoint"]["envelope"].encode())
            assert note_verify(note, keys), path.parent.name
            tree = checkpoint_parse(note.body)
            merkle.check_inclusion(
                int(proof["logIndex"]),
                tree.size,
                merkle.leaf_hash(base64.b64decode(entry["canonicalizedBody"])),
                [base64.b64decode(value) for value in proof["hashes"]],
                tree.root,
            )


def _rekor_key(log: dict) -> VerifierKey | None:
    public = load_der_public_key(base64.b64decode(log["publicKey"]["rawBytes"]))
    name = log["baseUrl"].removeprefix("https://")
    if type(public).__name__ != "Ed25519PublicKey":
        return None
    return VerifierKey(name, KeyType.ED25519, public.public_bytes_raw())  # type: ignore[union-attr]


@needs_data
def test_edge_cases_of_ed25519() -> None:
    """Of 914 strange signatures exactly the 208 are accepted that Go accepts too."""
    vectors = json.loads((DATA / "cctv-ed25519/ed25519vectors.json").read_text())
    accepted = set(json.loads((DATA / "cctv-ed25519/accepted-208.json").read_text())["accepted"])
    assert (len(vectors), len(accepted)) == (914, 208)
    for vector in vectors:
        key = VerifierKey("edge.example", KeyType.ED25519, bytes.fromhex(vector["key"]))
        try:
            key.verify(vector["msg"], bytes.fromhex(vector["sig"]))
            good = True
        except Rejected:
            good = False
        assert good is (vector["number"] in accepted), vector


def test_unknown_keys_are_ignored_and_known_ones_have_to_hold() -> None:
    """A stranger's line says nothing; a known key's line that fails spoils the note."""
    note = checkpoint(3).signed(STRANGER).signed(WITNESS, TIME)
    assert [one.key for one in note_verify(note, [LOG.verifier])] == [LOG.verifier]
    with pytest.raises(Rejected, match="No signature by a known key"):
        note_verify(note, [UNIVERSITY.verifier])
    forged = Note(note.body.replace("\n3\n", "\n4\n"), note.signatures)
    with pytest.raises(Rejected, match="does not hold"):
        note_verify(forged, [LOG.verifier, WITNESS.verifier])
    other = checkpoint(4).signatures[0]
    with pytest.raises(Rejected, match="does not hold"):
        note_verify(note.with_lines([other]), [LOG.verifier])


def test_sixteen_signatures_and_more() -> None:
    """At least 16 are read, of the largest kind; beyond a hundred it is an attack."""
    note = checkpoint(3)
    keys = [
        SigningKey(f"w{number}.example", KeyType.COSIGNATURE_MLDSA44, bytes([number]) * 32)
        for number in range(20)
    ]
    for key in keys:
        note = note.signed(key, TIME)
    assert len(note_verify(note_parse(note.to_bytes()), [key.verifier for key in keys])) == 20
    line = note.signatures[0]
    crowd = Note(note.body, (line,) * 101)
    with pytest.raises(Malformed, match="101 signatures"):
        note_parse(crowd.to_bytes())
    with pytest.raises(Malformed, match="at most"):
        note_parse(b"x" * 1_000_001)


def test_text_with_blank_lines_is_split_at_the_last_one() -> None:
    """A note's text may hold empty lines; its signatures come after the last."""
    note = Note("one\n\ntwo\n").signed(LOG)
    assert note_parse(note.to_bytes()) == note
    note_verify(note_parse(note.to_bytes()), [LOG.verifier])


LINE = checkpoint(1).signatures[0].text


@pytest.mark.parametrize(
    "data",
    [
        b"", b"text\n", b"text\n\n", f"text\n{LINE}".encode(), f"text\n\n{LINE[:-1]}".encode(),
        f"text\r\n\r\n{LINE}".encode(), f"te\txt\n\n{LINE}".encode(), f"text\0\n\n{LINE}".encode(),
        b"te\xffxt\n\n" + LINE.encode(), f"text\n\n{LINE}\n".encode(), f"text\n\n{LINE}rest\n".encode(),
        f"text\n\n-{LINE[1:]}".encode(), f"text\n\n{LINE.replace(' ', '  ')}".encode(),
        f"text\n\n{LINE.rstrip().rstrip('=')}\n".encode(), f"text\n\n{LINE.rstrip()}=\n".encode(),
        "text\n\n— name QUJDRA==\n".encode(), "text\n\n— na+me QUJDREVGRw==\n".encode(),
        "text\n\n—  QUJDREVGRw==\n".encode(), "text\n\n— na\u00a0me QUJDREVGRw==\n".encode(),
        "text\n\n— name QUJDREVGRx==\n".encode(), "text\n\n— name QUJD_EVGRw==\n".encode(),
        "text\n\n— name QUJDREVG\r\n".encode(), f"\n\n{LINE}".encode()[1:],
    ],
)  # fmt: skip
def test_malformed_notes(data: bytes) -> None:
    """Each deviates in one thing: blank line, newline, control character, UTF-8, dash, name, base64."""
    with pytest.raises(Malformed):
        note_parse(data)


@pytest.mark.parametrize(
    "body",
    [
        "", "\n", "a\n1\n", "a\n1\n\n", "\n1\n{root}\n", "a\n01\n{root}\n", "a\n-1\n{root}\n",
        "a\n+1\n{root}\n",
        "a\n1 \n{root}\n", "a\n1_0\n{root}\n", "a\n9223372036854775808\n{root}\n", "a\n\n{root}\n",
        "a\n1\n{root}", "a\n1\n{root}\n\n", "a\n1\n{root}\n\nx\n", "a\n1\nAAAA\n",
        "a\n1\n{root}=\n", "a\n١\n{root}\n",
    ],
)  # fmt: skip
def test_malformed_checkpoints(body: str) -> None:
    """Numbers have one spelling, roots 32 bytes, lines something in them."""
    with pytest.raises(Malformed):
        checkpoint_parse(body.format(root=base64.b64encode(b"\0" * 32).decode()))


def test_checkpoint_with_extensions() -> None:
    """Read and kept; ours has none."""
    tree = Checkpoint("a", 2**63 - 1, b"\1" * 32, ("x", "y z"))
    assert checkpoint_parse(tree.body) == tree
    assert not Checkpoint("a", 0, b"\1" * 32).is_possible
    assert Checkpoint("a", 0, merkle.EMPTY_ROOT).is_possible


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_read_back(size: int, root: bytes) -> None:
    """What is written is read."""
    tree = Checkpoint("log.example/x", size, root)
    assert checkpoint_parse(tree.body) == tree


@pytest.mark.parametrize("key", [LOG, WITNESS, UNIVERSITY])
def test_keys_read_back(key: SigningKey) -> None:
    """Public and secret text; the secret never shows itself in a representation."""
    assert vkey_parse(key.verifier.text) == key.verifier
    assert secret_parse(key.secret_text) == key
    assert key.secret_text[-20:] not in repr(key)
    assert repr(key.seed) not in repr(key)


@pytest.mark.parametrize(
    "text",
    [
        "", "name", "name+aaaaaaaa", LOG.verifier.text[:-1],
        LOG.verifier.text.replace("3af89927", "3AF89927"),
        LOG.verifier.text.replace("3af89927", "3af89928"), "+" + LOG.verifier.text.split("+", 1)[1],
        LOG.verifier.text + "\n", LOG.verifier.text.replace("log.", "log "),
        WITNESS.verifier.text.replace("BC", "AC"),
        "n+00000000+", "n+00000000+Ag==",
    ],
)  # fmt: skip
def test_malformed_keys(text: str) -> None:
    """A key mistyped by one letter is noticed when it is read, not when nothing verifies any more."""
    with pytest.raises(Malformed):
        vkey_parse(text)


def test_no_mutation_of_a_checkpoint_verifies() -> None:
    """Every single-byte change, in text or signature, is malformed or refused."""
    data = checkpoint(3).to_bytes()
    for changed in mutations(data):
        with pytest.raises(LedgerError):
            note = note_parse(changed)
            checkpoint_parse(note.body)
            note_verify(note, [LOG.verifier])
