"""Events in words."""

from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lienmach.apps.production.models import ReportKind
from lienmach.apps.production.presentation.tables import Words
from lienmach.kernel.evidence import Event, Origin
from lienmach.kernel.web import formatting
from lienmach.kernel.web.evidence import Entry

ORIGINS: dict[Origin, Words] = {
    Origin.CONFIRMED: gettext_lazy("confirmed by the receiver"),
    Origin.INSTRUMENT: gettext_lazy("from an instrument"),
    Origin.SELF_REPORTED: gettext_lazy("reported by the workshop"),
}


def history(events: tuple[Event, ...]) -> list[Entry]:
    """Return events as lines of a history, in words."""
    return [Entry(time=event.time, text=_sentence(event), origin=ORIGINS[event.origin]) for event in events]


def _sentence(event: Event) -> str:
    body = event.body
    match event.type:
        case "production.order_accepted":
            return _("Order accepted: %(quantity)s pieces of %(item)s, due %(due)s.") % {
                "quantity": _number(body["ordered_quantity"]),
                "item": body["item"],
                "due": day_in_words(body["due"]),
            }
        case "production.order_promised":
            if body["before"]:
                return _("Promise changed from %(before)s to %(promised)s.") % {
                    "before": day_in_words(body["before"]),
                    "promised": day_in_words(body["promised"]),
                }
            return _("Promised for %(promised)s.") % {"promised": day_in_words(body["promised"])}
        case "production.operation_reported":
            return _report_sentence(body)
        case "production.shipment_dispatched":
            return _("Shipment %(shipment)s left with %(quantity)s pieces, promised for %(promised)s.") % {
                "shipment": body["shipment"],
                "quantity": _number(body["quantity"]),
                "promised": day_in_words(body["promised"]),
            }
        case "production.receipt_confirmed":
            return _receipt_sentence(event)
        case "identity.link_issued":
            return _("A link for the receiver was made.")
    return event.type


def _report_sentence(body: dict[str, Any]) -> str:
    words = {
        "work_order": body["work_order"],
        "machine": body["machine"],
        "good": _number(body["good"]),
        "scrap": _number(body["scrap"]),
    }
    if body["report"] == ReportKind.STARTED:
        return _("Work order %(work_order)s: started on %(machine)s.") % words
    if body["report"] == ReportKind.FINISHED:
        return (
            _("Work order %(work_order)s: finished on %(machine)s, %(good)s good, %(scrap)s scrap.") % words
        )
    return _("Work order %(work_order)s: %(good)s good and %(scrap)s scrap on %(machine)s.") % words


def _receipt_sentence(event: Event) -> str:
    body = event.body
    words = {
        "quantity": _number(body["quantity"]),
        "good": _number(body["good_quantity"]),
        "day": day_in_words(body["received_on"]),
    }
    if body["disputed"]:
        return _("The receiver disputes: %(quantity)s pieces on %(day)s, %(good)s good.") % words
    if event.corrects:
        return _("The receiver corrected: %(quantity)s pieces on %(day)s, %(good)s good.") % words
    return _("The receiver confirmed: %(quantity)s pieces on %(day)s, %(good)s good.") % words


def day_in_words(value: str) -> str:
    return formatting.day(date.fromisoformat(value))


def _number(value: int) -> str:
    return formatting.number(value, language=formatting.language_of(get_language()))
