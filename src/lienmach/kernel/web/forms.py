"""Form fields and their problems, the same on every page."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BaseForm, BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Problem = tuple[str | Promise, str, str]
"""Label of the field, what is wrong, id of the input to go to (empty for the form as a whole)."""


class DayField(forms.DateField):
    """A date as people type it (21/11/2026, 21-11-2026) or as a date picker sends it (2026-11-21)."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("input_formats", ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"])
        options.setdefault(
            "error_messages",
            {"invalid": _("This is not a date. Write day/month/year, for example 21/11/2026.")},
        )
        options.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "21/11/2026"})
        )
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Show a date the way it is typed."""
        return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else value


def field_context(bound: BoundField) -> dict[str, Any]:
    """Return what components/field.html draws: the widget knows its help and its errors by id."""
    widget = bound.field.widget
    check = isinstance(widget, forms.CheckboxInput)
    group = bool(getattr(widget, "use_fieldset", False))
    attrs: dict[str, Any] = {}
    described = []
    if bound.help_text:
        described.append(f"{bound.auto_id}_helptext")
    if bound.errors:
        attrs["aria-invalid"] = "true"
        described.append(f"{bound.auto_id}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return {"field": bound, "widget": bound.as_widget(attrs=attrs), "check": check, "group": group}


def problems_of(form: BaseForm) -> Iterator[Problem]:
    """Yield every problem of a bound form: the form's own, then field by field as on the page."""
    for error in form.non_field_errors():
        yield "", str(error), ""
    for bound in form:
        for error in bound.errors:
            yield bound.label, str(error), bound.id_for_label or bound.auto_id
