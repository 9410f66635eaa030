"""A process that has imported everything and forks the actors of a crash test: killing hundreds stays cheap.

`python -m tests.evidence.nursery` reads lines `<kind> <number>` from stdin and answers each with the process
id of a new actor of that kind, which works until it is killed.
"""

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path


def recorder(number: int) -> None:
    """Record balls from `number` on; tell each number in the file `told` once its commit has returned."""
    from django.conf import settings
    from django.db import transaction

    from lienmach.kernel.evidence import NewEvent, record_many
    from lienmach.kernel.identity.models import Organisation
    from lienmach.kernel.scope import SystemScope
    from tests.resilience.probe.events import BallThrown

    chance = random.Random(number)
    organisation = Organisation.objects.get(slug="probe").id
    told = os.open(Path(settings.DATA) / "told", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    while True:
        numbers = range(number, number + chance.randint(1, 4))
        number = numbers.stop
        now = datetime.now(UTC)
        with transaction.atomic():
            balls = [
                NewEvent(body=BallThrown(number=each), subject=f"ball:{each}", time=now) for each in numbers
            ]
            record_many(SystemScope(), balls, at=now, organisation=organisation)
            if rolled_back := chance.random() < 0.1:
                transaction.set_rollback(True)
        if not rolled_back:
            os.write(told, "".join(f"{each}\n" for each in numbers).encode())
        time.sleep(chance.uniform(0, 0.02))


def worker(number: int) -> None:
    """Be a worker: sequence, deliver, publish."""
    from lienmach.config.worker import Worker

    Worker().run()


def sealer(number: int) -> None:
    """Seal short stretches as soon as they are there."""
    from lienmach.kernel.evidence.segments.seal import SealedMeanwhile, segments_seal
    from lienmach.kernel.scope import SystemScope

    while True:
        with contextlib.suppress(SealedMeanwhile):
            segments_seal(SystemScope(), at=datetime.now(UTC), limit=20)
        time.sleep(0.05)


ACTORS: dict[str, Callable[[int], None]] = {"recorder": recorder, "worker": worker, "sealer": sealer}


def main() -> None:
    """Import everything, then fork whom the parent asks for."""
    import django

    django.setup()
    import duckdb  # noqa: F401

    import lienmach.config.worker
    import lienmach.kernel.evidence.segments.parquet
    import lienmach.kernel.evidence.segments.seal  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    print("ready", flush=True)
    for line in sys.stdin:
        kind, number = line.split()
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                ACTORS[kind](int(number))
            finally:
                os._exit(1)
        print(child, flush=True)


if __name__ == "__main__":
    main()
