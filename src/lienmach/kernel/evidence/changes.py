"""Whether anybody has committed anything: asked many times a second, so it has to cost next to nothing."""

from django.db import DEFAULT_DB_ALIAS, connections

QUESTIONS = {
    # SQLite counts the commits of other connections, for each of them.
    "sqlite": "PRAGMA data_version",
    # Which transactions are done: another text as soon as one more is. (`NOTIFY` inside the writers'
    # transactions would put their commits in a row.)
    "postgresql": "SELECT pg_current_snapshot()::text",
}


class Changes:
    """Remembers the state of the database it has seen; belongs to the thread that makes it."""

    def __init__(self) -> None:
        self._database = connections[DEFAULT_DB_ALIAS]
        self._question = QUESTIONS[self._database.vendor]
        self._seen: tuple[int, object] | None = None

    def any(self) -> bool:
        """Say whether another connection may have committed since the last call."""
        database = self._database
        if database.connection is None:
            database.ensure_connection()
        with database.wrap_database_errors:
            # Past Django's cursor: this is all a resting worker does.
            (state,) = database.connection.execute(self._question).fetchone()
        now = (id(database.connection), state)  # what another connection counts is another count
        changed, self._seen = now != self._seen, now
        return changed
