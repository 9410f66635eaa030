"""Commands about places."""

from typing import Annotated

import typer

app = typer.Typer()
places = typer.Typer(help="Administrative units in time.", no_args_is_help=True)
app.add_typer(places, name="places")


@places.command("load")
def load(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Load the administrative units that travel with the program; loading twice changes nothing.

    Exit codes: 0 loaded, 2 the stored history and the shipped table disagree.
    """
    import json

    import django

    django.setup()

    from lienmach.kernel.places.services import PlaceChanged, places_load
    from lienmach.kernel.scope import SystemScope

    try:
        loaded = places_load(SystemScope())
    except PlaceChanged as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps(vars(loaded)))
    else:
        typer.echo(
            f"{loaded.versions} intervals and {loaded.successions} successions; {loaded.added} new.", err=True
        )
