"""Commands about evidence: logs, proofs, audits, witnesses, backups. Nothing heavy is imported here."""

import typer

from lienmach.kernel.evidence.cli import bulk, witness

app = typer.Typer()
app.add_typer(bulk.group, name="evidence")
app.add_typer(witness.group, name="witness")
