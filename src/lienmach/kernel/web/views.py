"""Doors of the page furniture: language, theme, style guide, errors. All public, none touches data."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lienmach.kernel.web.shell import THEME_COOKIE, THEMES

ONE_YEAR_S = 365 * 24 * 3600


def _back(request: HttpRequest) -> str:
    """Return the local address the person came from; an address of another site leads home instead."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return "/"


def _remember(request: HttpRequest, name: str, value: str) -> HttpResponse:
    response = HttpResponseRedirect(_back(request))
    response.set_cookie(
        name, value, max_age=ONE_YEAR_S, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return response


# Neither choice needs protection from another site's form, and so the pages that offer it can be cached.
@csrf_exempt
@require_POST
def language_set(request: HttpRequest) -> HttpResponse:
    """Show the pages in the chosen language from now on, on this device."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES) or not check_for_language(chosen):
        return HttpResponseRedirect(_back(request))
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, chosen)


@csrf_exempt
@require_POST
def theme_set(request: HttpRequest) -> HttpResponse:
    """Show the pages light, dark or as the device wishes from now on, on this device."""
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        return HttpResponseRedirect(_back(request))
    return _remember(request, THEME_COOKIE, chosen)


def design(request: HttpRequest) -> HttpResponse:
    """Show every component: for people who build pages, for screenshots and accessibility tests."""
    from lienmach.kernel.web.design import orders, orders_table, specimens

    return orders_table().export(orders(), request) or render(request, "web/design.html", specimens(request))


def design_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a page kind that has its own frame: `operator`, `report`, `signed-out`."""
    from lienmach.kernel.web.design import specimens

    templates = {
        "operator": "web/design_operator.html",
        "report": "web/design_report.html",
        "signed-out": "web/design_signed_out.html",
    }
    if kind not in templates:
        return HttpResponseRedirect(reverse("web:design"))
    return render(request, templates[kind], specimens(request))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400: the request could not be understood."""
    return render(request, "web/errors/400.html", {"path": request.path}, status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403: the person may not see or do this here."""
    return render(request, "web/errors/403.html", {"path": request.path}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404: there is nothing at this address."""
    return render(request, "web/errors/404.html", {"path": request.path}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that came from a stale page: nothing was saved, and how to keep what was typed."""
    return render(request, "web/errors/csrf.html", {"path": request.path}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without asking anything of the database or the session: they may be what failed."""
    return render(request, "web/errors/500.html", {"path": request.path}, status=500)
