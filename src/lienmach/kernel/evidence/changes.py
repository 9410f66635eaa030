"""Whether anybody has committed anything: asked many times a second, so it has to cost next to nothing."""

from django.db import connection


class Changes:
    """Remembers the state of the database it has seen; belongs to one thread.

    SQLite counts the commits of others for each connection; reading that takes some microseconds. PostgreSQL
    has no such count (and `NOTIFY` inside the writers' transactions would put their commits in a row), so
    there the answer is always yes.
    """

    def __init__(self) -> None:
        self._seen: tuple[int, int] | None = None

    def any(self) -> bool:
        """Say whether another connection may have committed since the last call."""
        if connection.vendor != "sqlite":
            return True
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            (version,) = cursor.fetchone()
        now = (id(connection.connection), version)  # the count of another connection is another count
        changed, self._seen = now != self._seen, now
        return changed
