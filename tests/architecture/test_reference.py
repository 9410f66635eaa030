"""Everything a person can call, set, subscribe to or be granted is findable in docs/reference."""

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from django.urls import URLPattern, URLResolver, get_resolver

from lienmach.config import cli
from lienmach.config.environment import SETTINGS
from lienmach.config.urls import api
from lienmach.kernel.apps import installed
from lienmach.kernel.evidence.types import all_types

from .tree import PACKAGE, ROOT, dotted, modules, place

PAGES = {path.name: path.read_text("utf-8") for path in (ROOT / "docs/reference").glob("*.md")}
EVERYTHING = "\n".join(PAGES.values())


def commands() -> Iterator[str]:
    """Every command as it is typed."""
    cli._add_commands()

    def walk(one: typer.core.TyperGroup, path: str) -> Iterator[str]:
        for name, sub in getattr(one, "commands", {}).items():
            if not sub.hidden:
                yield f"`{path} {name}`"
                yield from walk(sub, f"{path} {name}")

    yield from walk(typer.main.get_command(cli.app), "lienmach")


def event_types() -> Iterator[str]:
    """Every declared event type; those that tests declare for themselves are nobody's promise."""
    return (f"`{known.name}`" for known in all_types() if "tests" not in known.body.__module__.split("."))


def permissions() -> Iterator[str]:
    """Every permission an app lists."""
    return (f"`{permission}`" for config in installed() for permission in config.permissions)


def operations() -> Iterator[str]:
    """Every operation of the HTTP API."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        yield from (f"`{method.upper()} {path}`" for method in methods)


def settings() -> Iterator[str]:
    """Every environment variable."""
    return (f"`{setting.name}`" for setting in SETTINGS)


REGISTRIES = (commands, event_types, permissions, operations, settings)


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.__name__)
def test_everything_declared_is_documented(registry: type) -> None:
    """A newcomer searches the reference for the name that stands in the code or in an error message."""
    assert [name for name in registry() if name not in EVERYTHING] == [], "Run `make docs`."


def test_generated_pages_are_what_the_code_says() -> None:
    """A page is written anew when the code changes; this compares."""
    result = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_no_setting_is_read_past_its_declaration() -> None:
    """Only config/environment.py reads the environment, so that the list of settings is complete."""
    readers = {"os.getenv", "os.environ.get", "environ.get", "getenv"}
    found = []
    for path, tree in modules(PACKAGE):
        if path == PACKAGE / "config/environment.py":
            continue
        for node in ast.walk(tree):
            read = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
            if read and dotted(node.value).endswith("environ"):
                found.append(place(path, node))
            if isinstance(node, ast.Call) and dotted(node.func) in readers:
                found.append(place(path, node))
    assert found == []


# Page furniture answers strangers, reads no data and changes none: the choice of language and theme, and the
# page that shows every component.
FURNITURE = {
    f"lienmach.kernel.web.views.{name}" for name in ("design", "design_kind", "language_set", "theme_set")
}


def test_every_route_of_ours_has_a_policy() -> None:
    """Deny by default: a view of ours without a door is a hole."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            address = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, address)
            elif (view := pattern.callback).__module__.startswith("lienmach.") and not hasattr(
                view, "policy"
            ):
                yield f"{view.__module__}.{view.__name__}"

    assert set(walk(get_resolver().url_patterns, "")) - FURNITURE == set()
