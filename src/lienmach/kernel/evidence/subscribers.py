"""Subscribers: what an app does when somebody's event arrives.

A subscriber is a cursor over the platform's sequence. Its effects in the database and the move of the
cursor share one transaction, so they happen once and in order, whatever dies in between. Effects outside
the database belong into a job (`kernel.jobs`) that the subscriber enqueues: they happen at least once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from lienmach.kernel.evidence.envelope import Event
from lienmach.kernel.evidence.models import SequencedEvent, SequenceHead, SubscriberCursor
from lienmach.kernel.evidence.queries import event_from
from lienmach.kernel.evidence.types import UnknownType, type_named

Handler = Callable[[Event], None]
BatchHandler = Callable[[Sequence[Event]], None]

BATCH = 100
FIRST_RETRY = timedelta(seconds=1)
LONGEST_RETRY = timedelta(minutes=5)


@dataclass(frozen=True)
class Subscriber:
    """A registered handler: its lasting name, the types and fields it reads, and what takes a batch."""

    name: str
    reads: Mapping[str, Sequence[str]]
    handler: BatchHandler


_subscribers: dict[str, Subscriber] = {}


def subscriber(name: str, *, reads: Mapping[str, Sequence[str]]) -> Callable[[Handler], Handler]:
    """Register the decorated function for the event types in `reads`, each with the fields it uses.

    `name` is kept in the database with the cursor: a new name starts from the first event again.
    """

    def register(handler: Handler) -> Handler:
        def one_by_one(events: Sequence[Event]) -> None:
            for event in events:
                handler(event)

        _subscribers[name] = Subscriber(name, reads, one_by_one)
        return handler

    return register


def batch_subscriber(
    name: str, *, reads: Mapping[str, Sequence[str]]
) -> Callable[[BatchHandler], BatchHandler]:
    """Register a function that takes the events of a batch at once, in their order; never none.

    For effects that happen once for however many events, or are cheaper together.
    """

    def register(handler: BatchHandler) -> BatchHandler:
        _subscribers[name] = Subscriber(name, reads, handler)
        return handler

    return register


def all_subscribers() -> list[Subscriber]:
    """Return every registered subscriber, by name."""
    return [_subscribers[name] for name in sorted(_subscribers)]


def declaration_errors() -> list[str]:
    """Return what is wrong with the declared reads: types nobody records, fields a type does not have."""
    errors = []
    for each in all_subscribers():
        for name, fields in each.reads.items():
            try:
                known = type_named(name).body.model_fields
            except UnknownType as error:
                errors.append(f"Subscriber {each.name!r}: {error}")
                continue
            errors += [
                f"Subscriber {each.name!r} reads {name}.{field}, which that type does not have."
                for field in fields
                if field not in known
            ]
    return errors


def subscribers_due(*, at: datetime) -> list[Subscriber]:
    """Return the subscribers that have something to read now; two queries, however many there are."""
    head = _head()
    cursors = {cursor.subscriber: cursor for cursor in SubscriberCursor.objects.all()}
    return [each for each in all_subscribers() if _is_due(cursors.get(each.name), head, at)]


def _is_due(cursor: SubscriberCursor | None, head: int, at: datetime) -> bool:
    if cursor is None:
        return True
    if cursor.failures and cursor.failed_at is not None:
        return at >= cursor.failed_at + _wait(cursor.failures)
    return cursor.position < head


def deliver(each: Subscriber, *, at: datetime, limit: int = BATCH) -> int:
    """Deliver up to `limit` events to one subscriber; return how many it handled.

    When a handler raises, what came before it stays done, the cursor stays in front of the failing event
    and the failure is kept with growing waits between tries: an event is never skipped.
    """
    cursor, _ = SubscriberCursor.objects.get_or_create(subscriber=each.name)
    if not _is_due(cursor, _head(), at):
        return 0  # an idle worker takes no write lock
    try:
        return _deliver_batch(each, 1 if cursor.failures else limit)
    except Exception as error:  # whatever a handler raises is kept with the cursor and shown, never lost
        if limit > 1 and not cursor.failures:
            return _deliver_one_by_one(each, limit, at)
        _keep_failure(each, error, at)
        return 0


def _head() -> int:
    return SequenceHead.objects.filter(id=1).values_list("position", flat=True).first() or 0


def _wait(failures: int) -> timedelta:
    return min(FIRST_RETRY * 2 ** min(failures - 1, 12), LONGEST_RETRY)


def _deliver_one_by_one(each: Subscriber, limit: int, at: datetime) -> int:
    handled = 0
    for _ in range(limit):
        try:
            step = _deliver_batch(each, 1)
        except Exception as error:  # as in `deliver`
            _keep_failure(each, error, at)
            return handled
        if step == 0:
            return handled
        handled += step
    return handled


def _deliver_batch(each: Subscriber, limit: int) -> int:
    with transaction.atomic():
        cursor = SubscriberCursor.objects.select_for_update().get(subscriber=each.name)
        head = _head()
        waiting = list(
            SequencedEvent.objects.filter(
                position__gt=cursor.position, position__lte=head, event__type__in=list(each.reads)
            )
            .select_related("event")
            .order_by("position")[:limit]
        )
        if waiting:
            each.handler([event_from(row.event, position=row.position) for row in waiting])
        reached = waiting[-1].position if len(waiting) == limit else head
        if reached != cursor.position or cursor.failures:
            cursor.position, cursor.failures = reached, 0
            cursor.failed_at = cursor.failed_position = None
            cursor.error = ""
            cursor.save()
        return len(waiting)


def _keep_failure(each: Subscriber, error: Exception, at: datetime) -> None:
    with transaction.atomic():
        cursor = SubscriberCursor.objects.select_for_update().get(subscriber=each.name)
        following = SequencedEvent.objects.filter(
            position__gt=cursor.position, event__type__in=list(each.reads)
        )
        cursor.failures += 1
        cursor.failed_at = at
        cursor.failed_position = following.order_by("position").values_list("position", flat=True).first()
        cursor.error = f"{type(error).__name__}: {error}"[:2000]
        cursor.save()
