"""Workbooks and plans: upload, watch, look, publish, take away."""

from datetime import date, datetime, time
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienmach.apps.production import queries, services
from lienmach.apps.production.planning.bargains import missing_rates
from lienmach.apps.production.planning.documents import plan_html, plan_json, plan_xlsx
from lienmach.apps.production.planning.documents.gantt import plan_gantt
from lienmach.apps.production.planning.explain import (
    assumption_sentence,
    obstacle_sentence,
    reason_phrase,
    summary_sentence,
)
from lienmach.apps.production.planning.plan import Plan
from lienmach.apps.production.presentation import (
    PLANS,
    PROBLEMS,
    WORKBOOKS,
    linked,
    plan_badge,
    plan_orders,
    plan_purchases,
    plan_remedies,
)
from lienmach.apps.production.services import PlanRefused
from lienmach.apps.production.sheets import FULL, MINIMUM
from lienmach.apps.production.sheets.example import example_rows
from lienmach.apps.production.sheets.full_example import full_example_rows
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.sheets import write_template
from lienmach.kernel.web import gantt
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.exports import MEDIA_TYPES
from lienmach.kernel.web.formatting import language_of
from lienmach.kernel.web.forms import DayField
from lienmach.kernel.web.receipts import history_panel, to_proof

LARGEST_UPLOAD = 20 * 1024 * 1024
KEPT_S = 3_600


