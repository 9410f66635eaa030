"""`lienmach plan`: a workbook, a folder or a benchmark file in; a verified plan out. Needs no server.

`lienmach promise`: one more order in, the earliest date out.
"""

from lienmach.apps.production.cli.plan import app
from lienmach.apps.production.cli.promise import app as promises

app.add_typer(promises)

__all__ = ["app"]
