"""Everything computed again: trees, signatures, commitments, and whatever pages and numbers are read from.

Reads the tables and the files, never a cache. Names the first index that cannot be relied on and what kind of
tampering it is.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import VerifierKey, vkey_parse
from lienmach.engines.ledger.leaf import hash_of
from lienmach.kernel.evidence.log.agreement import agrees
from lienmach.kernel.evidence.log.audit_heads import check_checkpoints, check_files, check_head
from lienmach.kernel.evidence.log.audit_leaves import check_batches, check_closely
from lienmach.kernel.evidence.log.audit_outside import outside_the_logs
from lienmach.kernel.evidence.log.audit_pass import Pass, published_size
from lienmach.kernel.evidence.log.files import files_of
from lienmach.kernel.evidence.log.findings import Finding, Kind, Report
from lienmach.kernel.evidence.log.pages import Page, pages
from lienmach.kernel.evidence.models import AuthorKey, Log, LogCheckpoint
from lienmach.kernel.scope import SystemScope


def audit(scope: SystemScope, *, logs: Sequence[UUID] = ()) -> Report:
    """Audit the logs of these organisations; by default all, with segments, projections and the sequence."""
    report = Report()
    chosen = Log.objects.order_by("origin")
    for log in chosen.filter(organisation__in=logs) if logs else chosen:
        _audit_log(log, report)
    if not logs:
        report.findings += _beside_the_logs(scope, report)
    return report


def _beside_the_logs(scope: SystemScope, report: Report) -> Iterator[Finding]:
    # Imported here: both stand on what this package offers.
    from lienmach.kernel.evidence.projections import projections_audit
    from lienmach.kernel.evidence.segments.audit import segments_audit

    yield from outside_the_logs()
    yield from segments_audit(scope, report)
    yield from projections_audit(scope, report)


def _audit_log(log: Log, report: Report) -> None:
    keys, bad_keys = _author_keys(log)
    checkpoints = list(LogCheckpoint.objects.filter(log=log).order_by("size"))
    files = files_of(log.origin)
    run = Pass(log, keys, {each.size for each in checkpoints} | published_size(files), report)
    for reason in bad_keys:
        run.found(None, Kind.KEY_UNKNOWN, reason)
    for page in pages(log):
        _read(run, page)
    check_batches(run)
    check_head(run)
    if unsigned := len(run.hashes) - run.signed_up_to:
        run.found(run.frontier.size - unsigned, Kind.SIGNATURE_MISSING, "No batch signs the last leaves.")
    check_checkpoints(run, checkpoints, files)
    check_files(run, files)
    report.logs += 1
    report.leaves += run.frontier.size
    if log.held:
        report.held[log.origin] = log.held
    if not any(each.cosignatures.exists() for each in checkpoints[-1:]):
        report.unwitnessed.append(log.origin)
    report.findings += sorted(
        run.findings, key=lambda one: (-1 if one.index is None else one.index, one.kind)
    )


def _read(run: Pass, page: Page) -> None:
    """Take a page of leaves: those on which everything agrees at once, the others closely."""
    organisation = str(run.log.organisation)
    others = []
    for row in page.rows:
        if row.index != run.expected:
            run.found(run.expected, Kind.LEAF_MISSING, f"After index {run.expected - 1} comes {row.index}.")
        run.expected = row.index + 1
        author = row.data[11:19].decode("latin-1")
        openings = page.openings.get(row.leaf_of)
        run.hashes.append(hash_of(row.data))
        if (
            openings is not None
            and row.leaf_of not in page.erasures
            and agrees(row, openings, author, organisation)
        ):
            run.report.events += 1
            run.authors.add(author)
        else:
            others.append((row, len(run.hashes) - 1))
            if row.event_id is None:
                # Only a log's own leaves have no event: what they sign has to be looked at in its turn.
                check_closely(run, page, others)
                others = []
    check_closely(run, page, others)
    run.extend()


def _author_keys(log: Log) -> tuple[dict[str, VerifierKey], list[str]]:
    keys, bad = {}, []
    for row in AuthorKey.objects.filter(log=log):
        try:
            key = vkey_parse(row.vkey)
        except LedgerError as error:
            bad.append(f"Author key {row.key_id}: {error}")
            continue
        if key.id.hex() != row.key_id:
            bad.append(f"Author key {row.key_id} is kept with the key {key.id.hex()}.")
        keys[row.key_id] = key
    return keys, bad
