"""`lienmach evidence seal`: stretches of the sequence as files that numbers are read from."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from lienmach.kernel.evidence.cli.evidence import EXIT_BAD, _django, refuse, settle

group = typer.Typer()


@group.command()
def seal(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Seal what is sequenced into typed Parquet files; their manifest's hash goes into the platform's log.

    The worker does it every day and every 65,536 events; what an erasure reached is sealed again.
    Exit codes: 0 sealed, or nothing to seal; 1 another process was sealing.
    """
    _django()
    import json
    from dataclasses import asdict

    from lienmach.kernel.evidence.segments.seal import SealedMeanwhile, segments_seal
    from lienmach.kernel.scope import SystemScope

    settle()
    try:
        done = segments_seal(SystemScope(), at=datetime.now(UTC))
    except SealedMeanwhile as error:
        refuse(error, EXIT_BAD)
    settle()
    if as_json:
        typer.echo(json.dumps({"sealed": [asdict(each) for each in done]}, indent=1))
        return
    for each in done:
        again = f", sealed again ({each.revision})" if each.revision else ""
        typer.echo(
            f"Segment {each.number}: positions {each.first} to {each.last}{again}, manifest {each.manifest}",
            err=True,
        )
    if not done:
        typer.echo("Nothing to seal.", err=True)
