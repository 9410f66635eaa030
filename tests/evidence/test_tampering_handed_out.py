"""What was handed out shows that it was touched: proofs, disclosures, copied logs, cosignatures, forks.

Here no audit helps: the receiver has the file, the verifier and the keys he believes, nothing of ours.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lienmach.engines.ledger.checkpoints import Checkpoint, checkpoint_parse
from lienmach.engines.ledger.commitments import Opening
from lienmach.engines.ledger.disclosure import Disclosure, disclosure_parse
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.leaf import hash_of, leaf_parse
from lienmach.engines.ledger.merkle import Frontier
from lienmach.engines.ledger.notes import Note, note_parse
from lienmach.engines.ledger.policy import Policy, policy_parse
from lienmach.engines.ledger.proofs import proof_parse
from lienmach.engines.ledger.verify import main as verify
from lienmach.kernel.evidence.log.audit import audit
from lienmach.kernel.evidence.log.export import log_export
from lienmach.kernel.evidence.log.findings import Kind
from lienmach.kernel.evidence.log.keys import Purpose, key_kept
from lienmach.kernel.evidence.log.proofs import event_proof
from lienmach.kernel.evidence.log.publish import Publisher
from lienmach.kernel.evidence.models import Cosignature, Leaf, Log, LogCheckpoint
from lienmach.kernel.evidence.sequencer import sequence
from lienmach.kernel.scope import SystemScope

from .conftest import Platform
from .test_witnessed import policy, witnessed

__all__ = ["witnessed"]  # a fixture, found by its name

STRANGER = SigningKey("localhost:8000/log/other", KeyType.ED25519, bytes(range(32)))
Change = Callable[[Disclosure], Disclosure | bytes]
DISCLOSURES: dict[str, Change] = {}


def change(name: str) -> Callable[[Change], Change]:
    """Put a change of a disclosure into the catalogue."""

    def keep(function: Change) -> Change:
        DISCLOSURES[name] = function
        return function

    return keep


def flipped(data: bytes, at: int = 3) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def checkpoint_of(file: Disclosure, **changes: Any) -> Disclosure:
    """The same proof to a checkpoint that says something else, with the old signatures."""
    note = file.proof.note
    head = replace(checkpoint_parse(note.body), **changes)
    return replace(file, proof=replace(file.proof, checkpoint=Note(head.body, note.signatures).to_bytes()))


def lines(file: Disclosure, keep: Callable[[int], bool]) -> Disclosure:
    note = file.proof.note
    kept = tuple(line for number, line in enumerate(note.signatures) if keep(number))
    return replace(file, proof=replace(file.proof, checkpoint=Note(note.body, kept).to_bytes()))


def opened(file: Disclosure, group: str, **changes: bytes) -> Disclosure:
    return replace(file, opened={**file.opened, group: replace(file.opened[group], **changes)})


def spelled(file: Disclosure, edit: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(file.to_bytes())
    edit(document)
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


change("a quantity is edited")(
    lambda file: opened(
        file, "partner", body=file.opened["partner"].body.replace(b'"pieces":2', b'"pieces":9')
    )
)
change("a salt is edited")(lambda file: opened(file, "public", salt=bytes(32)))
change("a salt is shortened")(lambda file: opened(file, "public", salt=bytes(16)))
change("two groups are exchanged")(
    lambda file: replace(file, opened={"public": file.opened["partner"], "partner": file.opened["public"]})
)
change("a group is put in")(
    lambda file: replace(file, opened={**file.opened, "private": Opening(bytes(32), b'{"body":{}}')})
)
change("the leaf's time is edited")(
    lambda file: replace(file, leaf=file.leaf.replace(b'"t":"2026', b'"t":"2025'))
)
change("the leaf's kind is edited")(
    lambda file: replace(file, leaf=file.leaf.replace(b"pallet_moved", b"pallet_found"))
)
change("the leaf gets a commitment that fits an edited body")(
    lambda file: _committed(opened(file, "partner", body=b'{"body":{"pieces":9},"subject":"pallet:1"}'))
)
change("the leaf is another leaf of the log")(lambda file: replace(file, leaf=OTHERS["leaf"]))
change("the index is edited")(
    lambda file: replace(file, proof=replace(file.proof, index=file.proof.index + 1))
)
change("a hash of the path is edited")(
    lambda file: replace(
        file, proof=replace(file.proof, path=(flipped(file.proof.path[0]), *file.proof.path[1:]))
    )
)
change("the path is cut")(lambda file: replace(file, proof=replace(file.proof, path=file.proof.path[:-1])))
change("the path is longer")(
    lambda file: replace(file, proof=replace(file.proof, path=(*file.proof.path, bytes(32))))
)
change("the root is edited")(lambda file: checkpoint_of(file, root=bytes(32)))
change("the size is edited")(
    lambda file: checkpoint_of(file, size=checkpoint_parse(file.proof.note.body).size + 1)
)
change("the origin is edited")(lambda file: checkpoint_of(file, origin="localhost:8000/log/other"))
change("the checkpoint gets an extension")(lambda file: checkpoint_of(file, extensions=("x",)))
change("the log's signature is taken off")(lambda file: lines(file, lambda number: number != 0))
change("a witness is taken off")(lambda file: lines(file, lambda number: number != 1))
change("both witnesses are taken off")(lambda file: lines(file, lambda number: number == 0))
change("a witness's signature is flipped")(lambda file: _line(file, 1))
change("the log's signature is flipped")(lambda file: _line(file, 0))
change("the head of another log by a stranger")(
    lambda file: replace(
        file,
        proof=replace(
            file.proof,
            index=0,
            path=(),
            checkpoint=Note(Checkpoint(STRANGER.name, 1, hash_of(file.leaf)).body)
            .signed(STRANGER)
            .to_bytes(),
        ),
    )
)
change("the author's key is a stranger's")(
    lambda file: spelled(file, lambda document: document["author"].update(key=STRANGER.verifier.text))
)
change("the author's batch is another")(
    lambda file: spelled(file, lambda document: document["author"]["batch"].update(index=1))
)
change("the file has a part nobody knows")(
    lambda file: spelled(file, lambda document: document.update(note="trust me"))
)
change("the file is spelled otherwise")(lambda file: file.to_bytes().replace(b"\n", b"\r\n"))
change("the file is cut off")(lambda file: file.to_bytes()[:-40])
OTHERS: dict[str, bytes] = {}


def _committed(file: Disclosure) -> Disclosure:
    header = leaf_parse(file.leaf)
    commitments = {**header.commitments, "partner": file.opened["partner"].commitment}
    return replace(file, leaf=replace(header, commitments=commitments).to_bytes())


def _line(file: Disclosure, number: int) -> Disclosure:
    note = file.proof.note
    changed = [
        replace(line, signature=flipped(line.signature, -1)) if place == number else line
        for place, line in enumerate(note.signatures)
    ]
    return replace(file, proof=replace(file.proof, checkpoint=Note(note.body, tuple(changed)).to_bytes()))


@pytest.fixture
def handed_out(platform: Platform, witnessed: Any) -> tuple[Disclosure, Policy]:
    """A disclosure with two witnesses, and what its receiver believes."""
    platform.move(8)
    platform.settle()
    file = event_proof(platform.scope, event_id=platform.events[2].event_id, disclose=("public", "partner"))
    OTHERS["leaf"] = bytes(Leaf.objects.get(event_id=platform.events[3].event_id).data)
    own = policy_parse(f"log {(platform.folder / 'log.vkey').read_text()}{policy(witnessed)}".encode())
    assert set(file.verify(own).verdict.witnesses) == {"association", "university"}
    return file, own


@pytest.mark.django_db
def test_every_change_of_a_disclosure_is_refused(handed_out: tuple[Disclosure, Policy]) -> None:
    """Against the receiver's own policy, all of them, with a reason."""
    file, own = handed_out
    assert len(DISCLOSURES) >= 25
    believed = []
    for name, touch in DISCLOSURES.items():
        try:
            touched = touch(file)
            data = touched if isinstance(touched, bytes) else touched.to_bytes()
            assert data != file.to_bytes(), name
            disclosure_parse(data).verify(own)
        except LedgerError as error:
            assert str(error)
        else:
            believed.append(name)
    assert not believed


