"""Evidence: what order costs beside plain INSERTs, on SQLite and on PostgreSQL with 32 writers.

    python benchmarks/evidence.py append [--rounds 200] [--folder DIR]
    python benchmarks/evidence.py postgres [--rounds 3] [--seconds 6]

*append*. Every side gets the same prepared leaf bytes and writes them durably (`synchronous=FULL`) into
a file in the same folder, streams of batches (2,000 leaves) in random turn, so that a busy machine is busy
for all:

- *plain* inserts id, organisation and bytes, `executemany` in one transaction;
- *log* appends them to a log: place, id and bytes, the head by compare-and-swap;
- *signed* is that and its share of closing a batch of 4,000 leaves, in a transaction of its own: read back,
  hashed, signed by the hosted author in a leaf more, both trees grown. The platform does that once a second
  and log, before a checkpoint, or at 4,096 leaves;
- *outbox* is the whole way of an event's leaf: into the outbox in one transaction, and from there by the
  sequencer, with a place in the platform's sequence, in a second one;
- *pymerkle* is its `SqliteTree` as it comes (a rollback journal), and once more with our write-ahead log:
  `append_entries` in one transaction and the root. It keeps no ids and signs nothing.

How much the log adds is processor time; how much that is beside a plain INSERT depends on what the disk
makes both wait. So the wait for 4 kB (`fdatasync`) is told with every line, and each is measured where it
waits and where nothing does (`synchronous=OFF`). A disk that answers in a fraction of a millisecond has not
written: beside what was measured stands what the same times give with a flush of 4 ms per transaction.

*postgres*. 32 connections of `pgbench`, one event per transaction, `fsync` on. *unsequenced* inserts the
event's row and a row with the bytes of its leaf, no more. *counter* takes a gapless number from a row that
all of them update, and inserts the same two rows with it. *ours* inserts what unsequenced does, the second
row into the outbox, while the sequencer works; time counts until the last event has its place.
"""

import multiprocessing
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WRITERS = 32
FLUSH_S = 0.004
"""What a disk takes that has written when it answers."""
STREAM = 2_000
CLOSED_AT = 4_000
"""Leaves between two signatures of the author; as they come here, the platform closes a batch at 4,096."""


def prepared(organisation: Any, count: int) -> list[tuple[str, str, bytes]]:
    """Return leaves as `record()` writes them: id, organisation, bytes."""
    from lienmach.engines.ledger.leaf import Author, Leaf, time_text
    from lienmach.kernel.evidence.log.keys import author_id
    from lienmach.kernel.ids import uuid7

    author = Author(author_id(organisation))
    at = datetime.now(UTC)
    leaves = []
    for event in sorted(uuid7(at) for _ in range(count)):
        groups = {name: secrets.token_bytes(32) for name in ("public", "partner", "private")}
        leaf = Leaf(str(event), "production.receipt_confirmed", time_text(at), author, groups)
        leaves.append((event.hex, organisation.hex, leaf.to_bytes()))
    return leaves


def disk_wait(folder: str) -> float:
    """Median seconds until 4 kB are on the disk of this folder."""
    path, waits = Path(folder) / "probe", []
    with path.open("wb", buffering=0) as file:
        for _ in range(100):
            file.write(os.urandom(4096))
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            waits.append(time.perf_counter() - started)
    path.unlink()
    return statistics.median(waits)


