"""The worker rests until somebody commits, and notices when they do."""

import threading

import pytest
from django.db import connection

from lienmach.kernel.evidence.changes import Changes
from lienmach.kernel.evidence.models import SequenceHead
from lienmach.kernel.evidence.sequencer import run_sequencer


def elsewhere(work):
    """Do it over a connection of its own."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_commit_of_somebody_else_is_noticed_once():
    changes = Changes()
    assert changes.any()
    assert not changes.any()
    elsewhere(lambda: SequenceHead.objects.count())
    assert not changes.any()
    elsewhere(lambda: SequenceHead.objects.get_or_create(id=1))
    assert changes.any()
    assert not changes.any()


@pytest.mark.django_db(transaction=True)
def test_the_sequencer_ends_when_told():
    stop = threading.Event()
    thread = threading.Thread(
        target=run_sequencer, args=(stop,), kwargs={"turn": threading.Lock(), "sequenced": lambda: None}
    )
    thread.start()
    stop.set()
    thread.join(timeout=5)
    assert not thread.is_alive()
