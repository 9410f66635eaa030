"""Readers of other systems' order books: each returns a ``Factory`` or says what it cannot read."""
