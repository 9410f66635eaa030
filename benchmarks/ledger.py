"""The ledger's engine, in memory: hashing, leaves, proofs at 2^24 leaves, verification, witnesses, audit.

    python benchmarks/ledger.py [--events 20000] [--repeat 5]

Compares with bare SHA-256 and, when it is installed (a development dependency), with pymerkle in memory.
Rates count processor time, the best of the repeats; ratios within one run are what counts. The table
goes into benchmarks/results/ledger.md; exit code 1 when a bar of it is missed.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random

from lienmach.engines.ledger import authors, merkle, tiles, witness
from lienmach.engines.ledger.audit import audit
from lienmach.engines.ledger.checkpoints import Checkpoint
from lienmach.engines.ledger.commitments import opening
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.leaf import Author, Leaf
from lienmach.engines.ledger.notes import Note
from lienmach.engines.ledger.policy import policy_parse
from lienmach.engines.ledger.proofs import Proof, proof_parse
from lienmach.engines.ledger.tree import Tree

RESULTS = Path(__file__).resolve().parent / "results/ledger.md"
SIZE = 2**24
TIME = 1_763_700_000
LOG = SigningKey("log.example/xuong-a", KeyType.ED25519, b"\1" * 32)
AUTHOR = SigningKey("log.example/xuong-a/may-1", KeyType.ED25519, b"\2" * 32)
WITNESSES = [
    SigningKey("witness.example/hiep-hoi", KeyType.COSIGNATURE_ED25519, b"\3" * 32),
    SigningKey("witness.example/nguoi-mua", KeyType.COSIGNATURE_ED25519, b"\4" * 32),
    SigningKey("witness.example/dai-hoc", KeyType.COSIGNATURE_MLDSA44, b"\5" * 32),
]
HEAD = """# Ledger: the engine alone

Written by `python benchmarks/ledger.py`. Rates count processor time, the best of several repeats on one core,
in memory; milliseconds are wall time, on a machine that may be doing other work. Nothing here waits for a
disk or a database.
"""


@dataclass(frozen=True)
class Line:
    """One row of the table; `holds` is None where there is no bar."""

    what: str
    figure: str
    bar: str = ""
    holds: bool | None = None


def main() -> int:
    """Measure, write the table, say which bars hold."""
    options = argparse.ArgumentParser(description="Measure the ledger's engine.")
    options.add_argument("--events", type=int, default=20_000)
    options.add_argument("--repeat", type=int, default=5)
    chosen = options.parse_args()
    lines = [
        *hashing(chosen.events, chosen.repeat),
        *leaves(chosen.events // 10, chosen.repeat),
        *proofs(chosen.repeat),
        *witnessing(chosen.repeat),
        *files(chosen.repeat),
    ]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    table = f"\n## {datetime.now(UTC).date()}, {machine}\n\n| what | measured | bar | |\n|---|---|---|---|\n"
    marks = {None: "", True: "holds", False: "MISSED"}
    table += "".join(
        f"| {line.what} | {line.figure} | {line.bar} | {marks[line.holds]} |\n" for line in lines
    )
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(HEAD + table, "utf-8")
    print(table)
    return 1 if any(line.holds is False for line in lines) else 0


def seconds(work: Callable[[], object], repeat: int) -> float:
    """Best processor time of the repeats: other work on the machine hardly touches it."""
    best = float("inf")
    for _ in range(repeat):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def hashing(count: int, repeat: int) -> list[Line]:
    """Leaf hashes and appends against bare SHA-256, and against pymerkle."""
    random = Random(1)
    entries = [random.randbytes(300) for _ in range(count)]
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    bare = seconds(lambda: [sha256(entry).digest() for entry in entries], repeat)
    leaf = seconds(lambda: [merkle.leaf_hash(entry) for entry in entries], repeat)
    grow = seconds(lambda: merkle.Frontier().extend(hashes), repeat)
    both = seconds(lambda: merkle.Frontier().extend(map(merkle.leaf_hash, entries)), repeat)
    lines = [
        Line("SHA-256 of 300 bytes, bare", rate(count, bare)),
        Line("leaf hash of 300 bytes", rate(count, leaf)),
        Line("append of a leaf hash to the frontier", rate(count, grow)),
        Line("leaf hash and append", rate(count, both)),
    ]
    try:
        from pymerkle import InmemoryTree
    except ImportError:
        return [*lines, Line("pymerkle, in memory", "not installed")]

    def peer() -> object:
        tree = InmemoryTree(algorithm="sha256")
        for entry in entries:
            tree.append_entry(entry)
        return tree.get_root()

    assert peer() == Tree(hashes).root()
    theirs = seconds(peer, repeat)
    return [
        *lines,
        Line(f"pymerkle in memory, the same root; ours is {theirs / both:.1f}x", rate(count, theirs)),
    ]


def leaves(count: int, repeat: int) -> list[Line]:
    """From a typed event to a leaf's hash: commitments, header, signature."""
    salts = [os.urandom(32) for _ in range(2)]
    key_id = AUTHOR.verifier.id.hex()

    def build(number: int) -> bytes:
        partner = opening(salts[0], {"lot": f"L2026-{number}", "quantity": "12.5", "uom": "KGM"})
        private = opening(salts[1], {"machine": "M-3", "operator": "p-81f2", "note": "Ca đêm"})
        return Leaf(
            event=f"01936d5e-0000-7abc-8def-{number:012x}",
            kind="production.receipt_confirmed",
            time="2026-11-21T07:00:00.123Z",
            author=Author(key_id),
            commitments={"partner": partner.commitment, "private": private.commitment},
        ).to_bytes()

    built = [build(number) for number in range(count)]
    whole = seconds(
        lambda: merkle.Frontier().extend(merkle.leaf_hash(build(number)) for number in range(count)), repeat
    )
    device = Leaf(
        "01936d5e-0000-7abc-8def-000000000000", "pad", "2026-11-21T07:00:00.123Z",
        authors.device_author(AUTHOR.verifier, 1, b""),
    )  # fmt: skip

    def batch() -> object:
        signing = replace(
            device, author=Author(key_id), kind=authors.BATCH_KIND, batch=authors.batch_of(built[:100])
        )
        return authors.leaf_sign(signing, AUTHOR).to_bytes()

    return [
        Line(
            "event with 2 groups to appended leaf (canonical JSON, commitments, header)", rate(count, whole)
        ),
        Line("leaf with 2 commitments", f"{len(built[0])} B", "600 B", len(built[0]) <= 600),
        Line("hosted author: batch of 100 signed, per event", rate(100, seconds(batch, repeat * 5))),
        Line(
            "device: one leaf signed",
            rate(1, seconds(lambda: authors.leaf_sign(device, AUTHOR), repeat * 20)),
        ),
    ]


