"""What no log can show: events that never came into one, and the platform's own sequence."""

from collections.abc import Iterator
from itertools import chain

from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.leaf import leaf_parse
from lienmach.kernel.evidence.log.findings import Finding, Kind
from lienmach.kernel.evidence.models import (
    EventRecord,
    HeldLeaf,
    Leaf,
    Log,
    OutboxEntry,
    SequencedEvent,
    SequenceHead,
)

SHOWN = 100


def outside_the_logs() -> Iterator[Finding]:
    """Yield what is wrong with events beside the logs, with what waits, and with the sequence."""
    yield from _unlogged_events()
    yield from _waiting()
    yield from _sequence()


def _unlogged(what: str) -> Finding:
    return Finding(log="", index=None, kind=Kind.EVENT_UNLOGGED, what=what)


def _broken(what: str) -> Finding:
    return Finding(log="", index=None, kind=Kind.SEQUENCE_BROKEN, what=what)


def _unlogged_events() -> Iterator[Finding]:
    unlogged = (
        EventRecord.objects.exclude(event_id__in=Leaf.objects.values("event_id"))
        .exclude(event_id__in=OutboxEntry.objects.values("event_id"))
        .exclude(event_id__in=HeldLeaf.objects.values("event_id"))
    )
    for row in unlogged.order_by("event_id")[:SHOWN]:
        yield _unlogged(f"Event {row.event_id} ({row.type}) has no leaf.")


def _waiting() -> Iterator[Finding]:
    held = Log.objects.exclude(held="").values("organisation")
    for leaf in HeldLeaf.objects.exclude(organisation__in=held).order_by("event_id")[:SHOWN]:
        yield _unlogged(f"Leaf {leaf.event_id} has no index.")
    outbox = OutboxEntry.objects.values_list("event_id", "data").iterator()
    aside = HeldLeaf.objects.values_list("event_id", "data").iterator()
    for event_id, data in chain(outbox, aside):
        try:
            told = leaf_parse(bytes(data)).event
        except LedgerError as error:
            yield _unlogged(f"What waits for event {event_id} is no leaf: {error}")
            continue
        if told != str(event_id):
            yield _unlogged(f"The leaf that waits for event {event_id} is of {told}.")


def _sequence() -> Iterator[Finding]:
    head = SequenceHead.objects.filter(id=1).values_list("position", flat=True).first() or 0
    count = SequencedEvent.objects.count()
    last = SequencedEvent.objects.order_by("-position").values_list("position", flat=True).first() or 0
    if not count == last == head:
        yield _broken(f"{count} positions, the last {last}, head {head}.")
    lost = EventRecord.objects.filter(sequenced__isnull=True).exclude(
        event_id__in=OutboxEntry.objects.values("event_id")
    )
    for row in lost.order_by("event_id")[:SHOWN]:
        yield _broken(f"Event {row.event_id} neither waits nor has a position.")
