"""Everything computed again: trees, signatures, commitments, and whatever pages and numbers are read from.

Reads the tables and the files, never a cache. Names the first index that cannot be relied on and what kind of
tampering it is.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from uuid import UUID

from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import VerifierKey, vkey_parse
from lienmach.kernel.evidence.log.agreement import agrees
from lienmach.kernel.evidence.log.audit_heads import check_checkpoints, check_files, check_head
from lienmach.kernel.evidence.log.audit_leaves import check_batches, check_closely
from lienmach.kernel.evidence.log.audit_outside import outside_the_logs
from lienmach.kernel.evidence.log.audit_pass import Pass, published_size
from lienmach.kernel.evidence.log.files import files_of
from lienmach.kernel.evidence.log.findings import Finding, Kind, Report
from lienmach.kernel.evidence.log.keys import Purpose, key_kept
from lienmach.kernel.evidence.log.pages import LeafRow, Page, pages
from lienmach.kernel.evidence.log.policy import policy_file, policy_of, weaknesses
from lienmach.kernel.evidence.log.provincial import Gathering
from lienmach.kernel.evidence.models import AuthorKey, Log, LogCheckpoint
from lienmach.kernel.evidence.platform_log import PLATFORM
from lienmach.kernel.evidence.rows import stored_form
from lienmach.kernel.scope import SystemScope


def audit(scope: SystemScope, *, logs: Sequence[UUID] = ()) -> Report:
    """Audit the logs of these organisations; by default all, with segments, projections and the sequence."""
    report, roots = Report(), dict[tuple[str, int], bytes]()
    chosen = Log.objects.order_by("origin")
    # The platform's own log last: its leaves are checkpoints of the others.
    for log in sorted(
        chosen.filter(organisation__in=logs) if logs else chosen, key=lambda log: log.organisation == PLATFORM
    ):
        _audit_log(log, report, roots)
    if (first := chosen.first()) is not None and policy_file().is_file():
        report.weak = _weaknesses(first)
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


def _weaknesses(log: Log) -> list[str]:
    try:
        policy = policy_of(key_kept(log.organisation, Purpose.LOG).verifier)
    except LedgerError:
        return []  # a finding of the log
    return weaknesses(policy, log.origin)


def _audit_log(log: Log, report: Report, roots: dict[tuple[str, int], bytes]) -> None:
    keys, bad_keys = _author_keys(log)
    checkpoints = list(LogCheckpoint.objects.filter(log=log).order_by("size"))
    files = files_of(log.origin)
    wanted = {log.signed} | {each.size for each in checkpoints} | published_size(files)
    run = Pass(log, keys, wanted, report, roots)
    run.gathering = Gathering() if log.organisation == PLATFORM else None
    for reason in bad_keys:
        run.found(None, Kind.KEY_UNKNOWN, reason)
    for page in pages(log):
        _read(run, page)
    check_batches(run)
    check_head(run)
    check_checkpoints(run, checkpoints, files)
    check_files(run, files)
    roots |= {(log.origin, size): root for size, root in run.roots.items()}
    if run.gathering is not None:
        run.gathering.check_end(run)
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
    organisation = stored_form()(run.log.organisation)
    others: list[tuple[LeafRow, int]] = []
    hashes, expected, sound = run.hashes, run.expected + page.first, 0
    for row in page.rows:
        place, event_id, data = row[:3]
        if place != expected:
            missing, found = expected - page.first, place - page.first
            run.found(missing, Kind.LEAF_MISSING, f"After index {missing - 1} comes {found}.")
        expected = place + 1
        hashes.append(sha256(b"\0" + data).digest())
        openings = page.openings.get(event_id)
        if openings and event_id not in page.erasures:
            author = data[11:19].decode("latin-1")
            if agrees(row, openings, author, organisation):
                sound += 1
                run.authors.add(author)
                continue
        others.append((LeafRow(*row), len(hashes) - 1))
        if row[3] is None:
            # Only a log's own leaves have no event: what they sign has to be looked at in its turn.
            check_closely(run, page, others)
            others = []
    check_closely(run, page, others)
    run.expected = expected - page.first
    run.report.events += sound
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
