"""Once: a worker is killed at 100 random points while 1,000 events flow; every effect exactly once, in order.

    python benchmarks/once.py [--kills 100] [--events 1000] [--workers 1] [--seed 1]
    python tools/postgres.py -- python benchmarks/once.py        the same on a PostgreSQL of its own

Each worker is a `lienmach worker` process that ends by SIGKILL. Four subscribers listen: a quick one, one
that lingers inside its transaction, one that records a further event for each it hears, and one more.
Afterwards the sequence must be 1, 2, 3 … and each subscriber's effects must be the events of its types, each
once, in order. The figures go into benchmarks/results/once.md, a line per run; the exit code is 1 when
anything is wrong.
"""

import argparse
import os
import platform as machine
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.resilience.harness import kill_at_random, platform  # noqa: E402

RESULTS = ROOT / "benchmarks/results/once.md"
HEAD = """# Once: a killed worker loses and repeats nothing

Written by `python benchmarks/once.py`. *Events* counts those thrown by the test; each makes one more that a
subscriber records. *Effects* counts the rows that the four subscribers wrote. *Processes* is how many workers
left an effect. *Wrong* must be 0: gaps in the sequence, effects missing, repeated or out of order.

| date | machine | database | workers | kills | events | sequence | effects | processes | wall s | wrong |
|---|---|---|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    """Run once, write the line, say how it went."""
    options = argparse.ArgumentParser(description="Kill workers while events flow.")
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--events", type=int, default=1000)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    started = time.monotonic()
    with platform() as here:
        report = kill_at_random(
            here,
            kills=chosen.kills,
            events=chosen.events,
            seed=chosen.seed,
            workers=chosen.workers,
            spares=False,
        )
    wall = time.monotonic() - started
    effects = sum(report["effects"].values())
    wrong = list(report["wrong"])
    if effects != 5 * chosen.events:
        wrong.append(f"{effects} effects instead of {5 * chosen.events}")
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    cells = (
        datetime.now(UTC).date().isoformat(),
        f"{machine.machine()}, {os.cpu_count()} cores, Python {machine.python_version()}",
        database, chosen.workers, chosen.kills, chosen.events, report["head"], effects,
        report["processes"], f"{wall:.0f}", len(wrong),
    )  # fmt: skip
    line = "| " + " | ".join(str(cell) for cell in cells) + " |\n"
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    before = RESULTS.read_text("utf-8") if RESULTS.exists() else HEAD
    RESULTS.write_text(before + line, "utf-8")
    print(line, *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
