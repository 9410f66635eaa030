"""All addresses: the apps' routes are found, not listed.

`/o/<organisation>/<route>/…` for members, `/l/<token>/…` for holders of a link, everything else public.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.urls import URLPattern, URLResolver, include, path

from lienmach.kernel.apps import LienmachApp, installed
from lienmach.kernel.web.api import make_api

api = make_api()


def _module(config: LienmachApp, name: str) -> ModuleType | None:
    full = f"{config.name}.{name}"
    return import_module(full) if find_spec(full) is not None else None


def _routes() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = []
    for config in installed():
        if (module := _module(config, "api")) is not None and hasattr(module, "router"):
            api.add_router(f"/o/{{organisation}}/{config.route}/", module.router, tags=[str(config.label)])
        if (module := _module(config, "urls")) is None:
            continue
        prefix = f"{config.route}/" if config.route else ""
        for attribute, start, namespace in (
            ("urlpatterns", f"o/<slug:organisation>/{prefix}", config.label),
            ("link_urlpatterns", f"l/<str:token>/{prefix}", f"{config.label}-link"),
            ("public_urlpatterns", "", f"{config.label}-public"),
        ):
            if patterns := getattr(module, attribute, None):
                found.append(path(start, include((patterns, namespace))))
    return found


urlpatterns = [
    path("", include("lienmach.kernel.web.urls")),
    *_routes(),
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
]

handler400 = "lienmach.kernel.web.views.bad_request"
handler403 = "lienmach.kernel.web.views.permission_denied"
handler404 = "lienmach.kernel.web.views.not_found"
handler500 = "lienmach.kernel.web.views.server_error"
