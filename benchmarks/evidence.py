"""Evidence: what a tamper-evident log costs beside plain INSERTs, how long a proof takes, and killed workers.

    python benchmarks/evidence.py append [--rounds 200]     leaves into a log against plain INSERT
    python benchmarks/evidence.py postgres [--rounds 3]     32 writers on PostgreSQL, with and without order
    python benchmarks/evidence.py latency                   from a commit to its place, and to a proof
    python benchmarks/evidence.py audit [--events 5000]     events audited per second; a proof's size
    python benchmarks/evidence.py honest [--runs 1000]      random honest histories: no audit finds a thing
    python benchmarks/evidence.py privacy [--guesses 1000000]   guesses at what public files commit to
    python benchmarks/evidence.py crashes [--kills 200]     killed anywhere: no gap, loss or fork

What *append* and *postgres* compare stands in evidence_storage.py, *latency* in evidence_latency.py. Lines go
to results/evidence.md.
"""

import argparse
import os
import platform as machine
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks import evidence_latency, evidence_storage  # noqa: E402

RESULTS = ROOT / "benchmarks/results/evidence.md"
HEAD = """# Evidence: the price of a log

Written by `python benchmarks/evidence.py`; its docstring says what each line compares. Ratios inside one run
count, absolute rates depend on the machine and what else it does.

| date | machine | measure | result |
|---|---|---|---|
"""


