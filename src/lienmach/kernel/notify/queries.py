"""Reading notify: one's messages, the organisation's webhooks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from lienmach.kernel.identity.models import Membership
from lienmach.kernel.notify.kinds import words
from lienmach.kernel.notify.models import Notification, Preference, Webhook
from lienmach.kernel.notify.signing import secret_of
from lienmach.kernel.scope import OrganisationScope


@dataclass(frozen=True)
class Message:
    """A message in the reader's language."""

    id: UUID
    title: str
    text: str
    path: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class Wishes:
    """How a person wants messages."""

    by_email: bool
    language: str
    address: str


@dataclass(frozen=True)
class WebhookSummary:
    """A webhook as its owner sees it, with the secret that its receiver checks signatures with."""

    id: UUID
    url: str
    types: tuple[str, ...]
    secret: str
    created_at: datetime
    succeeded_at: datetime | None
    failed_at: datetime | None
    error: str


def message_list(scope: OrganisationScope, *, limit: int = 100) -> list[Message]:
    """Return one's own newest messages at the scope's organisation, in the active language."""
    scope.require("notify.message_read")
    rows = Notification.objects.within(scope).filter(membership__pseudonym=scope.actor)
    return [
        Message(row.id, *words(row.kind, row.parameters), row.path, row.created_at, row.read_at)
        for row in rows.order_by("-created_at", "-id")[:limit]
    ]


def unread_count(scope: OrganisationScope) -> int:
    """Return how many of one's own messages at the scope's organisation are unread."""
    rows = Notification.objects.within(scope).filter(membership__pseudonym=scope.actor, read_at=None)
    return int(rows.count())


def wishes_get(scope: OrganisationScope, *, language: str) -> Wishes:
    """Return how the member wants messages; `language` is what counts until they choose."""
    scope.require("notify.message_read")
    person = (
        Membership.objects.select_related("person")
        .get(organisation_id=scope.organisation, pseudonym=scope.actor)
        .person
    )
    row = Preference.objects.filter(person=person).first()
    return Wishes(
        by_email=row.by_email if row else True,
        language=(row.language if row else "") or language,
        address=person.email,
    )


def webhook_list(scope: OrganisationScope) -> list[WebhookSummary]:
    """Return the organisation's webhooks in use, the newest first."""
    scope.require("notify.webhook_manage")
    rows = Webhook.objects.within(scope).filter(removed_at=None).order_by("-created_at")
    return [
        WebhookSummary(
            row.id,
            row.url,
            tuple(row.types),
            secret_of(row.id, settings.SECRET_KEY),
            row.created_at,
            row.succeeded_at,
            row.failed_at,
            row.error,
        )
        for row in rows
    ]