@pytest.mark.django_db
def test_every_byte_of_a_proof_counts(handed_out: tuple[Disclosure, Policy]) -> None:
    """One bit anywhere in a `.tlog-proof`: refused, or the same statement."""
    file, own = handed_out
    leaf, data = hash_of(file.leaf), file.proof.to_bytes()
    true = file.proof.verify(leaf, own)
    for at in range(len(data)):
        try:
            said = proof_parse(flipped(data, at)).verify(leaf, own)
        except LedgerError:
            continue
        assert said == true, at


def rewritten(folder: Path, path: str, edit: Callable[[bytes], bytes]) -> None:
    (file,) = folder.glob(path)
    file.write_bytes(edit(file.read_bytes()))


COPIES: dict[str, Callable[[Path], None]] = {
    "an entry is edited": lambda folder: rewritten(folder, "tile/entries/*.p/*", lambda d: flipped(d, 60)),
    "an entry is cut": lambda folder: rewritten(folder, "tile/entries/*.p/*", lambda d: d[:-1]),
    "a hash is edited": lambda folder: rewritten(folder, "tile/0/*.p/*", lambda d: flipped(d, 40)),
    "a tile is deleted": lambda folder: next(folder.glob("tile/0/*.p/*")).unlink(),
    "the bundle is deleted": lambda folder: next(folder.glob("tile/entries/*.p/*")).unlink(),
    "the checkpoint is edited": lambda folder: rewritten(folder, "checkpoint", lambda d: flipped(d, 70)),
    "the checkpoint is unsigned": lambda folder: rewritten(
        folder, "checkpoint", lambda d: d.split(b"\n\n")[0] + b"\n\n"
    ),
    "the key is another": lambda folder: rewritten(
        folder, "log.vkey", lambda d: STRANGER.verifier.text.encode() + b"\n"
    ),
    "entry and hash are rewritten together": lambda folder: _consistent(folder),
}


