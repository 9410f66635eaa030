"""Forms of notify's pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lienmach.kernel.evidence.types import all_types


class WishesForm(forms.Form):
    """How a member wants messages."""

    by_email = forms.BooleanField(label=_("Also send my messages by e-mail"), required=False)
    language = forms.ChoiceField(label=_("Language of these e-mails"), choices=settings.LANGUAGES)


class WebhookForm(forms.Form):
    """A new webhook: the address and what it hears."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("https:// and where your program listens. It must be reachable from this server."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = forms.MultipleChoiceField(
            label=_("What it hears"),
            choices=[(declared.name, declared.name) for declared in all_types()],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["types"] = types
