"""Commands about evidence: logs, proofs, audits, witnesses, backups. Nothing heavy is imported here."""

import typer

from lienmach.kernel.evidence.cli import backup, bulk, evidence, segments, witness

group = typer.Typer(help="Tamper-evident logs: proofs, audits, copies.", no_args_is_help=True)
for part in (evidence, bulk, segments, backup):
    group.registered_commands += part.group.registered_commands

app = typer.Typer()
app.add_typer(group, name="evidence")
app.add_typer(witness.group, name="witness")
app.registered_commands += backup.app.registered_commands