def _consistent(folder: Path) -> None:
    rewritten(folder, "tile/entries/*.p/*", lambda d: flipped(d, 60))
    (bundle,) = folder.glob("tile/entries/*.p/*")
    data = bundle.read_bytes()
    first = data[2 : 2 + int.from_bytes(data[:2], "big")]
    rewritten(folder, "tile/0/*.p/*", lambda d: hash_of(first) + d[32:])


@pytest.mark.django_db
@pytest.mark.parametrize("name", COPIES)
def test_a_touched_copy_of_a_log_is_refused(platform: Platform, tmp_path: Path, name: str) -> None:
    """`verify DIR` hashes every entry again; exit code 1 and a reason."""
    log_export(platform.log, tmp_path / "copy")
    assert verify([str(tmp_path / "copy")]) == 0
    COPIES[name](tmp_path / "copy")
    assert verify([str(tmp_path / "copy")]) == 1


Cosigned = Callable[[Platform, Cosignature], None]
COSIGNATURES: dict[str, tuple[Cosigned, Kind]] = {
    "a cosignature is flipped": (
        lambda platform, row: _update(row, line=_touched(row.line)), Kind.CHECKPOINT_CHANGED,
    ),
    "a cosignature is no line": (lambda platform, row: _update(row, line="x\n"), Kind.CHECKPOINT_CHANGED),
    "a cosignature is shown for another witness": (
        lambda platform, row: _update(row, witness="province"), Kind.WITNESS_UNKNOWN,
    ),
    "a witness is made up": (lambda platform, row: _made_up(platform, row), Kind.WITNESS_UNKNOWN),
    "a cosignature of an older checkpoint is moved": (
        lambda platform, row: _update(row, line=_older(row)), Kind.CHECKPOINT_CHANGED,
    ),
    "a published cosignature is not in the table": (
        lambda platform, row: _delete(row), Kind.CHECKPOINT_CHANGED,
    ),
    "the published checkpoint loses its witnesses": (
        lambda platform, row: _stripped(platform), Kind.CHECKPOINT_CHANGED,
    ),
}  # fmt: skip


