"""`lienmach plan`: a workbook, a folder or a benchmark file in; a verified plan out. No server, no database."""

from lienmach.apps.production.cli.plan import app

__all__ = ["app"]
