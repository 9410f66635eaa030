"""`lienmach evidence …`: what a log holds, handed out and checked."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from uuid import UUID

import typer

if TYPE_CHECKING:
    from lienmach.kernel.evidence.models import Log

group = typer.Typer()

EXIT_BAD = 1
EXIT_INVALID = 2
Org = Annotated[str, typer.Option("--org", help="Code of the organisation as in its address /o/<code>/.")]


def _django() -> None:
    import django

    django.setup()


def refuse(message: object, code: int = EXIT_INVALID) -> NoReturn:
    """Say why not, and end."""
    typer.echo(str(message), err=True)
    raise typer.Exit(code) from None


def organisation_coded(code: str) -> UUID:
    """Return the organisation with this code, tax code, identifier or log."""
    from django.apps import apps
    from django.db.models import Q

    from lienmach.kernel.evidence.models import Log
    from lienmach.kernel.evidence.platform_log import CODE, PLATFORM

    if code == CODE:
        return PLATFORM
    log = Log.objects.filter(Q(origin=code) | Q(origin__endswith=f"/{code}")).first()
    if log is not None:
        return log.organisation
    # Evidence stands below identity and imports nothing of it; a command may ask what is installed.
    known = apps.get_model("identity.Organisation").objects
    row = known.filter(slug=code).first() or known.filter(tax_code=code).exclude(tax_code="").first()
    if row is not None:
        return UUID(str(row.pk))
    try:
        return UUID(code)
    except ValueError:
        refuse(f"No organisation {code!r} here.")


def _code_of(organisation: UUID) -> str:
    from django.apps import apps

    from lienmach.kernel.evidence.platform_log import CODE, PLATFORM

    if organisation == PLATFORM:
        return CODE
    row = apps.get_model("identity.Organisation").objects.filter(pk=organisation).first()
    return str(organisation if row is None else row.slug)


def _logs(org: str) -> "list[Log]":
    """Return one log, or every organisation's; the platform's own only when asked for."""
    from lienmach.kernel.evidence.models import Log
    from lienmach.kernel.evidence.platform_log import PLATFORM

    if not org:
        return list(Log.objects.exclude(organisation=PLATFORM).order_by("origin"))
    log = Log.objects.filter(organisation=organisation_coded(org)).first()
    if log is None:
        refuse(f"The organisation {org!r} has recorded nothing yet: it has no log.")
    return [log]


def settle() -> None:
    """Sequence and publish what waits, so that a command sees the present also when no worker runs."""
    from lienmach.kernel.evidence.log.batches import Contended
    from lienmach.kernel.evidence.log.provincial import checkpoints_gather
    from lienmach.kernel.evidence.log.publish import Publisher
    from lienmach.kernel.evidence.sequencer import sequence

    while True:
        try:
            if not sequence():
                break
        except Contended:
            continue
    at, publisher = datetime.now(UTC), Publisher()
    publisher.publish_all(at=at)
    try:
        if checkpoints_gather(at=at):
            publisher.publish_all(at=at)
    except Contended:
        pass  # a worker is gathering at this moment


@group.command("export-log")
def export_log(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")], org: Org = ""
) -> None:
    """Write a log as tlog-tiles: checkpoint, tile/… and log.vkey, to be verified by anybody's tools.

    Without --org every log goes into a folder of its own below DIR; a single log into DIR itself.
    Exit codes: 0 written, 1 nothing is published or a file there differs, 2 no such organisation.
    """
    _django()
    from lienmach.engines.ledger.errors import LedgerError
    from lienmach.kernel.evidence.log.export import log_export

    settle()
    logs = _logs(org)
    if not logs:
        refuse("Nothing has been recorded yet: there is no log.", EXIT_BAD)
    for log in logs:
        target = folder if len(logs) == 1 else folder / _code_of(log.organisation)
        try:
            size = log_export(log, target)
        except LedgerError as error:
            refuse(f"{log.origin}: {error}", EXIT_BAD)
        typer.echo(f"{target}: {log.origin}, {size} leaves", err=True)


@group.command()
def prove(
    event_id: Annotated[str, typer.Argument(metavar="EVENT_ID")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The proof's file.")],
    disclose: Annotated[str, typer.Option(help="Groups to open: public,partner,private or none.")] = "public",
    province: Annotated[
        bool, typer.Option("--province", help="Also show that the provincial log holds the checkpoint.")
    ] = False,
) -> None:
    """Write a file that proves an event offline, with the chosen groups opened.

    Exit codes: 0 written, 1 there is no proof (yet), 2 no such event or group.
    """
    _django()
    from lienmach.engines.ledger.errors import LedgerError
    from lienmach.kernel.evidence.log.proofs import EVERY_GROUP, event_proof
    from lienmach.kernel.evidence.queries import EventNotFound
    from lienmach.kernel.scope import SystemScope

    groups = tuple(word.strip() for word in disclose.split(",") if word.strip() not in {"", "none"})
    if unknown := set(groups) - set(EVERY_GROUP):
        refuse(f"{', '.join(sorted(unknown))}: groups are public, partner, private.")
    settle()
    try:
        proof = event_proof(SystemScope(), event_id=UUID(event_id), disclose=groups, province=province)
    except (EventNotFound, ValueError) as error:
        if isinstance(error, LedgerError):
            refuse(error, EXIT_BAD)
        refuse(error if isinstance(error, EventNotFound) else f"{event_id!r} is not an event id.")
    except LedgerError as error:
        refuse(error, EXIT_BAD)
    output.write_bytes(proof.to_bytes())
    head = proof.proof.note.body.split("\n")
    typer.echo(f"{output}: leaf {proof.proof.index} of {head[0]}, {head[1]} leaves", err=True)


@group.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Proof, checkpoint, or folder of a log.")],
    policy: Annotated[str, typer.Option(help="File with your own policy: whom you believe.")] = "",
    leaf: Annotated[str, typer.Option(help="File with the leaf's bytes, for a .tlog-proof.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Verify a proof or a log offline. `python -m lienmach.engines.ledger.verify` does it without the rest.

    Exit codes: 0 it holds, 1 it does not, and the reason is printed.
    """
    from lienmach.engines.ledger.verify import main

    options = [str(file)]
    options += ["--policy", policy] if policy else []
    options += ["--leaf", leaf] if leaf else []
    raise typer.Exit(main([*options, "--json"] if as_json else options))


