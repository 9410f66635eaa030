"""Tables that only grow: triggers on SQLite and PostgreSQL that refuse UPDATE, DELETE and TRUNCATE."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLES = ("evidence_eventrecord", "evidence_sequencedevent", "evidence_readrecord")

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION lienmach_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def _install_statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            _POSTGRES_FUNCTION,
            f"CREATE OR REPLACE TRIGGER {table}_keep BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION lienmach_append_only()",
            f"CREATE OR REPLACE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION lienmach_append_only()",
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {verb} on {table} is refused'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _remove_statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_keep{suffix} ON {table}" for suffix in ("", "_all")]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete")]


def install(schema_editor: BaseDatabaseSchemaEditor, *tables: str) -> None:
    """Put the triggers on `tables`; called by migrations."""
    for table in tables:
        for statement in _install_statements(schema_editor.connection.vendor, table):
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
