"""A write that a program sends twice, because the first answer was lost, is done once."""

import pytest

from tests.resilience.harness import platform

pytestmark = pytest.mark.slow


def test_the_same_write_sent_at_once_from_several_threads_is_done_once():
    """Everybody gets the same answer, with the same status, and there is one effect."""
    with platform() as here:
        organisation = here.organisation
        report = here.command("duplicates", "6", organisation)
    assert report["effects"] == 1, report
    assert len(report["answers"]) == 6
    assert all(answer == report["answers"][0] for answer in report["answers"])
    assert report["answers"][0][0] == 201
