"""A worker killed anywhere between record and checkpoint leaves no gap, double, loss or second history.

The full measure, 200 kills, is `benchmarks/evidence.py crashes`; this is a shorter run of it.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.resilience.harness import ROOT, Platform, kill_at_random, platform

pytestmark = pytest.mark.slow


def lienmach(here: Platform, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command on that platform."""
    return subprocess.run(
        [sys.executable, "-m", "lienmach", *arguments],
        cwd=ROOT, env=here.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def kill_and_audit(*, kills: int, events: int, seed: int, workers: int = 1) -> dict[str, Any]:
    """Kill workers while events flow; return the audit, and what an outsider says of the published log."""
    with platform() as here:
        report = kill_at_random(here, kills=kills, events=events, seed=seed, workers=workers)
        exported = here.folder / "exported"
        written = lienmach(here, "evidence", "export-log", str(exported))
        assert written.returncode == 0, written.stderr
        audit = json.loads(lienmach(here, "evidence", "audit", "--json").stdout)
        verified = lienmach(here, "evidence", "verify", str(exported), "--json")
        leftovers = [path.name for path in Path(here.folder / "keys").glob("*.new")]
    return {
        "wrong": report["wrong"],
        "waiting": report["waiting"],
        "recorded": sum(1 for _ in range(events)),
        "audit": audit,
        "verified": json.loads(verified.stdout),
        "leftovers": leftovers,
    }


def check(result: dict[str, Any]) -> None:
    assert result["wrong"] == []
    assert result["audit"]["findings"] == []
    assert result["verified"]["verified"] is True
    assert result["verified"]["size"] == result["audit"]["leaves"]
    # Thrown balls and what subscribers recorded on hearing of them: nothing that was committed is missing.
    assert result["audit"]["events"] >= result["recorded"]
    assert result["leftovers"] == []


def test_a_worker_killed_again_and_again_forks_no_log() -> None:
    check(kill_and_audit(kills=8, events=120, seed=11))


def test_two_workers_share_one_log() -> None:
    check(kill_and_audit(kills=3, events=90, seed=12, workers=2))
