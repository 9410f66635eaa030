"""Verify a proof, a disclosure, a checkpoint or a whole log, offline and without the rest of this project.

    python -m lienmach.engines.ledger.verify FILE [--policy POLICY] [--leaf LEAF] [--author VKEY]

FILE is one of

* a disclosure (`lienmach evidence prove`): leaf, opened groups, proof and policy in one file;
* a `.tlog-proof` with its leaf's bytes in LEAF;
* a checkpoint (a signed note);
* a folder in the layout of tlog-tiles with `checkpoint` and `log.vkey`: every entry is hashed again.

Exit code 0: it holds. 1: it does not, and the reason is printed. 2: the command was not understood.
Without POLICY the keys inside the file are used: that shows that the file agrees with itself, and the answer
says so. An author's key inside the file is the sender's claim until it is named by ``--author``.

To hand this to somebody, copy the folder this file stands in (its tests are not needed). The standard
library of Python 3.11 or later and `cryptography` are all it needs: ``python ledger/verify.py FILE``.
For disclosures, proofs and checkpoints these suffice: `verify`, `audit`, `authors`, `canonical`,
`checkpoints`, `commitments`, `cosignatures`, `disclosure`, `encoding`, `errors`, `keys`, `leaf`, `merkle`,
`notes`, `policy`, `proofs`, `tiles`, `tree` and an empty `__init__`.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

if not __package__:  # run as a file: the folder it stands in is the package, wherever that was copied to
    from importlib.util import module_from_spec, spec_from_file_location

    _folder = Path(__file__).resolve().parent
    _spec = spec_from_file_location(
        "_ledger", _folder / "__init__.py", submodule_search_locations=[str(_folder)]
    )
    if _spec is None or _spec.loader is None:
        raise SystemExit("verify.py has to stand beside its siblings and __init__.py.")
    __package__ = "_ledger"
    sys.modules[__package__] = module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[__package__])

from . import proofs
from .audit import audit
from .disclosure import Shown, disclosure_parse
from .errors import LedgerError, Malformed, Rejected
from .keys import VerifierKey, vkey_parse
from .merkle import leaf_hash
from .notes import note_parse
from .policy import Policy, Verdict, policy_parse

MAX_FILE_SIZE = 17_000_000  # a bundle of 256 entries of 65,535 bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code says whether it holds."""
    options = _options().parse_args(arguments)
    try:
        policy = policy_parse(_bytes(options.policy)) if options.policy else None
        authors = [vkey_parse(text) for text in options.author]
        facts = _verify(options.file, policy, options.leaf, authors)
    except (LedgerError, OSError) as error:
        _say({"verified": False, "reason": str(error)}, options.json)
        return 1
    _say(
        {"verified": True, **facts, "trust": "own policy" if policy else "keys inside the file"}, options.json
    )
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify", description="Verify evidence offline.")
    parser.add_argument("file", type=Path, help="disclosure, .tlog-proof, checkpoint, or folder of a log")
    parser.add_argument(
        "--policy", type=Path, help="your own policy file: which log, which witnesses, how many"
    )
    parser.add_argument("--leaf", type=Path, help="the leaf's bytes, for a .tlog-proof")
    parser.add_argument(
        "--author", action="append", default=[], help="author key (vkey) you know; repeatable"
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    return parser


def _verify(
    path: Path, policy: Policy | None, leaf: Path | None, authors: Sequence[VerifierKey]
) -> dict[str, Any]:
    if path.is_dir():
        return _verify_log(path, policy)
    data = _bytes(path)
    if data.startswith(b"{"):
        return _shown(disclosure_parse(data).verify(policy), authors)
    if data.startswith(proofs.HEADER.encode()):
        proof = proofs.proof_parse(data)
        if leaf is None:
            raise Malformed("A .tlog-proof does not hold the leaf: name its file with --leaf.")
        if policy is None:
            raise Malformed("A .tlog-proof names no keys: give your policy with --policy.")
        return {"index": proof.index, **_verdict(proof.verify(leaf_hash(_bytes(leaf)), policy))}
    if policy is None:
        raise Malformed("A checkpoint names no keys: give your policy with --policy.")
    return _verdict(policy.evaluate(note_parse(data)))


def _verify_log(folder: Path, policy: Policy | None) -> dict[str, Any]:
    """Check the folder's checkpoint and hash every entry again."""
    if policy is None:
        key = _bytes(folder / "log.vkey").decode("utf-8", "surrogateescape").strip()
        policy = policy_parse(f"log {key}\nquorum none\n".encode("utf-8", "surrogateescape"))
    verdict = policy.evaluate(note_parse(_bytes(folder / "checkpoint")))

    def read(path: str) -> bytes | None:
        file = folder / path
        return _bytes(file) if file.is_file() else None

    head = verdict.checkpoint
    findings = audit(read, head.size, head.root)
    if findings:
        first = findings[0]
        raise Rejected(f"First bad index {first.index}: {first.kind} ({first.path}). {first.reason}")
    return {"entries": head.size, **_verdict(verdict)}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    head = verdict.checkpoint
    return {
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "witnesses": {
            name: datetime.fromtimestamp(time, UTC).isoformat() if time < 2**37 else str(time)
            for name, time in sorted(verdict.witnesses.items())
        },
    }


def _shown(shown: Shown, authors: Sequence[VerifierKey]) -> dict[str, Any]:
    if authors and shown.author not in authors:
        raise Rejected("The leaf is not shown to be signed by an author key you named.")
    author = "not shown"
    if shown.author is not None:
        author = f"{shown.author.name}+{shown.author.id.hex()}"
        author += "" if authors else " (key given by the sender)"
    return {
        "index": shown.index,
        **_verdict(shown.verdict),
        "event": shown.leaf.event,
        "kind": shown.leaf.kind,
        "time": shown.leaf.time,
        "author": author,
        "opened": shown.groups,
        "closed": list(shown.closed),
        **({} if shown.province is None else {"province": _verdict(shown.province)}),
    }


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_SIZE:
        raise Malformed(f"{path.name} is larger than anything this format holds.")
    return path.read_bytes()


def _say(facts: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        text = json.dumps(facts, ensure_ascii=False, indent=1)
    elif not facts["verified"]:
        text = f"NOT VERIFIED: {facts['reason']}"
    else:
        text = _sentences(facts)
    # A console that cannot show a letter must not turn a verdict into a failure.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _sentences(facts: Mapping[str, Any]) -> str:
    where = f"Leaf {facts['index']} of" if "index" in facts else "Log"
    lines = [f"VERIFIED: {where} {facts['origin']}, {facts['size']} leaves, root {facts['root']}."]
    if "entries" in facts:
        lines.append(f"Every one of the {facts['entries']} entries was hashed again.")
    if "province" in facts:
        held = facts["province"]
        lines.append(f"Its checkpoint stands in the log {held['origin']}, {held['size']} leaves.")
    if facts["witnesses"]:
        seen = "; ".join(f"{name} at {time}" for name, time in facts["witnesses"].items())
        lines.append(f"Witnessed by {seen}.")
    else:
        lines.append(
            "UNWITNESSED: nobody but the log itself vouches that everybody is shown the same history."
        )
    if "event" in facts:
        lines.append(f"Event {facts['event']}, {facts['kind']}, said to have happened {facts['time']}.")
        lines.append(f"Author key: {facts['author']}.")
        for group, content in facts["opened"].items():
            lines.append(f"Shown ({group}): {json.dumps(content, ensure_ascii=False, sort_keys=True)}")
        if facts["closed"]:
            lines.append(f"Not shown: {', '.join(facts['closed'])}.")
    if facts["trust"] != "own policy":
        lines.append("Checked with the keys inside the file; give your own with --policy to trust it.")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
