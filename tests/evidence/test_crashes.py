"""Whoever is killed anywhere between record and signature leaves no gap, double, loss or second history.

Killed are workers (sequence, deliver, publish and sign), recorders and sealers, each at a random moment; the
full measure, 200 kills, is `benchmarks/evidence.py crashes`, this is a shorter run of it.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from lienmach.kernel.evidence.log.keys import DRAFT_S
from tests.resilience.harness import ROOT, Platform, platform

pytestmark = pytest.mark.slow

KINDS = ("worker", "worker", "recorder", "sealer")


def lienmach(here: Platform, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command on that platform."""
    return subprocess.run(
        [sys.executable, "-m", "lienmach", *arguments],
        cwd=ROOT, env=here.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


class Actors:
    """The actors of a platform that are alive; a nursery forks them."""

    def __init__(self, here: Platform) -> None:
        self.errors = here.folder / "actors.log"
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.evidence.nursery"], cwd=ROOT, env=here.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors.open("w"),
        )  # fmt: skip
        here.processes.append(self.nursery)
        self._line()
        self.alive: list[tuple[str, int]] = []
        self.begun = 0

    def _line(self) -> str:
        assert self.nursery.stdout is not None
        line = self.nursery.stdout.readline().strip()
        assert line, self.errors.read_text("utf-8")
        return line

    def begin(self, kind: str) -> int:
        """Start an actor; return its process id."""
        assert self.nursery.stdin is not None
        self.begun += 1
        self.nursery.stdin.write(f"{kind} {self.begun * 100_000}\n")
        self.nursery.stdin.flush()
        self.alive.append((kind, int(self._line())))
        return self.alive[-1][1]

    def kill(self, kind: str, chance: random.Random) -> None:
        """Kill one of this kind."""
        of_kind = [each for each in self.alive if each[0] == kind]
        chosen = chance.choice(of_kind)
        self.alive.remove(chosen)
        os.kill(chosen[1], signal.SIGKILL)

    def end(self) -> None:
        """Kill them all."""
        for _, process in self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.alive.clear()


@contextlib.contextmanager
def actors(here: Platform) -> Iterator[Actors]:
    """Run actors; leave none behind."""
    some = Actors(here)
    try:
        yield some
    finally:
        some.end()
        some.nursery.kill()
        some.nursery.wait()


def kill_and_audit(*, kills: int, seed: int, workers: int = 1) -> dict[str, Any]:
    """Kill actors while events flow; return the audit, and what an outsider says of the published log."""
    chance, killed = random.Random(seed), Counter()
    with platform() as here:
        with actors(here) as some:
            for kind in (*["worker"] * workers, "recorder", "sealer"):
                some.begin(kind)
            for _ in range(kills):
                kind = chance.choice(KINDS)
                # Often early, while it connects and begins; sometimes well into its work.
                time.sleep(chance.choice([chance.uniform(0, 0.1), chance.uniform(0, 1.2)]))
                some.kill(kind, chance)
                killed[kind] += 1
                some.begin(kind)
        begun = time.time()
        last = here.worker()
        report = here.command("report", "120")
        last.end()
        sealed = json.loads(lienmach(here, "evidence", "seal", "--json").stdout)["sealed"]
        audit = json.loads(lienmach(here, "evidence", "audit", "--json").stdout)
        told = [int(line) for line in (here.folder / "told").read_text("ascii").split()]
        lines = lienmach(here, "evidence", "export", "--events").stdout.splitlines()
        recorded = Counter(
            event["body"]["number"]
            for event in map(json.loads, lines)
            if event["type"] == "probe.ball_thrown"
        )
        verified = _verified_outside(here)
        leftovers = [
            path.name
            for path in (here.folder / "keys").glob("*.new")
            if path.stat().st_mtime < begun - DRAFT_S
        ]
    return {
        "killed": dict(killed),
        "wrong": report["wrong"],
        "waiting": report["waiting"],
        "told": len(told),
        "lost": sorted(set(told) - set(recorded)),
        "doubled": sorted(number for number, times in recorded.items() if times > 1),
        "segments": len(sealed) and sealed[-1]["number"],
        "audit": audit,
        "verified": verified,
        "leftovers": leftovers,
    }


def _verified_outside(here: Platform) -> list[dict[str, Any]]:
    """Verify every published log as an outsider does, from its files."""
    answers = []
    for number, folder in enumerate(sorted((here.folder / "logs").iterdir())):
        exported = here.folder / f"exported-{number}"
        written = lienmach(here, "evidence", "export-log", str(exported), "--org", folder.name)
        assert written.returncode == 0, written.stderr
        answers.append(json.loads(lienmach(here, "evidence", "verify", str(exported), "--json").stdout))
    return answers


def check(result: dict[str, Any]) -> None:
    assert result["wrong"] == []
    assert (result["lost"], result["doubled"], result["waiting"]) == ([], [], 0)
    assert result["told"] > 0
    assert result["audit"]["findings"] == []
    assert all(each["verified"] is True for each in result["verified"])
    unpublished = result["audit"]["leaves"] - sum(each["size"] for each in result["verified"])
    # After the last worker only the platform's own log grew: by the sealing, and by one gathering of heads.
    assert 0 <= unpublished <= 1 + len(result["verified"])
    assert result["leftovers"] == []


def test_actors_killed_again_and_again_fork_no_log() -> None:
    check(kill_and_audit(kills=16, seed=11))


def test_two_workers_share_one_log() -> None:
    check(kill_and_audit(kills=8, seed=12, workers=2))
