"""`lienmach plan`: a workbook, a folder or a benchmark file in; a verified plan out. Needs no server."""

from lienmach.apps.production.cli.plan import app

__all__ = ["app"]
