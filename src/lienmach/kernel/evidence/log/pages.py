"""A log's leaves as the tables hold them, with what stands beside each, read page by page.

Plain rows instead of objects: an audit reads everything there is. Nothing here judges.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from lienmach.kernel.evidence.models import Leaf, Log

PAGE = 2000


class LeafRow(NamedTuple):
    """A leaf and the columns of its event; these are None when the event's row is missing.

    Identifiers are as the database gives them (`text_of` makes text of one); times are text in UTC,
    `2026-01-31 07:05:00.000000`.
    """

    place: int
    leaf_of: Any
    data: bytes
    event_id: Any
    type: str | None
    version: int | None
    time: str | None
    recorded_at: str | None
    organisation: Any
    subject: str | None
    actor: str | None
    origin: str | None
    corrects: Any
    retract: int | None
    body: str | None


Openings = dict[str, tuple[bytes, bytes]]


@dataclass
class Page:
    """Consecutive leaves; what opens them by event; which groups were erased by which event."""

    first: int
    """Place of the log's leaf 0."""
    rows: list[tuple[Any, ...]]
    """As `LeafRow`, but plain: an object for each would be a fifth of an audit."""
    openings: dict[Any, Openings] = field(default_factory=dict)
    erasures: dict[Any, dict[str, str]] = field(default_factory=dict)


def text_of(identifier: Any) -> str | None:
    """Return an identifier as the database gives it as text with dashes."""
    if isinstance(identifier, str):
        h = identifier
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
    return None if identifier is None else str(identifier)


def pages(log: Log, *, size: int = PAGE) -> Iterator[Page]:
    """Yield the log's leaves by index. What is missing between two indices is simply not there."""
    start, end = Leaf.place_of(log.id, 0), Leaf.place_of(log.id + 1, 0)
    low = start
    while found := _fetch(LEAVES, [low, end, size]):
        high = found[-1][0] + 1
        page = Page(start, found)
        for event_id, group, salt, body in _fetch(OPENINGS, [low, high]):
            if event_id in page.openings:
                page.openings[event_id][group] = (salt, body)
            else:
                page.openings[event_id] = {group: (salt, body)}
        for event_id, group, by in _fetch(ERASURES, [low, high]):
            page.erasures.setdefault(event_id, {})[group] = str(text_of(by))
        yield page
        low = high


def moment_sql(column: str) -> str:
    """Return SQL for a time as text in UTC with microseconds, on either database."""
    if connection.vendor == "postgresql":
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"CAST({column} AS TEXT)"  # an expression, so that nothing makes an object of it


def _fetch(template: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            template.format(time=moment_sql("e.time"), recorded=moment_sql("e.recorded_at")), parameters
        )
        return list(cursor.fetchall())


LEAVES = """
    SELECT l.place, l.event_id, l.data, e.event_id, e.type, e.version, {time}, {recorded},
           e.organisation, e.subject, e.actor, e.origin, e.corrects, CAST(e.retract AS INTEGER), e.body
    FROM evidence_leaf l LEFT JOIN evidence_eventrecord e ON e.event_id = l.event_id
    WHERE l.place >= %s AND l.place < %s ORDER BY l.place LIMIT %s
"""
OPENINGS = """
    SELECT o.event_id, o."group", o.salt, o.body
    FROM evidence_leaf l JOIN evidence_opening o ON o.event_id = l.event_id
    WHERE l.place >= %s AND l.place < %s
"""
ERASURES = """
    SELECT x.event_id, x."group", x.by
    FROM evidence_leaf l JOIN evidence_erasure x ON x.event_id = l.event_id
    WHERE l.place >= %s AND l.place < %s
"""
