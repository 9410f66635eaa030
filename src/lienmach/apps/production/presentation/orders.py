"""Why an order is late, what would help, and why its state is believed."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lienmach.apps.production.planning.explain import cause_phrase, gain_phrase, remedy_phrase
from lienmach.apps.production.presentation.history import day_in_words
from lienmach.apps.production.queries import (
    OrderRecord,
)
from lienmach.kernel.evidence import Origin
from lienmach.kernel.web import formatting
from lienmach.kernel.web.evidence import EvidencePanel
from lienmach.kernel.web.receipts import Receipt


def order_advice(order: OrderRecord) -> dict[str, list[tuple[str, str]]] | None:
    """Return why an order is late and what would help it, in words; None when it is not late."""
    if order.advice is None:
        return None
    language = get_language() or "vi"
    gains = [
        (
            remedy,
            formatting.duration(
                remedy.gain_of(order.code), language=formatting.language_of(language), rough=True
            ),
        )
        for remedy in order.advice.remedies
    ]
    return {
        "reasons": [
            (cause_phrase(c, language), gain_phrase(c, language)) for c in order.advice.planned.causes
        ],
        "remedies": [
            (remedy_phrase(remedy, language), _("%(time)s earlier") % {"time": gain})
            for remedy, gain in gains
        ],
    }


def order_evidence(order: OrderRecord, receipts: tuple[Receipt, ...]) -> EvidencePanel:
    """Return why an order's state is believed: what was said by whom."""
    counted = {origin: sum(event.origin is origin for event in order.events) for origin in Origin}
    reasons: list[str | Promise] = []
    if order.promised is not None:
        words = {
            "promised": day_in_words(order.promised.isoformat()),
            "due": day_in_words(order.due.isoformat()),
        }
        reasons.append(
            _("Promised for %(promised)s by the published plan; the customer asked for %(due)s.") % words
        )
    if not order.received:
        reasons.append(_("No receiver has confirmed a delivery yet."))
    return EvidencePanel(
        reasons=tuple(reasons),
        confirmed=counted[Origin.CONFIRMED],
        instrument=counted[Origin.INSTRUMENT],
        self_reported=counted[Origin.SELF_REPORTED],
        receipts=receipts,
    )
