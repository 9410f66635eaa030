"""Orders: where each stands, and one order's whole history."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lienmach.apps.production import queries
from lienmach.apps.production.presentation import (
    OPERATIONS,
    ORDERS,
    SHIPMENTS,
    STAGES,
    history,
    linked,
    order_advice,
    order_badge,
    order_evidence,
)
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web import formatting
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.receipts import receipts, to_proof


@require_GET
@door("production.order_read")
def orders(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """All orders, the one most in danger first."""
    rows = queries.order_list(scope)
    table = linked(ORDERS, "code", "order", slug(request), order="id")
    file = table.export(rows, request)
    return file or render(request, "production/orders.html", {"orders": table.view(rows, request)})


@require_GET
@door("production.order_read")
def order(request: HttpRequest, scope: OrganisationScope, order: UUID) -> HttpResponse:
    """One order: facts, steps, deliveries, history, and the evidence behind it."""
    found = queries.order_get(scope, order=order)
    organisation = slug(request)
    steps = linked(OPERATIONS, "step", "operation", organisation, operation="id")
    shipments = replace(linked(SHIPMENTS, "number", "shipment", organisation, shipment="id"), search=())
    context = {
        "order": found,
        "badge": order_badge(found),
        "stage": STAGES[found.stage],
        "facts": [
            (_("Item"), found.item),
            (_("Customer"), found.customer or formatting.NOTHING),
            (_("Quantity"), found.quantity),
            (_("Due"), formatting.day(found.due)),
            (_("Promised"), formatting.day(found.promised)),
            (_("Steps done"), f"{found.finished_steps}/{found.steps}"),
            (_("Shipped"), found.shipped),
            (_("Received, by the receiver's word"), found.received if found.received else formatting.NOTHING),
        ],
        "steps": steps.view(found.operations, request),
        "shipments": shipments.view(found.shipments, request),
        "history": history(found.events),
        "evidence": order_evidence(found, receipts(scope, found.events, to=to_proof(scope, organisation))),
        "advice": order_advice(found),
        "can_ship": found.promised is not None and found.shipped < found.quantity,
        "ship_url": reverse("production:order-ship", kwargs={"organisation": organisation, "order": order}),
    }
    return render(request, "production/order.html", context)
