"""How a log is doing: what waits, what was signed, who witnesses, and what to do next."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lienmach.engines.ledger.checkpoints import checkpoint_parse
from lienmach.engines.ledger.errors import LedgerError
from lienmach.engines.ledger.leaf import leaf_parse
from lienmach.engines.ledger.notes import note_parse
from lienmach.engines.ledger.policy import NONE, Party, Policy
from lienmach.kernel.evidence.log.files import CHECKPOINT, files_of
from lienmach.kernel.evidence.log.standing_of_log import cover_of, policy_in_force
from lienmach.kernel.evidence.models import (
    Cosignature,
    EventRecord,
    HeldLeaf,
    Leaf,
    Log,
    LogCheckpoint,
    OutboxEntry,
    WitnessFailure,
)
from lienmach.kernel.scope import OrganisationScope, SystemScope

SLOW_S = 60
"""A sequencer that leaves something waiting for so long is not running; it needs a quarter of a second."""


class Advice(StrEnum):
    """What to do next, the most pressing first."""

    RESUME = "resume"
    MEND_POLICY = "mend policy"
    START_WORKER = "start worker"
    NOT_SIGNED = "not signed"
    WAIT_FOR_WITNESSES = "wait for witnesses"
    CHECK_WITNESSES = "check witnesses"
    ASK_WITNESSES = "ask witnesses"
    NOTHING_YET = "nothing yet"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class WitnessHealth:
    """A witness of the policy: up to which size, and when, it cosigned last.

    Attributes
    ----------
    url
        Empty for a former witness, which is not asked any more.
    behind
        Signed leaves that it was asked to cosign and has not.
    failing_since, reason
        Since when it answers wrongly or not at all, and what came of asking it last; empty when it answers.
    """

    name: str
    key: str
    url: str
    size: int | None
    at: datetime | None
    behind: int
    failing_since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class LogHealth:
    """The state of one log. Times are None where there is nothing yet.

    `problem` says why nobody knows whom to ask, so that nothing is signed; empty when the policy can be read.
    """

    log: str
    size: int
    waiting: int
    oldest_waiting: datetime | None
    signed: int
    unsigned_since: datetime | None
    signed_at: datetime | None
    published: int
    witnessed: int
    witnesses: tuple[WitnessHealth, ...]
    quorum: str
    held: str
    problem: str = ""
    advice: Advice


def log_health(scope: OrganisationScope, *, at: datetime) -> LogHealth:
    """Return how the scope's own log is doing at this moment."""
    return _health(Log.objects.filter(organisation=scope.organisation).first(), scope, at)


def log_health_list(scope: SystemScope, *, at: datetime) -> list[LogHealth]:
    """Return how every log of the installation is doing, those that need somebody first."""
    scopes = [
        (log, OrganisationScope(actor="system", organisation=log.organisation)) for log in Log.objects.all()
    ]
    found = [_health(log, each, at) for log, each in scopes]
    order = list(Advice)
    return sorted(found, key=lambda health: (order.index(health.advice), health.log))


def _health(log: Log | None, scope: OrganisationScope, at: datetime) -> LogHealth:
    outbox = OutboxEntry.objects.filter(organisation=scope.organisation)
    back = HeldLeaf.objects.filter(organisation=scope.organisation)
    waiting = outbox.count() + back.count()
    oldest = (
        EventRecord.objects.filter(event_id__in=outbox.values("event_id")).order_by("recorded_at").first()
    )
    since = oldest.recorded_at if oldest else None
    cover = cover_of(log)
    policy, problem = _policy(log)
    newest = LogCheckpoint.objects.filter(log=log).order_by("-size").first() if log else None
    failures = {each.witness: each for each in WitnessFailure.objects.filter(log=log)} if log else {}
    witnesses = tuple(
        witness
        for name, party in (policy.witnesses.items() if policy and log else ())
        if (witness := _witness(log, name, party, failures.get(name), cover.signed)).url or witness.size
    )
    health = LogHealth(
        log=log.origin if log else "",
        size=log.size if log else 0,
        waiting=waiting,
        oldest_waiting=since,
        signed=cover.signed,
        unsigned_since=_unsigned_since(log, cover.signed),
        signed_at=newest.at if newest else None,
        published=_published(log),
        witnessed=cover.witnessed,
        witnesses=witnesses,
        quorum=policy.quorum if policy and policy.quorum != NONE else "",
        held=log.held if log else "",
        problem=problem,
        advice=Advice.NOTHING,
    )
    return _advised(health, at)


def _advised(health: LogHealth, at: datetime) -> LogHealth:
    def long(since: datetime | None) -> bool:
        return since is not None and (at - since).total_seconds() > SLOW_S

    if health.held:
        advice = Advice.RESUME
    elif health.problem:
        advice = Advice.MEND_POLICY
    elif long(health.oldest_waiting):
        advice = Advice.START_WORKER
    elif long(health.unsigned_since):
        advice = Advice.NOT_SIGNED
    elif not health.size:
        advice = Advice.NOTHING_YET
    elif health.quorum and health.published < health.signed:
        advice = Advice.WAIT_FOR_WITNESSES
    elif not any(each.url for each in health.witnesses):
        advice = Advice.ASK_WITNESSES
    elif any(each.behind for each in health.witnesses):
        advice = Advice.CHECK_WITNESSES
    else:
        advice = Advice.NOTHING
    return replace(health, advice=advice)


def _policy(log: Log | None) -> tuple[Policy | None, str]:
    try:
        return (policy_in_force(log) if log else None), ""
    except LedgerError as error:
        return None, str(error)


def _unsigned_since(log: Log | None, signed: int) -> datetime | None:
    """When the first leaf that no checkpoint covers was recorded."""
    if log is None or signed >= log.size:
        return None
    leaf = Leaf.objects.at(log, signed)
    event = EventRecord.objects.filter(event_id=leaf.event_id).first()
    if event is not None:
        return event.recorded_at
    # In the provincial log checkpoints stand before the leaf that signs them; that one has a time.
    entries = map(bytes, Leaf.objects.span(log, signed, log.size).values_list("data", flat=True))
    return next((datetime.fromisoformat(leaf_parse(each).time) for each in entries if each[:1] == b"{"), None)


def _witness(
    log: Log | None, name: str, party: Party, failure: WitnessFailure | None, signed: int
) -> WitnessHealth:
    rows = Cosignature.objects.filter(checkpoint__log=log, witness=name).select_related("checkpoint")
    last = rows.order_by("-checkpoint__size").first()
    size = last.checkpoint.size if last else None
    health = WitnessHealth(
        name=name,
        key=party.key.text,
        url=party.url or "",
        size=size,
        at=last.at if last else None,
        behind=signed - (size or 0) if party.url else 0,
    )
    if failure is None or not party.url:
        return health
    return replace(health, failing_since=failure.since, reason=failure.reason)


def _published(log: Log | None) -> int:
    head = files_of(log.origin).read(CHECKPOINT) if log else None
    return checkpoint_parse(note_parse(head).body).size if head else 0
