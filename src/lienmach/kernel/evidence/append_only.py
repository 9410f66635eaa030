"""Tables that only grow: triggers on SQLite and PostgreSQL that refuse UPDATE, DELETE and TRUNCATE.

Erasure is the one exception, and the database itself checks it: content may go, nothing else may change, and
only once a row of `evidence_erasure` says by which logged event.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

EVENTS = "evidence_eventrecord"
OPENINGS = "evidence_opening"
# Nothing in these ever changes.
PLAIN = (
    "evidence_sequencedevent",
    "evidence_readrecord",
    "evidence_leaf",
    "evidence_erasure",
    "evidence_authorkey",
    "evidence_logcheckpoint",
    "evidence_cosignature",
    "evidence_segment",
    "evidence_gatheredcheckpoint",
)
TABLES = (EVENTS, OPENINGS, *PLAIN)

KEPT_BY_ERASURE = (
    "event_id", "type", "version", "time", "recorded_at", "organisation", "origin", "corrects", "retract"
)  # fmt: skip

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION lienmach_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def _same(sign: str) -> str:
    return " AND ".join(f'NEW."{column}" {sign} OLD."{column}"' for column in KEPT_BY_ERASURE)


_EVENT_ERASED = "EXISTS (SELECT 1 FROM evidence_erasure e WHERE e.event_id = OLD.event_id)"
_GROUP_ERASED = (
    'EXISTS (SELECT 1 FROM evidence_erasure e WHERE e.event_id = OLD.event_id AND e."group" = OLD."group")'
)


def _postgres_erasure_function(name: str, allowed: str, verb: str, answer: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = '{verb}' THEN
        IF {allowed} THEN RETURN {answer}; END IF;
    END IF;
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def _install_statements(vendor: str, table: str, *, erasable: bool = True) -> list[str]:
    if vendor == "postgresql":
        function, extra = "lienmach_append_only", []
        if erasable and table == EVENTS:
            function = "lienmach_event_erasable"
            allowed = f"{_EVENT_ERASED} AND {_same('IS NOT DISTINCT FROM')}"
            extra = [_postgres_erasure_function(function, allowed, "UPDATE", "NEW")]
        elif erasable and table == OPENINGS:
            function = "lienmach_opening_erasable"
            extra = [_postgres_erasure_function(function, _GROUP_ERASED, "DELETE", "OLD")]
        return [
            _POSTGRES_FUNCTION,
            *extra,
            f"CREATE OR REPLACE TRIGGER {table}_keep BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()",
            f"CREATE OR REPLACE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION lienmach_append_only()",
        ]
    unless = {}
    if erasable:
        unless = {
            (EVENTS, "UPDATE"): f"WHEN NOT ({_EVENT_ERASED} AND {_same('IS')}) ",
            (OPENINGS, "DELETE"): f"WHEN NOT {_GROUP_ERASED} ",
        }
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"{unless.get((table, verb), '')}"
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {verb} on {table} is refused'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _remove_statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_keep{suffix} ON {table}" for suffix in ("", "_all")]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete")]


def install(schema_editor: BaseDatabaseSchemaEditor, *tables: str, erasable: bool = True) -> None:
    """Put the triggers on `tables`; called by migrations; `erasable` needs `evidence_erasure`."""
    for table in tables:
        for statement in _install_statements(schema_editor.connection.vendor, table, erasable=erasable):
            schema_editor.execute(statement, params=None)  # None: a % stays a %


def remove(schema_editor: BaseDatabaseSchemaEditor, *tables: str) -> None:
    """Take the triggers off `tables`; called by reversed migrations."""
    for table in tables:
        for statement in _remove_statements(schema_editor.connection.vendor, table):
            schema_editor.execute(statement, params=None)  # None: a % stays a %


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Lift the triggers while a test empties its database. Nothing but the test teardown may use this."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for statement in _remove_statements(connection.vendor, table):
                cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table in TABLES:
                for statement in _install_statements(connection.vendor, table):
                    cursor.execute(statement)
