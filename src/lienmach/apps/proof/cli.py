"""`lienmach logs`: how every log of the installation is doing, for whoever runs it; and the offline page."""

from pathlib import Path
from typing import Annotated

import typer

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

    from lienmach.apps.proof.presentation import ADVICE
    from lienmach.kernel.evidence.log.health import Advice, log_health_list
    from lienmach.kernel.scope import SystemScope

    found = log_health_list(SystemScope(), at=datetime.now(UTC))
    if as_json:
        print(json.dumps([asdict(each) for each in found], default=str, indent=1, ensure_ascii=False))
    else:
        with override("en"):
            for each in found:
                asked = [one for one in each.witnesses if one.url]
                names = ", ".join(f"{one.name} to {one.size or 0}" for one in asked) or "unwitnessed"
                print(f"{each.log}: {each.size} leaves, signed to {each.signed}, {names};", end=" ")
                print(f"{each.waiting} waiting.")
                for one in each.witnesses:
                    if one.failing_since is not None:
                        print(
                            f"  {one.name} does not cosign since {one.failing_since:%Y-%m-%d %H:%M} UTC:",
                            end=" ",
                        )
                        print(one.reason)
                if each.advice is not Advice.NOTHING:
                    print(f"  {each.held} {ADVICE[each.advice]}".replace("   ", "  "))
    if any(each.advice in (Advice.RESUME, Advice.START_WORKER, Advice.NOT_SIGNED) for each in found):
        raise typer.Exit(EXIT_BAD)


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