class Sides:
    """The ways to write a batch."""

    def __init__(self, folder: str) -> None:
        from django.db import connection

        from lienmach.kernel.evidence.log import append as log_append
        from lienmach.kernel.ids import uuid7

        self.at, self.organisation = datetime.now(UTC), uuid7()
        self.log_append, self.connection = log_append, connection
        self.log = log_append.log_of(uuid7(), at=self.at)  # of its own: the sequencer moves the other's head
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys=OFF")  # the outbox is measured without the events themselves
            cursor.execute(
                "CREATE TABLE plain (event_id char(32) NOT NULL PRIMARY KEY, "
                "organisation char(32) NOT NULL, data BLOB NOT NULL)"
            )
        try:
            from pymerkle import SqliteTree
        except ImportError:
            self.tree: Any = None
        else:
            self.tree = SqliteTree(f"{folder}/pymerkle.sqlite3")
            self.tuned = SqliteTree(f"{folder}/pymerkle-wal.sqlite3")
            for pragma in ("journal_mode=WAL", "mmap_size=134217728", "cache_size=-20000"):
                self.tuned.con.execute(f"PRAGMA {pragma}").fetchall()

    def durability(self, level: str) -> None:
        """Set how long a commit waits, for all sides."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"PRAGMA synchronous={level}")
        if self.tree is not None:
            for tree in (self.tree, self.tuned):
                tree.con.execute(f"PRAGMA synchronous={level}")

    def plain(self, rows: list[tuple[str, str, bytes]]) -> None:
        """Insert them, no more."""
        from django.db import transaction

        with transaction.atomic(), self.connection.cursor() as cursor:
            cursor.executemany("INSERT INTO plain (event_id, organisation, data) VALUES (%s, %s, %s)", rows)

    def logged(self, rows: list[tuple[str, str, bytes]]) -> None:
        """Append them to a log."""
        from django.db import transaction

        with transaction.atomic():
            self.log_append.leaves_append(self.log, [(row[0], row[2]) for row in rows], at=self.at)

    def close(self) -> None:
        """Have the author sign what the log has gained."""
        from lienmach.kernel.evidence.log.batches import batch_close

        self.log = batch_close(self.log, at=self.at)

    def outbox(self, rows: list[tuple[str, str, bytes]]) -> None:
        """Put them into the outbox, then sequence them."""
        from django.db import transaction

        from lienmach.kernel.evidence.rows import rows_insert
        from lienmach.kernel.evidence.sequencer import sequence

        with transaction.atomic(), self.connection.cursor() as cursor:
            rows_insert(cursor, "evidence_outboxentry", ("event_id", "organisation", "data"), rows)
        assert sequence(at=self.at) == len(rows)

    def pymerkle(self, rows: list[tuple[str, str, bytes]]) -> None:
        """Append them to a pymerkle tree as it comes, and take its root."""
        self.tree.append_entries([row[2] for row in rows])
        self.tree.get_state()

    def pymerkle_wal(self, rows: list[tuple[str, str, bytes]]) -> None:
        """… with our journal."""
        self.tuned.append_entries([row[2] for row in rows])
        self.tuned.get_state()


def append(rounds: int, folder: str) -> list[str]:
    """Compare batches of 100 and 1,000 leaves."""
    sides, chance, lines = Sides(folder), random.Random(5), []
    ways: dict[str, Callable[[list[tuple[str, str, bytes]]], None]] = {
        "plain": sides.plain, "log": sides.logged, "outbox": sides.outbox,
    }  # fmt: skip
    if sides.tree is not None:
        ways |= {"pymerkle": sides.pymerkle, "pymerkle with WAL": sides.pymerkle_wal}
    for level in ("FULL", "OFF"):
        sides.durability(level)
        for batch in (100, 1000):
            times: dict[str, list[float]] = {name: [] for name in ways}
            closing: list[float] = []
            sides.close()
            for turn in range(max(rounds * batch // STREAM, 8)):
                for name in chance.sample(sorted(ways), len(ways)):
                    batches = [prepared(sides.organisation, batch) for _ in range(STREAM // batch)]
                    started = time.perf_counter()
                    for rows in batches:
                        ways[name](rows)
                    times[name].append((time.perf_counter() - started) / len(batches))
                if not (turn + 1) * STREAM % CLOSED_AT:
                    started = time.perf_counter()
                    sides.close()
                    closing.append(time.perf_counter() - started)
            middle = {name: statistics.median(values[2:]) for name, values in times.items()}
            middle["signed"] = middle["log"] + statistics.median(closing) * batch / CLOSED_AT
            rates = ", ".join(f"{name} {batch / value:,.0f}/s" for name, value in middle.items())
            waited = disk_wait(folder)
            wait = f"fdatasync {waited * 1000:.1f} ms" if level == "FULL" else "no waiting"
            versus = ""
            if sides.tree is not None:
                versus = f", to pymerkle {middle['pymerkle'] / middle['signed']:.1f} (with WAL "
                versus += f"{middle['pymerkle with WAL'] / middle['signed']:.1f})"
            lines.append(
                f"batch {batch:,}, synchronous={level} ({wait}): {rates}; log to plain "
                f"{middle['plain'] / middle['log']:.2f}, signed to plain "
                f"{middle['plain'] / middle['signed']:.2f}{versus}, outbox to plain "
                f"{middle['plain'] / middle['outbox']:.2f} (median of {len(times['log']) - 2} turns)"
            )
            if level == "FULL":
                later = max(FLUSH_S - waited, 0.0)
                log, signed = (
                    (middle["plain"] + later) / (middle[side] + later) for side in ("log", "signed")
                )
                lines[-1] += f"; were a flush {FLUSH_S * 1000:.0f} ms: log {log:.2f}, signed {signed:.2f}"
    return lines


EVENT = """
INSERT INTO evidence_eventrecord (event_id, type, version, time, recorded_at, organisation, subject, actor,
origin, retract, body) VALUES (probe_id(), 'probe.ball_thrown', 1, now(), now(), '{organisation}', 'ball:1',
'a', 'self-reported', false, '{{}}') RETURNING event_id \\gset
"""
WAITING = "INSERT INTO evidence_outboxentry VALUES (:event_id, '{organisation}', '\\x{leaf}');"
SCRIPTS = {
    "unsequenced": f"BEGIN;{EVENT}{WAITING}\nCOMMIT;\n",
    "ours": f"BEGIN;{EVENT}{WAITING}\nCOMMIT;\n",
    "counter": "BEGIN;\nUPDATE counter SET n = n + 1 WHERE id = 1 RETURNING n \\gset\n"
    f"{EVENT}INSERT INTO numbered VALUES (:n, :event_id, '\\x{{leaf}}');\nCOMMIT;\n",
}
TABLES = """
CREATE TABLE counter (id int PRIMARY KEY, n bigint NOT NULL);
INSERT INTO counter VALUES (1, 0);
CREATE TABLE numbered (
    n bigint PRIMARY KEY, event_id uuid NOT NULL REFERENCES evidence_eventrecord, data bytea NOT NULL
);
CREATE FUNCTION probe_id() RETURNS uuid LANGUAGE sql AS $$
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
            || '7' || substr(md5(random()::text), 1, 3) || 'a' || substr(md5(random()::text), 1, 15))::uuid
