"""One's own log, leaf by leaf: a page of it, one leaf whole, and how far many events have come.

Reads the database, for the organisation itself. Whoever does not believe the database asks for a proof
(`proofs.event_proof`) or reads the published files.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from lienmach.engines.ledger.authors import BATCH_KIND
from lienmach.engines.ledger.leaf import leaf_parse
from lienmach.engines.ledger.merkle import leaf_hash
from lienmach.kernel.evidence.envelope import Origin
from lienmach.kernel.evidence.log.keys import Purpose, key_of
from lienmach.kernel.evidence.log.proofs import FoundLeaf, Stage, leaf_find
from lienmach.kernel.evidence.log.standing_of_log import Cover, cover_of
from lienmach.kernel.evidence.models import AuthorKey, EventRecord, HeldLeaf, Leaf, Log, OutboxEntry
from lienmach.kernel.scope import LinkScope, OrganisationScope, Scope, SystemScope

MOST_PENDING = 1000


@dataclass(frozen=True, kw_only=True)
class LeafLine:
    """A leaf in a list. `origin` and `actor` are empty for the log's own leaves, which sign batches."""

    leaf: UUID
    kind: str
    time: datetime
    origin: Origin | None
    actor: str
    tier: str
    index: int | None
    stage: Stage
    witnesses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LeafPage:
    """Some leaves of a log, newest first, and what stands around them.

    `asked` are the witnesses this installation asks; `held` says why the log stands still, empty when not.
    """

    lines: tuple[LeafLine, ...]
    total: int
    log: str = ""
    size: int = 0
    asked: tuple[str, ...] = ()
    held: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far an event has come: for badges beside facts."""

    stage: Stage = Stage.PENDING
    index: int | None = None
    witnesses: tuple[str, ...] = ()
    asked: int = 0


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A leaf somewhere, as another leaf names it: the log's origin and the leaf hash."""

    log: str
    hash: str

    @property
    def text(self) -> str:
        """How it stands in an event."""
        return f"{self.log}#{self.hash}"


def leaf_list(
    scope: OrganisationScope, *, kind: str = "", stage: str = "", offset: int = 0, limit: int = 50
) -> LeafPage:
    """Return leaves of the scope's own log, newest first: those waiting for a place, then by index.

    Parameters
    ----------
    kind, stage
        Only leaves of this type, only those that have come exactly so far; empty for all.
    """
    log = Log.objects.filter(organisation=scope.organisation).first()
    cover = cover_of(log)
    waiting = _waiting(scope.organisation, kind) if stage in ("", Stage.PENDING) else []
    placed = _placed(log, cover, kind, stage)
    count = placed.count() if placed is not None else 0
    shown = waiting[offset : offset + limit]
    if placed is not None and len(shown) < limit:
        start = max(0, offset - len(waiting))
        rows = placed.order_by("-place")[start : start + limit - len(shown)]
        shown += [FoundLeaf(row.event_id, scope.organisation, bytes(row.data), row.index) for row in rows]
    return LeafPage(
        lines=tuple(_lines(log, cover, shown)),
        total=len(waiting) + count,
        log=log.origin if log else "",
        size=log.size if log else 0,
        asked=cover.asked,
        held=log.held if log else "",
        kinds=_kinds(scope.organisation, log),
    )


def standings(scope: Scope, *, events: Sequence[UUID]) -> Mapping[UUID, Standing]:
    """Return how far these events have come; those that the scope may not see are left out."""
    rows = EventRecord.objects.filter(event_id__in=list(events))
    if isinstance(scope, OrganisationScope):
        rows = rows.filter(organisation=scope.organisation)
    elif isinstance(scope, LinkScope):
        rows = rows.filter(organisation=scope.organisation, subject=scope.subject)
    elif not isinstance(scope, SystemScope):
        return {}
    whose = dict(rows.values_list("event_id", "organisation"))
    places = dict(Leaf.objects.filter(event_id__in=list(whose)).values_list("event_id", "place"))
    logs = {log.organisation: log for log in Log.objects.filter(organisation__in=set(whose.values()))}
    covers = {organisation: cover_of(log) for organisation, log in logs.items()}
    found = {}
    for event, organisation in whose.items():
        cover = covers.get(organisation, cover_of(None))
        index = Leaf(place=places[event]).index if event in places else None
        stage, witnesses = cover.of(index)
        found[event] = Standing(stage=stage, index=index, witnesses=witnesses, asked=len(cover.asked))
    return found


