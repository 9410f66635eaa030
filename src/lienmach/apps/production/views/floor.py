"""The floor: what is next on a machine or in a work order, and the big buttons to report it."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from lienmach.apps.production import queries, services
from lienmach.apps.production.models import ReportKind
from lienmach.apps.production.presentation import operation_badge
from lienmach.apps.production.services import ReportRefused
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.doors import door, slug

MOST_SHOWN = 30
MOST_PIECES = 10_000_000


class ReportForm(forms.Form):
    """What the operator says; `client_id` makes sending twice count once."""

    kind = forms.ChoiceField(choices=ReportKind.choices)
    good = forms.IntegerField(
        label=gettext_lazy("Good pieces"), min_value=0, max_value=MOST_PIECES, required=False
    )
    scrap = forms.IntegerField(
        label=gettext_lazy("Scrap pieces"), min_value=0, max_value=MOST_PIECES, required=False
    )
    client_id = forms.CharField(max_length=64, min_length=8)


@require_GET
@door("production.work_read")
def floor(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """What is next: on a machine, in a work order, or, first, which machine."""
    machine, number = request.GET.get("machine", ""), request.GET.get("work_order", "")
    context: dict[str, Any]
    if number:
        found = queries.work_order_get(scope, number=number)
        shown = [row for row in found.operations if row.state != "finished"] or list(found.operations)
        context = {"title": _("Work order %(number)s") % {"number": number}, "operations": _cards(shown)}
        return render(request, "production/floor.html", context)
    shown = queries.operation_list(scope, machine=machine, limit=MOST_SHOWN) if machine else []
    context = {
        "title": machine or _("Which machine?"),
        "machine": machine,
        "machines": queries.machine_list(scope),
        "operations": _cards(shown),
    }
    return render(request, "production/floor.html", context)


@require_http_methods(["GET", "POST"])
@door("production.operation_report")
def operation(request: HttpRequest, scope: OrganisationScope, operation: UUID) -> HttpResponse:
    """One step with its big buttons: start, made pieces, finished."""
    found = queries.operation_get(scope, operation=operation)
    form = ReportForm(request.POST or None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.operation_report(
                scope,
                operation=operation,
                kind=said["kind"],
                good=said["good"] or 0,
                scrap=said["scrap"] or 0,
                client_id=said["client_id"],
                at=timezone.now(),
            )
        except ReportRefused as reason:
            refused = str(reason)
        else:
            return redirect("production:operation-sent", organisation=slug(request), operation=operation)
    context = {
        "operation": found,
        "badge": operation_badge(found),
        "left": max(0, found.quantity - found.good),
        "form": form,
        "refused": refused,
        "client_id": request.POST.get("client_id") or uuid4(),
    }
    status = 422 if form.errors else 409 if refused else 200
    return render(request, "production/operation.html", context, status=status)


@require_GET
@door("production.operation_report")
def operation_sent(request: HttpRequest, scope: OrganisationScope, operation: UUID) -> HttpResponse:
    """The report has arrived; what comes next."""
    found = queries.operation_get(scope, operation=operation)
    following = queries.operation_list(scope, machine=found.machine, limit=4)
    context = {
        "operation": found,
        "badge": operation_badge(found),
        "following": _cards([row for row in following if row.id != found.id]),
    }
    return render(request, "production/operation_sent.html", context)


def _cards(rows: list[queries.OperationRow]) -> list[tuple[queries.OperationRow, tuple[object, object]]]:
    return [(row, operation_badge(row)) for row in rows]
