"""Leaves looked at closely: what differs is named."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from lienmach.engines.ledger.authors import leaf_check
from lienmach.engines.ledger.commitments import commit
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.leaf import Batch, leaf_parse
from lienmach.engines.ledger.leaf import Leaf as Header
from lienmach.engines.ledger.merkle import Frontier
from lienmach.kernel.evidence.log.audit_pass import Pass
from lienmach.kernel.evidence.log.columns import changed_columns
from lienmach.kernel.evidence.log.findings import Kind
from lienmach.kernel.evidence.log.pages import LeafRow, Openings, Page, text_of
from lienmach.kernel.evidence.models import EventRecord, HeldLeaf, Leaf, OutboxEntry


def check_closely(run: Pass, page: Page, rows: Sequence[tuple[LeafRow, int]]) -> None:
    """Look at leaves one by one; with each its place among the hashes of the pass."""
    if not rows:
        return
    events = EventRecord.objects.in_bulk([row.leaf_of for row, _ in rows if row.event_id is not None])
    by_id = {str(event_id): event for event_id, event in events.items()}
    for row, place in rows:
        index, event = row.place - page.first, str(text_of(row.leaf_of))
        if bytes(row.data[:1]) != b"{":
            if run.gathering is None:
                run.found(index, Kind.LEAF_CHANGED, "The leaf is not JSON.")
            else:
                run.gathering.check(run, index, event, bytes(row.data))
            continue
        header = _header(run, row, index, event)
        if header is None:
            continue
        if header.batch is not None:
            _check_batch(run, index, place, header, header.batch)
            continue
        run.authors.add(header.author.key_id)
        if header.author.is_device:
            _check_device(run, index, header, run.hashes[place])
        openings, erased = page.openings.get(row.leaf_of, {}), page.erasures.get(row.leaf_of, {})
        _check_content(run, index, event, header, openings, erased, by_id.get(event))


def _header(run: Pass, row: LeafRow, index: int, event: str) -> Header | None:
    try:
        header = leaf_parse(bytes(row.data))
    except LedgerError as error:
        run.found(index, Kind.LEAF_CHANGED, str(error))
        return None
    if header.event != event:
        run.found(index, Kind.LEAF_CHANGED, "The leaf is not of the event it is kept for.")
    return header


def _check_batch(run: Pass, index: int, place: int, header: Header, batch: Batch) -> None:
    """Check the leaf in which an author signs those before it."""
    members = run.hashes[run.signed_up_to : place]
    authors, run.authors, run.signed_up_to = run.authors, set(), place + 1
    key = run.keys.get(header.author.key_id)
    if key is None:
        run.found(index, Kind.KEY_UNKNOWN, f"The author key {header.author.key_id} is not known.")
        return
    try:
        leaf_check(header, key)
    except LedgerError as error:
        run.found(index, Kind.LEAF_CHANGED, str(error))
        return
    if not members or batch != Batch(len(members), Frontier().extend(members).root()):
        run.unsigned.append((index - len(members), index, batch.count))
    elif unknown := authors - set(run.keys):
        run.found(index, Kind.KEY_UNKNOWN, f"The author key {min(unknown)} is not known.")


def _check_device(run: Pass, index: int, header: Header, leaf_hash: bytes) -> None:
    """Check a device's own signature and that its leaves follow each other. Costs far more than a hash."""
    author = header.author
    key = run.keys.get(author.key_id)
    if key is None:
        run.found(index, Kind.KEY_UNKNOWN, f"The device key {author.key_id} is not known.")
        return
    try:
        leaf_check(header, key)
    except LedgerError as error:
        run.found(index, Kind.LEAF_CHANGED, str(error))
    run.report.device_leaves += 1
    counter, previous = run.devices.get(author.key_id, (0, b""))
    if (author.counter, author.previous) != (counter + 1, previous):
        run.found(
            index,
            Kind.DEVICE_GAP,
            f"After leaf {counter} of the device {author.key_id} comes {author.counter}.",
        )
    run.devices[author.key_id] = (author.counter or 0, leaf_hash)


def check_batches(run: Pass) -> None:
    """Name the first leaf of each batch that is not what its author signed, as near as the tiles tell."""
    first = run.first_difference() if run.unsigned else None
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
    run: Pass,
    index: int,
    name: str,
    header: Header,
    openings: Openings,
    erased: Mapping[str, str],
    event: EventRecord | None,
) -> None:
    opened: dict[str, dict[str, Any]] = {}
    for group in sorted({*header.commitments, *openings, *erased}):
        opening = openings.get(group)
        if opening is None:
            if group not in erased:
                run.found(index, Kind.BODY_MISSING, f"The {group} body is gone without an erasure.")
            elif not _erasure_logged(erased[group], name, group):
                run.found(index, Kind.ERASURE_UNLOGGED, f"No logged event erases the {group} body.")
            else:
                run.report.erased += 1
            continue
        if group not in header.commitments:
            run.found(index, Kind.BODY_ADDED, f"The leaf has no {group} group.")
        elif not _opens(opening, header.commitments[group]):
            run.found(index, Kind.BODY_CHANGED, f"The {group} body is not what the leaf commits to.")
        elif group in erased:
            run.found(index, Kind.NOT_ERASED, f"The {group} body was erased and is there again.")
        else:
            opened[group] = json.loads(bytes(opening[1]))
    if event is None:
        run.found(index, Kind.EVENT_MISSING, f"Event {name} is in the log and not in its table.")
        return
    run.report.events += 1
    if event.organisation != run.log.organisation:
        run.found(index, Kind.EVENT_CHANGED, f"Event {event.event_id}, column organisation.")
    for column in changed_columns(event, header, opened, set(header.commitments)):
        run.found(index, Kind.EVENT_CHANGED, f"Event {event.event_id}, {column}.")


def _opens(opening: tuple[bytes, bytes], commitment: bytes) -> bool:
    try:
        return commit(*map(bytes, opening)) == commitment
    except LedgerError:
        return False


def _erasure_logged(by: str, event: str, group: str) -> bool:
    row = EventRecord.objects.filter(event_id=by, type="evidence.body_erased").first()
    if row is None or not has_leaf(by):
        return False
    body = json.loads(row.body)
    return event in body["events"] and group in body["groups"]


def has_leaf(event: str) -> bool:
    """Say whether an event has its leaf, in a log or on its way there."""
    event_id = UUID(event)
    return (
        Leaf.objects.filter(event_id=event_id).exists()
        or OutboxEntry.objects.filter(event_id=event_id).exists()
        or HeldLeaf.objects.filter(event_id=event_id).exists()
    )