def set_up(folder: str) -> None:
    """Prepare an installation of its own."""
    os.environ |= {"LIENMACH_DATA": folder, "LIENMACH_SECRET": "benchmark"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "lienmach.config.settings"
    import django

    django.setup()
    from lienmach.config.prepare import prepare_database

    prepare_database()


def audit(events: int) -> list[str]:
    """Record, publish and audit; measure a proof as it would be at 2^24 leaves."""
    from django.db import transaction

    from lienmach.apps.production.events import ReceiptConfirmed
    from lienmach.kernel.evidence import record
    from lienmach.kernel.evidence.log.audit import audit as audit_logs
    from lienmach.kernel.evidence.log.proofs import event_proof
    from lienmach.kernel.evidence.log.publish import Publisher
    from lienmach.kernel.evidence.segments.seal import segments_seal
    from lienmach.kernel.evidence.sequencer import sequence
    from lienmach.kernel.evidence.subscribers import all_subscribers, deliver
    from lienmach.kernel.scope import SystemScope
    from lienmach.kernel.testing import World

    world, scope, at = World(), SystemScope(), datetime.now(UTC)
    firm, day, publisher = world.organisation().id, at.date(), Publisher()
    started = time.process_time()
    for first in range(0, events, 100):
        with transaction.atomic():
            for number in range(first, min(first + 100, events)):
                last = record(
                    scope,
                    ReceiptConfirmed(
                        shipment=f"S{number}", order=f"O{number}", promised=day, received=at, received_on=day,
                        ordered_quantity=10, quantity=10, good_quantity=9, remark="hàng tốt",
                    ),
                    subject=f"shipment:{number}", time=at, at=at, organisation=firm,
                )  # fmt: skip
        sequence(at=at)
    recorded = time.process_time() - started
    started = time.perf_counter()
    publisher.publish_all(at=at)
    published = time.perf_counter() - started

    def audited() -> tuple[float, int, int]:
        started = time.process_time()
        report = audit_logs(scope)
        spent = time.process_time() - started
        assert report.findings == []
        return report.leaves / spent, report.leaves, report.projected

    audited()  # imports
    plain, leaves, _none = audited()
    counting = next(each for each in all_subscribers() if each.name == "maturity.criteria")
    while deliver(counting, at=at, limit=500):
        pass
    derived, _leaves, projected = audited()
    assert projected == events
    started = time.process_time()
    segments_seal(scope, at=at)
    sealed = events / (time.process_time() - started)
    while sequence(at=at):
        pass
    publisher.publish_all(at=at)
    whole, _leaves, _projected = audited()
    proof = event_proof(scope, event_id=last.event_id, disclose=())
    size = len(proof.proof.to_bytes()) + 45 * (24 - len(proof.proof.path)) + 2 * 170
    started = time.perf_counter()
    for _ in range(200):
        proof.verify()
    checked = (time.perf_counter() - started) / 200
    return [
        f"record and sequence: {events / recorded:,.0f} events per second of processor time",
        f"publish {leaves:,} leaves: {published:.2f} s",
        f"audit of {leaves:,} leaves, tree, files, batches of 100, commitments and every column: "
        f"{plain:,.0f} leaves per second of CPU",
        f"… and a row that an app derived from every event: {derived:,.0f}",
        f"… and every column of the sealed segments: {whole:,.0f}",
        f"sealing: {sealed:,.0f} events per second of CPU",
        f".tlog-proof, 2^24 leaves, 2 Ed25519 cosignatures: about {size:,} B (of {leaves:,} leaves)",
        f"offline check of a disclosure, batch signature included: {checked * 1000:.2f} ms",
    ]


def crashes(kills: int, workers: int, seed: int) -> list[str]:
    """Kill workers, recorders and sealers while events flow; let the audit and an outsider look at it."""
    from tests.evidence.test_crashes import check, kill_and_audit

    started = time.monotonic()
    result = kill_and_audit(kills=kills, seed=seed, workers=workers)
    check(result)
    killed = ", ".join(f"{count} {kind}s" for kind, count in sorted(result["killed"].items()))
    vendor = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    return [
        f"{vendor}, seed {seed}, {workers} at work: {killed} killed; {result['told']:,} events told as "
        f"committed, none lost or doubled; {result['audit']['leaves']:,} leaves audited, 0 findings; every "
        f"published log verified ({time.monotonic() - started:.0f} s)"
    ]


def honest(runs: int) -> list[str]:
    """Audit after random honest histories: batches, corrections, erasures, segments, gathered checkpoints."""
    import random
    from uuid import UUID

    from django.db import transaction

    from lienmach.kernel.evidence import record
    from lienmach.kernel.evidence.erasure import body_erase
    from lienmach.kernel.evidence.events import LogResumed
    from lienmach.kernel.evidence.log.audit import audit as audit_logs
    from lienmach.kernel.evidence.log.provincial import checkpoints_gather
    from lienmach.kernel.evidence.log.publish import Publisher
    from lienmach.kernel.evidence.segments.seal import segments_seal
    from lienmach.kernel.evidence.sequencer import sequence
    from lienmach.kernel.ids import uuid7
    from lienmach.kernel.scope import SystemScope

    scope, alarms = SystemScope(), 0
    for run in range(runs):
        chance, organisation = random.Random(run), uuid7()
        events: list[UUID] = []
        for _ in range(chance.randint(1, 12)):
            at = datetime.now(UTC)
            step = chance.choice(
                ["record", "record", "record", "sequence", "publish", "erase", "roll back", "gather", "seal"]
            )
            if step in {"record", "roll back"}:
                with transaction.atomic():
                    event = record(
                        scope, LogResumed(size=chance.randint(0, 9), standing="đứng", reason="x"),
                        subject="probe:1", time=at, at=at, organisation=organisation,
                        corrects=chance.choice([None, *events]),
                    )  # fmt: skip
                    if step == "roll back":
                        transaction.set_rollback(True)
                    else:
                        events.append(event.event_id)
            elif step == "sequence":
                sequence(limit=chance.randint(1, 5), at=at)
            elif step == "publish":
                Publisher().publish_all(at=at)
            elif step == "gather":
                checkpoints_gather(at=at)
            elif step == "seal":
                if not run % 10:
                    segments_seal(scope, at=at, limit=chance.randint(1, 400))
            elif events:
                groups = [chance.choice(["partner", "private", "private", "public"])]
                body_erase(
                    scope, events=chance.sample(events, 1), groups=groups,
                    ground="probe", requester="probe", at=at, organisation=organisation,
                )  # fmt: skip
        alarms += bool(audit_logs(scope, logs=[organisation]).findings)
    segments_seal(scope, at=datetime.now(UTC))
    assert audit_logs(scope).findings == []
    assert alarms == 0
    return [f"{runs:,} random honest histories audited: {alarms} false alarms"]


def privacy(guesses: int) -> list[str]:
    """Guess, as a competitor with all public files and one partner's documents would."""
    from tests.evidence.conftest import Platform
    from tests.evidence.test_privacy import attack

    from lienmach.kernel.testing import World

    platform = Platform(World())
    for number in range(40):
        platform.move(number % 10)
    platform.settle()
    started = time.process_time()
    tried, confirmed = attack(platform, guesses)
    assert confirmed == []
    return [
        f"{tried:,} guesses, the true bodies among them, with every salt shown or derivable: "
        f"{len(confirmed)} confirmed ({time.process_time() - started:.0f} s of CPU)"
    ]


def main() -> int:
    """Run one measure and keep its lines."""
    options = argparse.ArgumentParser(description="The price of a log.")
    options.add_argument(
        "measure", choices=["append", "postgres", "latency", "audit", "crashes", "honest", "privacy"]
    )
    options.add_argument("--rounds", type=int)
    options.add_argument("--seconds", type=float, default=6)
    options.add_argument("--folder", help="where the databases are made; the disk is what is measured")
    options.add_argument("--events", type=int, default=5000)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--runs", type=int, default=1000)
    options.add_argument("--guesses", type=int, default=1_000_000)
    chosen = options.parse_args()
    if chosen.measure == "crashes":
        lines = crashes(chosen.kills, chosen.workers, chosen.seed)
    elif chosen.measure == "latency":
        lines = evidence_latency.latency(min(chosen.events, 1000))
    elif chosen.measure == "postgres":
        lines = evidence_storage.postgres(chosen.rounds or 3, chosen.seconds)
    else:
        with tempfile.TemporaryDirectory(dir=chosen.folder, ignore_cleanup_errors=True) as folder:
            set_up(folder)
            measures = {
                "append": lambda: evidence_storage.append(chosen.rounds or 200, folder),
                "audit": lambda: audit(chosen.events),
                "honest": lambda: honest(chosen.runs),
                "privacy": lambda: privacy(chosen.guesses),
            }
            lines = measures[chosen.measure]()
    if not RESULTS.exists():
        RESULTS.write_text(HEAD, "utf-8")
    where = f"{machine.machine()}, {os.cpu_count()} cores, Python {machine.python_version()}"
    with RESULTS.open("a", encoding="utf-8") as file:
        for line in lines:
            file.write(f"| {datetime.now(UTC):%Y-%m-%d} | {where} | {chosen.measure} | {line} |\n")
            print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
