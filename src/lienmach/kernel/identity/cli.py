"""Commands for whoever runs the platform: the first organisation, its first person, a forgotten password."""

from typing import Annotated

import typer

app = typer.Typer()

EXIT_INVALID = 2
Password = Annotated[
    str,
    typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="Asked for when not given."),
]


def _refuse(error: Exception) -> None:
    messages = getattr(error, "messages", None) or [str(error)]
    for message in messages:
        typer.echo(message, err=True)
    raise typer.Exit(EXIT_INVALID) from None


@app.command("add-organisation")
def add_organisation(
    name: Annotated[str, typer.Argument(help="Its name, as people write it.")],
    owner: Annotated[str, typer.Option(help="User name of its first owner; made when there is none yet.")],
    password: Password,
    kind: Annotated[str, typer.Option(help="enterprise, association, agency or provider.")] = "enterprise",
    tax_code: Annotated[str, typer.Option(help="Its tax code, if it has one.")] = "",
    unit: Annotated[str, typer.Option(help="Administrative unit it stands in: its identity in places.")] = "",
    jurisdiction: Annotated[str, typer.Option(help="For an agency: the unit it looks after.")] = "",
    role: Annotated[str, typer.Option(help="Role of that person.")] = "owner",
) -> None:
    """Give an organisation its place on this platform, and somebody who can sign in for it.

    Exit codes: 0 done, 2 something in the input is wrong (everything is said at once, nothing is kept).
    """
    import django

    django.setup()
    from datetime import UTC, datetime

    from django.core.exceptions import ValidationError

    from lienmach.kernel.identity.services import organisation_found
    from lienmach.kernel.scope import SystemScope

    try:
        organisation = organisation_found(
            SystemScope(),
            name=name,
            kind=kind,
            tax_code=tax_code,
            unit=unit,
            jurisdiction=jurisdiction,
            username=owner,
            password=password,
            role=role,
            at=datetime.now(UTC),
        )
    except ValidationError as error:
        _refuse(error)
    else:
        typer.echo(f"/o/{organisation.slug}/")


@app.command("set-password")
def set_password(username: Annotated[str, typer.Argument(help="Who forgot it.")], password: Password) -> None:
    """Give somebody a new password.

    Exit codes: 0 done, 2 no such person or the password is too weak.
    """
    import django

    django.setup()
    from django.core.exceptions import ObjectDoesNotExist, ValidationError

    from lienmach.kernel.identity.services import password_set
    from lienmach.kernel.scope import SystemScope

    try:
        password_set(SystemScope(), username=username, password=password)
    except (ObjectDoesNotExist, ValidationError) as error:
        _refuse(error)