def reference_of(scope: Scope, *, event_id: UUID) -> Reference:
    """Return how another leaf names the leaf of this event; it need not have its place yet."""
    found = leaf_find(scope, event_id)
    return Reference(log=key_of(found.organisation, Purpose.LOG).name, hash=leaf_hash(found.data).hex())


def hashes_of(scope: OrganisationScope, *, events: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return the leaf hashes (hex) of those of these events that have their place in the scope's log."""
    log = Log.objects.filter(organisation=scope.organisation).first()
    if log is None:
        return {}
    rows = Leaf.objects.of(log).filter(event_id__in=list(events)).values_list("event_id", "data")
    return {event: leaf_hash(bytes(data)).hex() for event, data in rows}


def line_of(found: FoundLeaf, log: Log | None, cover: Cover) -> LeafLine:
    """Return one leaf as a line."""
    return next(iter(_lines(log, cover, [found])))


def _waiting(organisation: UUID, kind: str) -> list[FoundLeaf]:
    found: list[FoundLeaf] = []
    for rows in (
        OutboxEntry.objects.filter(organisation=organisation).values_list("event_id", "data"),
        HeldLeaf.objects.filter(organisation=organisation).values_list("event_id", "data"),
    ):
        newest = rows.order_by("-event_id")[:MOST_PENDING]
        found += [FoundLeaf(leaf, organisation, bytes(data)) for leaf, data in newest]
    found.sort(key=lambda each: each.event_id, reverse=True)
    return [each for each in found if kind in ("", leaf_parse(each.data).kind)]


def _placed(log: Log | None, cover: Cover, kind: str, stage: str) -> QuerySet[Leaf] | None:
    """Leaves with an index that have come so far: a stage is a stretch of the log."""
    if log is None or stage == Stage.PENDING:
        return None
    start, end = {
        Stage.WITNESSED.value: (0, cover.witnessed),
        Stage.CHECKPOINTED.value: (cover.witnessed, cover.signed),
        Stage.SEQUENCED.value: (cover.signed, log.size),
    }.get(stage, (0, log.size))
    rows: QuerySet[Leaf] = Leaf.objects.span(log, start, end)
    if kind == BATCH_KIND:
        return rows.exclude(event_id__in=EventRecord.objects.values("event_id"))
    if kind:
        ours = EventRecord.objects.filter(organisation=log.organisation, type=kind)
        return rows.filter(event_id__in=ours.values("event_id"))
    return rows


def _lines(log: Log | None, cover: Cover, leaves: Iterable[FoundLeaf]) -> Iterable[LeafLine]:
    leaves = list(leaves)
    events = EventRecord.objects.in_bulk([each.event_id for each in leaves])
    tiers = dict(AuthorKey.objects.filter(log=log).values_list("key_id", "tier")) if log else {}
    for each in leaves:
        header, event = leaf_parse(each.data), events.get(each.event_id)
        stage, witnesses = cover.of(each.index)
        yield LeafLine(
            leaf=each.event_id,
            kind=header.kind,
            time=datetime.fromisoformat(header.time).astimezone(UTC),
            origin=Origin(event.origin) if event else None,
            actor=event.actor if event else "",
            tier=tiers.get(header.author.key_id, "device" if header.author.is_device else "hosted"),
            index=each.index,
            stage=stage,
            witnesses=witnesses,
        )


def _kinds(organisation: UUID, log: Log | None) -> tuple[str, ...]:
    rows: Any = EventRecord.objects.filter(organisation=organisation).values_list("type", flat=True)
    return tuple(sorted({*rows.distinct(), *([BATCH_KIND] if log and log.size else [])}))
