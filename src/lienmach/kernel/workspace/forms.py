"""Forms of the kernel's own pages."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lienmach.kernel.identity.models import Role
from lienmach.kernel.workspace.purposes import PURPOSES, recipients


class MemberForm(forms.Form):
    """A new member: how they are called, how they sign in, and what they do."""

    name = forms.CharField(label=_("Name"), max_length=120)
    username = forms.CharField(
        label=_("User name"),
        max_length=80,
        help_text=_("What they type to sign in: a word or a phone number."),
    )
    password = forms.CharField(
        label=_("First password"),
        max_length=200,
        help_text=_("At least 10 characters. They can change it after signing in."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.OPERATOR)

    def take(self, error: ValidationError) -> None:
        """Show what the service refused at the field it concerns."""
        if not hasattr(error, "error_dict"):
            self.add_error("password", error)
            return
        for field, problems in error.error_dict.items():
            self.add_error(field if field in self.fields else None, problems)


class ConsentForm(forms.Form):
    """What to share, and with whom."""

    purpose = forms.ChoiceField(label=_("What"), choices=list(PURPOSES.items()))
    recipient = forms.TypedChoiceField(label=_("With whom"), coerce=UUID)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(each.id), each.name) for each in recipients()]
        self.fields["recipient"].choices = choices  # type: ignore[attr-defined]
