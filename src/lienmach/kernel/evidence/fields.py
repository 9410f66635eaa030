"""Columns as this kernel wants them."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class RowNumber(models.BigIntegerField):
    """A primary key of 64 bits that on SQLite is the row's own number.

    SQLite keeps a table in the order of an ``integer`` primary key; for a ``bigint`` it keeps a second tree.
    Only for keys that grow: rows put between others tear the pages of the table apart.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return the type of the column."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)
