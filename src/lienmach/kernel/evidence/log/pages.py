"""A log's leaves as the tables hold them, with what stands beside each, read page by page.

Plain rows instead of objects: an audit reads everything there is. Nothing here judges.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from lienmach.kernel.evidence.models import Leaf, Log

PAGE = 2000


class LeafRow(NamedTuple):
    """A leaf and the columns of its event; these are None when the event's row is missing.

    Identifiers are text with dashes; times are text in UTC, `2026-01-31 07:05:00.000000`.
    """

    index: int
    leaf_of: str
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
    corrects: str | None
    retract: int | None
    body: str | None


@dataclass
class Page:
    """Consecutive leaves; what opens them by event; which groups were erased by which event."""

    rows: list[LeafRow]
    openings: dict[str, dict[str, tuple[bytes, bytes]]] = field(default_factory=dict)
    erasures: dict[str, dict[str, str]] = field(default_factory=dict)


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
    while True:
        found = _fetch(LEAVES, [low, end, size])
        if not found:
            return
        high = found[-1][0] + 1
        page = Page([])
        for (
            place,
            leaf_of,
            data,
            event_id,
            type_,
            version,
            at,
            recorded,
            whose,
            *rest,
            corrects,
            retract,
            body,
        ) in found:
            page.rows.append(
                LeafRow(
                    place - start, text_of(leaf_of), bytes(data), event_id, type_, version, at, recorded,  # type: ignore[arg-type]
                    text_of(whose), *rest, text_of(corrects), retract, body,
                )
            )  # fmt: skip
        for event_id, group, salt, body in _fetch(OPENINGS, [low, high]):
            page.openings.setdefault(text_of(event_id), {})[group] = (bytes(salt), bytes(body))  # type: ignore[arg-type]
        for event_id, group, by in _fetch(ERASURES, [low, high]):
            page.erasures.setdefault(text_of(event_id), {})[group] = text_of(by)  # type: ignore[arg-type,assignment]
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


def uuid_of(text: str) -> UUID:
    """Return the identifier a text names."""
    return UUID(text)
