"""Doors of the tokens with which programs of the organisation call the API."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lienmach.kernel.identity import queries, services
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.doors import door, slug

LASTS = ((30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("1 year")))


class TokenForm(forms.Form):
    """A new token: what for, what it may do, how long."""

    name = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=80,
        help_text=gettext_lazy("The program that will use it, so that you know later."),
    )
    lasts = forms.TypedChoiceField(label=gettext_lazy("How long"), choices=LASTS, coerce=int, initial=90)

    def __init__(self, scope: OrganisationScope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["permissions"] = forms.MultipleChoiceField(
            label=gettext_lazy("What it may do"),
            choices=[(permission, permission) for permission in sorted(scope.granted)],
            widget=forms.CheckboxSelectMultiple,
            help_text=gettext_lazy("As little as the program needs."),
        )


@require_safe
@door("identity.token_manage")
def token_list(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Show the tokens that work."""
    return _page(request, scope, TokenForm(scope))


def _page(
    request: HttpRequest, scope: OrganisationScope, form: TokenForm, secret: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "tokens": queries.api_token_list(scope, at=timezone.now()),
        "form": form,
        "secret": secret,
        "slug": slug(request),
    }
    answer = render(request, "workspace/tokens.html", context, status=status)
    if secret:
        answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@door("identity.token_manage")
def token_issue(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Make a token and show its secret, this once."""
    form = TokenForm(scope, request.POST)
    if not form.is_valid():
        return _page(request, scope, form, status=422)
    wanted = form.cleaned_data
    secret = services.api_token_issue(
        scope,
        membership=request.entry.membership,  # type: ignore[attr-defined]
        name=wanted["name"],
        permissions=wanted["permissions"],
        at=timezone.now(),
        lasts=timedelta(days=wanted["lasts"]),
    )
    return _page(request, scope, TokenForm(scope), secret)


@require_POST
@door("identity.token_manage")
def token_revoke(request: HttpRequest, scope: OrganisationScope, token: UUID) -> HttpResponse:
    """Take a token back."""
    services.api_token_revoke(scope, token=token, at=timezone.now())
    messages.success(request, _("Taken back. The program is refused from now on."))
    return redirect("workspace:tokens", organisation=slug(request))
