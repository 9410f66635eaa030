"""`lienmach backup`, `lienmach restore`, and how a restored log works again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lienmach.kernel.evidence.cli.evidence import EXIT_BAD, _django, _logs, refuse, settle

app = typer.Typer()
group = typer.Typer()


KeyFile = Annotated[str, typer.Option("--key", help="File of the key; by default FILE with .key behind.")]


def _key_file(file: Path, key: str) -> Path:
    return Path(key).expanduser() if key else file.with_name(f"{file.name}.key")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup, like monday.backup.")],
    key: KeyFile = "",
) -> None:
    """Write database, keys, logs and files into one file sealed with a key; the platform may go on working.

    Keep the key in another place than the file. After an erasure the next backup destroys the keys of those
    before it. On PostgreSQL its client tools (pg_dump) have to be installed here.
    Exit codes: 0 written, 2 FILE is there already, or the database cannot be copied.
    """
    _django()
    from django.conf import settings

    from lienmach.kernel.evidence.backup import backup as write
    from lienmach.kernel.evidence.backup import database_installed
    from lienmach.kernel.evidence.backup_database import CannotBackUp

    file = file.expanduser().absolute()
    key_file = _key_file(file, key).absolute()
    try:
        made = write(Path(settings.DATA), database_installed(), file, key_file=key_file, at=datetime.now(UTC))
    except (FileExistsError, CannotBackUp) as error:
        refuse(error)
    typer.echo(f"{file}: {len(made.manifest.files)} files.", err=True)
    typer.echo(f"{key_file} opens it: keep it in another place, without it nothing comes back.", err=True)
    for old in made.destroyed:
        typer.echo(f"The backup of {old.made_at} held what was erased since; its key is destroyed.", err=True)
    for old in made.elsewhere:
        typer.echo(
            f"The backup of {old.made_at} holds what was erased since, and its key is no longer at "
            f"{old.key_file}. Destroy it where it lies now.",
            err=True,
        )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")], key: KeyFile = ""
) -> None:
    """Bring a backup back into the empty data folder and database. Every log is held until it has caught up.

    Exit codes: 0 restored, 2 the backup, the folder or the database cannot be used.
    """
    import django
    from django.conf import settings

    django.setup()
    from lienmach.kernel.evidence.backup import database_installed
    from lienmach.kernel.evidence.backup import restore as bring_back
    from lienmach.kernel.evidence.backup_database import CannotRestore

    file = file.expanduser()
    try:
        made = bring_back(file, Path(settings.DATA), database_installed(), key_file=_key_file(file, key))
    except CannotRestore as error:
        refuse(error)
    typer.echo(
        f"Restored the state of {made.made_at}. Events are recorded; no log signs anything until\n"
        "  lienmach evidence resume\n"
        "has compared it with the witnesses. It says what is missing and how to bring it.",
        err=True,
    )


@group.command()
def resume(
    org: Annotated[str, typer.Option("--org", help="Code of the organisation; default every held log.")] = "",
    source: Annotated[
        str, typer.Option("--from", help="Folder with a newer copy of the log's files; needs --org.")
    ] = "",
    reason: Annotated[str, typer.Option(help="Decide without a witness; the reason is logged.")] = "",
) -> None:
    """Let held logs sign again, once they agree with everybody who has seen them.

    Exit codes: 0 they work, 1 one stays held and the reason is printed, 2 no such organisation.
    """
    _django()
    from lienmach.engines.ledger.errors import LedgerError
    from lienmach.kernel.evidence.log.files import LogFiles
    from lienmach.kernel.evidence.log.resume import log_resume
    from lienmach.kernel.evidence.models import Log
    from lienmach.kernel.evidence.platform_log import PLATFORM
    from lienmach.kernel.scope import SystemScope

    if source and not org:
        refuse("--from belongs to one log: name its organisation with --org.")
    bad = False
    platforms = [] if org else list(Log.objects.filter(organisation=PLATFORM))
    for log in [log for log in (*_logs(org), *platforms) if log.held]:
        try:
            done = log_resume(
                SystemScope(), log=log, at=datetime.now(UTC), reason=reason,
                source=LogFiles(Path(source)) if source else None,
            )  # fmt: skip
        except LedgerError as error:
            typer.echo(str(error), err=True)
            bad = True
            continue
        typer.echo(
            f"{done.origin}: {done.fetched} leaves fetched back, {done.appended} appended; "
            f"agrees with {', '.join(done.agreeing) or 'nobody asked'}.",
            err=True,
        )
    if bad:
        raise typer.Exit(EXIT_BAD)
    settle()
