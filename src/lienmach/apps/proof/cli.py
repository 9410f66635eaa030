"""`lienmach logs`: how every log of the installation is doing, for whoever runs it; and the offline page."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lienmach.kernel.evidence.log.health import LogHealth

app = typer.Typer()

EXIT_BAD = 1
EXIT_REFUSED = 2


@app.command("logs")
def logs(as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False) -> None:
    """Say how every log is doing and what to do next, those that need somebody first.

    Exit codes: 0 all well or only unwitnessed, 1 a log is held or stands still.
    """
    import json
    from dataclasses import asdict
    from datetime import UTC, datetime

    import django

    django.setup()
    from django.utils.translation import override

    from lienmach.kernel.evidence.log.health import Advice, log_health_list
    from lienmach.kernel.scope import SystemScope

    found = log_health_list(SystemScope(), at=datetime.now(UTC))
    if as_json:
        print(json.dumps([asdict(each) for each in found], default=str, indent=1, ensure_ascii=False))
    else:
        with override("en"):
            print("\n".join(line for each in found for line in _lines(each)))
    bad = {Advice.RESUME, Advice.MEND_POLICY, Advice.START_WORKER, Advice.NOT_SIGNED}
    if bad.intersection(each.advice for each in found):
        raise typer.Exit(EXIT_BAD)


def _lines(health: "LogHealth") -> Iterator[str]:
    from lienmach.apps.proof.presentation import ADVICE
    from lienmach.kernel.evidence.log.health import Advice

    names = ", ".join(f"{one.name} to {one.size or 0}" for one in health.witnesses if one.url)
    yield (
        f"{health.log}: {health.size} leaves, signed to {health.signed}, {names or 'unwitnessed'}; "
        f"{health.waiting} waiting."
    )
    for one in health.witnesses:
        if one.failing_since is not None:
            yield f"  {one.name} has not cosigned since {one.failing_since:%Y-%m-%d %H:%M} UTC. {one.reason}"
    if health.advice is not Advice.NOTHING:
        yield "  " + " ".join(filter(None, (health.held, health.problem, str(ADVICE[health.advice]))))


@app.command("verify-page")
def verify_page(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it, like verify.html.")],
) -> None:
    """Write the page that verifies proof files in a browser, without a network; its SHA-256 is printed.

    Exit codes: 0 written, 2 FILE is there already.
    """
    from lienmach.apps.proof.offline import single_file, single_file_hash

    if file.exists():
        typer.echo(f"{file} is there already; name another file.", err=True)
        raise typer.Exit(EXIT_REFUSED)
    file.write_bytes(single_file())
    print(single_file_hash())
