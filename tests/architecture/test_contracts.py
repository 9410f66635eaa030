"""The import contracts of `.importlinter` hold, and would notice if they did not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .tree import PACKAGE, ROOT


def lint_imports(*, root: Path, source: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of `root` over the package in `source`."""
    program = (
        f"import sys; sys.path.insert(0, {str(source)!r}); from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(no_cache=True, is_debug_mode=False))"
    )
    return subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )


def test_imports_point_one_way() -> None:
    """config → apps → kernel → engines, apps and engines apart from each other, layers inside."""
    result = lint_imports(root=ROOT, source=ROOT / "src")
    assert result.returncode == 0, result.stdout + result.stderr


PLANTED = {
    "an engine that asks Django": ("engines/planted/solve.py", "import django.conf"),
    "an engine that opens a socket": ("engines/planted/solve.py", "import socket"),
    "an engine that leans on another": ("engines/planted/solve.py", "import lienmach.engines.second.solve"),
    "a kernel that knows an app": ("kernel/planted.py", "import lienmach.apps.first.services"),
    "an app that imports an app": ("apps/first/services.py", "import lienmach.apps.second.queries"),
    "a query that calls a service": ("apps/first/queries.py", "import lienmach.apps.first.services"),
    "evidence that knows people": ("kernel/evidence/planted.py", "import lienmach.kernel.identity.models"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_violation_is_reported(case: str, tmp_path: Path) -> None:
    """A contract that cannot fail keeps nothing: each rule is broken once, in a package of its own."""
    source = tmp_path / "src"
    for name in (
        "config/__init__.py",
        "kernel/__init__.py",
        "kernel/evidence/__init__.py",
        "kernel/identity/__init__.py",
        "kernel/identity/models.py",
        "engines/__init__.py",
        "engines/planted/__init__.py",
        "engines/second/__init__.py",
        "engines/second/solve.py",
        "apps/__init__.py",
        "apps/first/__init__.py",
        "apps/first/services.py",
        "apps/first/queries.py",
        "apps/second/__init__.py",
        "apps/second/queries.py",
        "__init__.py",
    ):
        path = source / "lienmach" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    shutil.copy(ROOT / ".importlinter", tmp_path)
    clean = lint_imports(root=tmp_path, source=source)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    name, line = PLANTED[case]
    (source / "lienmach" / name).write_text(line + "\n", "utf-8")
    broken = lint_imports(root=tmp_path, source=source)
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "broken" in broken.stdout


def test_the_package_is_the_one_under_test() -> None:
    """An older installed copy must not be what the contracts look at."""
    import lienmach

    assert Path(lienmach.__file__).parent == PACKAGE
