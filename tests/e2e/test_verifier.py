"""The page that verifies a proof alone: from a disk, in a browser, without a network, as strict as Python."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lienmach.apps.proof.offline import NAME, single_file
from lienmach.engines.ledger import verify
from lienmach.engines.ledger.authors import BATCH_KIND, batch_of, batch_proof, device_author, leaf_sign
from lienmach.engines.ledger.canonical import exact
from lienmach.engines.ledger.checkpoints import Checkpoint
from lienmach.engines.ledger.commitments import Opening
from lienmach.engines.ledger.disclosure import Authorship, Disclosure, Gathered
from lienmach.engines.ledger.encoding import base64_bytes, base64_text
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.leaf import Author, Leaf
from lienmach.engines.ledger.merkle import leaf_hash
from lienmach.engines.ledger.notes import Note
from lienmach.engines.ledger.policy import policy_of_entities
from lienmach.engines.ledger.proofs import Proof
from lienmach.engines.ledger.tree import Tree

LOG, AUTHOR, STRANGER = (
    SigningKey(name, KeyType.ED25519, bytes([seed]) * 32)
    for name, seed in (("log.example/xuong", 1), ("log.example/xuong/author", 2), ("elsewhere", 3))
)
PROVINCE = SigningKey("log.example/province", KeyType.ED25519, bytes([7]) * 32)
WITNESSES = [
    SigningKey(f"witness.example/{name}", KeyType.COSIGNATURE_ED25519, bytes([seed]) * 32)
    for name, seed in (("hiep-hoi", 4), ("dai-hoc", 5))
]
AT = 1_790_000_000
SLOWEST_MS = 20.0
Browser = Callable[..., dict[str, Any]]

ASK = """async ([text, own]) => {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const answer = await window.lienmach.examine(bytes, own);
  const plain = (key, value) => (typeof value === "bigint" ? String(value) : value);
  return JSON.parse(JSON.stringify(answer, plain));
}"""


def event_id(number: int) -> str:
    return f"01930000-0000-7000-8000-{number:012x}"


def header(number: int, author: Author, groups: dict[str, Opening]) -> Leaf:
    commitments = {name: opened.commitment for name, opened in groups.items()}
    return Leaf(
        event_id(number), "production.receipt_confirmed", "2026-11-21T03:00:00.000Z", author, commitments
    )


def opened(group: str, number: int) -> Opening:
    body = {"body": {"quantity": number, "item": "Ổ trục — loại “A”"}, "group": group}
    return Opening(bytes([number % 256]) * 32, exact(body))


def proof_at(
    size: int,
    index: int,
    *,
    witnesses: int = 2,
    threshold: int = 2,
    device: bool = False,
    show: str = "public",
    province: bool = False,
) -> bytes:
    """A proof file as an honest platform writes it: `size` leaves, the one at `index` shown."""
    groups = {name: opened(name, index) for name in ("public", "partner", "private")}
    hosted = Author(AUTHOR.verifier.id.hex())
    leaf = header(index, hosted, groups)
    if device:
        leaf = leaf_sign(header(index, device_author(AUTHOR.verifier, 1, b""), groups), AUTHOR)
    batch = [b"another leaf", leaf.to_bytes(), b"a third"]
    signing = leaf_sign(
        Leaf(event_id(9), BATCH_KIND, "2026-11-21T03:00:01.000Z", hosted, batch=batch_of(batch)), AUTHOR
    )
    hashes = [leaf_hash(b"filler %d" % number) for number in range(size)]
    hashes[index] = leaf_hash(leaf.to_bytes())
    tree = Tree(hashes)
    note = cosigned(LOG, tree, witnesses)
    entities = {key.name.rsplit("/", 1)[1]: [key.verifier] for key in WITNESSES}
    logs = [LOG.verifier, PROVINCE.verifier] if province else [LOG.verifier]
    return Disclosure(
        leaf=leaf.to_bytes(),
        proof=Proof(index, tuple(tree.inclusion_proof(index)), note.to_bytes()),
        policy=policy_of_entities(logs, entities, threshold),
        opened={name: groups[name] for name in show.split(",") if name},
        author=Authorship(AUTHOR.verifier, None if device else batch_proof(batch, 1, signing.to_bytes())),
        province=gathered(Note(note.body).signed(LOG), witnesses) if province else None,
    ).to_bytes()


def cosigned(log: SigningKey, tree: Tree, witnesses: int) -> Note:
    """The head of a tree, signed by its log and cosigned."""
    note = Note(Checkpoint(log.name, len(tree), tree.root()).body).signed(log)
    for key in WITNESSES[:witnesses]:
        note = note.signed(key, AT)
    return note


def gathered(entry: Note, witnesses: int) -> Gathered:
    """The checkpoint as a leaf of the provincial log."""
    tree = Tree([leaf_hash(b"others"), leaf_hash(entry.to_bytes()), leaf_hash(b"more")])
    head = cosigned(PROVINCE, tree, witnesses)
    return Gathered(entry.to_bytes(), Proof(1, tuple(tree.inclusion_proof(1)), head.to_bytes()))


@pytest.fixture(scope="module")
def page(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page as a person has it after the download: a file on a disk, the network unplugged."""
    file = tmp_path_factory.mktemp("download") / NAME
    file.write_bytes(single_file())
    context = chromium.new_context(offline=True, locale="en")
    opened_page = context.new_page()
    errors: list[str] = []
    opened_page.on("pageerror", lambda error: errors.append(str(error)))
    opened_page.on(
        "request", lambda request: errors.append(request.url) if request.url != file.as_uri() else 0
    )
    opened_page.goto(file.as_uri())
    yield opened_page
    context.close()
    assert not errors, errors


