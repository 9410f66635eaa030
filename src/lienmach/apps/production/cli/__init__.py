"""`lienmach plan`: a workbook, a folder or a benchmark file in; a verified plan out. Needs no server.

`lienmach promise`: one more order in, the earliest date out.
"""

import typer

from lienmach.apps.production.cli import plan, promise

app = typer.Typer()
app.add_typer(plan.app)
app.add_typer(promise.app)

__all__ = ["app"]
