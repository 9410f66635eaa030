"""The command `lienmach`. The apps add theirs; nothing heavy is imported before a command needs it."""

import os
import pkgutil
import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import lienmach.apps
import lienmach.kernel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lienmach.config.settings")

app = typer.Typer(
    name="lienmach",
    help="Liền Mạch: one thread from a workshop's plan to a province's number.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
err = Console(stderr=True)

EXIT_INVALID = 2


def _set_up() -> None:
    import django

    django.setup()


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Say what is wrong with the settings, the data folder and the database before anything runs.

    Exit codes: 0 all well, 2 something is wrong.
    """
    from lienmach.config.check import findings

    found = findings()
    if as_json:
        import json

        print(json.dumps([finding.__dict__ for finding in found], ensure_ascii=False, indent=1))
    else:
        for finding in found:
            err.print(f"{finding.level.upper()}  {finding.what}\n      {finding.remedy}", highlight=False)
        if not any(finding.level == "error" for finding in found):
            err.print("Everything is in order.")
    if any(finding.level == "error" for finding in found):
        raise typer.Exit(EXIT_INVALID)


@app.command()
def migrate() -> None:
    """Bring the database to the state this version needs."""
    _set_up()
    from lienmach.config.prepare import prepare_database

    prepare_database()


@app.command()
def start(
    bind: Annotated[str, typer.Option(help="Address and port to listen on; default LIENMACH_BIND.")] = "",
) -> None:
    """Run the server and the worker until Ctrl-C. Prepares the database and the static files first.

    Exit codes: 0 stopped, 1 a process could not be kept alive, 2 the settings or the port are wrong.
    """
    from lienmach.config import environment

    address = bind or environment.get("LIENMACH_BIND")
    _need_port(address)
    check(as_json=False)
    _set_up()
    from lienmach.config.prepare import prepare

    prepare()
    err.print(
        f"Liền Mạch runs at {environment.get('LIENMACH_URL')} (listening on {address}). Ctrl-C stops it."
    )
    _supervise(address)


def _need_port(address: str) -> None:
    """Find out before any preparation that the port is taken."""
    from lienmach.config.start import CannotListen, check_port

    try:
        check_port(address)
    except CannotListen as error:
        err.print(f"Cannot start: {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(EXIT_INVALID) from None


def _supervise(address: str) -> None:
    from lienmach.config.start import KeepsDying, Supervisor

    try:
        Supervisor(address).run()
    except KeepsDying as error:
        err.print(f"Stopped: {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


@app.command()
def demo(
    firms: Annotated[int, typer.Option(min=10, max=100_000, help="Generated firms in the province.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of everything that is generated.")] = 1,
    folder: Annotated[Path, typer.Option(help="Data folder of the demonstration.")] = Path("~/lienmach-demo"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete the demonstration's data first.")] = False,
    load_only: Annotated[bool, typer.Option("--load-only", help="Load the data and stop.")] = False,
) -> None:
    """Show a province and two workshops with generated data, running at a local address until Ctrl-C."""
    import shutil
    from datetime import UTC, datetime

    from lienmach.config import demo as demonstration
    from lienmach.config import environment

    if not load_only:
        _need_port(environment.get("LIENMACH_BIND"))
    place = folder.expanduser().resolve()
    if fresh and (place / "lienmach.sqlite3").exists():
        shutil.rmtree(place)
    demonstration.use_demo_folder(place)
    _set_up()
    from lienmach.config.prepare import prepare

    err.print("Preparing the demonstration. Everything in it is generated.")
    prepare()
    log_ins = demonstration.load(
        firms=firms, seed=seed, at=datetime.now(UTC), say=lambda text: err.print(f"  {text}", highlight=False)
    )
    if load_only:
        return
    address = environment.get("LIENMACH_URL")

    def announce() -> None:
        err.print(f"\nLiền Mạch runs at {address}\n", highlight=False)
        for username, password, who in log_ins:
            err.print(f"  {username:<9} {password}   {who}", highlight=False)
        err.print("\nCtrl-C stops all of it.", highlight=False)

    demonstration.announce_when_ready(address, announce)
    _supervise(environment.get("LIENMACH_BIND"))


@app.command()
def worker() -> None:
    """Run the worker alone; `lienmach start` does this too.

    It sequences evidence, delivers it to subscribers and runs jobs.
    """
    _set_up()
    from lienmach.config.worker import BadDeclarations, Worker

    try:
        running = Worker()
    except BadDeclarations as error:
        err.print(str(error))
        raise typer.Exit(EXIT_INVALID) from None
    signal.signal(signal.SIGTERM, running.stop)
    signal.signal(signal.SIGINT, running.stop)
    running.run()


@app.command("new-app")
def new_app(
    name: Annotated[str, typer.Argument(help="Module name: small letters and digits.")],
    title: Annotated[str, typer.Option(help="What people call it, in English; default the name.")] = "",
    title_vi: Annotated[str, typer.Option(help="The same in Vietnamese; default the title.")] = "",
) -> None:
    """Write a small working app into the sources, for developers.

    Exit codes: 0 written, 2 the name or title cannot be used, or these are not the sources.
    """
    from lienmach.config import new_app as making

    english = title or name.capitalize()
    try:
        folder = making.apps_folder()
        written = making.create(name, title=english, title_vi=title_vi or english, folder=folder)
    except making.CannotCreate as error:
        err.print(str(error), highlight=False)
        raise typer.Exit(EXIT_INVALID) from None
    for path in written:
        print(path)
    err.print("Next: `make docs messages`, then `make test`. CONTRIBUTING.md says how to go on.")


def _add_commands() -> None:
    """Add what the `cli.py` of every app and kernel part declares; these modules import nothing heavy."""
    for package in (lienmach.kernel, lienmach.apps):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if module.ispkg and find_spec(f"{module.name}.cli") is not None:
                commands: typer.Typer = import_module(f"{module.name}.cli").app
                app.registered_commands += commands.registered_commands
                app.registered_groups += commands.registered_groups


def main() -> None:
    """Entry point of the console script."""
    if sys.platform == "win32":
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    _add_commands()
    app()
