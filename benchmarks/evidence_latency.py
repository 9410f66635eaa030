"""Evidence: how soon after its commit an event has its place, and a proof that two witnesses vouch for.

    python benchmarks/evidence.py latency [--events 1000]
    python tools/postgres.py -- python benchmarks/evidence.py latency      the same on PostgreSQL

Real processes on one machine: `lienmach worker`, two `lienmach witness serve` of different owners over HTTP
on loopback, and a process that records, one event per transaction at random moments, about 25 a second, in
the logs of four organisations. *sequenced*: from the return of the commit until the event's place is seen in
the database (looked at every 3 ms). *proof*: until the published checkpoint, cosigned by both, covers it.
Afterwards every event's proof is made and a sample verified under a policy that wants both. *idle*: processor
time of the worker while nothing happens.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WITNESSES = {"association": 18_391, "university": 18_392}
LOGS = 4
IDLE_S = 20


def latency(events: int) -> list[str]:
    """Measure on the database of `DATABASE_URL`, or on SQLite."""
    from tests.resilience.harness import platform

    with platform() as here, _witnesses(here) as witnesses:
        worker = here.worker()
        time.sleep(3)
        idle = _processor_s(worker.process.pid)
        time.sleep(IDLE_S)
        idle = (_processor_s(worker.process.pid) - idle) / IDLE_S
        busy = _processor_s(worker.process.pid)
        done = subprocess.run(
            [sys.executable, str(Path(__file__)), str(events), json.dumps(witnesses)],
            cwd=ROOT, env=here.environment, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        busy = _processor_s(worker.process.pid) - busy
        memory = max(_memory_mb(each.pid) for each in _running)
        worker.end()
    told = json.loads(done.stdout)
    vendor = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    return [
        f"{vendor}, {events:,} events, {told['seconds']:.0f} s: committed to sequenced {told['sequenced']}, "
        f"to a proof with two witnesses {told['proof']}; all proofs made, {told['verified']} verified",
        f"{vendor}: worker idle {idle:.1%} of a core, under this load {busy / told['seconds']:.1%}; a "
        f"witness holds {memory:.0f} MB",
    ]


_running: list[subprocess.Popen[str]] = []


@contextmanager
def _witnesses(here: Any) -> Iterator[dict[str, str]]:
    """Run two witnesses; yield their policy lines and folders."""
    told = {}
    try:
        for name, port in WITNESSES.items():
            folder = here.folder / name
            process = subprocess.Popen(
                [sys.executable, "-m", "lienmach", "witness", "serve", "--data", str(folder),
                 "--bind", f"127.0.0.1:{port}", "--name", f"witness.example/{name}"],
                cwd=ROOT, env=here.environment, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            _running.append(process)
            assert process.stdout is not None
            told[str(folder)] = f"witness {name} {process.stdout.readline().strip()} http://127.0.0.1:{port}"
        yield told
    finally:
        for process in _running:
            process.terminate()
            process.wait(timeout=10)


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def _record(count: int, witnesses: dict[str, str]) -> dict[str, Any]:
    """Record in a process of its own while threads look at what has become of the events."""
    import django

    django.setup()
    from django.conf import settings

    from lienmach.kernel.evidence.models import Log
    from lienmach.kernel.evidence.witness.store import Store
    from lienmach.kernel.identity.services import organisation_register
    from lienmach.kernel.scope import SystemScope

    organisations = [
        organisation_register(
            SystemScope(), name=f"Probe {n}", slug=f"p{n}", kind="enterprise", at=datetime.now(UTC)
        ).id
        for n in range(LOGS)
    ]
    for each in organisations:
        _throw(each, 0)
    time.sleep(4)  # unwitnessed as yet: the witnesses are told the new logs' keys
    logs = list(Log.objects.filter(organisation__in=organisations))
    folders = {log.id: settings.DATA / "logs" / log.origin.rsplit("/", 1)[-1] for log in logs}
    for folder in witnesses:
        for log in Log.objects.all():
            Store(Path(folder)).add(
                (settings.DATA / "logs" / log.origin.rsplit("/", 1)[-1] / "log.vkey")
                .read_text("utf-8")
                .strip()
            )
    names = [line.split()[1] for line in witnesses.values()]
    policy = "\n".join([*witnesses.values(), f"group both all {' '.join(names)}", "quorum both", ""])
    (settings.DATA / "witnesses.policy").write_text(policy, "utf-8")
    time.sleep(2)

    stop, placed, sizes = threading.Event(), {}, {log.id: [] for log in logs}
    watchers = [
        threading.Thread(target=_watch_places, args=(stop, placed)),
        threading.Thread(target=_watch_checkpoints, args=(stop, folders, sizes)),
    ]
    for watcher in watchers:
        watcher.start()
    chance, committed, started = random.Random(1), {}, time.monotonic()
    for number in range(count):
        event = _throw(chance.choice(organisations), number + 1)
        committed[event] = time.monotonic()
        time.sleep(chance.expovariate(25.0))
    seconds = time.monotonic() - started
    time.sleep(8)
    stop.set()
    for watcher in watchers:
        watcher.join()
    return {"seconds": seconds, **_tell(committed, placed, sizes, policy)}


def _throw(organisation: Any, number: int) -> Any:
    from django.db import transaction
    from tests.resilience.probe.events import BallThrown

    from lienmach.kernel.evidence import record
    from lienmach.kernel.scope import SystemScope

    now = datetime.now(UTC)
    with transaction.atomic():
        return record(
            SystemScope(), BallThrown(number=number), subject=f"ball:{number}", time=now, at=now,
            organisation=organisation,
        ).event_id  # fmt: skip


def _watch_places(stop: threading.Event, placed: dict[Any, float]) -> None:
    from django.db import connection

    from lienmach.kernel.evidence.models import SequencedEvent

    last = SequencedEvent.objects.order_by("-position").values_list("position", flat=True).first() or 0
    while not stop.wait(0.003):
        rows = SequencedEvent.objects.filter(position__gt=last).order_by("position")
        for position, event in rows.values_list("position", "event_id"):
            placed[event], last = time.monotonic(), position
    connection.close()


def _watch_checkpoints(
    stop: threading.Event, folders: dict[int, Path], sizes: dict[int, list[tuple[float, int]]]
) -> None:
    while not stop.wait(0.01):
        for log, folder in folders.items():
            size = int((folder / "checkpoint").read_bytes().split(b"\n")[1])
            if not sizes[log] or sizes[log][-1][1] != size:
                sizes[log].append((time.monotonic(), size))


def _tell(
    committed: dict[Any, float],
    placed: dict[Any, float],
    sizes: dict[int, list[tuple[float, int]]],
    policy: str,
) -> dict[str, Any]:
    from django.conf import settings

    from lienmach.engines.ledger.disclosure import disclosure_parse
    from lienmach.engines.ledger.policy import policy_parse
    from lienmach.kernel.evidence.log.proofs import event_proof
    from lienmach.kernel.evidence.models import Leaf, Log
    from lienmach.kernel.scope import SystemScope

    leaves = {leaf.event_id: leaf for leaf in Leaf.objects.filter(event_id__in=list(committed))}
    assert len(leaves) == len(committed)
    waits = [placed[event] - at for event, at in committed.items()]
    proofs = []
    for event, at in committed.items():
        leaf = leaves[event]
        covered = next(seen for seen, size in sizes[leaf.log_id] if size > leaf.index)
        proofs.append(covered - at)
    chosen = random.Random(2).sample(sorted(committed), min(50, len(committed)))
    for event in chosen:
        log = Log.objects.get(id=leaves[event].log_id)
        vkey = (settings.DATA / "logs" / log.origin.rsplit("/", 1)[-1] / "log.vkey").read_text("utf-8")
        file = disclosure_parse(event_proof(SystemScope(), event_id=event).to_bytes())
        shown = file.verify(policy_parse(f"log {vkey}{policy}".encode()))
        assert len(shown.verdict.witnesses) == len(WITNESSES)
    for event in committed:
        event_proof(SystemScope(), event_id=event)
    return {
        "sequenced": _quantiles(waits, 1000, "ms"),
        "proof": _quantiles(proofs, 1, "s"),
        "verified": len(chosen),
    }


def _quantiles(values: list[float], scale: float, unit: str) -> str:
    ordered = sorted(max(value, 0.0) * scale for value in values)
    digits = 0 if unit == "ms" else 2
    marks = ((0.5, "p50"), (0.99, "p99"), (1.0, "max"))
    return ", ".join(
        f"{name} {ordered[min(int(len(ordered) * at), len(ordered) - 1)]:.{digits}f} {unit}"
        for at, name in marks
    )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(json.dumps(_record(int(sys.argv[1]), json.loads(sys.argv[2]))))
