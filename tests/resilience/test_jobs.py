"""Jobs in real processes: nothing lingers, nothing is lost, whoever dies."""

import os
import time
from pathlib import Path

import pytest

from tests.resilience.harness import platform

pytestmark = pytest.mark.slow


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return (
        "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3] if Path("/proc").exists() else True
    )


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return value


def pids(folder: Path, attempt: int = 1) -> list[int]:
    path = folder / f"child-{attempt}"
    wait_for(lambda: path.exists() and len(path.read_text().split()) == 2)
    return [int(pid) for pid in path.read_text().split()]


def ended(here, job):
    def look():
        row = here.command("jobs")[job]
        return row if row["state"] in {"done", "failed", "stopped"} else None

    return wait_for(look, 40)


def test_jobs_that_misbehave_end_with_words_and_the_worker_goes_on():
    """A task that raises, one that dies in compiled code, one that chatters: each ends as it should."""
    with platform() as here:
        crash = here.command("enqueue", "probe.process_crash", "{}")["job"]
        refuse = here.command("enqueue", "probe.bill_refuse", "{}")["job"]
        chatter = here.command("enqueue", "probe.page_chatter", '{"times": 20000}')["job"]
        worker = here.worker()
        states = {job: ended(here, job) for job in (crash, refuse, chatter)}
        worker.end()
    assert (states[crash]["state"], states[crash]["attempts"]) == ("failed", 3)
    assert "code -9" in states[crash]["error"]
    assert states[refuse]["error"] == "ValueError: the bill has no lines"
    assert (states[chatter]["state"], states[chatter]["message"]) == ("done", "the last word")


def test_a_killed_workers_job_dies_with_it_and_is_taken_over(tmp_path):
    """Process and grandchild are gone at once; the next worker takes the job when the lease has run out."""
    with platform() as here:
        job = here.command("enqueue", "probe.work_linger", f'{{"folder": "{tmp_path}"}}')["job"]
        worker = here.worker()
        first = pids(tmp_path)
        worker.kill()
        wait_for(lambda: not any(alive(pid) for pid in first), 5)
        worker = here.worker()
        pids(tmp_path, attempt=2)
        here.command("stop", job)
        row = ended(here, job)
        assert (row["state"], row["result"], row["attempts"]) == ("done", {"stopped": True}, 2)
        worker.end()


def test_a_worker_that_is_asked_to_end_gives_its_jobs_back(tmp_path):
    """The next worker starts at once, without waiting for the lease, and the try does not count."""
    with platform() as here:
        job = here.command("enqueue", "probe.work_linger", f'{{"folder": "{tmp_path}"}}')["job"]
        worker = here.worker()
        first = pids(tmp_path)
        worker.end()
        assert not any(alive(pid) for pid in first)
        row = here.command("jobs")[job]
        assert (row["state"], row["attempts"]) == ("queued", 0)