def _update(row: Cosignature, **columns: str) -> None:
    Cosignature.objects.filter(id=row.id).update(**columns)


def _delete(row: Cosignature) -> None:
    Cosignature.objects.filter(id=row.id).delete()


def _touched(line: str) -> str:
    return line[:-20] + ("A" if line[-20] != "A" else "B") + line[-19:]


def _older(row: Cosignature) -> str:
    older = Cosignature.objects.filter(witness=row.witness).exclude(id=row.id).order_by("-checkpoint__size")
    return older[0].line


def _made_up(platform: Platform, row: Cosignature) -> None:
    key = SigningKey("witness.example/province", KeyType.COSIGNATURE_ED25519, bytes(range(32)))
    note = note_parse(bytes(row.checkpoint.note))
    line = Note(note.body).signed(key, 1_763_700_000).signatures[0].text
    Cosignature.objects.create(checkpoint=row.checkpoint, witness="province", line=line, at=row.at)


def _stripped(platform: Platform) -> None:
    path = platform.folder / "checkpoint"
    note = note_parse(path.read_bytes())
    path.write_bytes(Note(note.body, note.signatures[:1]).to_bytes())


@pytest.mark.django_db
def test_every_change_of_a_cosignature_is_found(platform: Platform, witnessed: Any, tmp_path: Path) -> None:
    """In the table and in the published file; the sound log in between raises no alarm."""
    for number in range(2):
        platform.move(8 + number)
        platform.settle()
    row = Cosignature.objects.filter(checkpoint__log=platform.log).order_by("-checkpoint__size", "id")[0]
    missed = []
    for name, (touch, kind) in COSIGNATURES.items():
        with platform.tampering(tmp_path / "kept"):
            touch(platform, row)
            found = {one.kind for one in audit(SystemScope()).findings}
        if kind not in found:
            missed.append((name, found))
        assert audit(SystemScope()).findings == [], name
    assert not missed


@pytest.mark.django_db
def test_two_histories_of_one_log_do_not_both_get_witnesses(
    platform: Platform, witnessed: Any, tmp_path: Path
) -> None:
    """A clone goes on by itself with the log's own key; the witnesses have seen the other, and say so."""
    platform.move(8)
    platform.settle()
    with platform.tampering(tmp_path / "kept"):
        platform.move(9)
        platform.settle()
        seen = LogCheckpoint.objects.filter(log=platform.log).order_by("-size")[0]
        assert seen.cosignatures.count() == 2
    # Undone here: this is the clone that has not seen that leaf. It records another one instead.
    platform.events.pop()
    platform.move(10)
    sequence(at=platform.world.at)
    Publisher().publish_all(at=platform.world.at)
    clone = Log.objects.get(id=platform.log.id)
    assert "otherwise" in clone.held or "has seen" in clone.held
    signed = LogCheckpoint.objects.filter(log=clone, size=clone.size).first()
    assert signed is None or signed.cosignatures.count() == 0
    assert checkpoint_parse(note_parse((platform.folder / "checkpoint").read_bytes()).body).size < clone.size


@pytest.mark.django_db
def test_a_fork_signed_by_a_thief_is_found_by_whoever_kept_a_checkpoint(platform: Platform) -> None:
    """Same size, another root, a good signature: two notes that cannot both be of one log."""
    kept = note_parse((platform.folder / "checkpoint").read_bytes())
    head = checkpoint_parse(kept.body)
    forged = Frontier().extend([bytes(32)] * head.size)
    key = key_kept(platform.organisation.id, Purpose.LOG)
    (platform.folder / "checkpoint").write_bytes(
        Note(replace(head, root=forged.root()).body).signed(key).to_bytes()
    )
    assert Kind.HISTORY_REWRITTEN in {one.kind for one in audit(SystemScope()).findings}
    (platform.folder / "checkpoint").write_bytes(kept.to_bytes())
    assert audit(SystemScope()).findings == []
