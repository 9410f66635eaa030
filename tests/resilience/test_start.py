"""`lienmach start`: everything comes up together and goes down together."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from lienmach.config import start as start_module
from lienmach.config.start import CannotListen, check_port, split_bind
from tests.resilience.harness import platform

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def descendants(pid: int) -> set[int]:
    """Return every process below `pid`, from /proc."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = stat.read_text().split(" ", 1)
        except OSError:
            continue
        parents[int(number)] = int(rest.rsplit(")", 1)[1].split()[1])
    found, fresh = set(), {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def running(pids: set[int]) -> set[int]:
    """Return those of `pids` that still run; a zombie does not."""
    left = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if state != "Z":
            left.add(pid)
    return left


def start(here, port: int) -> subprocess.Popen:
    here.environment["LIENMACH_BIND"] = f"127.0.0.1:{port}"
    return here.start("-m", "lienmach", "start")


def worker_below(pid: int) -> int | None:
    """Return the process below `pid` that is the worker."""
    for child in descendants(pid):
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"worker" in command:
            return child
    return None


def kill_worker_and_wait_for_another(pid: int) -> int:
    """Kill the worker; return the one that the supervisor starts in its place."""
    first = worker_below(pid)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 15
    while (second := worker_below(pid)) in {None, first}:
        assert time.monotonic() < deadline, "the worker was not started again"
        time.sleep(0.1)
    assert second is not None
    return second


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_start_answers_and_leaves_nothing_behind(ending):
    """Ctrl-C, a service manager's request, a closed terminal: each ends all processes within seconds."""
    port = free_port()
    with platform() as here:
        process = start(here, port)
        deadline = time.monotonic() + 60
        while True:
            try:
                status, body = get(f"http://127.0.0.1:{port}/health/")
                break
            except OSError:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < deadline, "the server did not answer"
                time.sleep(0.2)
        assert status == 200, body
        if ending is signal.SIGINT:
            assert get(f"http://127.0.0.1:{port}/")[0] == 200
        below = descendants(process.pid)
        assert len(below) >= 2, "web process and worker"
        if ending is signal.SIGTERM:
            below |= {kill_worker_and_wait_for_another(process.pid)}
        asked = time.monotonic()
        os.kill(process.pid, ending)
        assert process.wait(timeout=12) == 0, process.stderr.read()
        assert running(below) == set()
        assert time.monotonic() - asked < 10


def test_a_port_in_use_is_named_with_a_remedy_and_nothing_is_tried_five_times():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        with platform() as here:
            process = start(here, port)
            _, said = process.communicate(timeout=60)
    assert process.returncode != 0
    assert f"Port {port} at 127.0.0.1 is used by another program" in " ".join(said.split())
    assert "LIENMACH_BIND" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("written", ["8000", "localhost:", ":8000", "localhost:http", "localhost:99999"])
def test_an_address_that_is_none_says_how_to_write_it(written):
    with pytest.raises(CannotListen, match="write it as"):
        split_bind(written)


def test_an_address_of_another_computer_is_named():
    with pytest.raises(CannotListen, match=r"203\.0\.113\.7"):
        check_port("203.0.113.7:8000")


def test_ipv6_is_understood():
    assert split_bind("[::1]:8000") == ("::1", 8000)


def test_the_platform_without_a_unix_shell():
    """What starts processes uses argument lists only, so that it works on Windows."""
    for name in ("start", "worker", "processes"):
        source = Path(start_module.__file__).with_name(f"{name}.py").read_text("utf-8")
        assert "shell=True" not in source
        assert "os.system" not in source
