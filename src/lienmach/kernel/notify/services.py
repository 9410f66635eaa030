"""Every change in notify: send a message, read it, choose e-mail, add and remove webhooks."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from lienmach.kernel.evidence import record
from lienmach.kernel.evidence.types import all_types
from lienmach.kernel.identity.models import Membership
from lienmach.kernel.ids import uuid7
from lienmach.kernel.jobs.services import job_enqueue
from lienmach.kernel.notify import outbound
from lienmach.kernel.notify.events import WebhookAdded, WebhookRemoved
from lienmach.kernel.notify.kinds import Kind, kept
from lienmach.kernel.notify.models import Notification, Preference, Webhook
from lienmach.kernel.scope import OrganisationScope, Scope, SystemScope, organisation_of

MOST_WEBHOOKS = 20


def notification_send(
    scope: Scope,
    *,
    kind: Kind,
    parameters: Mapping[str, Any],
    at: datetime,
    roles: Collection[str] = (),
    members: Collection[UUID] = (),
    organisation: UUID | None = None,
    path: str = "",
    key: str = "",
) -> int:
    """Tell members of an organisation something, in the caller's transaction; return how many it was new to.

    Parameters
    ----------
    kind, parameters
        A declared kind and a value (text, whole number, day, moment) for each place in its words.
    roles, members
        Who: everybody in one of these roles, and these memberships.
    path
        Local address that the message leads to.
    key
        Sending again with the same key tells nobody twice: an event's id, say.

    Raises
    ------
    kinds.WrongParameters
    """
    whose, written = organisation_of(scope, organisation), kept(kind, parameters)
    if path and (not path.startswith("/") or path.startswith("//")):
        raise ValueError(f"A message leads to a local address, not to {path!r}.")
    standing = Membership.objects.filter(organisation_id=whose, ended_at=None, person__is_active=True)
    reached = 0
    with transaction.atomic():
        for member in standing.select_related("person"):
            if member.role not in roles and member.id not in members:
                continue
            notification, fresh = Notification.objects.get_or_create(
                membership=member,
                key=key or None,
                **({} if key else {"id": uuid7(at)}),
                defaults={
                    "organisation_id": whose,
                    "kind": kind.name,
                    "parameters": written,
                    "path": path,
                    "created_at": at,
                },
            )
            if not fresh:
                continue
            reached += 1
            if member.person.email and _by_email(member.person_id):
                job_enqueue(
                    SystemScope(),
                    task="notify.email_send",
                    arguments={"notification": str(notification.id)},
                    at=at,
                    organisation=whose,
                )
    return reached


def _by_email(person: UUID) -> bool:
    preference = Preference.objects.filter(person_id=person).first()
    return preference is None or preference.by_email


def notification_read(scope: OrganisationScope, *, notification: UUID, at: datetime) -> str:
    """Mark one's own message as read; return the local address it leads to."""
    scope.require("notify.message_read")
    row = Notification.objects.within(scope).get(id=notification, membership__pseudonym=scope.actor)
    if row.read_at is None:
        row.read_at = at
        row.save(update_fields=["read_at"])
    return str(row.path)


def notification_read_all(scope: OrganisationScope, *, at: datetime) -> int:
    """Mark all of one's own messages as read; return how many were not."""
    scope.require("notify.message_read")
    rows = Notification.objects.within(scope).filter(membership__pseudonym=scope.actor, read_at=None)
    return int(rows.update(read_at=at))


def preference_set(scope: OrganisationScope, *, by_email: bool, language: str) -> None:
    """Choose whether one's own messages also come by e-mail, and in which language."""
    scope.require("notify.message_read")
    if language not in dict(settings.LANGUAGES):
        raise ValidationError(_("Choose one of the languages."))
    person = Membership.objects.get(organisation_id=scope.organisation, pseudonym=scope.actor).person_id
    Preference.objects.update_or_create(
        person_id=person, defaults={"by_email": by_email, "language": language}
    )


def webhook_add(scope: OrganisationScope, *, url: str, types: Collection[str], at: datetime) -> Webhook:
    """Let a program hear events of the organisation's own log from now on.

    Raises
    ------
    django.core.exceptions.ValidationError
        For an address that may not be called, or types that nobody records; all reasons at once.
    """
    scope.require("notify.webhook_manage")
    problems: dict[str, list[str]] = {}
    try:
        outbound.parsed(url, private_allowed=settings.WEBHOOK_PRIVATE)
    except outbound.BadAddress as error:
        problems["url"] = [str(error)]
    unknown = sorted(set(types) - {declared.name for declared in all_types()})
    if unknown or not types:
        problems["types"] = [_("Choose types of events that exist: %s") % (", ".join(unknown) or "–")]
    if Webhook.objects.within(scope).filter(removed_at=None).count() >= MOST_WEBHOOKS:
        problems.setdefault("url", []).append(_("There are %s webhooks: remove one first.") % MOST_WEBHOOKS)
    if problems:
        raise ValidationError(problems)
    with transaction.atomic():
        webhook = Webhook(
            id=uuid7(at), organisation_id=scope.organisation, url=url, types=sorted(types), created_at=at
        )
        webhook.full_clean()
        webhook.save(force_insert=True)
        record(
            scope,
            WebhookAdded(host=host_of(url), types=sorted(types)),
            subject=f"webhook:{webhook.id}",
            time=at,
            at=at,
        )
    return webhook


def webhook_remove(
    scope: OrganisationScope | SystemScope, *, webhook: UUID, at: datetime, reason: str = "by a member"
) -> None:
    """Let a program no longer hear the organisation's events; what is under way for it ends unsent."""
    scope.require("notify.webhook_manage")
    with transaction.atomic():
        row = Webhook.objects.within(scope).select_for_update().get(id=webhook)
        if row.removed_at is not None:
            return
        row.removed_at = at
        row.save(update_fields=["removed_at"])
        record(
            scope,
            WebhookRemoved(host=host_of(row.url), reason=reason),
            subject=f"webhook:{row.id}",
            time=at,
            at=at,
            organisation=row.organisation_id,
        )


def webhook_test(scope: OrganisationScope, *, webhook: UUID, at: datetime) -> UUID:
    """Call the address now with an event of its own, the one that tells of its adding; return the job."""
    scope.require("notify.webhook_manage")
    row = Webhook.objects.within(scope).get(id=webhook, removed_at=None)
    return job_enqueue(scope, task="notify.webhook_try", arguments={"webhook": str(row.id)}, at=at)


def host_of(url: str) -> str:
    """Return the host of a webhook's address, for people and events; the path may hold secrets."""
    return urlsplit(url).hostname or ""