@pytest.fixture(scope="module")
def ask(page: Any) -> Browser:
    """Ask the page's own check about bytes."""

    def answer(data: bytes, **own: str) -> dict[str, Any]:
        return dict(page.evaluate(ASK, [base64.b64encode(data).decode(), own]))

    return answer


def python_says(folder: Path, data: bytes, *arguments: str) -> bool:
    (folder / "proof").write_bytes(data)
    return verify.main([str(folder / "proof"), *arguments]) == 0


GOOD = {
    "one leaf": {"size": 1, "index": 0},
    "two leaves": {"size": 2, "index": 1},
    "no perfect tree": {"size": 7, "index": 6},
    "full tile": {"size": 256, "index": 255},
    "one more than a tile": {"size": 257, "index": 256},
    "large": {"size": 65_537, "index": 40_000},
    "all groups": {"size": 5, "index": 2, "show": "public,partner,private"},
    "nothing shown": {"size": 5, "index": 2, "show": ""},
    "device": {"size": 9, "index": 3, "device": True},
    "one witness of two asked for one": {"size": 9, "index": 3, "witnesses": 1, "threshold": 1},
    "held by the province": {"size": 9, "index": 3, "province": True},
    "unwitnessed": {"size": 9, "index": 3, "witnesses": 0, "threshold": 0},
}


@pytest.mark.parametrize("name", GOOD)
def test_what_holds_is_said_with_names(ask: Browser, tmp_path: Path, name: str) -> None:
    """Python and browser agree; who witnessed, who holds the key and what was shown come out of the file."""
    given = GOOD[name]
    data = proof_at(**given)  # type: ignore[arg-type]
    assert python_says(tmp_path, data)
    ask(data)  # the first check also warms the browser's cryptography up
    answer = ask(data)
    assert "found" in answer, answer
    found = answer["found"]
    assert (found["index"], found["size"]) == (str(given["index"]), str(given["size"]))
    count = int(given.get("witnesses", 2))  # type: ignore[call-overload]
    assert [each["name"].split(".")[0] for each in found["witnesses"]] == ["hiep-hoi", "dai-hoc"][:count]
    assert found["tier"] == ("device" if given.get("device") else "hosted")
    shown = [group for group in str(given.get("show", "public")).split(",") if group]
    assert sorted(found["groups"]) == sorted(shown)
    for group in shown:
        assert found["groups"][group]["body"]["item"] == "Ổ trục — loại “A”"
    assert answer["ms"] <= SLOWEST_MS, f"{answer['ms']} ms"


