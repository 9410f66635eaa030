"""Doors of notify: one's messages, how one wants them, the organisation's webhooks."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lienmach.kernel.notify import queries, services
from lienmach.kernel.notify.forms import WebhookForm, WishesForm
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.doors import door, slug


@require_safe
@door("notify.message_read")
def message_list(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Show one's messages, the newest first."""
    wishes = queries.wishes_get(scope, language=get_language() or "")
    found = queries.message_list(scope)
    return render(
        request,
        "notify/messages.html",
        {
            "found": found,
            "unread": any(message.read_at is None for message in found),
            "address": wishes.address,
            "form": WishesForm(initial={"by_email": wishes.by_email, "language": wishes.language}),
            "slug": slug(request),
        },
    )


@require_safe
@door("notify.message_read")
def message_open(request: HttpRequest, scope: OrganisationScope, notification: UUID) -> HttpResponse:
    """Follow a message to what it is about; it counts as read then."""
    path = services.notification_read(scope, notification=notification, at=timezone.now())
    return redirect(path) if path else redirect("notify:list", organisation=slug(request))


@require_POST
@door("notify.message_read")
def message_read_all(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Mark all messages as read."""
    services.notification_read_all(scope, at=timezone.now())
    return redirect("notify:list", organisation=slug(request))


@require_POST
@door("notify.message_read")
def wishes_set(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Choose whether messages also come by e-mail, and in which language."""
    form = WishesForm(request.POST)
    if form.is_valid():
        services.preference_set(scope, **form.cleaned_data)
        messages.success(request, _("Kept."))
    else:
        messages.error(request, _("Choose one of the languages."))
    return redirect("notify:list", organisation=slug(request))


@require_safe
@door("notify.webhook_manage")
def webhook_list(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Show which programs hear the organisation's events, and how that goes."""
    return _webhooks(request, scope, WebhookForm())


def _webhooks(
    request: HttpRequest, scope: OrganisationScope, form: WebhookForm, status: int = 200
) -> HttpResponse:
    context = {"webhooks": queries.webhook_list(scope), "form": form, "slug": slug(request)}
    return render(request, "notify/webhooks.html", context, status=status)


@require_POST
@door("notify.webhook_manage")
def webhook_add(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Add a webhook."""
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            services.webhook_add(scope, **form.cleaned_data, at=timezone.now())
        except ValidationError as error:
            for field, problems in error.message_dict.items():
                form.add_error(field if field in form.fields else None, problems)
        else:
            messages.success(request, _("Added. It hears every event from now on."))
            return redirect("notify:webhooks", organisation=slug(request))
    return _webhooks(request, scope, form, status=422)


@require_POST
@door("notify.webhook_manage")
def webhook_try(request: HttpRequest, scope: OrganisationScope, webhook: UUID) -> HttpResponse:
    """Call a webhook now."""
    services.webhook_test(scope, webhook=webhook, at=timezone.now())
    messages.info(request, _("It is being called. Load this page again to see what it answered."))
    return redirect("notify:webhooks", organisation=slug(request))


@require_POST
@door("notify.webhook_manage")
def webhook_remove(request: HttpRequest, scope: OrganisationScope, webhook: UUID) -> HttpResponse:
    """Remove a webhook."""
    services.webhook_remove(scope, webhook=webhook, at=timezone.now())
    messages.success(request, _("Removed. It hears nothing any more."))
    return redirect("notify:webhooks", organisation=slug(request))
