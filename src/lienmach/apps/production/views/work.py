"""Work orders: the list, one with its QR code, and the sheets to print."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from lienmach.apps.production import queries
from lienmach.apps.production.presentation import OPERATIONS, WORK_ORDERS, linked, work_order_badge
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.receipts import history_panel, to_proof

MOST_SHEETS = 24


@require_GET
@door("production.work_read")
def work_orders(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """The work orders of the published plan, by planned start."""
    rows = queries.work_order_list(scope, withdrawn=bool(request.GET.get("state")))
    table = linked(WORK_ORDERS, "number", "work-order", slug(request), number="number")
    file = table.export(rows, request)
    return file or render(request, "production/work_orders.html", {"view": table.view(rows, request)})


@require_GET
@door("production.work_read")
def work_order(request: HttpRequest, scope: OrganisationScope, number: str) -> HttpResponse:
    """One work order: its steps, and the QR code that opens it on a phone."""
    found = queries.work_order_get(scope, number=number)
    steps = linked(OPERATIONS, "step", "operation", slug(request), operation="id")
    context = {
        "work_order": found,
        "badge": work_order_badge(found),
        "steps": steps.view(found.operations, request),
        "address": _address(request, number),
        "evidence": history_panel(scope, found.events, to=to_proof(scope, slug(request))),
    }
    return render(request, "production/work_order.html", context)


@require_GET
@door("production.work_read")
def work_sheets(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """The next open work orders as sheets to print, each with its QR code; `number` picks one."""
    found = queries.work_sheet_list(scope, number=request.GET.get("number", ""), limit=MOST_SHEETS)
    sheets = [(sheet, _address(request, sheet.number)) for sheet in found]
    return render(request, "production/work_sheets.html", {"sheets": sheets})


def _address(request: HttpRequest, number: str) -> str:
    path = reverse("production:floor", kwargs={"organisation": slug(request)})
    return request.build_absolute_uri(f"{path}?work_order={number}")