$$;
"""


def postgres(rounds: int, seconds: float) -> list[str]:
    """Compare 32 writers unsequenced, with a counter row, and with the sequencer, on a server of its own."""
    from tools.postgres import running

    with running(durable=True) as address, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["DATABASE_URL"] = address
        from benchmarks.evidence import set_up

        set_up(folder)
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(TABLES, None)
        try:
            return [
                _compared(address, folder, rounds, seconds, flush)
                for flush in ("", f"commit_delay={FLUSH_S * 1e6:.0f}")
            ]
        finally:
            connection.close()


def _compared(address: str, folder: str, rounds: int, seconds: float, flush: str) -> str:
    rates: dict[str, list[float]] = {side: [] for side in SCRIPTS}
    lags, waits, chance = [], [], random.Random(3)
    for turn in range(rounds + 1):
        for side in chance.sample(sorted(SCRIPTS), len(SCRIPTS)):
            rate, lag = _run_side(address, side, seconds, folder, flush)
            print(f"  {turn} {side}: {rate:,.0f}/s", file=sys.stderr)
            if turn:  # the first goes into empty tables
                rates[side].append(rate)
                lags += [lag] if side == "ours" else []
        waits.append(disk_wait(folder))
    middle = {side: statistics.median(values) for side, values in rates.items()}
    ratios = {
        side: statistics.median(
            ours / theirs for ours, theirs in zip(rates["ours"], rates[side], strict=True)
        )
        for side in ("unsequenced", "counter")
    }
    rated = ", ".join(f"{side} {rate:,.0f}/s" for side, rate in middle.items())
    flushed = f", {flush} us" if flush else ""
    return (
        f"{WRITERS} writers, one event per transaction, fsync on (fdatasync "
        f"{statistics.median(waits) * 1000:.1f} ms{flushed}): {rated}; ours to unsequenced "
        f"{ratios['unsequenced']:.2f}, to a counter row {ratios['counter']:.1f}; the last event had its "
        f"place {statistics.median(lags) * 1000:.0f} ms after the last commit (medians of {rounds} rounds of "
        f"{seconds:.0f} s each)"
    )


def _run_side(address: str, side: str, seconds: float, folder: str, flush: str) -> tuple[float, float]:
    """Let 32 writers write for some seconds; return events per second, and how long order took after them."""
    from django.db import connection

    organisation = "01234567-89ab-7def-8123-456789abcdef"
    script = Path(folder) / f"{side}.sql"
    text = SCRIPTS[side].format(organisation=organisation, leaf=secrets.token_bytes(300).hex())
    script.write_text(text, "utf-8")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM evidence_outboxentry")
        cursor.execute("SELECT count(*) FROM evidence_eventrecord")
        (before,) = cursor.fetchone()
    with _sequencing(side == "ours", folder):
        started = time.perf_counter()
        subprocess.run(
            [find_pgbench(), "-n", "-c", str(WRITERS), "-j", "2", "-T", str(int(seconds)), "-M", "prepared",
             "-f", str(script), address],
            check=True, capture_output=True,
            env={**os.environ, "PGOPTIONS": f"-c {flush} -c commit_siblings=0" if flush else ""},
        )  # fmt: skip
        ended = time.perf_counter()
        with connection.cursor() as cursor:
            while side == "ours":
                cursor.execute("SELECT 1 FROM evidence_outboxentry LIMIT 1")
                if cursor.fetchone() is None:
                    break
                time.sleep(0.002)
            placed = time.perf_counter()
            cursor.execute("SELECT count(*) FROM evidence_eventrecord")
            count = cursor.fetchone()[0] - before
    return count / (placed - started), placed - ended


def find_pgbench() -> str:
    """Return where pgbench is; Debian ships it with the server."""
    from tools.postgres import find_binaries

    binaries = find_binaries()
    assert binaries is not None
    return str(binaries / "pgbench")


@contextmanager
def _sequencing(wanted: bool, folder: str) -> Iterator[None]:
    if not wanted:
        yield
        return
    spawn = multiprocessing.get_context("spawn")
    stop, works = spawn.Event(), spawn.Event()
    process = spawn.Process(target=_sequence, args=(folder, stop, works))
    process.start()
    works.wait()
    try:
        yield
    finally:
        stop.set()
        process.join()


def _sequence(folder: str, stop: Any, works: Any) -> None:
    """Run the worker's sequencing loop in a process of its own."""
    sys.path.insert(0, str(ROOT))
    from benchmarks.evidence import set_up

    set_up(folder)
    from lienmach.kernel.evidence.sequencer import run_sequencer

    works.set()
    run_sequencer(stop, turn=threading.Lock(), sequenced=lambda: None)
