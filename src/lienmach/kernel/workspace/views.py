"""Doors of the kernel's own pages: home, events, people, sharing, background work, health."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lienmach.kernel.evidence import queries as evidence
from lienmach.kernel.identity import queries as identity
from lienmach.kernel.identity import services
from lienmach.kernel.jobs import queries as jobs
from lienmach.kernel.jobs.services import job_stop as stop_job
from lienmach.kernel.scope import OrganisationScope, PublicScope
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.middleware import shell_of
from lienmach.kernel.workspace.forms import ConsentForm, MemberForm
from lienmach.kernel.workspace.rows import MemberRow, consent_row, event_page, read_row
from lienmach.kernel.workspace.tables import MEMBERS, READS, events_table, link_button

MOST_EVENTS = 500


@require_safe
@door("workspace.landing_read", scope=PublicScope)
def landing(request: HttpRequest, scope: PublicScope) -> HttpResponse:
    """Say what this is; lead people who are signed in to their organisation."""
    if request.user.is_authenticated:
        return redirect("workspace-public:home")
    return render(request, "workspace/landing.html", {"demo": settings.DEMO})


@require_safe
@door("workspace.landing_read", scope=PublicScope)
def home(request: HttpRequest, scope: PublicScope) -> HttpResponse:
    """Lead to the only organisation of a person, or let them choose one."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    organisations = identity.organisations_of_person(person=request.user.pk)
    if len(organisations) == 1:
        return redirect("workspace:home", organisation=organisations[0].slug)
    return render(request, "workspace/home.html", {"organisations": organisations})


@require_safe
@door("workspace.landing_read", scope=PublicScope)
def health(request: HttpRequest, scope: PublicScope) -> JsonResponse:
    """Answer monitoring: is the sequence moving, is a subscriber stuck. Counts only, no data."""
    state = evidence.sequence_health(scope)
    stuck = [each.subscriber for each in state.subscribers if each.failures]
    body = {
        "sequenced": state.head,
        "waiting": state.waiting,
        "behind": {each.subscriber: each.behind for each in state.subscribers if each.behind},
        "stuck": stuck,
    }
    return JsonResponse(body, status=503 if stuck else 200)


@require_safe
@door("identity.organisation_read")
def organisation_home(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Lead to the first page that the person's role may open."""
    for group in shell_of(request).navigation:
        for link in group.links:
            return redirect(link.url)
    return render(request, "workspace/nothing.html")


@require_safe
@door("evidence.event_read")
def event_list(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Show the organisation's newest events."""
    events = evidence.event_list(
        scope,
        type=request.GET.get("type") or None,
        subject=request.GET.get("subject") or None,
        limit=MOST_EVENTS,
    )
    listed = events_table(slug(request))
    return listed.export(events, request) or render(
        request, "workspace/events.html", {"view": listed.view(events, request)}
    )


@require_safe
@door("evidence.event_read")
def event_record(request: HttpRequest, scope: OrganisationScope, event: UUID) -> HttpResponse:
    """Show one event whole: envelope, body, and what corrects it."""
    try:
        found = evidence.event_get(scope, event_id=event)
    except evidence.EventNotFound as error:
        raise Http404("event") from error
    history = evidence.event_list(scope, subject=found.subject, limit=20)
    return render(
        request,
        "workspace/event.html",
        event_page(found, history, reverse("workspace:events", args=[slug(request)])),
    )


@require_safe
@door("identity.member_manage")
def member_list(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Show who may act for the organisation."""
    return _members(request, scope, MemberForm())


@require_POST
@door("identity.member_manage")
def member_add(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Create a log-in for a new member."""
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            services.member_add(scope, **form.cleaned_data, at=timezone.now())
        except ValidationError as error:
            form.take(error)
        else:
            messages.success(request, _("%s can sign in now.") % form.cleaned_data["username"])
            return redirect("workspace:members", organisation=slug(request))
    return _members(request, scope, form, status=422)


def _members(
    request: HttpRequest, scope: OrganisationScope, form: MemberForm, status: int = 200
) -> HttpResponse:
    rows = [
        MemberRow(
            **vars(member),
            end=link_button(reverse("workspace:member", args=[slug(request), member.id]), _("Change")),
        )
        for member in identity.member_list(scope)
    ]
    context = {
        "view": MEMBERS.view(rows, request),
        "former": identity.former_member_list(scope),
        "form": form,
        "slug": slug(request),
    }
    return MEMBERS.export(rows, request) or render(request, "workspace/members.html", context, status=status)


@require_POST
@door("identity.member_manage")
def membership_end(request: HttpRequest, scope: OrganisationScope, membership: UUID) -> HttpResponse:
    """Let a member no longer act for the organisation."""
    try:
        services.membership_end(scope, membership=membership, at=timezone.now())
    except services.LastOwner:
        messages.error(request, _("This is the last owner. Make somebody else owner first."))
    return redirect("workspace:members", organisation=slug(request))


@require_safe
@door("identity.consent_manage")
def sharing(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Show what the organisation shares with whom, and who has read it."""
    return _sharing(request, scope, ConsentForm())


def _sharing(
    request: HttpRequest, scope: OrganisationScope, form: ConsentForm, status: int = 200
) -> HttpResponse:
    reads = [read_row(scope, read) for read in evidence.read_list(scope)]
    context = {
        "consents": [consent_row(each) for each in identity.consent_list(scope, at=timezone.now())],
        "reads": READS.view(reads, request),
        "form": form,
        "slug": slug(request),
    }
    return READS.export(reads, request) or render(request, "workspace/sharing.html", context, status=status)


@require_POST
@door("identity.consent_manage")
def consent_give(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Give a consent."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _sharing(request, scope, form, status=422)
    services.consent_give(scope, **form.cleaned_data, at=timezone.now())
    messages.success(request, _("Shared. You can take it back at any time."))
    return redirect("workspace:sharing", organisation=slug(request))


@require_POST
@door("identity.consent_manage")
def consent_withdraw(request: HttpRequest, scope: OrganisationScope, consent: UUID) -> HttpResponse:
    """Take a consent back."""
    services.consent_withdraw(scope, consent=consent, at=timezone.now())
    messages.success(request, _("Taken back. Nobody reads it from now on."))
    return redirect("workspace:sharing", organisation=slug(request))


@require_safe
@door("identity.organisation_read")
def job_status(request: HttpRequest, scope: OrganisationScope, job: UUID) -> JsonResponse:
    """Tell how far a background job is."""
    try:
        status = jobs.job_get(scope, job=job)
    except jobs.JobNotFound as error:
        raise Http404("job") from error
    return JsonResponse(
        {
            "state": status.state,
            "ended": status.ended,
            "progress": status.progress,
            "message": status.message,
            "result": status.result,
        }
    )


@require_POST
@door("identity.organisation_read")
def job_stop(request: HttpRequest, scope: OrganisationScope, job: UUID) -> HttpResponse:
    """Ask a background job to stop with the best it has."""
    stop_job(scope, job=job, at=timezone.now())
    return redirect(request.POST.get("next") or "workspace:home", organisation=slug(request))
