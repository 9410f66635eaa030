"""Commands of the register."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()
registry = typer.Typer(help="The register of enterprises.", no_args_is_help=True)
app.add_typer(registry, name="registry")


@registry.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Workbook of enterprises.")],
    organisation: Annotated[str, typer.Option(help="Short name of the agency whose register it is.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Add the enterprises of a workbook to an agency's register: all of them, or none and every reason.

    Exit codes: 0 imported, 2 the workbook or the organisation cannot be used.
    """
    import json
    from datetime import UTC, datetime

    import django

    django.setup()

    from lienmach.apps.registry.services import enterprise_import
    from lienmach.kernel.apps import permissions_of
    from lienmach.kernel.identity.models import Organisation
    from lienmach.kernel.scope import AreaScope
    from lienmach.kernel.sheets import problem_table

    owner = Organisation.objects.filter(slug=organisation).exclude(jurisdiction="").first()
    if owner is None:
        typer.echo(f"No organisation {organisation!r} looks after an area.", err=True)
        raise typer.Exit(2)
    at = datetime.now(UTC)
    scope = AreaScope(
        actor="command-line",
        granted=permissions_of("officer"),
        organisation=owner.id,
        unit=owner.jurisdiction,
        at=at.date(),
    )
    result = enterprise_import(scope, content=file.read_bytes(), at=at)
    if as_json:
        document = {
            "added": result.added,
            "known": result.known,
            "problems": problem_table(result.problems),
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        for problem in result.problems:
            typer.echo(str(problem), err=True)
        typer.echo(f"{result.added} added, {result.known} known.", err=True)
    if not result.done:
        raise typer.Exit(2)
