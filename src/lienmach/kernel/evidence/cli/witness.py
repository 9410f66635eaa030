"""`lienmach witness …`: look after the logs of others. Needs no platform, no database server, no account."""

from pathlib import Path
from typing import Annotated

import typer

from lienmach.kernel.evidence.cli.evidence import refuse

group = typer.Typer(help="Be a witness of other people's logs.", no_args_is_help=True)
Folder = Annotated[Path, typer.Option("--data", help="Folder of the witness: keys and what it cosigned.")]
HOME = Path("~/lienmach-witness")


@group.command()
def serve(
    data: Folder = HOME,
    bind: Annotated[str, typer.Option(help="Address and port to listen on.")] = "127.0.0.1:8090",
    name: Annotated[str, typer.Option(help="Name of a new witness's keys, like example.org/witness.")] = "",
) -> None:
    """Cosign checkpoints of the known logs until Ctrl-C (C2SP tlog-witness over HTTP).

    Exit codes: 0 stopped, 2 no name for new keys, or the port is taken.
    """
    import signal

    from lienmach.engines.ledger.errors import LedgerError
    from lienmach.kernel.evidence.witness.server import WitnessServer
    from lienmach.kernel.evidence.witness.store import Store, witness_keys

    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit():
        refuse(f"{bind!r} is not an address and a port: write it as 127.0.0.1:8090.")
    try:
        keys = witness_keys(data.expanduser(), name)
        server = WitnessServer((host.strip("[]"), int(port)), Store(data.expanduser()), keys)
    except (LedgerError, OSError) as error:
        refuse(error)
    typer.echo(f"Witness {keys[0].name} at http://{bind}. Its keys, for the policies of others:", err=True)
    for key in keys:
        typer.echo(key.verifier.text)
    typer.echo(f"It knows {len(server.store.known())} logs; Ctrl-C stops it.", err=True)
    # As a service it is ended by SIGTERM, at a terminal by Ctrl-C; nothing it has answered is lost by either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
    finally:
        server.server_close()


@group.command("add-log")
def add_log(
    vkey: Annotated[str, typer.Argument(help="The log's key: the line in its log.vkey, or that file.")],
    data: Folder = HOME,
) -> None:
    """Witness a log from now on. The running witness notices by itself.

    Exit codes: 0 added, 2 this is not a log's key.
    """
    from lienmach.engines.ledger.errors import LedgerError
    from lienmach.kernel.evidence.witness.store import Store

    file = Path(vkey)
    text = file.read_text("utf-8").strip() if len(vkey) < 1000 and file.is_file() else vkey.strip()
    try:
        origin = Store(data.expanduser()).add(text)
    except LedgerError as error:
        refuse(error)
    typer.echo(f"Witnessing {origin}.", err=True)


@group.command()
def status(data: Folder = HOME) -> None:
    """List the witnessed logs with the size cosigned last.

    Exit codes: 0 all well, 1 requests are kept that may prove misbehaviour of a log.
    """
    from lienmach.kernel.evidence.witness.store import Store

    store = Store(data.expanduser())
    for log in store.known():
        typer.echo(f"{log.size:>12}  {log.origin}")
    if count := store.suspicions():
        refuse(f"{count} inconsistent requests are kept in {data}: compare the log's checkpoints.", 1)
