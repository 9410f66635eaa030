"""The HTTP API: one NinjaAPI that every app's router joins, its errors, and idempotent writes."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema, Swagger

from lienmach import __version__
from lienmach.kernel.identity.models import IdempotencyKey
from lienmach.kernel.web.doors import NotSignedIn


class Problem(Schema):
    """What every error of the API looks like: what is wrong, where, and what to do."""

    detail: str
    field: str | None = None
    remedy: str | None = None


def make_api() -> NinjaAPI:
    """Return the API with its error handlers; `config.urls` adds the apps' routers."""
    api = NinjaAPI(
        title="Liền Mạch",
        version=__version__,
        description="Orders, plans, deliveries and public numbers on one thread of evidence.",
        docs=Swagger(),
        docs_url="/docs",
        urls_namespace="api",
    )

    @api.exception_handler(NotSignedIn)
    def not_signed_in(request: HttpRequest, error: NotSignedIn) -> HttpResponse:
        answer = _answer(api, request, 401, _("Sign in or send a valid token as “Authorization: Bearer …”."))
        answer["WWW-Authenticate"] = "Bearer"
        return answer

    @api.exception_handler(PermissionDenied)
    def denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return _answer(api, request, 403, _("Your role or token does not include “%s”.") % error)

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return _answer(api, request, 404, _("There is nothing here that you may see."))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return _answer(api, request, 422, " ".join(error.messages))

    return api


def _answer(api: NinjaAPI, request: HttpRequest, status: int, detail: str) -> HttpResponse:
    return api.create_response(request, {"detail": detail}, status=status)


def idempotent(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Answer a write that repeats its `Idempotency-Key` with the first answer, without doing it again.

    Stands between `@door` and the operation. The write and the kept answer share one transaction. The same
    key with another body is refused with 422. The operation returns a pydantic schema.
    """

    @wraps(operation)
    def once(request: HttpRequest, scope: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return operation(request, scope, *args, **kwargs)
        if len(key) > 80:
            raise ValidationError(_("Idempotency-Key is longer than 80 characters: use a UUID."))
        fingerprint = hashlib.sha256(request.body).hexdigest()
        with transaction.atomic():
            kept = (
                IdempotencyKey.objects.within(scope)
                .select_for_update()
                .filter(route=request.path, key=key)
                .first()
            )
            if kept is None:
                answer = operation(request, scope, *args, **kwargs)
                IdempotencyKey.objects.create(
                    organisation_id=scope.organisation,
                    key=key,
                    route=request.path,
                    fingerprint=fingerprint,
                    status=200,
                    answer=answer.model_dump_json(),
                    created_at=timezone.now(),
                )
                return answer
        if kept.fingerprint != fingerprint:
            raise ValidationError(_("This Idempotency-Key was already used for another request."))
        return HttpResponse(kept.answer, status=kept.status, content_type="application/json")

    return once
