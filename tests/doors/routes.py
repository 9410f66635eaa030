"""Every address of the platform, found by walking the URL patterns and the API's operations."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from lienmach.config.urls import api
from lienmach.kernel.web.doors import Policy

# Without a door, each for a reason. A new line here needs one too.
WITHOUT_DOOR = {
    "lienmach.kernel.web.views.language_set": "sets a cookie on this device, touches no data",
    "lienmach.kernel.web.views.theme_set": "sets a cookie on this device, touches no data",
    "lienmach.kernel.web.views.design": "shows the components with made-up data",
    "lienmach.kernel.web.views.design_kind": "shows page kinds with made-up data",
    "allauth.": "log-in itself; its own rules and rate limits",
    "ninja.openapi.": "the description of the API: public, made from the code",
    "ninja.main.": "the API's root and description: public, made from the code",
    "django.views.static.": "files of the package",
    "django.views.generic.": "redirects of allauth",
}

_PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
_API_PLACE = re.compile(r"\{(?:(\w+):)?(\w+)\}")


@dataclass(frozen=True)
class Route:
    """One address: its pattern with `<converter:name>` places, the methods to try, what its door demands."""

    name: str
    app: str
    pattern: str
    view: str
    policy: Policy | None
    api: bool = False
    methods: tuple[str, ...] = ("GET", "POST")

    @property
    def places(self) -> dict[str, str]:
        """Names of the places and their converters, without those that the door uses up."""
        found = {name: converter or "str" for converter, name in _PLACE.findall(self.pattern)}
        used_up = "token" if self.pattern.startswith("l/") else "organisation"
        return {name: kind for name, kind in found.items() if name != used_up}

    def address(self, **values: Any) -> str:
        """Return the address with its places filled."""
        return "/" + _PLACE.sub(lambda place: str(values[place[2]]), self.pattern)

    def __str__(self) -> str:
        return self.name


def pages() -> Iterator[Route]:
    """Yield every URL pattern but the API's operations."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, prefix + _text(pattern), inner)
        elif isinstance(pattern, URLPattern):
            view: Any = getattr(pattern.callback, "func", pattern.callback)  # of a functools.partial
            where = f"{view.__module__}.{getattr(view, '__qualname__', type(view).__name__)}"
            if where.startswith("ninja.operation.PathView"):
                continue  # an API operation: see below
            yield Route(
                name=f"{namespace}{pattern.name or prefix + _text(pattern)}",
                app=namespace.rstrip(":").split("-")[0],
                pattern=prefix + _text(pattern),
                view=where,
                policy=getattr(view, "policy", None),
            )


def _text(pattern: URLPattern | URLResolver) -> str:
    return str(pattern.pattern) if isinstance(pattern.pattern, RoutePattern) else f"({pattern.pattern})"


def operations() -> Iterator[Route]:
    """Yield every operation of the API."""
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                pattern = f"api/v1/{prefix.strip('/')}/{path.lstrip('/')}".replace("//", "/")
                yield Route(
                    name=f"api:{operation.operation_id or operation.view_func.__name__}",
                    app=operation.view_func.__module__.split(".")[2],
                    pattern=_API_PLACE.sub(lambda place: f"<{place[1] or 'str'}:{place[2]}>", pattern),
                    view=f"{operation.view_func.__module__}.{operation.view_func.__qualname__}",
                    policy=getattr(operation.view_func, "policy", None),
                    api=True,
                    methods=tuple(operation.methods),
                )


def all_routes() -> list[Route]:
    """Return every address: pages first, then the API."""
    return [*pages(), *operations()]
