"""Doors: how a page or an API operation is entered. The one place where authorisation happens.

Every view of ours carries a policy; a test walks every route and fails for one without. A door resolves
who asks into a scope, checks the permission, and hands the scope to the view as its second argument.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from ninja import Path
from ninja.utils import check_csrf

from lienmach.kernel.identity import queries as identity
from lienmach.kernel.scope import AreaScope, Denied, LinkScope, OrganisationScope, PublicScope, Scope

BEARER = "Bearer "


@dataclass(frozen=True)
class Policy:
    """What a route demands: the kind of scope and the permission."""

    permission: str
    scope: type[Scope]


class NotSignedIn(Exception):
    """The route needs somebody who is signed in."""


def door(permission: str, *, scope: type[Scope] = OrganisationScope) -> Callable[[Callable[..., Any]], Any]:
    """Let only those through whose scope is of kind `scope` and grants `permission`.

    The decorated view is called as `view(request, scope, …)`. The URL's `organisation` (a slug) or `token`
    is used up by the door; the view does not get it. Works on Django views and, placed below the route
    decorator, on API operations.

    Raises, for the error pages and API handlers to answer
    ------
    Http404
        For a stranger to the organisation, a link that is dead, or a row that the scope does not reach:
        existence is not revealed.
    PermissionDenied
        For a member without the permission; names the permission.
    """
    policy = Policy(permission, scope)

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def enter(request: HttpRequest, /, *args: Any, **kwargs: Any) -> Any:
            try:
                entered = _enter(request, policy, kwargs)
                entered.require(permission)
                return view(request, entered, *args, **kwargs)
            except NotSignedIn:
                return _to_sign_in(request)
            except Denied as denied:
                raise PermissionDenied(denied.permission) from denied
            except ObjectDoesNotExist as error:
                raise Http404("row") from error

        enter.policy = policy  # type: ignore[attr-defined]
        _show_signature_of_route(enter, view, policy)
        return enter

    return decorate


def slug(request: HttpRequest) -> str:
    """Return the slug of the organisation whose door was entered, for redirects within it."""
    entry: identity.Entry = request.entry  # type: ignore[attr-defined]
    return entry.organisation.slug


def _enter(request: HttpRequest, policy: Policy, kwargs: dict[str, Any]) -> Scope:
    at = timezone.now()
    if policy.scope is PublicScope:
        return identity.public_scope()
    if policy.scope is LinkScope:
        try:
            return identity.link_scope(token=kwargs.pop("token"), at=at)
        except identity.LinkDead as error:
            raise Http404("link") from error
    entry = _entry(request, kwargs.pop("organisation"), at)
    request.entry = entry  # type: ignore[attr-defined]
    if policy.scope is AreaScope:
        try:
            return identity.area_scope(entry, at=at)
        except identity.NoJurisdiction as error:
            raise Denied(policy.permission) from error
    return entry.scope


def _entry(request: HttpRequest, slug: str, at: Any) -> identity.Entry:
    header = request.headers.get("Authorization", "")
    try:
        if header.startswith(BEARER):
            return identity.entry_of_token(token=header.removeprefix(BEARER), slug=slug, at=at)
        if not request.user.is_authenticated:
            raise NotSignedIn
        _refuse_forged_write(request)
        return identity.entry_of_person(person=request.user.pk, slug=slug)
    except identity.TokenDead as error:
        raise NotSignedIn from error
    except identity.NotAMember as error:
        raise Http404("organisation") from error


def _refuse_forged_write(request: HttpRequest) -> None:
    """Refuse a write to the API that came with a browser's session but without its token against forgery.

    Pages are checked by Django's middleware; API operations are exempt from it for the sake of programs,
    which sign in with a token of their own.
    """
    if request.path.startswith("/api/") and check_csrf(request) is not None:
        raise PermissionDenied("X-CSRFToken")


def _to_sign_in(request: HttpRequest) -> Any:
    if request.path.startswith("/api/"):
        raise NotSignedIn
    return redirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")


def _show_signature_of_route(enter: Any, view: Callable[..., Any], policy: Policy) -> None:
    """Give API routing the view's parameters, with the path's own in place of the scope."""
    parameters = list(inspect.signature(view).parameters.values())
    request, rest = parameters[0], parameters[2:]
    added = {LinkScope: ["token"], PublicScope: []}.get(policy.scope, ["organisation"])
    # The router's prefix holds them, which an operation does not know: say that they come from the path.
    path = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=str, default=Path(...))
        for name in added
    ]
    rest = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in rest if p.kind is not p.VAR_KEYWORD]
    enter.__signature__ = inspect.Signature([request, *path, *rest])