class UploadForm(forms.Form):
    """A workbook and what to plan it with."""

    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        help_text=gettext_lazy("An Excel file (.xlsx) with at least the sheets Orders and Items and steps."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.ods"}),
    )
    start = DayField(
        label=gettext_lazy("Plan from"),
        required=False,
        help_text=gettext_lazy("Empty: from now on."),
    )
    cpu_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds to search"),
        initial=10,
        min_value=1,
        max_value=600,
        help_text=gettext_lazy("Longer may find a better plan; the first is ready at once."),
    )

    def clean_file(self) -> object:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_UPLOAD:
            raise forms.ValidationError(
                _("%(size)s MB is too large: at most %(most)s MB can be read. Delete the pictures.")
                % {"size": file.size // 1024 // 1024, "most": LARGEST_UPLOAD // 1024 // 1024}
            )
        return file


class AgainForm(forms.Form):
    """Plan a workbook that is already here."""

    start = UploadForm.base_fields["start"]
    cpu_seconds = UploadForm.base_fields["cpu_seconds"]


@require_GET
@door("production.plan_read")
def plans(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """All plans and the workbooks they were made from."""
    rows = queries.plan_list(scope)
    table = linked(PLANS, "number", "plan", slug(request), plan="id")
    workbooks = linked(WORKBOOKS, "filename", "workbook", slug(request), workbook="id")
    file = table.export(rows, request)
    if file:
        return file
    context = {
        "plans": table.view(rows, request),
        "workbooks": workbooks.view(queries.workbook_list(scope), request),
    }
    return render(request, "production/plans.html", context)


@require_http_methods(["GET", "POST"])
@door("production.plan_make")
def upload(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Upload a workbook; without errors a plan is made at once."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        file = form.cleaned_data["file"]
        kept, planned = services.plan_from_upload(
            scope,
            filename=file.name,
            content=file.read(),
            language=get_language() or "vi",
            starts_at=_starts_at(form.cleaned_data["start"], at),
            cpu_seconds=form.cleaned_data["cpu_seconds"],
            at=at,
        )
        if planned is None:
            return redirect("production:workbook", organisation=slug(request), workbook=kept.id)
        return redirect("production:plan", organisation=slug(request), plan=planned)
    return render(request, "production/upload.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@door("production.plan_make")
def template_file(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """The workbook to fill in: minimum or full, empty or with an example."""
    declared = FULL if request.GET.get("sheets") == "full" else MINIMUM
    filled = full_example_rows if declared is FULL else example_rows
    rows = filled(timezone.localdate()) if request.GET.get("example") else None
    content = write_template(declared, language=get_language() or "vi", rows=rows)
    return _download(content, f"{declared.name}.xlsx", MEDIA_TYPES["xlsx"])


@require_http_methods(["GET", "POST"])
@door("production.plan_make")
def workbook(request: HttpRequest, scope: OrganisationScope, workbook: UUID) -> HttpResponse:
    """An uploaded workbook: what is wrong with it, cell by cell, and the plans made from it."""
    found = queries.workbook_get(scope, workbook=workbook)
    form = AgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            planned = services.plan_request(
                scope,
                workbook=workbook,
                starts_at=_starts_at(form.cleaned_data["start"], at),
                cpu_seconds=form.cleaned_data["cpu_seconds"],
                at=at,
            )
        except PlanRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("production:plan", organisation=slug(request), plan=planned)
    file = PROBLEMS.export(found.problems, request)
    if file:
        return file
    table = linked(PLANS, "number", "plan", slug(request), plan="id")
    context = {
        "workbook": found,
        "problems": PROBLEMS.view(found.problems, request),
        "plans": table.view(found.plans, request),
        "form": form,
    }
    return render(request, "production/workbook.html", context, status=422 if form.errors else 200)


@require_GET
@door("production.plan_read")
def plan(request: HttpRequest, scope: OrganisationScope, plan: UUID) -> HttpResponse:
    """A plan: what is late and why, when what runs where, what to buy, what was assumed."""
    found = queries.plan_get(scope, plan=plan)
    context = {"plan": found, "badge": plan_badge(found)}
    language = get_language() or "vi"
    if found.verified is None:
        context["obstacles"] = [obstacle_sentence(obstacle, language) for obstacle in found.obstacles]
        return render(request, "production/plan_making.html", context)
    orders = plan_orders(found.verified)
    purchases = plan_purchases(found.verified)
    for table, rows in (orders, purchases):
        file = table.export(rows, request)
        if file:
            return file
    context |= {
        "summary": summary_sentence(found.verified, language),
        "late": _late(found.verified, language),
        "missing_rates": missing_rates(found.verified, language),
        "drawing": _drawing(found.id, found.verified, language),
        "orders": orders[0].view(orders[1], request),
        "purchases": purchases[0].view(purchases[1], request),
        "evidence": history_panel(scope, found.events, to=to_proof(scope, slug(request)))
        if found.events
        else None,
        "assumptions": [assumption_sentence(a, language) for a in found.verified.assumptions],
    }
    if found.verified.remedies:
        table, rows = plan_remedies(found.verified, language)
        context["remedies"] = table.view(rows, request)
    return render(request, "production/plan.html", context)


@require_GET
@door("production.plan_read")
def plan_progress(request: HttpRequest, scope: OrganisationScope, plan: UUID) -> HttpResponse:
    """How far planning is, for a page that looks again every few seconds."""
    found = queries.plan_get(scope, plan=plan)
    return render(request, "production/plan_progress.html", {"plan": found})


@require_GET
@door("production.plan_read")
def plan_file(request: HttpRequest, scope: OrganisationScope, plan: UUID, kind: str) -> HttpResponse:
    """The plan as plan.html, plan.xlsx or plan.json."""
    found = queries.plan_get(scope, plan=plan)
    if found.verified is None:
        raise Http404(kind)
    language = get_language() or "vi"
    name = f"plan-{found.number}.{kind}"
    match kind:
        case "json":
            text = plan_json(found.verified, cpu_seconds=found.cpu_seconds)
            return _download(text.encode(), name, "application/json")
        case "xlsx":
            return _download(plan_xlsx(found.verified, language=language), name, MEDIA_TYPES["xlsx"])
        case "html":
            return _download(plan_html(found.verified, language=language).encode(), name, "text/html")
    raise Http404(kind)


@require_POST
@door("production.plan_publish")
def plan_publish(request: HttpRequest, scope: OrganisationScope, plan: UUID) -> HttpResponse:
    """Let the workshop work by this plan."""
    queries.plan_get(scope, plan=plan)
    try:
        services.plan_publish(scope, plan=plan, at=timezone.now())
    except PlanRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The plan is published. Operators see it on their phones now."))
    return redirect("production:plan", organisation=slug(request), plan=plan)


@require_POST
@door("production.plan_make")
def plan_stop(request: HttpRequest, scope: OrganisationScope, plan: UUID) -> HttpResponse:
    """Stop searching and keep the best plan so far."""
    queries.plan_get(scope, plan=plan)
    services.plan_stop(scope, plan=plan, at=timezone.now())
    return redirect("production:plan", organisation=slug(request), plan=plan)


def _drawing(plan: UUID, verified: Plan, language: str) -> SafeString:
    """The Gantt of a finished plan never changes, so it is drawn once and kept for a while."""
    key = f"production.gantt.{plan}.{language}"
    kept: SafeString | None = cache.get(key)
    if kept is None:
        zone = timezone.get_current_timezone()
        kept = gantt.render(plan_gantt(verified, language), language=language_of(language), zone=zone)
        cache.set(key, kept, KEPT_S)
    return kept


def _late(verified: Plan, language: str) -> list[dict[str, object]]:
    return [
        {
            "order": order,
            "due": verified.timeline.moment(order.due - 1),
            "end": verified.timeline.moment(order.end),
            "reasons": [reason_phrase(cause, language) for cause in order.causes],
        }
        for order in verified.late_orders
    ]


def _starts_at(day: date | None, at: datetime) -> datetime:
    """The plan's now: this minute, or the beginning of a later day."""
    local = timezone.localtime(at)
    if day is None or day <= local.date():
        return at.replace(second=0, microsecond=0)
    return datetime.combine(day, time(), tzinfo=local.tzinfo)


def _download(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
