"""Promise a date: one more order, asked of the published plan."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lienmach.apps.production import queries
from lienmach.apps.production.planning.explain import cause_phrase, obstacle_sentence, price_sentence
from lienmach.apps.production.planning.promise import NoPromise
from lienmach.apps.production.presentation import promise_badge, promise_purchases, promise_tasks
from lienmach.apps.production.queries import NoPlanToAsk, PromiseAnswer, PromiseDesk
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.doors import door
from lienmach.kernel.web.forms import DayField

LARGEST_QUANTITY = 10_000_000


class PromiseForm(forms.Form):
    """What is asked for."""

    item = forms.ChoiceField(label=gettext_lazy("Item"))
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity"),
        min_value=Decimal("0.001"),
        max_value=LARGEST_QUANTITY,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )
    due = DayField(
        label=gettext_lazy("Wanted by"),
        required=False,
        help_text=gettext_lazy("May stay empty: the earliest date is found anyway."),
    )

    def __init__(self, desk: PromiseDesk, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        choices = [
            (item.code, f"{item.code} · {item.name}" if item.name else item.code) for item in desk.items
        ]
        self.fields["item"].choices = choices  # type: ignore[attr-defined]


@require_GET
@door("production.promise_ask")
def promise(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Ask by when one more order could be done; asking changes nothing, so the address can be shared."""
    try:
        desk = queries.promise_desk(scope)
    except NoPlanToAsk as nothing:
        return render(request, "production/promise.html", {"too_old": nothing.old})
    form = PromiseForm(desk, request.GET if "item" in request.GET else None)
    context: dict[str, object] = {"form": form, "desk": desk}
    if form.is_bound and form.is_valid():
        day = form.cleaned_data["due"]
        answer = queries.promise_get(
            scope,
            item=form.cleaned_data["item"],
            quantity=form.cleaned_data["quantity"],
            due=datetime.combine(day + timedelta(days=1), time()) if day else None,
            at=timezone.now(),
        )
        context |= _answer(request, answer)
    return render(request, "production/promise.html", context, status=422 if form.errors else 200)


def _answer(request: HttpRequest, answer: PromiseAnswer) -> dict[str, object]:
    language = get_language() or "vi"
    found = answer.found
    if isinstance(found, NoPromise):
        return {"obstacles": [obstacle_sentence(obstacle, language) for obstacle in found.obstacles]}
    purchases, tasks = promise_purchases(found), promise_tasks(found)
    return {
        "found": found,
        "day": found.timeline.moment(found.end),
        "badge": promise_badge(found),
        "reasons": [cause_phrase(cause, language) for cause in found.causes]
        or [_("All of it lies in stock, promised to nobody.")],
        "price": price_sentence(found, language),
        "bought": bool(found.purchases),
        "purchases": purchases[0].view(purchases[1], request),
        "tasks": tasks[0].view(tasks[1], request) if tasks[1] else None,
    }