@group.command()
def audit(
    org: Org = "", as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False
) -> None:
    """Compute everything again: trees, signatures, commitments, and the columns that pages read.

    Names the first index that cannot be relied on and what kind of tampering it is.
    Exit codes: 0 nothing found, 1 something was changed, 2 no such organisation.
    """
    _django()
    import json
    from dataclasses import asdict

    from lienmach.kernel.evidence.log.audit import audit as audit_logs
    from lienmach.kernel.scope import SystemScope

    report = audit_logs(SystemScope(), logs=[organisation_coded(org)] if org else [])
    if as_json:
        first = {log: asdict(one) for log, one in report.first.items()}
        document = {"good": not report.findings, "first": first, **asdict(report)}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for one in report.findings:
            where = "" if one.index is None else f" index {one.index}"
            typer.echo(f"{one.log or 'platform'}{where}: {one.kind.upper()}. {one.what}", err=True)
        for log, one in report.first.items():
            where = "no index tells where" if one.index is None else f"first bad index {one.index}"
            typer.echo(f"{log or 'platform'}: {where}, {one.kind}.", err=True)
        for origin, reason in report.held.items():
            typer.echo(f"{origin} is held: {reason}", err=True)
        for weakness in report.weak:
            typer.echo(f"witnesses.policy: {weakness}", err=True)
        for origin in report.unwitnessed:
            typer.echo(f"{origin}: UNWITNESSED; only this installation vouches for it.", err=True)
        result = f"{len(report.findings)} findings" if report.findings else "Nothing was changed"
        typer.echo(
            f"{result}: {report.logs} logs, {report.leaves} leaves, {report.events} events, "
            f"{report.erased} erased bodies, {report.segments} segments, {report.projected} derived rows.",
            err=True,
        )
    if report.findings:
        raise typer.Exit(EXIT_BAD)


@group.command()
def erase(
    events: Annotated[list[str], typer.Argument(metavar="EVENT_ID…", help="Events of one organisation.")],
    org: Annotated[str, typer.Option("--org", help="Code of the organisation whose events they are.")],
    ground: Annotated[str, typer.Option(help="The legal reason, without any name: it is public and stays.")],
    requester: Annotated[str, typer.Option(help="Who asked: a role or pseudonym.")] = "",
    groups: Annotated[
        str, typer.Option(help="public, partner, private; commas between.")
    ] = "partner,private",
) -> None:
    """Erase content of events for good, with a logged reason; leaves stay and proofs still verify.

    Also cleans the database's free pages. Exit codes: 0 erased, 2 not such events, groups or no reason.
    """
    _django()
    from lienmach.kernel.evidence.erasure import body_erase, free_pages
    from lienmach.kernel.evidence.queries import EventNotFound
    from lienmach.kernel.evidence.segments.seal import segments_seal
    from lienmach.kernel.scope import SystemScope

    try:
        erased = body_erase(
            SystemScope(),
            events=[UUID(event) for event in events],
            groups=[word.strip() for word in groups.split(",")],
            ground=ground,
            requester=requester,
            at=datetime.now(UTC),
            organisation=organisation_coded(org),
        )
    except (EventNotFound, ValueError) as error:
        refuse(error)
    free_pages()
    if "public" in erased.groups:
        settle()
        segments_seal(SystemScope(), at=datetime.now(UTC))
    settle()
    typer.echo(f"Erased {', '.join(erased.groups)} of {erased.events} events by {erased.event_id}.", err=True)
    typer.echo(
        "Backups made before hold it until a new backup is made: `lienmach backup FILE` destroys their keys.",
        err=True,
    )
