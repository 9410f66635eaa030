"""Policies: read strictly, written back, and counted as a slow definition counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienmach.engines.ledger.errors import Malformed, Rejected
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.merkle import EMPTY_ROOT
from lienmach.engines.ledger.policy import Policy, policy_of_entities, policy_parse

from .samples import LOG, LOG_ALONE, POLICY, STRANGER, TIME, UNIVERSITY, WITNESS, checkpoint, head

WITNESSES = [
    SigningKey(f"w{number}.example", KeyType.COSIGNATURE_ED25519, bytes([number + 1]) * 32)
    for number in range(40)
]


def witness_lines(count: int) -> str:
    return "".join(f"witness w{number} {WITNESSES[number].verifier.text}\n" for number in range(count))


def test_the_shape_of_the_specification() -> None:
    """Two of three at one operator and one of three at another."""
    text = (
        f"# comment\n\n \t log\t{LOG.verifier.text}  https://log.example/ \n{witness_lines(6)}"
        "group X 2 w0 w1 w2\ngroup Y any w3 w4 w5\ngroup X-and-Y all X Y\n  # more\nquorum X-and-Y"
    )
    policy = policy_parse(text.encode())
    assert policy.logs[0].url == "https://log.example/"
    assert policy_parse(policy.text.encode()) == policy
    for names, good in (("w0 w1 w3", True), ("w0 w3 w4 w5", False), ("w0 w1 w2", False), ("w1 w2 w5", True)):
        assert policy.satisfied_by(dict.fromkeys(names.split(), TIME)) is good


def test_checkpoints_against_a_policy() -> None:
    """Who cosigned, when; and each way to fall short."""
    policy = policy_parse(POLICY)
    note = checkpoint(5).signed(WITNESS, TIME).signed(UNIVERSITY, TIME + 5)
    verdict = policy.evaluate(note)
    assert (verdict.checkpoint.size, verdict.witnesses) == (5, {"hiep-hoi": TIME, "dai-hoc": TIME + 5})
    assert verdict.witnessed
    assert not policy_parse(LOG_ALONE).evaluate(note).witnessed
    with pytest.raises(Rejected, match=r"Too few witnesses.*hiep-hoi"):
        policy.evaluate(checkpoint(5).signed(WITNESS, TIME))
    with pytest.raises(Rejected, match="knows no log"):
        policy.evaluate(checkpoint(5, STRANGER))
    with pytest.raises(Rejected, match="no signature of its log"):
        policy.evaluate(head(LOG.name, 5, b"\1" * 32).signed(WITNESS, TIME).signed(UNIVERSITY, TIME))
    with pytest.raises(Rejected, match="future"):
        policy.evaluate(note, latest=TIME)
    with pytest.raises(Rejected, match="empty tree"):
        policy.evaluate(
            head(LOG.name, 0, b"\1" * 32).signed(LOG).signed(WITNESS, TIME).signed(UNIVERSITY, TIME)
        )
    policy.evaluate(head(LOG.name, 0, EMPTY_ROOT).signed(LOG).signed(WITNESS, TIME).signed(UNIVERSITY, TIME))


def test_a_cosignature_without_time_does_not_witness() -> None:
    """Time 0 says nothing about the largest tree seen, so a fork could bear it."""
    note = checkpoint(5).signed(WITNESS, TIME).signed(UNIVERSITY, 0)
    with pytest.raises(Rejected, match="Too few"):
        policy_parse(POLICY).evaluate(note)


def test_another_logs_key_does_not_sign_for_this_one() -> None:
    """A policy of two logs: each answers for its own origin only."""
    policy = policy_parse(f"log {LOG.verifier.text}\nlog {STRANGER.verifier.text}\nquorum none\n".encode())
    policy.evaluate(checkpoint(5, STRANGER))
    with pytest.raises(Rejected, match="no signature of its log"):
        policy.evaluate(head(LOG.name, 5, b"\1" * 32).signed(STRANGER))


def test_names_are_bytes() -> None:
    """The letter K and the Kelvin sign are two names; bytes that are no UTF-8 are a name too."""
    lines = [f"witness {name} {WITNESSES[at].verifier.text}\n" for at, name in enumerate(["K", "\u212a"])]
    raw = "".join(lines).encode() + b"witness \xff\xfe " + WITNESSES[2].verifier.text.encode() + b"\n"
    policy = policy_parse(
        raw + "group g all K \u212a \u00a0\n".replace(" \u00a0", "").encode() + b"quorum \xff\xfe\n"
    )
    assert len(policy.witnesses) == 3
    assert policy.text.encode("utf-8", "surrogateescape").endswith(b"quorum \xff\xfe\n")


def test_forty_of_each() -> None:
    """32 of each are asked for."""
    keys = [
        SigningKey(f"l{number}.example", KeyType.ED25519, bytes([100 + number]) * 32) for number in range(40)
    ]
    text = "".join(f"log {key.verifier.text}\n" for key in keys) + witness_lines(40)
    text += "".join(f"group g{number} any w{number}\n" for number in range(40))
    text += "group top 40 " + " ".join(f"g{number}" for number in range(40)) + "\nquorum top\n"
    policy = policy_parse(text.encode())
    assert policy.satisfied_by({f"w{number}": TIME for number in range(40)})
    assert not policy.satisfied_by({f"w{number}": TIME for number in range(39)})


W0, W1 = WITNESSES[0].verifier.text, WITNESSES[1].verifier.text


@pytest.mark.parametrize(
    "text",
    [
        "", f"log {LOG.verifier.text}\n", "quorum none\nquorum none\n", "quorum\n", "quorum a\n",
        "quorum none x\n",
        f"quorum a\nwitness a {W0}\n", f"witness a {W0}\nwitness a {W1}\nquorum a\n",
        f"witness a {W0}\nwitness b {W0}\nquorum a\n", f"witness none {W0}\nquorum none\n",
        f"witness a {W0}\ngroup a any a\nquorum a\n", f"witness a {W0}\ngroup g any b\nquorum g\n",
        f"witness a {W0}\ngroup g any g\nquorum g\n", f"witness a {W0}\ngroup g 2 a\nquorum g\n",
        f"witness a {W0}\ngroup g 0 a\nquorum g\n", f"witness a {W0}\ngroup g 01 a\nquorum g\n",
        f"witness a {W0}\ngroup g any a a\nquorum g\n", f"witness a {W0}\ngroup g any\nquorum none\n",
        f"witness a {W0}\ngroup g any a\ngroup h any a\nquorum h\n",
        f"witness a {W0}\ngroup g any none\nquorum g\n",
        f"witness a {LOG.verifier.text}\nquorum a\n", f"log {W0}\nquorum none\n",
        f"witness a {W0} u v\nquorum a\n",
        f"log {LOG.verifier.text}\nlog {LOG.verifier.text}\nquorum none\n", "logs x\nquorum none\n",
        f"log {LOG.verifier.text[:-4]}\nquorum none\n", "quorum none\r\n", "quorum none\0\n",
        "quorum none\x7f\n",
        f"witness a {W0}\ngroup g most a\nquorum g\n", "Quorum none\n", "quorum\u00a0none\n",
    ],
)  # fmt: skip
def test_malformed_policies(text: str) -> None:
    """Undefined, doubled, circular, miscounted, of the wrong kind, or written with other characters."""
    with pytest.raises(Malformed):
        policy_parse(text.encode())


def test_one_key_under_two_names_counts_once() -> None:
    """The same public key as another type or under another name is refused: it would count twice."""
    twin = SigningKey("other.example", WITNESSES[0].type, WITNESSES[0].seed).verifier.text
    with pytest.raises(Malformed, match="stands already"):
        policy_parse(f"witness a {W0}\nwitness b {twin}\ngroup g all a b\nquorum g\n".encode())
    own = SigningKey(LOG.name, KeyType.COSIGNATURE_ED25519, LOG.seed).verifier.text
    with pytest.raises(Malformed, match="stands already"):
        policy_parse(f"log {LOG.verifier.text}\nwitness self {own}\nquorum self\n".encode())


def test_the_line_is_named() -> None:
    """A person has to find it."""
    with pytest.raises(Malformed, match=r"Policy, line 3: 'y' is not defined above\."):
        policy_parse(f"# first\nwitness x {W0}\nquorum y\n".encode())


@settings(max_examples=60)
@given(st.integers(0, 4), st.lists(st.integers(1, 3), min_size=4, max_size=4), st.sets(st.integers(0, 11)))
def test_different_legal_entities(threshold: int, sizes: list[int], present: set[int]) -> None:
    """k of n entities: three keys of one association are one voice."""
    entities, number, voices = {}, 0, set()
    for at, size in enumerate(sizes):
        keys = range(number, number + size)
        entities[f"e{at}"] = [WITNESSES[key].verifier for key in keys]
        if present & set(keys):
            voices.add(at)
        number += size
    policy: Policy = policy_of_entities([LOG.verifier], entities, threshold)
    note = checkpoint(2)
    for key in sorted(present & set(range(number))):
        note = note.signed(WITNESSES[key], TIME)
    try:
        policy.evaluate(note)
        good = True
    except Rejected:
        good = False
    assert good is (len(voices) >= threshold)
