"""What is not there is a page that says so."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.http import Http404

from lienmach.apps.production.queries import NotFound

Found = TypeVar("Found")
Arguments = ParamSpec("Arguments")


def or_404(query: Callable[Arguments, Found], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Found:
    """Return what the query finds, or raise `Http404`."""
    try:
        return query(*args, **kwargs)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
