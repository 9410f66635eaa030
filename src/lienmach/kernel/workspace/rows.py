"""What the kernel's own pages show: queries' answers in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.queries import ReadOfOurData
from lienmach.kernel.evidence.types import UnknownType, type_named
from lienmach.kernel.identity.queries import StandingConsent, organisation_get
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.evidence import Entry
from lienmach.kernel.workspace.purposes import PURPOSES
from lienmach.kernel.workspace.tables import ORIGINS


@dataclass(frozen=True)
class MemberRow:
    """A member, with the button that ends the membership."""

    id: UUID
    name: str
    username: str
    role: str
    pseudonym: str
    last_login: datetime | None
    end: Any


@dataclass(frozen=True)
class ReadRow:
    """A read of the organisation's data, with the reader's name."""

    at: datetime
    reader_name: str
    what: str
    ground: str


@dataclass(frozen=True)
class ConsentRow:
    """A consent in force, in words."""

    id: UUID
    words: Any
    recipient: str
    given_at: datetime


def read_row(scope: OrganisationScope, read: ReadOfOurData) -> ReadRow:
    """Return the read with the reader's name."""
    return ReadRow(read.at, organisation_get(scope, organisation=read.reader).name, read.what, read.ground)


def consent_row(consent: StandingConsent) -> ConsentRow:
    """Return the consent in words; a purpose that no page offers any more keeps its name."""
    return ConsentRow(
        consent.id, PURPOSES.get(consent.purpose, consent.purpose), consent.recipient.name, consent.given_at
    )


def event_page(event: Event, history: list[Event], events_url: str) -> dict[str, Any]:
    """Return what the page of one event shows: its body, its envelope, and the history of its subject."""
    try:
        description = type_named(event.type).description
    except UnknownType:
        description = _("No installed app knows this type; it is shown as it was written.")
    envelope = [
        (_("Happened"), event.time),
        (_("Recorded"), event.recorded_at),
        (_("On whose word"), ORIGINS[event.origin]),
        (_("By"), event.actor),
        (_("About"), event.subject),
        (_("Position in the sequence"), event.position or _("waiting to be sequenced")),
        (_("Identifier"), event.event_id),
        (_("Version of its type"), event.version),
    ]
    if event.corrects:
        words = _("Takes back") if event.retract else _("Corrects")
        envelope.append((words, event.corrects))
    return {
        "event": event,
        "description": description,
        "body": [(name, _words(value)) for name, value in event.body.items()],
        "envelope": envelope,
        "history": [
            Entry(time=each.time, text=each.type, origin=ORIGINS[each.origin])
            for each in history
            if each.event_id != event.event_id
        ],
        "events_url": events_url,
    }


def _words(value: Any) -> Any:
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(str(_words(each)) for each in value) or "–"
    return value
