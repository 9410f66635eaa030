"""Everything computed again: tree, signatures, commitments, and the columns that pages read.

Reads the tables and the published files, never a cache. Names the first index that cannot be relied on and
what kind of tampering it is.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

from lienmach.engines.ledger import audit as files_audit
from lienmach.engines.ledger.authors import batch_of, leaf_check
from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.commitments import commit
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.keys import VerifierKey, vkey_parse
from lienmach.engines.ledger.leaf import Leaf as Header
from lienmach.engines.ledger.leaf import hash_of, leaf_parse
from lienmach.engines.ledger.merkle import Frontier
from lienmach.engines.ledger.notes import note_parse, note_verify
from lienmach.engines.ledger.policy import Policy
from lienmach.engines.ledger.tiles import WIDTH, read_hashes, width_at
from lienmach.kernel.evidence.log.columns import changed_columns
from lienmach.kernel.evidence.log.files import CHECKPOINT, LogFiles, files_of
from lienmach.kernel.evidence.log.findings import Finding, Kind, Report
from lienmach.kernel.evidence.log.keys import Purpose, key_kept
from lienmach.kernel.evidence.log.policy import policy_of
from lienmach.kernel.evidence.log.publish import note_with_cosignatures
from lienmach.kernel.evidence.models import (
    AuthorKey,
    Erasure,
    EventRecord,
    HeldLeaf,
    Leaf,
    Log,
    LogCheckpoint,
    Opening,
    OutboxEntry,
    SequencedEvent,
    SequenceHead,
)
from lienmach.kernel.scope import SystemScope

CHUNK = 500


@dataclass
class _Pass:
    """What one pass over a log's leaves carries along."""

    log: Log
    keys: Mapping[str, VerifierKey]
    wanted: set[int]
    report: Report
    frontier: Frontier = field(default_factory=Frontier)
    roots: dict[int, bytes] = field(default_factory=dict)
    recent: list[bytes] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unsigned: list[tuple[int, int, int]] = field(default_factory=list)
    """Batches that do not hold: first leaf, index of the signing leaf, how many it signs."""

    def found(self, index: int | None, kind: Kind, what: str) -> None:
        self.findings.append(Finding(log=self.log.origin, index=index, kind=kind, what=what))


def audit(scope: SystemScope, *, logs: Sequence[UUID] = ()) -> Report:
    """Audit the logs of these organisations, all of them by default."""
    report = Report()
    chosen = Log.objects.order_by("origin")
    for log in chosen.filter(organisation__in=logs) if logs else chosen:
        _audit_log(log, report)
    if not logs:
        report.findings += _outside_the_logs()
    return report


def _audit_log(log: Log, report: Report) -> None:
    keys, bad_keys = _author_keys(log)
    checkpoints = list(LogCheckpoint.objects.filter(log=log).order_by("size"))
    files = files_of(log.origin)
    run = _Pass(log, keys, {each.size for each in checkpoints} | _published_size(files), report)
    for reason in bad_keys:
        run.found(None, Kind.KEY_UNKNOWN, reason)
    expected = 0
    rows = Leaf.objects.of(log)
    for page in _pages(rows.iterator(chunk_size=CHUNK), CHUNK):
        expected = _read_page(run, page, expected)
    _check_batches(run)
    _check_head(run)
    if run.recent:
        run.found(
            run.frontier.size - len(run.recent), Kind.SIGNATURE_MISSING, "No batch signs the last leaves."
        )
    _check_checkpoints(run, checkpoints, files)
    _check_files(run, files)
    report.logs += 1
    report.leaves += run.frontier.size
    if log.held:
        report.held[log.origin] = log.held
    if not any(each.cosignatures.exists() for each in checkpoints[-1:]):
        report.unwitnessed.append(log.origin)
    report.findings += sorted(
        run.findings, key=lambda one: (-1 if one.index is None else one.index, one.kind)
    )


def _read_page(run: _Pass, page: list[Leaf], expected: int) -> int:
    ids = [row.event_id for row in page]
    openings: dict[UUID, dict[str, Opening]] = {}
    for opening in Opening.objects.filter(event_id__in=ids):
        openings.setdefault(opening.event_id, {})[opening.group] = opening
    events = EventRecord.objects.in_bulk(ids)
    erasures: dict[UUID, dict[str, UUID]] = {}
    for event_id, group, by in Erasure.objects.filter(event_id__in=ids).values_list(
        "event_id", "group", "by"
    ):
        erasures.setdefault(event_id, {})[group] = by
    for row in page:
        if row.index != expected:
            run.found(expected, Kind.LEAF_MISSING, f"After index {expected - 1} comes {row.index}.")
            expected = row.index
        data = bytes(row.data)
        header = _check_leaf(run, row, data)
        run.hashes.append(hash_of(data))
        run.frontier = run.frontier.extend(run.hashes[-1:])
        if run.frontier.size in run.wanted:
            run.roots[run.frontier.size] = run.frontier.root()
        if header is not None and header.batch is None:
            event = events.get(row.event_id)
            _check_content(
                run, row, header, openings.get(row.event_id, {}), erasures.get(row.event_id, {}), event
            )
        expected += 1
    return expected


