"""Commands of the numbers."""

from typing import Annotated

import typer

app = typer.Typer()
targets = typer.Typer(help="Indicators computed from events.", no_args_is_help=True)
app.add_typer(targets, name="targets")


@targets.command("compute")
def compute(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compute every declared indicator from the events known now, and store the cells.

    Exit codes: 0 computed, 2 a declaration cannot be used.
    """
    import json
    from datetime import UTC, datetime

    import django

    django.setup()

    from lienmach.apps.targets.services import cells_compute
    from lienmach.engines.indicators.problems import DeclarationError
    from lienmach.kernel.scope import SystemScope

    try:
        done = cells_compute(
            SystemScope(),
            at=datetime.now(UTC),
            report=lambda share, words: typer.echo(f"{share:.0%} {words}", err=True),
        )
    except DeclarationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps([vars(each) for each in done]))
    else:
        for each in done:
            typer.echo(
                f"{each.indicator}: {each.cells} cells from {each.facts // 2} events, {each.cpu_ms} CPU-ms",
                err=True,
            )
