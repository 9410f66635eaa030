"""A finder for the chart bundle: Vega comes out of the installed vl-convert, nothing is vendored."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from lienmach.kernel.web.charts import BUNDLE


class ChartBundleFinder(BaseFinder):
    """Finds `web/charts.js`, written once per version of vl-convert beside the collected static files."""

    def check(self, **_options: Any) -> list[Any]:
        """There is nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **_options: Any) -> Any:
        """Return the bundle's place, writing it first where it is not yet there."""
        if path != BUNDLE:
            return []
        found = str(write_bundle())
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield the bundle for `collectstatic`."""
        write_bundle()
        yield BUNDLE, FileSystemStorage(location=str(_folder()))


def _folder() -> Path:
    return Path(settings.STATIC_ROOT).parent / "generated" / f"vl-convert-{version('vl-convert-python')}"


def write_bundle() -> Path:
    """Write the bundle unless it is there; a second process doing the same does no harm."""
    target = _folder() / BUNDLE
    if not target.exists():
        import vl_convert

        target.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=target.parent, encoding="utf-8", delete=False) as stream:
            stream.write(vl_convert.javascript_bundle())  # type: ignore[call-arg]  # its default is not in the stub
        Path(stream.name).replace(target)
    return target
