"""Receipts: beside each fact how far its event has come in the log, and the way to its proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lienmach.kernel import ports
from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.log.explorer import Standing, standings
from lienmach.kernel.evidence.log.proofs import Stage
from lienmach.kernel.scope import Scope
from lienmach.kernel.web.events import ORIGINS, event_title
from lienmach.kernel.web.meaning import Meaning

MOST = 5


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One event behind a fact: what happened, on whose word, how far it has come, where its proof is."""

    words: str
    time: datetime
    origin: Any
    meaning: Meaning
    state: str
    url: str


def state_badge(stage: Stage, witnesses: Sequence[str], asked: int) -> tuple[Meaning, str]:
    """Return how far a leaf has come, in words. Never green without the witnesses' names."""
    match stage:
        case Stage.PENDING:
            return Meaning.IDLE, _("waits for its place in the log")
        case Stage.SEQUENCED:
            return Meaning.IDLE, _("in the log, not yet signed")
        case Stage.CHECKPOINTED:
            return Meaning.WATCH, _("signed by the log, unwitnessed")
    names = ", ".join(witnesses)
    if asked and len(witnesses) < asked:
        words = {"count": len(witnesses), "asked": asked, "names": names}
        return Meaning.INFORMATION, _("witnessed by %(count)d of %(asked)d: %(names)s") % words
    return Meaning.GOOD, _("witnessed by %(names)s") % {"names": names}


def receipts(scope: Scope, slug: str, events: Sequence[Event], *, most: int = MOST) -> tuple[Receipt, ...]:
    """Return receipts of the newest of these events; none when no app shows proofs.

    Parameters
    ----------
    slug
        Of the organisation whose pages these are.
    """
    try:
        pages = ports.ask(ports.ProofPages)
    except ports.NotAvailable:
        return ()
    newest = sorted(events, key=lambda event: (event.recorded_at, event.event_id), reverse=True)[:most]
    stood = standings(scope, events=[event.event_id for event in newest])
    return tuple(
        _receipt(event, stood.get(event.event_id, Standing()), pages.of_member(slug, event.event_id))
        for event in newest
    )


def receipt_address(event: UUID) -> str:
    """Return where anybody sees the event's place in its log; empty when no app shows it."""
    try:
        return ports.ask(ports.ProofPages).of_anybody(event)
    except ports.NotAvailable:
        return ""


def _receipt(event: Event, stood: Standing, url: str) -> Receipt:
    meaning, state = state_badge(stood.stage, stood.witnesses, stood.asked)
    return Receipt(
        words=event_title(event),
        time=event.time,
        origin=ORIGINS[event.origin],
        meaning=meaning,
        state=state,
        url=url,
    )
