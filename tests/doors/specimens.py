"""Real identifiers for addresses: for each place in a pattern, a row that belongs to a given organisation.

A place is matched by name with a model of the route's app (`<uuid:order>` with `Order`), so a new route is
tried with real rows as soon as the demonstration makes some. What does not follow the rule stands below.
"""

import uuid
from typing import Any

from django.apps import apps
from django.db import models

from tests.doors.routes import Route

MODELS = {
    ("workspace", "event"): "evidence.EventRecord",
    ("proof", "leaf"): "evidence.EventRecord",
    ("production", "event"): "evidence.EventRecord",
    ("workspace", "job"): "jobs.Job",
    ("workspace", "membership"): "identity.Membership",
    ("workspace", "consent"): "identity.Consent",
    ("workspace", "token"): "identity.ApiToken",
}
# What forms are sent with where a row is at stake, so that a refusal comes from behind the form's own checks.
FORM = {"role": "operator", "password": "mot-mat-khau-that-dai", "quantity": "1", "decision": "accept"}
TEXTS = {"kind": "html", "indicator": "x", "month": "2026-11"}
FIELDS = {"number": "number", "code": "code", "slug": "slug"}


def row_of(route: Route, place: str, organisation: uuid.UUID) -> models.Model | None:
    """Return a row of the organisation that belongs into this place, or None when there is none yet."""
    named = MODELS.get((route.app, place))
    if named is not None:
        model: Any = apps.get_model(named)
    else:
        wanted = place.replace("_", "")
        models_of_app = apps.get_app_config(route.app).get_models() if route.app in apps.app_configs else ()
        found = [each for each in models_of_app if each.__name__.lower() == wanted]
        found = found or [each for each in models_of_app if each.__name__.lower().endswith(wanted)]
        if not found:
            return None
        model = found[0]
    fields = {field.attname for field in model._meta.fields} | {field.name for field in model._meta.fields}
    for owner in ("organisation_id", "organisation", "owner_id", "owner"):
        if owner in fields:
            row: models.Model | None = model._default_manager.filter(**{owner: organisation}).first()
            return row
    return None


def value_for(route: Route, place: str, organisation: uuid.UUID) -> Any:
    """Return what to put into a place: a real row's key, or something of the right form."""
    row = row_of(route, place, organisation)
    if row is not None:
        return row.pk
    kind = route.places[place]
    if kind == "uuid":
        return uuid.uuid4()
    if kind == "int":
        return 1
    return TEXTS.get(place, "x")


def values_for(route: Route, organisation: uuid.UUID) -> dict[str, Any]:
    """Return a value for each place of the route."""
    return {place: value_for(route, place, organisation) for place in route.places}
