"""`lienmach evidence import` and `export`: events as lines of JSON."""

import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from lienmach.kernel.evidence.cli.evidence import (
    EXIT_INVALID,
    Org,
    _django,
    organisation_coded,
    refuse,
    settle,
)

group = typer.Typer()


@group.command("import")
def import_events(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="One event per line; - for stdin.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Record events of registered types from another system; `recorded_at` is kept as given.

    All lines or none: every error is listed with its line. Events that are here already are left alone.
    Exit codes: 0 imported, 2 lines are wrong and nothing was imported.
    """
    _django()
    import json
    from dataclasses import asdict

    from lienmach.kernel.evidence.bulk import NothingImported, events_import
    from lienmach.kernel.scope import SystemScope

    if str(file) != "-" and not file.is_file():
        refuse(f"{file} is not there.")
    with sys.stdin if str(file) == "-" else file.open(encoding="utf-8-sig") as lines:
        try:
            done = events_import(SystemScope(), lines=lines, organisations=_organisations())
        except UnicodeDecodeError as error:
            refuse(f"{file} is not UTF-8: {error}")
        except NothingImported as error:
            if as_json:
                typer.echo(json.dumps({"errors": [asdict(one) for one in error.errors]}, ensure_ascii=False))
            for one in error.errors if not as_json else []:
                typer.echo(f"line {one.line}, {one.field or 'line'}: {one.message}", err=True)
            typer.echo(str(error), err=True)
            raise typer.Exit(EXIT_INVALID) from None
    settle()
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        typer.echo(f"{done.added} events imported, {done.known} were here already.", err=True)


@group.command("export")
def export_events(
    events: Annotated[bool, typer.Option("--events", help="Export events (what there is to export).")] = True,
    output: Annotated[str, typer.Option("-o", "--output", help="File to write; default stdout.")] = "",
    org: Org = "",
) -> None:
    """Write every event as a line of JSON, in the order of the platform's sequence.

    Exit codes: 0 written, 2 no such organisation.
    """
    _django()
    from lienmach.kernel.evidence.bulk import events_export
    from lienmach.kernel.scope import SystemScope

    settle()
    lines = events_export(SystemScope(), organisation=organisation_coded(org) if org else None)
    if output:
        with Path(output).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    else:
        for line in lines:
            typer.echo(line)


def _organisations() -> dict[str, UUID]:
    """Every organisation here, by identifier, code and tax code."""
    from django.apps import apps

    known: dict[str, UUID] = {}
    for pk, slug, tax_code in apps.get_model("identity.Organisation").objects.values_list(
        "pk", "slug", "tax_code"
    ):
        known |= {name: pk for name in (tax_code, slug, str(pk)) if name}
    return known