def _check_leaf(run: _Pass, row: Leaf, data: bytes) -> Header | None:
    try:
        header = leaf_parse(data)
    except LedgerError as error:
        run.found(row.index, Kind.LEAF_CHANGED, str(error))
        run.recent.append(data)
        return None
    if header.event != str(row.event_id):
        run.found(row.index, Kind.LEAF_CHANGED, "The leaf is not of the event it is kept for.")
    if header.batch is None:
        run.recent.append(data)
        return header
    batch, run.recent = run.recent, []
    key = run.keys.get(header.author.key_id)
    if key is None:
        run.found(row.index, Kind.KEY_UNKNOWN, f"The author key {header.author.key_id} is not known.")
        return header
    try:
        leaf_check(header, key)
    except LedgerError as error:
        run.found(row.index, Kind.LEAF_CHANGED, str(error))
        return header
    if not batch or batch_of(batch) != header.batch:
        run.unsigned.append((row.index - len(batch), row.index, header.batch.count))
    return header


def _check_batches(run: _Pass) -> None:
    """Name the first leaf of each batch that is not what its author signed, as near as the tiles tell."""
    first = _first_difference(run) if run.unsigned else None
    for start, end, count in run.unsigned:
        if first is not None and start <= first < end:
            run.found(first, Kind.LEAF_CHANGED, f"The leaf is not the one published and signed at {first}.")
        elif not any(one.index is not None and start <= one.index < end for one in run.findings):
            kind = Kind.LEAF_CHANGED if end - start == count else Kind.ORDER_CHANGED
            run.found(
                start,
                kind,
                f"The {end - start} leaves from {start} on are not the {count} their author signed.",
            )


def _check_content(
    run: _Pass,
    row: Leaf,
    header: Header,
    openings: Mapping[str, Opening],
    erased: Mapping[str, UUID],
    event: EventRecord | None,
) -> None:
    opened: dict[str, dict[str, Any]] = {}
    for group in sorted({*header.commitments, *openings}):
        opening = openings.get(group)
        if opening is None:
            if group not in erased:
                run.found(row.index, Kind.BODY_MISSING, f"The {group} body is gone without an erasure.")
            elif not _erasure_logged(erased[group], row.event_id, group):
                run.found(row.index, Kind.ERASURE_UNLOGGED, f"No logged event erases the {group} body.")
            else:
                run.report.erased += 1
            continue
        if group not in header.commitments:
            run.found(row.index, Kind.BODY_ADDED, f"The leaf has no {group} group.")
        elif commit(bytes(opening.salt), bytes(opening.body)) != header.commitments[group]:
            run.found(row.index, Kind.BODY_CHANGED, f"The {group} body is not what the leaf commits to.")
        elif group in erased:
            run.found(row.index, Kind.NOT_ERASED, f"The {group} body was erased and is there again.")
        else:
            opened[group] = json.loads(bytes(opening.body))
    if event is None:
        run.found(row.index, Kind.EVENT_MISSING, f"Event {row.event_id} is in the log and not in its table.")
        return
    run.report.events += 1
    if event.organisation != run.log.organisation:
        run.found(row.index, Kind.EVENT_CHANGED, f"Event {event.event_id}, column organisation.")
    for column in changed_columns(event, header, opened, set(header.commitments)):
        run.found(row.index, Kind.EVENT_CHANGED, f"Event {event.event_id}, {column}.")


def _erasure_logged(by: UUID, event: UUID, group: str) -> bool:
    row = EventRecord.objects.filter(event_id=by, type="evidence.body_erased").first()
    if row is None or not _has_leaf(by):
        return False
    body = json.loads(row.body)
    return str(event) in body["events"] and group in body["groups"]


def _check_head(run: _Pass) -> None:
    log = run.log
    if log.size != run.frontier.size:
        low = min(log.size, run.frontier.size)
        kind = Kind.LEAF_MISSING if log.size > run.frontier.size else Kind.LEAF_ADDED
        run.found(low, kind, f"The head says {log.size} leaves; there are {run.frontier.size}.")
    elif bytes(log.frontier) != run.frontier.to_bytes():
        index = _first_difference(run)
        run.found(index, Kind.HEAD_CHANGED, "The head is not the root of the leaves.")


