"""Receipts: beside each fact how far its event has come in the log, and the way to its proof."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lienmach.kernel import ports
from lienmach.kernel.evidence import Event, Origin
from lienmach.kernel.evidence.log.explorer import Standing, standings
from lienmach.kernel.evidence.log.proofs import NotProvable, Stage
from lienmach.kernel.evidence.queries import EventNotFound
from lienmach.kernel.scope import Scope
from lienmach.kernel.web.events import ORIGINS, event_title
from lienmach.kernel.web.evidence import EvidencePanel
from lienmach.kernel.web.meaning import Meaning

MOST = 3


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


def receipts(
    scope: Scope, events: Sequence[Event], *, to: Callable[[UUID], str], most: int = MOST
) -> tuple[Receipt, ...]:
    """Return receipts of the newest of these events; none when no app shows proofs.

    Parameters
    ----------
    to
        Event → address of its proof, empty for none (`to_proof` for members).
    """
    if _pages() is None:
        return ()
    newest = sorted(events, key=lambda event: (event.recorded_at, event.event_id), reverse=True)[:most]
    stood = standings(scope, events=[event.event_id for event in newest])
    return tuple(
        _receipt(event, stood.get(event.event_id, Standing()), to(event.event_id)) for event in newest
    )


def to_proof(scope: Scope, slug: str) -> Callable[[UUID], str]:
    """Return where members of the organisation with this slug find an event's proof."""
    pages = _pages()
    return lambda event: pages.of_member(scope, slug, event) if pages else ""


def history_panel(
    scope: Scope,
    events: Sequence[Event],
    *,
    to: Callable[[UUID], str],
    reasons: tuple[str, ...] = (),
    facts: tuple[tuple[Any, Any], ...] = (),
) -> EvidencePanel:
    """Return the evidence panel of what these events tell: on whose word, and their receipts."""
    counted = {origin: sum(event.origin is origin for event in events) for origin in Origin}
    return EvidencePanel(
        reasons=reasons,
        confirmed=counted[Origin.CONFIRMED],
        instrument=counted[Origin.INSTRUMENT],
        self_reported=counted[Origin.SELF_REPORTED],
        facts=facts,
        receipts=receipts(scope, events, to=to),
    )


def public_address(event: UUID) -> str:
    """Return where anybody sees the event's place in its log; empty when no app shows it."""
    pages = _pages()
    return pages.of_anybody(event) if pages else ""


def check_address() -> str:
    """Return where anybody checks a proof file; empty when no app does that."""
    pages = _pages()
    return pages.check() if pages else ""


def proof_download(request: HttpRequest, event: UUID, make: Callable[[], bytes]) -> HttpResponse:
    """Answer with a proof file, or say why there is none yet; what the scope may not see is not there."""
    try:
        data = make()
    except EventNotFound as error:
        raise Http404("leaf") from error
    except NotProvable as error:
        return render(request, "web/not_provable.html", {"reason": str(error)}, status=409)
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{event}.proof.json"'
    return response


def _pages() -> ports.ProofPages | None:
    """Return who answers for proofs; None when no installed app does."""
    try:
        return ports.ask(ports.ProofPages)  # type: ignore[type-abstract]
    except ports.NotAvailable:
        return None


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
