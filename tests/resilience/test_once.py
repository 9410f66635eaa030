"""Every subscriber's effect happens exactly once and in order, whatever dies in between.

The full measure, 100 kills while 1,000 events flow, is `benchmarks/once.py`; these are shorter runs of it.
"""

import time

import pytest

from tests.resilience.harness import kill_at_random, platform

pytestmark = pytest.mark.slow


def check(report, events):
    assert report["wrong"] == []
    assert report["waiting"] == 0
    assert report["effects"] == {
        "probe.catcher": events,
        "probe.moody": events,
        "probe.quick": 2 * events,
        "probe.slow": events,
    }


def test_a_worker_killed_again_and_again_loses_and_repeats_nothing():
    """Kills fall anywhere: before, inside and after the transactions of sequencer and subscribers."""
    for seed in range(1, 4):
        with platform() as here:
            report = kill_at_random(here, kills=8, events=160, seed=seed)
        check(report, 160)
        if report["processes"] > 1:
            return
    pytest.fail("Every kill came before its worker had begun: nothing was proved. Is the machine very busy?")


def test_two_workers_share_one_sequence():
    """Two at once, one of them killed now and then: neither the sequence nor a subscriber forks."""
    with platform() as here:
        report = kill_at_random(here, kills=3, events=120, seed=2, workers=2)
    check(report, 120)


def test_a_failing_handler_stops_its_subscriber_only():
    """The others go on; the failure shows; order is kept; when the cause is gone it recovers by itself."""
    with platform() as here:
        here.fails_at.write_text("5")
        thrower = here.thrower(3)
        thrower.stdin.write("20\n")
        thrower.stdin.close()
        thrower.wait(timeout=60)
        worker = here.worker()
        report = here.command("report", "3")
        assert report["effects"] == {
            "probe.catcher": 20, "probe.moody": 4, "probe.quick": 40, "probe.slow": 20,
        }  # fmt: skip
        assert "ball 5 slipped" in report["subscribers"]["probe.moody"]["error"]
        here.fails_at.unlink()
        time.sleep(1)
        report = here.command("report", "30")
        check(report, 20)
        assert report["subscribers"]["probe.moody"] == {"behind": 0, "failures": 0, "error": ""}
        worker.end()
