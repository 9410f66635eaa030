"""Deliveries: ship an order, hand the receiver a link, see what the receiver said."""

from uuid import UUID, uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienmach.apps.production import queries, services
from lienmach.apps.production.presentation import SHIPMENTS, linked, receipt_badge
from lienmach.apps.production.services import ShipmentRefused
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web import formatting
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.receipts import history_panel, to_proof

SESSION = "production.receiver_link"


class ShipForm(forms.Form):
    """How much of an order leaves, and with whom."""

    quantity = forms.IntegerField(label=gettext_lazy("Pieces"), min_value=1)
    carrier = forms.CharField(
        label=gettext_lazy("Carrier"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Who takes it there; may stay empty."),
    )
    client_id = forms.CharField(widget=forms.HiddenInput, max_length=64, min_length=8)


@require_GET
@door("production.order_read")
def shipments(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """All deliveries, those without a receiver's word first."""
    rows = queries.shipment_list(scope)
    table = linked(SHIPMENTS, "number", "shipment", slug(request), shipment="id")
    file = table.export(rows, request)
    return file or render(request, "production/shipments.html", {"view": table.view(rows, request)})


@require_http_methods(["GET", "POST"])
@door("production.shipment_dispatch")
def order_ship(request: HttpRequest, scope: OrganisationScope, order: UUID) -> HttpResponse:
    """Ship an order, or a part of it."""
    found = queries.order_get(scope, order=order)
    initial = {"quantity": max(0, found.quantity - found.shipped), "client_id": uuid4()}
    form = ShipForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            sent = services.shipment_dispatch(
                scope,
                order=order,
                quantity=form.cleaned_data["quantity"],
                carrier=form.cleaned_data["carrier"],
                client_id=form.cleaned_data["client_id"],
                at=timezone.now(),
            )
        except ShipmentRefused as refused:
            form.add_error("quantity", str(refused))
        else:
            if sent.token:
                request.session[SESSION] = {str(sent.id): sent.token}
            return redirect("production:shipment", organisation=slug(request), shipment=sent.id)
    context = {"form": form, "order": found}
    return render(request, "production/order_ship.html", context, status=422 if form.errors else 200)


@require_GET
@door("production.order_read")
def shipment(request: HttpRequest, scope: OrganisationScope, shipment: UUID) -> HttpResponse:
    """One delivery; right after shipping also the receiver's link, to send or to let them scan."""
    found = queries.shipment_get(scope, shipment=shipment)
    token = request.session.get(SESSION, {}).get(str(shipment), "")
    receipt = found.receipt
    context = {
        "shipment": found,
        "badge": receipt_badge(found),
        "link": _address(request, token) if token else "",
        "facts": [
            (_("Order"), found.order),
            (_("Item"), found.item),
            (_("Shipped"), found.quantity),
            (_("Left"), formatting.moment(found.dispatched_at, zone=timezone.get_current_timezone())),
            (_("Promised"), formatting.day(found.promised)),
            (_("Carrier"), found.carrier or formatting.NOTHING),
        ],
        "evidence": history_panel(scope, found.events, to=to_proof(scope, slug(request))),
        "receipt": receipt
        and [
            (_("Arrived"), formatting.day(receipt.received_at, zone=timezone.get_current_timezone())),
            (_("Received"), receipt.quantity),
            (_("Good pieces"), receipt.good_quantity),
            (_("Remark"), receipt.remark or formatting.NOTHING),
        ],
    }
    return render(request, "production/shipment.html", context)


@require_POST
@door("production.shipment_dispatch")
def shipment_link(request: HttpRequest, scope: OrganisationScope, shipment: UUID) -> HttpResponse:
    """Make another link for the receiver."""
    queries.shipment_get(scope, shipment=shipment)
    token = services.shipment_link_renew(scope, shipment=shipment, at=timezone.now())
    request.session[SESSION] = {str(shipment): token}
    return redirect("production:shipment", organisation=slug(request), shipment=shipment)


def _address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("production-link:receipt", kwargs={"token": token}))
