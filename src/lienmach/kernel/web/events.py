"""An event in words: its title, the facts of its body, its envelope; the same on every page with an event."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lienmach.kernel.evidence import Event, Origin
from lienmach.kernel.evidence.types import EventType, UnknownType, type_named
from lienmach.kernel.web import formatting

Facts = list[tuple[Any, Any]]

ORIGINS = {
    Origin.SELF_REPORTED: gettext_lazy("self-reported"),
    Origin.INSTRUMENT: gettext_lazy("from instruments"),
    Origin.CONFIRMED: gettext_lazy("confirmed by the other side"),
}


def event_title(event: Event) -> str:
    """Return what happened, as a sentence; the bare type when no installed app declares it."""
    declared = _declared(event)
    return _(declared.description) if declared else event.type


def event_body(event: Event) -> Facts:
    """Return the fields that the reader may see, each by its description."""
    declared = _declared(event)
    return [
        (_field_title(declared, name), _words(_typed(declared, name, value)))
        for name, value in event.body.items()
    ]


def event_withheld(event: Event) -> list[str]:
    """Return the titles of the fields that the reader may not see."""
    declared = _declared(event)
    return [_field_title(declared, name) for name in event.withheld]


def event_envelope(event: Event) -> Facts:
    """Return what the envelope says, as far as the reader may know it."""
    zone = timezone.get_current_timezone()
    facts: Facts = [
        (_("Happened"), formatting.moment(event.time, zone=zone)),
        (_("Recorded"), formatting.moment(event.recorded_at, zone=zone)),
        (_("On whose word"), ORIGINS[event.origin]),
        (_("By"), event.actor),
        (_("About"), event.subject),
        (_("Type"), f"{event.type} v{event.version}"),
        (_("Position in the sequence"), event.position or _("waiting to be sequenced")),
        (_("Identifier"), event.event_id),
    ]
    if event.corrects:
        facts.append((_("Takes back") if event.retract else _("Corrects"), event.corrects))
    return facts


def _declared(event: Event) -> EventType | None:
    try:
        return type_named(event.type)
    except UnknownType:
        return None


def _field_title(declared: EventType | None, name: str) -> str:
    described = declared.body.model_fields[name].description if declared else None
    return _(described).rstrip(".") if described else name


def _typed(declared: EventType | None, name: str, value: Any) -> Any:
    """Return dates as dates: the body holds them as text."""
    annotation = str(declared.body.model_fields[name].annotation) if declared else ""
    if isinstance(value, str) and "datetime.datetime" in annotation:
        return datetime.fromisoformat(value)
    if isinstance(value, str) and "datetime.date" in annotation:
        return date.fromisoformat(value)
    return value


def _words(value: Any) -> Any:
    if value is None or value == "" or value == []:
        return formatting.NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formatting.moment(value, zone=timezone.get_current_timezone())
    if isinstance(value, date):
        return formatting.day(value, zone=timezone.get_current_timezone())
    if isinstance(value, list | tuple):
        return ", ".join(str(_words(each)) for each in value)
    if isinstance(value, int | float):
        return formatting.number(value, language=formatting.language_of(get_language()))
    return value
