"""`lienmach new-app` makes an app that passes everything the house asks, in a copy of the sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lienmach.config.new_app import CannotCreate, create

from .tree import PACKAGE, ROOT

COPIED = ("src", "tools", "docs/reference", "tests/architecture")
COPIED_FILES = ("pyproject.toml", ".importlinter", "conftest.py", "hatch_build.py", "tests/__init__.py")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources without what other tests left in them."""
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    for name in COPIED_FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(root: Path, *command: str) -> str:
    """Run with the copy in front of the installed package; a failure shows what was said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIENMACH_", "PYTEST"))}
    environment = {**kept, "PYTHONPATH": str(root / "src"), "LIENMACH_DATA": str(root / "data")}
    result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.mark.slow
def test_a_new_app_passes_everything(copy: Path) -> None:
    """The recipe of CONTRIBUTING, word by word: create, docs, messages, test."""
    python, tools = sys.executable, Path(sys.executable).parent
    made = run(copy, python, "-m", "lienmach", "new-app", "stamps", "--title", "Stamps", "--title-vi", "Tem")
    app = copy / "src/lienmach/apps/stamps"
    assert str(app / "services.py") in made
    run(copy, python, "tools/reference.py")
    assert "`stamps.note_recorded`" in (copy / "docs/reference/events.md").read_text("utf-8")
    run(copy, python, "tools/messages.py", "--check", str(app))
    run(copy, python, "hatch_build.py")
    run(copy, str(tools / "ruff"), "check", str(app))
    run(copy, str(tools / "ruff"), "format", "--check", str(app))
    names = ("contracts", "furniture", "reference", "rules")
    own = ("-k", "(stamps or not furniture) and not planted")
    architecture = [f"tests/architecture/test_{name}.py" for name in names]
    run(
        copy,
        python,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *own,
        "-p",
        "no:xdist",
        str(app),
        *architecture,
    )


@pytest.mark.parametrize("name", ["ab", "abcdefghijklmnopqr"])
def test_format_does_not_depend_on_the_name(name: str, tmp_path: Path) -> None:
    """The shortest and the longest name both come out as ruff would write them."""
    (tmp_path / "kernel").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    create(name, title="Short", title_vi="Ngắn", folder=tmp_path / "apps")
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    for command in (["check"], ["format", "--check"]):
        result = subprocess.run(
            [*ruff, *command, "."], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "name", ["class", "Orders", "my-app", "identity", "a", "auth", "x" * 19, "../up", ""]
)
def test_a_bad_name_is_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    """Nothing is written, and the message says what to write instead."""
    for part in (PACKAGE / "kernel").iterdir():
        (tmp_path / "kernel" / part.name).mkdir(parents=True)
    with pytest.raises(CannotCreate, match="cannot be made:\n- "):
        create(name, title="Title", title_vi="Tên", folder=tmp_path / "apps")
    assert not (tmp_path / "apps").exists()


def test_a_title_cannot_break_the_code(tmp_path: Path) -> None:
    """A quotation mark would end the string it stands in."""
    (tmp_path / "kernel").mkdir()
    with pytest.raises(CannotCreate, match="quotation mark"):
        create("stamps", title='Sta"mps', title_vi="Tem", folder=tmp_path / "apps")
