"""What every test of the project gets: append-only tables can be emptied, kernel factories."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from hypothesis import settings

# A loaded machine is no reason to fail: properties are judged by what they find, not by how long they take.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

pytest_plugins = ["lienmach.kernel.testing"]


def pytest_configure() -> None:
    """Hear Ctrl-C and a closed terminal again.

    A shell lets what it starts in the background ignore them, and so would every server that a test starts.
    """
    for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Start every test in English: a page asked for by the test before may have left another language."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session", autouse=True)
def append_only_lifted_in_teardown() -> Any:
    """Let Django's flush after a transactional test empty the append-only tables; nothing else may."""
    from django.db import connection
    from django.test import TransactionTestCase

    from lienmach.kernel.evidence import append_only

    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(case: Any) -> None:
        with append_only.lifted(connection):
            flush(case)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = flush  # type: ignore[attr-defined]