def _changed(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with one part changed, spelled as the format asks: no verdict rests on spelling alone."""
    document = json.loads(data)
    change(document)
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _lines(text: str, at: int, line: str | None) -> str:
    lines = text.split("\n")
    lines[at : at + 1] = [] if line is None else [line]
    return "\n".join(lines)


def _flipped(text: str, length: int | None = None) -> str:
    data = bytearray(base64_bytes(text, what="test", length=length))
    data[-1] ^= 1
    return base64_text(bytes(data))


def _resigned(document: dict[str, Any]) -> None:
    """The same checkpoint signed by somebody else under the log's name."""
    body = document["proof"].split("\n\n")[1] + "\n"
    imposter = SigningKey(LOG.name, KeyType.ED25519, bytes([9]) * 32)
    front = document["proof"].split("\n\n")[0]
    document["proof"] = f"{front}\n\n" + Note(body).signed(imposter).to_bytes().decode()


def _edit(*path: str | int, by: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = by(document[path[-1]])

    return change


def _leaf(by: Callable[[str], str]) -> Callable[[dict[str, Any]], None]:
    return _edit("leaf", by=lambda text: base64_text(by(base64_bytes(text, what="leaf").decode()).encode()))


def _proof(by: Callable[[str], str]) -> Callable[[dict[str, Any]], None]:
    return _edit("proof", by=by)


def _last_line_flipped(text: str) -> str:
    name, encoded = text.rstrip("\n").rsplit("\n", 1)[1].rsplit(" ", 1)
    return text.rstrip("\n").rsplit("\n", 1)[0] + f"\n{name} {_flipped(encoded)}\n"


MUTATIONS: dict[str, Callable[[dict[str, Any]], None]] = {
    "event id": _leaf(lambda text: text.replace('"e":"0193', '"e":"0194')),
    "kind": _leaf(lambda text: text.replace("receipt_confirmed", "receipt_disputed")),
    "time": _leaf(lambda text: text.replace("2026-11-21T03", "2026-11-20T03")),
    "author in the leaf": _leaf(lambda text: text.replace(AUTHOR.verifier.id.hex(), "00000000")),
    "commitment": _leaf(
        lambda text: text.replace('"public":"', '"public":"0', 1).replace('","private', '","private')
    ),
    "leaf with a key more": _leaf(lambda text: text.replace('"v":1', '"v":1,"x":1')),
    "leaf in another spelling": _leaf(lambda text: text.replace('"v":1', '"v": 1')),
    "body": _edit("opened", "public", "body", by=lambda text: text.replace('"quantity":3', '"quantity":4')),
    "salt": _edit("opened", "public", "salt", by=_flipped),
    "short salt": _edit("opened", "public", "salt", by=lambda text: base64_text(b"x")),
    "body of another group": lambda document: document["opened"].update(partner=document["opened"]["public"]),
    "a group the leaf lacks": lambda document: document["opened"].update(secret=document["opened"]["public"]),
    "index": _proof(lambda text: text.replace("index 3", "index 2")),
    "index with a zero before": _proof(lambda text: text.replace("index 3", "index 03")),
    "index beyond the tree": _proof(lambda text: text.replace("index 3", "index 300")),
    "hash of the path": _proof(lambda text: _lines(text, 2, _flipped(text.split("\n")[2], 32))),
    "path shortened": _proof(lambda text: _lines(text, 2, None)),
    "path lengthened": _proof(lambda text: _lines(text, 2, text.split("\n")[2] + "\n" + text.split("\n")[2])),
    "tree size": _proof(lambda text: text.replace(f"{LOG.name}\n9\n", f"{LOG.name}\n10\n")),
    "origin": _proof(lambda text: text.replace(f"{LOG.name}\n9", "log.example/other\n9")),
    "signature of a witness": _proof(_last_line_flipped),
    "signed by another key": _resigned,
    "without its witnesses": _proof(lambda text: text.rsplit("— witness", 2)[0]),
    "one witness twice": _proof(
        lambda text: text.rsplit("— witness", 1)[0] + "— witness" + text.rsplit("— witness", 2)[1]
    ),
    "policy with another log key": _edit(
        "policy", by=lambda text: text.replace(LOG.verifier.text, STRANGER.verifier.text)
    ),
    "policy that asks nobody, wrongly written": _edit(
        "policy", by=lambda text: text.replace("quorum quorum", "quorum")
    ),
    "policy with a witness under two names": _edit(
        "policy",
        by=lambda text: text.replace("group ", f"witness twice {WITNESSES[0].verifier.text}\ngroup ", 1),
    ),
    "author's key": _edit("author", "key", by=lambda text: STRANGER.verifier.text),
    "key id mistyped": _edit("author", "key", by=lambda text: text.replace("+", "+0", 1)),
    "leaf of the batch": _edit("author", "batch", "leaf", by=lambda text: text.replace("A", "B", 1)),
    "place in the batch": _edit("author", "batch", "index", by=lambda index: index + 1),
    "place in the batch as a fraction": _edit("author", "batch", "index", by=float),
    "path in the batch": _edit("author", "batch", "path", by=lambda path: path[:-1]),
    "batch left out": lambda document: document["author"].pop("batch"),
    "an unknown part": lambda document: document.update(note="trust me"),
    "another format": lambda document: document.update(format="lienmach/disclosure@v2"),
    "half a letter": _edit("opened", "public", "body", by=lambda text: text + "\ud800"),
}


PROVINCIAL: dict[str, Callable[[dict[str, Any]], None]] = {
    "province's entry": _edit("province", "entry", by=lambda text: text.replace("\n9\n", "\n8\n")),
    "province's index": _edit("province", "proof", by=lambda text: text.replace("index 1", "index 0")),
    "province's head": _edit("province", "proof", by=_last_line_flipped),
    "province without its witnesses": _edit(
        "province", "proof", by=lambda text: text.rsplit("— witness", 2)[0]
    ),
    "province that nobody named": _edit(
        "policy", by=lambda text: text.replace(f"log {PROVINCE.verifier.text}\n", "")
    ),
    "province with a part more": lambda document: document["province"].update(more=""),
    "province left half": lambda document: document["province"].pop("entry"),
}


@pytest.mark.parametrize("name", PROVINCIAL)
def test_what_shows_the_province_is_checked_too(ask: Browser, tmp_path: Path, name: str) -> None:
    """A checkpoint that the provincial log does not hold spoils the file."""
    good = proof_at(9, 3, province=True)
    assert ask(good)["found"]["province"]["origin"] == PROVINCE.name
    bad = _changed(good, PROVINCIAL[name])
    assert bad != good
    assert not python_says(tmp_path, bad)
    assert "refused" in ask(bad)


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_is_refused(ask: Browser, tmp_path: Path, name: str) -> None:
    """Whatever part was touched: refused by the browser and by Python."""
    good = proof_at(9, 3)
    assert "found" in ask(good)
    try:
        bad = _changed(good, MUTATIONS[name])
    except UnicodeEncodeError:
        bad = good.replace(b'"body": "', b'"body": "\\ud800', 1)
    assert bad != good, "the mutation changed nothing"
    assert not python_says(tmp_path, bad)
    answer = ask(bad)
    assert "refused" in answer, answer
    assert answer["refused"]["code"] != "unexpected", answer


def test_any_changed_byte_has_the_same_verdict_in_both(ask: Browser, tmp_path: Path) -> None:
    """A bit, a letter, a byte gone or doubled, all over the file. A blank in the policy may be doubled."""
    good = proof_at(9, 3, show="public,partner")
    policy = range(good.index(b'"policy"'), good.index(b'"proof"'))
    differing, accepted = [], []
    for at in range(0, len(good), 23):
        front, byte, back = good[:at], good[at], good[at + 1 :]
        for middle in (bytes([byte ^ 1]), bytes([byte ^ 0x80]), b"", bytes([byte, byte])):
            bad = front + middle + back
            browser, python = "found" in ask(bad), python_says(tmp_path, bad)
            if browser != python:
                differing.append((at, middle, browser, python))
            if browser:
                accepted.append((at, middle))
    assert not differing, differing
    assert all(at in policy and middle == b"  " for at, middle in accepted), accepted


def test_against_ones_own_keys(ask: Browser, tmp_path: Path) -> None:
    """Keys inside a file are the sender's; one's own decide, and the answer says which were used."""
    data, forged = proof_at(9, 3), proof_at(9, 3, witnesses=0, threshold=0)
    strict = policy_of_entities([LOG.verifier], {"hiep-hoi": [WITNESSES[0].verifier]}, 1).text
    assert ask(data)["found"]["trust"] == "inside"
    assert ask(data, policy=strict)["found"]["trust"] == "own"
    assert ask(forged)["found"]["witnesses"] == []
    assert ask(forged, policy=strict)["refused"]["code"] == "few-witnesses"
    assert ask(data, policy="quorum")["refused"]["code"] == "own-policy"
    assert "found" in ask(data, author=AUTHOR.verifier.text)
    assert ask(data, author=STRANGER.verifier.text)["refused"]["code"] == "other-author"
    (tmp_path / "policy").write_text(strict)
    assert not python_says(tmp_path, forged, "--policy", str(tmp_path / "policy"))


def test_signatures_after_quantum_computers(ask: Browser) -> None:
    """An ML-DSA cosignature counts where the browser knows the algorithm; else it is named as not counted."""
    key = SigningKey("witness.example/pq", KeyType.COSIGNATURE_MLDSA44, bytes([6]) * 32)
    document = json.loads(proof_at(9, 3))
    front, _, note = document["proof"].partition("\n\n")
    signed = Note(note.split("\n\n")[0] + "\n").signed(LOG).signed(key, AT)
    document["proof"] = f"{front}\n\n{signed.to_bytes().decode()}"
    document["policy"] = policy_of_entities([LOG.verifier], {"pq": [key.verifier]}, 1).text
    answer = ask(_changed(json.dumps(document).encode(), lambda same: None))
    counted = "found" in answer and [each["name"] for each in answer["found"]["witnesses"]] == ["pq.1"]
    assert counted or answer["refused"]["code"] == "unchecked", answer


def test_a_person_drops_a_file_and_reads_a_verdict(page: Any, tmp_path: Path) -> None:
    """Both languages; never a bare green tick: who witnessed, what it proves and what it does not."""
    good, bad, alone = tmp_path / "good", tmp_path / "bad", tmp_path / "alone"
    good.write_bytes(proof_at(9, 3))
    bad.write_bytes(proof_at(9, 3).replace(rb"quantity\":3", rb"quantity\":4"))
    alone.write_bytes(proof_at(9, 3, witnesses=0, threshold=0))
    verdict = page.locator("#verdict")
    page.click("[data-language=en]")
    page.set_input_files("#file", good)
    verdict.get_by_text("hiep-hoi.1", exact=False).first.wait_for()
    text = verdict.inner_text()
    assert "2 witnesses confirm: hiep-hoi.1, dai-hoc.1" in text
    assert "What this does not prove" in text
    assert "held by the platform" in text
    assert "keys inside the file" in text
    page.set_input_files("#file", alone)
    verdict.get_by_text("UNWITNESSED", exact=False).first.wait_for()
    page.click("[data-language=vi]")
    assert "CHƯA CÓ NHÂN CHỨNG" in verdict.inner_text()
    page.set_input_files("#file", bad)
    verdict.get_by_text("KHÔNG ĐẠT", exact=False).first.wait_for()
    page.fill("#text", good.read_text("utf-8"))
    page.click("#form button")
    verdict.get_by_text("hiep-hoi.1", exact=False).first.wait_for()
    page.fill("#text", "<img src=x onerror=alert(1)>")
    page.click("#form button")
    verdict.get_by_text("không phải tệp bằng chứng", exact=False).first.wait_for()


def test_the_page_fits_a_phone_and_passes_axe(chromium: Any, tmp_path: Path) -> None:
    """360 px wide, light and dark, with a verdict in it."""
    from axe_playwright_python.sync_playwright import Axe

    file, proof = tmp_path / NAME, tmp_path / "proof"
    file.write_bytes(single_file())
    proof.write_bytes(proof_at(65_537, 40_000, show="public,partner,private"))
    # The page's own policy forbids every foreign script, the checker's too.
    context = chromium.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
    narrow = context.new_page()
    narrow.goto(file.as_uri())
    narrow.set_input_files("#file", proof)
    narrow.locator("#verdict h2").wait_for()
    for scheme in ("light", "dark"):
        narrow.emulate_media(color_scheme=scheme)
        found = Axe().run(narrow).response["violations"]
        assert not [each["id"] for each in found if each["impact"] in ("serious", "critical")], found
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
