"""The HTTP API: one NinjaAPI that every app's router joins, its errors, and idempotent writes."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema, Swagger
from ninja.errors import ValidationError as RequestInvalid

from lienmach import __version__
from lienmach.kernel.identity.models import IdempotencyKey
from lienmach.kernel.web.doors import NotSignedIn


class ProblemAt(Schema):
    """One thing that is wrong, and where."""

    field: str | None
    what: str


class Problem(Schema):
    """What every error of the API looks like: a sentence, and for 422 every problem with its place."""

    detail: str
    problems: list[ProblemAt] | None = None


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
        found = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        problems = [
            {"field": None if field == NON_FIELD_ERRORS else field, "what": what}
            for field, whats in found.items()
            for what in whats
        ]
        return _refuse(api, request, problems)

    @api.exception_handler(RequestInvalid)
    def malformed(request: HttpRequest, error: RequestInvalid) -> HttpResponse:
        problems = [
            {"field": ".".join(str(part) for part in found["loc"]), "what": found["msg"]}
            for found in error.errors
        ]
        return _refuse(api, request, problems)

    return api


def _answer(api: NinjaAPI, request: HttpRequest, status: int, detail: str) -> HttpResponse:
    return api.create_response(request, {"detail": detail}, status=status)


def _refuse(api: NinjaAPI, request: HttpRequest, problems: list[dict[str, Any]]) -> HttpResponse:
    """Answer 422 with every problem at once."""
    detail = " ".join(f"{p['field']}: {p['what']}" if p["field"] else str(p["what"]) for p in problems)
    return api.create_response(request, {"detail": detail, "problems": problems}, status=422)


def idempotent(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Answer a write that repeats its `Idempotency-Key` with the first answer, without doing it again.

    Stands between `@door` and the operation. The key is taken before the write and in its transaction: of
    two at once one writes and the other waits for its answer; a write that fails gives the key back. The
    same key with another body is refused with 422. The operation returns a pydantic schema, or a status
    and a schema.
    """

    @wraps(operation)
    def once(request: HttpRequest, scope: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return operation(request, scope, *args, **kwargs)
        if len(key) > 80:
            raise ValidationError(_("Idempotency-Key is longer than 80 characters: use a UUID."))
        asked = request.get_full_path().encode() + b"\n" + request.body
        fingerprint = hashlib.sha256(asked).hexdigest()
        with transaction.atomic():
            taken, fresh = _take(scope, key, request.path, fingerprint)
            if fresh:
                answer = operation(request, scope, *args, **kwargs)
                taken.status, schema = answer if isinstance(answer, tuple) else (200, answer)
                taken.answer = schema.model_dump_json()
                taken.save(update_fields=["status", "answer"])
                return answer
        if taken.fingerprint != fingerprint:
            raise ValidationError(_("This Idempotency-Key was already used for another request."))
        return HttpResponse(taken.answer, status=taken.status, content_type="application/json")

    return once


def _take(scope: Any, key: str, path: str, fingerprint: str) -> tuple[IdempotencyKey, bool]:
    """Take the key for this write, or wait for whoever has it and return the kept answer.

    Inserting is what decides: on PostgreSQL the second insert of a key waits for the first one's
    transaction; SQLite lets one writer in at a time.
    """
    route = hashlib.sha256(path.encode()).hexdigest() if len(path) > 200 else path
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                organisation_id=scope.organisation,
                key=key,
                route=route,
                fingerprint=fingerprint,
                status=0,
                answer="",
                created_at=timezone.now(),
            ), True
    except IntegrityError:
        return IdempotencyKey.objects.within(scope).get(route=route, key=key), False
