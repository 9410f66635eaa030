"""The verifier that runs alone: its verdicts, its exit codes, and that it needs nobody of ours."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from lienmach.engines import ledger
from lienmach.engines.ledger import verify

from .running import run
from .samples import AUTHOR, DATA, LOG, LOG_ALONE, POLICY, STRANGER, checkpoint, files_of, needs_data
from .test_proofs import disclosure, proof_of

FOLDER = Path(ledger.__file__).parent
SUFFICIENT = [
    "audit", "authors", "canonical", "checkpoints", "commitments", "cosignatures", "disclosure", "encoding",
    "errors", "keys", "leaf", "merkle", "notes", "policy", "proofs", "tiles", "tree", "verify",
]  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder as a verifier has it: a disclosure, a proof with its leaf, a checkpoint, a log, policies."""
    (tmp_path / "good.json").write_bytes(disclosure().to_bytes())
    (tmp_path / "good.tlog-proof").write_bytes(proof_of(5, 11).to_bytes())
    (tmp_path / "leaf").write_bytes(b"entry 5")
    (tmp_path / "checkpoint").write_bytes(checkpoint(11).to_bytes())
    (tmp_path / "strict").write_bytes(POLICY)
    (tmp_path / "alone").write_bytes(LOG_ALONE)
    for path, data in files_of(300).items():
        (tmp_path / "log" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "log" / path).write_bytes(data)
    (tmp_path / "log" / "checkpoint").write_bytes(checkpoint(300).to_bytes())
    (tmp_path / "log" / "log.vkey").write_text(LOG.verifier.text)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    code = verify.main([str(argument) for argument in arguments])
    return code, capsys.readouterr().out


def test_what_holds(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each kind of file; who witnessed is named, and that nobody did is said."""
    code, out = said(
        capsys, here / "good.json", "--policy", here / "strict", "--author", AUTHOR.verifier.text
    )
    assert code == 0
    assert out.startswith("VERIFIED: Leaf 3 of log.example/xuong-a")
    assert "Witnessed by dai-hoc at 2025-11-21T04:40:00+00:00; hiep-hoi" in out
    assert 'Shown (partner): {"quantity": 500, "shipment": "S-17"}' in out
    assert "Not shown: private." in out
    code, out = said(capsys, here / "good.json")
    assert code == 0
    assert "key given by the sender" in out
    assert "Checked with the keys inside the file" in out
    arguments = (here / "good.tlog-proof", "--leaf", here / "leaf", "--policy", here / "alone")
    code, out = said(capsys, *arguments)
    assert (code, "UNWITNESSED" in out) == (0, True)
    assert said(capsys, here / "checkpoint", "--policy", here / "alone")[0] == 0
    code, out = said(capsys, here / "log", "--json")
    assert (code, json.loads(out)["entries"]) == (0, 300)


def test_what_does_not_hold(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1 and a reason, whatever is wrong."""
    (here / "other").write_bytes(f"log {STRANGER.verifier.text}\nquorum none\n".encode())
    (here / "broken").write_bytes(b"quorum\n")
    bundle = here / "log/tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 77", b"entry 78"))
    cases: list[tuple[list[str | Path], str]] = [
        ([here / "good.json", "--policy", here / "other"], "knows no log"),
        ([here / "good.json", "--author", STRANGER.verifier.text], "author key you named"),
        ([here / "good.json", "--author", "nonsense"], "A key is written"),
        ([here / "good.tlog-proof", "--policy", here / "alone"], "--leaf"),
        ([here / "good.tlog-proof", "--leaf", here / "leaf"], "--policy"),
        ([here / "good.tlog-proof", "--leaf", here / "strict", "--policy", here / "alone"], "Leaf 5 is not"),
        ([here / "checkpoint"], "--policy"),
        ([here / "checkpoint", "--policy", here / "strict"], "Too few witnesses"),
        ([here / "checkpoint", "--policy", here / "broken"], "Policy, line 1"),
        ([here / "nothing"], "nothing"),
        ([here / "log"], "First bad index 77: entry changed"),
    ]
    for arguments, reason in cases:
        code, out = said(capsys, *arguments)
        assert code == 1, arguments
        assert out.startswith("NOT VERIFIED: ")
        assert reason in out
        code, out = said(capsys, *arguments, "--json")
        assert (code, json.loads(out)["verified"]) == (1, False)


@needs_data
def test_a_foreign_log(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A log that Tessera wrote, as it stands, against a policy of one line and `quorum none`."""
    folder = DATA / "tessera-tlog-tiles"
    (here / "tessera").write_text(f"log {(folder / 'log.vkey').read_text().strip()}\nquorum none\n")
    code, out = said(capsys, folder / "log", "--policy", here / "tessera")
    assert (code, "Every one of the 15 entries was hashed again." in out) == (0, True)


def test_it_runs_alone(here: Path) -> None:
    """As a module of the installed package: nothing of ours outside its folder, nothing but cryptography."""
    code = (
        "import sys\nimport cryptography.hazmat.primitives.asymmetric.mldsa\n"
        "import cryptography.hazmat.primitives.asymmetric.ed25519\nbefore = set(sys.modules)\n"
        "from lienmach.engines.ledger import verify\n"
        f"code = verify.main([{str(here / 'good.json')!r}, '--policy', {str(here / 'strict')!r}])\n"
        "print(' '.join(set(sys.modules) - before))\nraise SystemExit(code)"
    )
    outcome = run(sys.executable, "-c", code)
    assert (outcome.code, outcome.err) == (0, "")
    loaded = {
        name
        for name in outcome.out.splitlines()[-1].split()
        if name.split(".")[0] not in {*sys.stdlib_module_names, "cryptography"}
    }
    inside = {name for name in loaded if name.startswith("lienmach.engines.ledger")}
    assert loaded - inside == {"lienmach", "lienmach.engines"}
    module = run(sys.executable, "-m", "lienmach.engines.ledger.verify", here / "good.json")
    assert (module.code, module.err) == (0, "")


@pytest.mark.parametrize("everything", [True, False])
def test_it_runs_copied_out(here: Path, everything: bool) -> None:
    """The folder under any name, or the files its help names: same verdicts without our package."""
    copy = here / "abc"  # the name of a module of the standard library, to be nasty
    if everything:
        shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    else:
        copy.mkdir()
        (copy / "__init__.py").touch()
        for name in SUFFICIENT:
            shutil.copy(FOLDER / f"{name}.py", copy)
            assert f"`{name}`" in (verify.__doc__ or "")
    good = run(sys.executable, "-I", copy / "verify.py", here / "good.json", "--policy", here / "strict")
    assert (good.code, good.err) == (0, "")
    bad = run(sys.executable, "-I", copy / "verify.py", here / "checkpoint", "--policy", here / "strict")
    assert (bad.code, bad.err) == (1, "")
    assert run(sys.executable, "-I", copy / "verify.py").code == 2
