"""Whoever knows one app knows all: the same files under the same names, holding the same things."""

from pathlib import Path

import pytest

from .tree import APPS

REQUIRED = {
    "README.md": "one page: who it serves, its words, its events in and out, how to try it",
    "apps.py": "the app's declaration of itself",
    "tests": "its own tests",
}
# A file may be a package of the same name once it has grown.
KNOWN = {
    "__init__.py",
    "README.md",
    "api",
    "apps",
    "cli",
    "data",
    "events",
    "locale",
    "migrations",
    "models",
    "projections",
    "queries",
    "services",
    "sheets",
    "static",
    "subscribers",
    "tasks",
    "templates",
    "tests",
    "urls",
    "views",
    "__pycache__",
}
README_HEADINGS = ("## Who it serves", "## Words", "## Events", "## Try it")


def explained(app: Path) -> str:
    """The README, where an app says what stands in files that others do not have."""
    readme = app / "README.md"
    return readme.read_text("utf-8") if readme.exists() else ""


@pytest.mark.parametrize("app", APPS, ids=lambda path: path.name)
def test_required_furniture_stands(app: Path) -> None:
    """A newcomer looks for these first."""
    missing = [f"{app.name}/{name}: {what}" for name, what in REQUIRED.items() if not (app / name).exists()]
    assert not missing, "Missing:\n" + "\n".join(missing)
    assert list((app / "tests").glob("test_*.py")), f"{app.name}/tests holds no test"


@pytest.mark.parametrize("app", APPS, ids=lambda path: path.name)
def test_unusual_furniture_is_explained(app: Path) -> None:
    """A file that no other app has is allowed when the app's README names it and says why."""
    readme = explained(app)
    extra = [
        path.name
        for path in sorted(app.iterdir())
        if path.name not in KNOWN and path.stem not in KNOWN and f"`{path.name}" not in readme
    ]
    assert not extra, (
        f"{app.name}: put these under a usual name or explain each as `name` in README.md: {extra}"
    )


@pytest.mark.parametrize("app", APPS, ids=lambda path: path.name)
def test_readme_has_its_headings(app: Path) -> None:
    """Every app's page answers the same four questions in the same order."""
    readme = explained(app)
    at = [readme.find(heading) for heading in README_HEADINGS]
    missing = [heading for heading, index in zip(README_HEADINGS, at, strict=True) if index < 0]
    assert not missing, f"{app.name}/README.md lacks {missing}"
    assert at == sorted(at), f"{app.name}/README.md: headings in the order {README_HEADINGS}"


@pytest.mark.parametrize("app", APPS, ids=lambda path: path.name)
def test_a_table_has_migrations_and_text_has_translations(app: Path) -> None:
    """Half an app installs and then fails at a customer's."""
    if (app / "models.py").exists() or (app / "models").is_dir():
        assert list((app / "migrations").glob("0*.py")), f"{app.name}: models without migrations"
    if (app / "templates").is_dir():
        assert (app / "locale/vi/LC_MESSAGES/django.po").exists(), f"{app.name}: no Vietnamese catalogue"
