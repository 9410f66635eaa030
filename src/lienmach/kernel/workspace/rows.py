"""What the kernel's own pages show: queries' answers in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lienmach.kernel.evidence import Event
from lienmach.kernel.evidence.queries import ReadOfOurData
from lienmach.kernel.identity.queries import StandingConsent, organisation_get
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.events import ORIGINS, event_body, event_envelope, event_title, event_withheld
from lienmach.kernel.web.evidence import Entry
from lienmach.kernel.workspace.purposes import PURPOSES


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
    return {
        "title": event_title(event),
        "event": event,
        "body": event_body(event),
        "withheld": event_withheld(event),
        "envelope": event_envelope(event),
        "history": [
            Entry(time=each.time, text=event_title(each), origin=ORIGINS[each.origin])
            for each in history
            if each.event_id != event.event_id
        ],
        "events_url": events_url,
    }
