"""Doors of one member's page: role, a forgotten password, leaving and coming back."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lienmach.kernel.identity import queries, services
from lienmach.kernel.identity.models import Role
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.doors import door, slug


class RoleForm(forms.Form):
    """What a member does."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)


class PasswordForm(forms.Form):
    """A new password for somebody who forgot theirs."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
        max_length=200,
        help_text=gettext_lazy(
            "At least 10 characters. Tell it to them; they can change it after signing in."
        ),
    )


@require_safe
@door("identity.member_manage")
def member_record(request: HttpRequest, scope: OrganisationScope, membership: UUID) -> HttpResponse:
    """Show one member and what can be changed."""
    return _page(request, scope, membership)


def _page(
    request: HttpRequest,
    scope: OrganisationScope,
    membership: UUID,
    password: PasswordForm | None = None,
    status: int = 200,
) -> HttpResponse:
    member = queries.member_get(scope, membership=membership)
    context = {
        "member": member,
        "role_label": Role(member.role).label,
        "role_form": RoleForm(initial={"role": member.role}),
        "password_form": password or PasswordForm(),
        "slug": slug(request),
    }
    return render(request, "workspace/member.html", context, status=status)


@require_POST
@door("identity.member_manage")
def role_change(request: HttpRequest, scope: OrganisationScope, membership: UUID) -> HttpResponse:
    """Give a member another role."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
    else:
        try:
            services.membership_change(
                scope, membership=membership, role=form.cleaned_data["role"], at=timezone.now()
            )
        except services.LastOwner:
            messages.error(request, _("This is the last owner. Make somebody else owner first."))
        else:
            messages.success(request, _("Changed. It counts from the next page on."))
    return redirect("workspace:member", organisation=slug(request), membership=membership)


@require_POST
@door("identity.member_manage")
def password_reset(request: HttpRequest, scope: OrganisationScope, membership: UUID) -> HttpResponse:
    """Give a member without e-mail a new password."""
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            services.password_reset(scope, membership=membership, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error("password", error)
        except services.NotForOthersToReset:
            form.add_error(
                None,
                _(
                    "This password is not yours to reset: owners, people with e-mail and members of "
                    "another organisation do it themselves."
                ),
            )
        else:
            messages.success(
                request, _("The new password works now. Wherever they were signed in, they are out.")
            )
            return redirect("workspace:member", organisation=slug(request), membership=membership)
    return _page(request, scope, membership, form, status=422)


@require_POST
@door("identity.member_manage")
def member_return(request: HttpRequest, scope: OrganisationScope, membership: UUID) -> HttpResponse:
    """Let a former member act for the organisation again."""
    form = RoleForm(request.POST)
    if form.is_valid():
        services.membership_revive(
            scope, membership=membership, role=form.cleaned_data["role"], at=timezone.now()
        )
        messages.success(request, _("They can act for the organisation again."))
    else:
        messages.error(request, _("Choose one of the roles."))
    return redirect("workspace:member", organisation=slug(request), membership=membership)