def large_tree(index: int, special: bytes) -> merkle.Node:
    """A tree of 2^24 leaves that are all alike but one: its nodes are known without building it."""
    alike = [merkle.leaf_hash(b"alike")]
    path = [merkle.leaf_hash(special)]
    for level in range(24):
        left = not index >> level & 1
        path.append(merkle.node_hash(*((path[-1], alike[-1]) if left else (alike[-1], path[-1]))))
        alike.append(merkle.node_hash(alike[-1], alike[-1]))
    return lambda level, at: path[level] if at == index >> level else alike[level]


def proofs(repeat: int) -> list[Line]:
    """Size and verification of a proof in a log of 2^24 leaves."""
    index, leaf = 11_184_810, b"x" * 400
    node = large_tree(index, leaf)
    note = Note(Checkpoint(LOG.name, SIZE, merkle.root(SIZE, node)).body).signed(LOG)
    path = tuple(merkle.inclusion_proof(index, SIZE, node))
    lines = []
    for count, most in ((1, 1500), (2, 1700), (3, 0)):
        signed = note
        for key in WITNESSES[:count]:
            signed = signed.signed(key, TIME)
        data = Proof(index, path, signed.to_bytes()).to_bytes()
        text = f"log {LOG.verifier.text}\n" + "".join(
            f"witness w{at} {key.verifier.text}\n" for at, key in enumerate(WITNESSES[:count])
        )
        text += "group g all " + " ".join(f"w{at}" for at in range(count)) + "\nquorum g\n"

        def check(data: bytes = data, text: str = text) -> object:
            return proof_parse(data).verify(merkle.leaf_hash(leaf), policy_parse(text.encode()))

        times = milliseconds(check, 100 * repeat)
        what = ("one Ed25519 cosignature", "two Ed25519 cosignatures", "two Ed25519 and one ML-DSA-44")[
            count - 1
        ]
        lines += [
            Line(
                f"proof at 2^24 leaves, {what}",
                f"{len(data)} B",
                *((f"{most} B", len(data) <= most) if most else ()),
            ),
            Line(
                "… policy and proof read and verified",
                f"{times[0]:.2f} ms, p99 {times[1]:.2f}",
                "3 ms",
                times[0] <= 3,
            ),
        ]
    return lines


def witnessing(repeat: int) -> list[Line]:
    """What a witness decides per second, without its store."""
    hashes = [merkle.leaf_hash(b"%d" % number) for number in range(1024)]
    tree = Tree(hashes)
    note = Note(Checkpoint(LOG.name, 1024, tree.root()).body).signed(LOG)
    body = witness.request_bytes(1000, tree.consistency_proof(1000), note.to_bytes())
    log = witness.WitnessedLog((LOG.verifier,), 1000, tree.root(1000))
    lines = []
    for what, keys in (("Ed25519", WITNESSES[:1]), ("Ed25519 and ML-DSA-44", [WITNESSES[0], WITNESSES[2]])):

        def decide(keys: Sequence[SigningKey] = keys) -> object:
            return witness.add_checkpoint(body, {LOG.name: log}.get, keys, TIME)

        per_second = 1 / (milliseconds(decide, 50 * repeat)[0] / 1000)
        lines.append(
            Line(f"add-checkpoint decided, {what}", f"{per_second:,.0f}/s", "100/s", per_second >= 100)
        )
    return lines


def files(repeat: int) -> list[Line]:
    """Tiles of 70,000 leaves written and audited."""
    entries = [sha256(b"%d" % number).digest() * 9 for number in range(70_000)]
    stored = tiles.grow({}.get, 0, entries)
    root = tiles.TiledLog(stored.get, len(entries)).root()
    write = seconds(lambda: tiles.grow({}.get, 0, entries), min(repeat, 3))
    check = seconds(lambda: audit(stored.get, len(entries), root), min(repeat, 3))
    prove = seconds(lambda: tiles.TiledLog(stored.get, len(entries)).inclusion_proof(12_345), repeat * 5)
    return [
        Line("tiles and bundles of 70,000 leaves made", rate(len(entries), write)),
        Line("audit, leaves only", rate(len(entries), check), "100,000/s", len(entries) / check >= 100_000),
        Line("inclusion proof from tiles, nothing cached", f"{prove * 1000:.2f} ms"),
    ]


def milliseconds(work: Callable[[], object], count: int) -> tuple[float, float]:
    """Median and 99th percentile of wall time."""
    times = []
    for _ in range(count):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return statistics.median(times), times[int(len(times) * 0.99)]


def rate(count: int, wall: float) -> str:
    """Per second, readable."""
    return f"{count / wall:,.0f}/s"


if __name__ == "__main__":
    sys.exit(main())
