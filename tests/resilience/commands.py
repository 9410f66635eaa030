"""What the harness asks of a process of its own: `python -m tests.resilience.commands COMMAND …`.

Each command is one process with the probe's settings, so that nothing is shared with the test's own.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any


def prepare() -> dict[str, Any]:
    """Make the database and one organisation; tell its identifier."""
    from lienmach.config.prepare import prepare_database
    from lienmach.kernel.identity.services import organisation_register
    from lienmach.kernel.scope import SystemScope

    prepare_database()
    now = datetime.now(UTC)
    organisation = organisation_register(SystemScope(), name="Probe", slug="probe", kind="enterprise", at=now)
    return {"organisation": str(organisation.id)}


def throw(seed: str) -> dict[str, Any]:
    """Read numbers from stdin and throw that many balls each time; every tenth transaction is rolled back."""
    chance, number = random.Random(int(seed)), 0
    print("ready", flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            number += 1
            _throw_one(number, chance)
            time.sleep(chance.uniform(0, 0.02))
    return {"thrown": number}


def _throw_one(number: int, chance: random.Random) -> None:
    from django.db import transaction

    from lienmach.kernel.evidence import record
    from lienmach.kernel.identity.models import Organisation
    from lienmach.kernel.scope import SystemScope
    from tests.resilience.probe.events import BallThrown

    organisation = Organisation.objects.get(slug="probe").id
    fates = ["commit"] if chance.random() > 0.1 else ["roll back", "commit"]
    for fate in fates:
        now = datetime.now(UTC)
        with transaction.atomic():
            record(
                SystemScope(), BallThrown(number=number), subject=f"ball:{number}", time=now, at=now,
                organisation=organisation,
            )  # fmt: skip
            if fate == "roll back":
                transaction.set_rollback(True)


def work() -> dict[str, Any]:
    """Import everything, wait for a line on stdin, then be a worker."""
    from lienmach.config.worker import Worker

    worker = Worker()
    sys.stdin.readline()
    worker.run()
    return {}


def enqueue(task: str, arguments: str) -> dict[str, Any]:
    """Put a job into the queue."""
    from lienmach.kernel.identity.models import Organisation
    from lienmach.kernel.jobs.services import job_enqueue
    from lienmach.kernel.scope import SystemScope

    organisation = Organisation.objects.get(slug="probe").id
    job = job_enqueue(
        SystemScope(), task=task, arguments=json.loads(arguments), at=datetime.now(UTC),
        organisation=organisation,
    )  # fmt: skip
    return {"job": str(job)}


def stop(job: str) -> dict[str, Any]:
    """Ask a job to stop."""
    from uuid import UUID

    from lienmach.kernel.jobs.services import job_stop
    from lienmach.kernel.scope import SystemScope

    job_stop(SystemScope(), job=UUID(job), at=datetime.now(UTC))
    return {}


def duplicates(threads: str, organisation: str) -> dict[str, Any]:
    """Send the same write from several threads at once; tell statuses, answers and effects."""
    import threading
    from datetime import timedelta
    from uuid import UUID

    from django.db import connection
    from django.test import Client

    from lienmach.kernel.identity.models import Organisation, Person
    from lienmach.kernel.identity.services import api_token_issue, membership_grant
    from lienmach.kernel.scope import OrganisationScope, SystemScope
    from tests.resilience.probe.models import Effect

    now = datetime.now(UTC)
    person = Person.objects.create_user(f"person-{now.timestamp()}", None)
    owner = membership_grant(
        SystemScope(), person=person.id, role="owner", at=now, organisation=UUID(organisation)
    )
    scope = OrganisationScope(
        actor=owner.pseudonym, granted=frozenset({"identity.token_manage"}), organisation=UUID(organisation)
    )
    token = api_token_issue(
        scope, membership=owner.id, name="probe", permissions={"probe.ball_throw"}, at=now,
        lasts=timedelta(hours=1),
    )  # fmt: skip
    slug = Organisation.objects.get(id=organisation).slug
    start, answers = threading.Barrier(int(threads)), []

    def send() -> None:
        start.wait()
        answer = Client(SERVER_NAME="localhost").post(
            f"/api/v1/o/{slug}/probe/balls", {"number": 7}, content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "the-same"},
        )  # fmt: skip
        answers.append([answer.status_code, answer.json()])
        connection.close()

    workers = [threading.Thread(target=send) for _ in range(int(threads))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {"answers": answers, "effects": Effect.objects.filter(subscriber="api").count()}


def jobs() -> dict[str, Any]:
    """Tell the state of every job."""
    from lienmach.kernel.jobs.models import Job

    rows = Job.objects.order_by("created_at").values(
        "id", "task", "state", "message", "result", "error", "attempts", "worker"
    )
    return {str(row.pop("id")): row for row in rows}


def report(wait_s: str = "0") -> dict[str, Any]:
    """Wait until everything is delivered, then check the sequence and every subscriber's effects."""
    from lienmach.kernel.evidence.queries import sequence_health
    from lienmach.kernel.scope import SystemScope

    deadline = time.monotonic() + float(wait_s)
    while True:
        health = sequence_health(SystemScope())
        late = [each for each in health.subscribers if each.behind]
        if (not health.waiting and health.subscribers and not late) or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    wrong = list(_wrong())
    return {
        "head": health.head,
        "waiting": health.waiting,
        "subscribers": {
            each.subscriber: {"behind": each.behind, "failures": each.failures, "error": each.error}
            for each in health.subscribers
        },
        "wrong": wrong,
        **_counts(),
    }


def _wrong() -> Iterator[str]:
    from lienmach.kernel.evidence.models import EventRecord, OutboxEntry, SequencedEvent
    from lienmach.kernel.evidence.subscribers import all_subscribers
    from tests.resilience.probe.models import Effect

    positions = list(SequencedEvent.objects.order_by("position").values_list("position", flat=True))
    if positions != list(range(1, len(positions) + 1)):
        yield "the sequence has gaps"
    if len(positions) + OutboxEntry.objects.count() != EventRecord.objects.count():
        yield "an event is neither sequenced nor waiting"
    for each in all_subscribers():
        if not each.name.startswith("probe."):
            continue
        due = SequencedEvent.objects.filter(event__type__in=list(each.reads)).order_by("position")
        expected = list(due.values_list("position", flat=True))
        effects = Effect.objects.filter(subscriber=each.name).order_by("id")
        seen = list(effects.values_list("position", flat=True))
        if seen != expected[: len(seen)]:
            yield f"{each.name}: not once and in order: {seen} instead of {expected}"


def _counts() -> dict[str, Any]:
    from django.db.models import Count

    from tests.resilience.probe.models import Effect

    rows = Effect.objects.values("subscriber").annotate(effects=Count("id")).order_by("subscriber")
    return {
        "effects": {row["subscriber"]: row["effects"] for row in rows},
        "processes": Effect.objects.values("process").distinct().count(),
    }


def main() -> None:
    """Run the named command and print its answer as JSON."""
    import django

    django.setup()
    commands = {
        each.__name__: each for each in (prepare, throw, work, duplicates, enqueue, stop, jobs, report)
    }
    print(json.dumps(commands[sys.argv[1]](*sys.argv[2:])))


if __name__ == "__main__":
    main()