def _first_difference(run: _Pass) -> int | None:
    """First leaf that differs from the published tiles; None when these do not tell."""
    files = files_of(run.log.origin)
    for size in _published_size(files):
        for tile in range((size + WIDTH - 1) // WIDTH):
            try:
                known = read_hashes(files.read, 0, tile, width_at(0, tile, size))
            except LedgerError:
                return None
            ours = run.hashes[tile * WIDTH : tile * WIDTH + len(known)]
            for at, value in enumerate(known):
                if at >= len(ours) or ours[at] != value:
                    return tile * WIDTH + at
    return None


def _check_checkpoints(run: _Pass, checkpoints: Iterable[LogCheckpoint], files: LogFiles) -> None:
    try:
        key = key_kept(run.log.organisation, Purpose.LOG).verifier
        policy: Policy | None = policy_of(key)
    except LedgerError as error:
        run.found(None, Kind.KEY_UNKNOWN, str(error))
        return
    good = 0
    for kept in checkpoints:
        try:
            note = note_with_cosignatures(kept)
            note_verify(note, policy.keys if policy else [key])
            head = checkpoint_parse(note.body)
            sound = (head.origin, head.size, head.root) == (run.log.origin, kept.size, bytes(kept.root))
        except LedgerError as error:
            run.found(kept.size, Kind.CHECKPOINT_CHANGED, f"Checkpoint of size {kept.size}: {error}")
            continue
        if not sound:
            run.found(kept.size, Kind.CHECKPOINT_CHANGED, f"Checkpoint of size {kept.size} says otherwise.")
        elif head.size > run.frontier.size:
            run.found(run.frontier.size, Kind.ROLLED_BACK, f"{head.size} leaves were signed.")
        elif run.roots.get(head.size) != head.root:
            at = _first_difference(run)
            where = good if at is None or at < good else at
            run.found(where, Kind.HISTORY_REWRITTEN, f"The tree of {head.size} leaves is not the one signed.")
            return
        else:
            good = head.size


def _check_files(run: _Pass, files: LogFiles) -> None:
    published = files.read(CHECKPOINT)
    if published is None:
        if LogCheckpoint.objects.filter(log=run.log).exists() and files.folder.exists():
            run.found(None, Kind.FILE_DAMAGED, f"{files.folder / CHECKPOINT} is missing.")
        return
    try:
        note = note_parse(published)
        note_verify(note, [key_kept(run.log.organisation, Purpose.LOG).verifier])
        head = checkpoint_parse(note.body)
    except LedgerError as error:
        run.found(None, Kind.CHECKPOINT_CHANGED, f"The published checkpoint: {error}")
        return
    if head.size > run.frontier.size:
        run.found(run.frontier.size, Kind.ROLLED_BACK, f"{head.size} leaves were published.")
        return
    if run.roots.get(head.size) != head.root:
        at = _first_difference(run)
        run.found(at, Kind.HISTORY_REWRITTEN, "The published checkpoint is of another tree.")
    for damage in files_audit.audit(files.read, head.size, head.root):
        run.found(damage.index, Kind.FILE_DAMAGED, f"{damage.path}, {damage.kind}: {damage.reason}")


def _published_size(files: LogFiles) -> set[int]:
    data = files.read(CHECKPOINT)
    try:
        return set() if data is None else {checkpoint_parse(note_parse(data).body).size}
    except LedgerError:
        return set()


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


def _has_leaf(event: UUID) -> bool:
    return any(table.objects.filter(event_id=event).exists() for table in (Leaf, OutboxEntry, HeldLeaf))


def _unlogged(what: str) -> Finding:
    return Finding(log="", index=None, kind=Kind.EVENT_UNLOGGED, what=what)


def _outside_the_logs() -> Iterator[Finding]:
    """What no log can show: events that never came into one, and the platform's own sequence."""
    unlogged = (
        EventRecord.objects.exclude(event_id__in=Leaf.objects.values("event_id"))
        .exclude(event_id__in=OutboxEntry.objects.values("event_id"))
        .exclude(event_id__in=HeldLeaf.objects.values("event_id"))
    )
    for row in unlogged.order_by("event_id")[:100]:
        yield _unlogged(f"Event {row.event_id} ({row.type}) has no leaf.")
    held = Log.objects.exclude(held="").values("organisation")
    for leaf in HeldLeaf.objects.exclude(organisation__in=held).order_by("event_id")[:100]:
        yield _unlogged(f"Leaf {leaf.event_id} has no index.")
    for waiting in chain(OutboxEntry.objects.iterator(), HeldLeaf.objects.iterator()):
        try:
            told = leaf_parse(bytes(waiting.data)).event
        except LedgerError as error:
            yield _unlogged(f"What waits for event {waiting.event_id} is no leaf: {error}")
            continue
        if told != str(waiting.event_id):
            yield _unlogged(f"The leaf that waits for event {waiting.event_id} is of {told}.")
    head = SequenceHead.objects.filter(id=1).values_list("position", flat=True).first() or 0
    count = SequencedEvent.objects.count()
    last = SequencedEvent.objects.order_by("-position").values_list("position", flat=True).first() or 0
    if not count == last == head:
        yield Finding(
            log="", index=None, kind=Kind.SEQUENCE_BROKEN,
            what=f"{count} positions, the last {last}, head {head}.",
        )  # fmt: skip
    lost = EventRecord.objects.filter(sequenced__isnull=True).exclude(
        event_id__in=OutboxEntry.objects.values("event_id")
    )
    for row in lost.order_by("event_id")[:100]:
        yield Finding(
            log="", index=None, kind=Kind.SEQUENCE_BROKEN,
            what=f"Event {row.event_id} neither waits nor has a position.",
        )  # fmt: skip


def _pages(rows: Iterator[Leaf], size: int) -> Iterator[list[Leaf]]:
    page: list[Leaf] = []
    for row in rows:
        page.append(row)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
