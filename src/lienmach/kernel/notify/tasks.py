"""What leaves the platform: e-mail and webhook calls, each at least once with a key to drop repeats by."""

import json
import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext

from lienmach.kernel.evidence.envelope import Event
from lienmach.kernel.evidence.queries import event_get, event_list
from lienmach.kernel.jobs.tasks import Running, TryLater, task
from lienmach.kernel.notify import outbound
from lienmach.kernel.notify.kinds import words
from lienmach.kernel.notify.messages import WEBHOOK_FAILING, WEBHOOK_GONE
from lienmach.kernel.notify.models import Notification, Preference, Webhook
from lienmach.kernel.notify.services import host_of, notification_send, webhook_remove
from lienmach.kernel.notify.signing import secret_of, signature
from lienmach.kernel.scope import SystemScope

ATTEMPTS = 9
WAITS = tuple(timedelta(seconds=s) for s in (10, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600))
GONE = 410


def _later(running: Running, reason: str) -> TryLater:
    return TryLater(reason, after=WAITS[min(running.attempt, len(WAITS)) - 1])


@task("notify.email_send", attempts=ATTEMPTS)
def email_send(scope: SystemScope, running: Running, *, notification: str) -> dict[str, Any]:
    """Send one message by e-mail. A repeat has the same Message-ID, so that mail programs show it once."""
    row = Notification.objects.select_related("membership__person").get(id=UUID(notification))
    person = row.membership.person
    if row.emailed_at is not None or not person.email or row.membership.ended_at is not None:
        return {"sent": False}
    preference = Preference.objects.filter(person=person).first()
    with translation.override((preference.language if preference else "") or settings.LANGUAGE_CODE):
        title, text = words(row.kind, row.parameters)
    link = settings.ADDRESS + row.path if row.path else ""
    message = EmailMessage(
        subject=" ".join(title.split()),
        body="\n\n".join(part for part in (title, text, link) if part),
        to=[person.email],
        headers={
            "Message-ID": f"<{row.id}@{urlsplit(settings.ADDRESS).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if all(code >= 500 for code in codes):
            raise
        raise _later(running, f"The mail server wants the message later ({codes}).") from None
    except (smtplib.SMTPException, OSError) as error:
        raise _later(running, f"The mail server did not take the message ({error}).") from None
    row.emailed_at = datetime.now(UTC)
    row.save(update_fields=["emailed_at"])
    return {"sent": True}


@task("notify.webhook_call", attempts=ATTEMPTS)
def webhook_call(scope: SystemScope, running: Running, *, webhook: str, event: str) -> dict[str, Any]:
    """Tell one program of one event. The event's id is the key to drop repeats by."""
    row = Webhook.objects.filter(id=UUID(webhook), removed_at=None).first()
    if row is None:
        return {"called": False}
    return _call(scope, running, row, event_get(scope, event_id=UUID(event)))


@task("notify.webhook_try", attempts=1)
def webhook_try(scope: SystemScope, running: Running, *, webhook: str) -> dict[str, Any]:
    """Tell a program of its own adding, to see whether it answers."""
    row = Webhook.objects.get(id=UUID(webhook), removed_at=None)
    added = event_list(scope, subject=f"webhook:{row.id}", type="notify.webhook_added", limit=1)
    return _call(scope, running, row, added[0])


def _call(scope: SystemScope, running: Running, row: Webhook, event: Event) -> dict[str, Any]:
    body = payload(event)
    now = datetime.now(UTC)
    stamp = int(now.timestamp())
    secret = secret_of(row.id, settings.SECRET_KEY)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "lienmach-webhook",
        "webhook-id": str(event.event_id),
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(secret, message=str(event.event_id), timestamp=stamp, body=body),
    }
    try:
        answer = outbound.post(row.url, body=body, headers=headers, private_allowed=settings.WEBHOOK_PRIVATE)
    except outbound.BadAddress as error:
        _keep_failure(scope, row, str(error), now, last=True)
        raise
    except outbound.NoAnswer as error:
        raise _failed(scope, running, row, str(error), now) from None
    if answer.status == GONE:
        webhook_remove(scope, webhook=row.id, at=now, reason="the address answered 410 Gone")
        _tell_owners(scope, row, now, gone=True)
        return {"called": True, "status": answer.status}
    if not 200 <= answer.status < 300:
        answered = {"host": host_of(row.url), "status": answer.status}
        raise _failed(scope, running, row, gettext("%(host)s answered %(status)s") % answered, now)
    row.succeeded_at, row.failed_at, row.error = now, None, ""
    row.save(update_fields=["succeeded_at", "failed_at", "error"])
    return {"called": True, "status": answer.status}


def _failed(scope: SystemScope, running: Running, row: Webhook, reason: str, now: datetime) -> TryLater:
    _keep_failure(scope, row, reason, now, last=running.attempt >= ATTEMPTS)
    return _later(running, reason)


def _keep_failure(scope: SystemScope, row: Webhook, reason: str, now: datetime, *, last: bool) -> None:
    row.failed_at, row.error = now, reason[:300]
    row.save(update_fields=["failed_at", "error"])
    if last:
        _tell_owners(scope, row, now, gone=False)


def _tell_owners(scope: SystemScope, row: Webhook, now: datetime, *, gone: bool) -> None:
    host = host_of(row.url)
    notification_send(
        scope,
        kind=WEBHOOK_GONE if gone else WEBHOOK_FAILING,
        parameters={"host": host} if gone else {"host": host, "error": row.error},
        at=now,
        roles={"owner"},
        organisation=row.organisation_id,
        key=f"webhook:{row.id}:{'gone' if gone else now.date().isoformat()}",
    )


def payload(event: Event) -> bytes:
    """Return an event as JSON: the envelope and the whole body; it goes to the log's own organisation."""
    return json.dumps(
        {
            "event_id": str(event.event_id),
            "type": event.type,
            "version": event.version,
            "time": event.time.isoformat(),
            "recorded_at": event.recorded_at.isoformat(),
            "organisation": str(event.organisation),
            "subject": event.subject,
            "actor": event.actor,
            "origin": event.origin.value,
            "corrects": str(event.corrects) if event.corrects else None,
            "retract": event.retract,
            "position": event.position,
            "body": event.body,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
