"""The receiver's page: what arrived, when, and how much of it is good. No account; a link is enough."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from lienmach.apps.production import queries, services
from lienmach.apps.production.services import ReceiptRefused
from lienmach.kernel.scope import LinkScope
from lienmach.kernel.web.doors import door
from lienmach.kernel.web.forms import DayField
from lienmach.kernel.web.receipts import check_address, proof_download, receipts


class ReceiptForm(forms.Form):
    """The receiver's statement."""

    received_on = DayField(label=gettext_lazy("Day of arrival"))
    quantity = forms.IntegerField(label=gettext_lazy("Pieces received"), min_value=0)
    good_quantity = forms.IntegerField(label=gettext_lazy("Of these, good"), min_value=0)
    remark = forms.CharField(
        label=gettext_lazy("Remark"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    dispute = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        """A dispute says what is wrong."""
        said = super().clean() or self.cleaned_data
        if said.get("dispute") and not said.get("remark"):
            self.add_error("remark", _("Say in a few words what is wrong."))
        return said


@require_http_methods(["GET", "POST"])
@door("production.receipt_confirm", scope=LinkScope)
def receipt(request: HttpRequest, scope: LinkScope) -> HttpResponse:
    """Confirm or dispute a delivery; saying the same twice counts once."""
    at = timezone.now()
    found = queries.shipment_for_receiver(scope, at=at)
    form = ReceiptForm(request.POST or None, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.receipt_confirm(
                scope,
                received_on=said["received_on"],
                quantity=said["quantity"],
                good_quantity=said["good_quantity"],
                disputed=bool(said["dispute"]),
                remark=said["remark"],
                at=at,
            )
        except ReceiptRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect(request.path)
    context = {
        "shipment": found,
        "form": form,
        "receipts": receipts(scope, found.events, to=lambda event: _proof_address(request, event)),
        "check_url": check_address(),
    }
    return render(request, "production/receipt.html", context, status=422 if form.errors else 200)


@require_GET
@door("production.receipt_confirm", scope=LinkScope)
def receipt_proof(request: HttpRequest, scope: LinkScope, event: UUID) -> HttpResponse:
    """The proof of what was recorded about this shipment, for the receiver to keep."""
    return proof_download(request, event, lambda: queries.receiver_proof(scope, event=event))


def _proof_address(request: HttpRequest, event: UUID) -> str:
    return reverse("production-link:receipt-proof", args=[request.path.split("/")[2], event])


def _initial(found: queries.ShipmentForReceiver) -> dict[str, object]:
    said = found.receipt
    return {
        "received_on": timezone.localtime(said.received_at).date() if said else found.today,
        "quantity": said.quantity if said else found.quantity,
        "good_quantity": said.good_quantity if said else found.quantity,
        "remark": said.remark if said else "",
    }
