"""What waits gets its places: rows move from the outbox to where they stay, without leaving the database.

One pass, in the sequencer's transaction: each event gets the platform's next position, each leaf its log's
next index. Leaves of a log that is held (after a restore) are put aside until `append_waiting` brings it up
to date; one that has its index already was fetched back from the log's files.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from lienmach.kernel.evidence.log.append import heads_move, log_of
from lienmach.kernel.evidence.models import Log

UNKNOWN = """
    SELECT DISTINCT o.organisation
    FROM (SELECT organisation FROM evidence_outboxentry ORDER BY event_id LIMIT %s) o
    LEFT JOIN evidence_log l ON l.organisation = o.organisation WHERE l.id IS NULL
"""

LOCKED = """
    SELECT * FROM evidence_log WHERE organisation IN
        (SELECT organisation FROM evidence_outboxentry ORDER BY event_id LIMIT %s)
    ORDER BY id
"""

AT_ONCE = """
    WITH due AS (
        DELETE FROM evidence_outboxentry o USING (
            SELECT ctid FROM evidence_outboxentry WHERE organisation = ANY(%s) ORDER BY event_id LIMIT %s
        ) f WHERE o.ctid = f.ctid
        RETURNING o.event_id, o.organisation, o.data
    ), positions AS (
        INSERT INTO evidence_sequencedevent (position, event_id)
        SELECT %s + row_number() OVER (ORDER BY event_id), event_id FROM due
    ), fresh AS (
        SELECT d.event_id, d.organisation, d.data, l.id AS log, l.size, l.held, x.place IS NULL AS new
        FROM due d JOIN evidence_log l ON l.organisation = d.organisation
        LEFT JOIN evidence_leaf x ON x.event_id = d.event_id
    ), leaves AS (
        INSERT INTO evidence_leaf (place, event_id, data)
        SELECT (log << 40) + size + row_number() OVER (PARTITION BY log ORDER BY event_id) - 1, event_id, data
        FROM fresh WHERE new AND held = ''
    ), aside AS (
        INSERT INTO evidence_heldleaf (event_id, organisation, data)
        SELECT event_id, organisation, data FROM fresh WHERE new AND held <> ''
    )
    SELECT log, count(*) FILTER (WHERE new AND held = ''), count(*) FROM fresh GROUP BY 1
"""
"""PostgreSQL: one statement sees one state, and takes away what it saw. No two parts of it are joined: how
large they are is not known when it is planned, and each row would be compared with each."""

LAST = "SELECT max(event_id), count(*) FROM (SELECT event_id FROM evidence_outboxentry ORDER BY 1 LIMIT %s)"
POSITIONS = """
    INSERT INTO evidence_sequencedevent (position, event_id)
    SELECT %s + row_number() OVER (ORDER BY event_id), event_id
    FROM evidence_outboxentry WHERE event_id <= %s
"""
_FRESH = """
    FROM evidence_outboxentry o JOIN evidence_log l ON l.organisation = o.organisation
    WHERE o.event_id <= %s AND NOT EXISTS (SELECT 1 FROM evidence_leaf x WHERE x.event_id = o.event_id)
"""
GROWN = f"SELECT l.id, count(*) {_FRESH} AND l.held = '' GROUP BY l.id"
LEAVES = f"""
    INSERT INTO evidence_leaf (place, event_id, data)
    SELECT (l.id << 40) + l.size + row_number() OVER (PARTITION BY l.id ORDER BY o.event_id) - 1,
           o.event_id, o.data {_FRESH} AND l.held = ''
"""
ASIDE = f"""
    INSERT INTO evidence_heldleaf (event_id, organisation, data)
    SELECT o.event_id, o.organisation, o.data {_FRESH} AND l.held <> ''
"""
MOVED = "DELETE FROM evidence_outboxentry WHERE event_id <= %s"
"""SQLite: nobody else writes meanwhile, so whatever stands up to the last one is what was seen."""


def outbox_move(cursor: CursorWrapper, head: int, limit: int, *, at: datetime) -> int:
    """Give at most `limit` waiting events their places, by identifier, from `head` on; return how many.

    Raises
    ------
    log.batches.Contended
    """
    _begin_logs(cursor, limit, at)
    postgres = connection.vendor == "postgresql"
    logs = Log.objects.raw(f"{LOCKED} FOR UPDATE" if postgres else LOCKED, [limit])
    by_id = {log.id: log for log in logs}
    if postgres:
        whose = [log.organisation for log in by_id.values()]
        cursor.execute(AT_ONCE, [whose, limit, head])
        moved = cursor.fetchall()
        grown = {log: leaves for log, leaves, _ in moved}
        count = sum(events for *_, events in moved)
    else:
        cursor.execute(LAST, [limit])
        last, count = cursor.fetchone()
        if not count:
            return 0
        cursor.execute(GROWN, [last])
        grown = dict(cursor.fetchall())
        cursor.execute(POSITIONS, [head, last])
        for statement in (LEAVES, ASIDE, MOVED):
            cursor.execute(statement, [last])
    heads_move([(by_id[log], leaves) for log, leaves in grown.items() if leaves], at=at)
    return count


def _begin_logs(cursor: CursorWrapper, limit: int, at: datetime) -> None:
    """Have a log for everybody who waits."""
    cursor.execute(UNKNOWN, [limit])
    for (organisation,) in cursor.fetchall():
        log_of(UUID(str(organisation)), at=at)
