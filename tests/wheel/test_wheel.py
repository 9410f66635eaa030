"""The wheel is what a workshop's PC installs: it holds everything and works away from the sources."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/lienmach"
UV = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
LARGEST_INSTALL = 1_100_000_000  # bytes: the bar of the project, for the default install
LARGEST_WHEEL = 6_000_000  # bytes: a ratchet; may rise only on purpose

pytestmark = pytest.mark.wheel


def run(*command: str | Path, cwd: Path, **more: str) -> str:
    """Run in a clean environment and return what it printed; a failure shows both streams."""
    kept = ("HOME", "PATH", "SYSTEMROOT", "TEMP", "UV_CACHE_DIR", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"UV_PYTHON_DOWNLOADS": "never", "PYTHONIOENCODING": "utf-8", **more}
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this tree."""
    out = tmp_path_factory.mktemp("dist")
    run(
        UV, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", out, ROOT,
        cwd=ROOT,
    )  # fmt: skip
    (built,) = out.glob("lienmach-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the locked packages and the wheel; returns its folder of programs."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    run(UV, "venv", "--quiet", "--python", sys.executable, folder, cwd=folder.parent)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    into = ("--quiet", "--python", programs / "python")
    lock = ROOT / "requirements.lock"
    run(UV, "pip", "install", *into, "--require-hashes", "-r", lock, cwd=folder.parent)
    run(UV, "pip", "install", *into, "--no-deps", wheel, cwd=folder.parent)
    return programs


def shipped() -> Iterator[str]:
    """Every file of the package that a user needs, by its name in the wheel."""
    for path in SOURCE.rglob("*"):
        parts = path.relative_to(SOURCE).parts
        if (
            path.is_dir()
            or {"tests", "new_app_template", "__pycache__"} & set(parts)
            or path.suffix in {".po", ".pot", ".pyc"}
        ):
            continue
        if any(part.startswith(".") for part in parts):
            continue
        yield path.relative_to(SOURCE.parent).as_posix()


def test_everything_is_in_the_wheel(wheel: Path) -> None:
    """Templates, static files, data, compiled translations: what lies in the tree and is not a test."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert sorted(set(shipped()) - names) == []
    catalogues = {po.relative_to(SOURCE.parent).with_suffix(".mo") for po in SOURCE.rglob("*.po")}
    assert sorted({path.as_posix() for path in catalogues} - names) == []


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    """No tests, no catalogue sources, no left-overs; and it stays small."""
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert [name for name in names if not name.startswith("lienmach/")] == []
    unwanted = [name for name in names if "/tests/" in name or name.endswith((".po", ".pyc", ".sqlite3"))]
    assert unwanted == []
    assert wheel.stat().st_size <= LARGEST_WHEEL, wheel.stat().st_size


def test_the_command_answers_away_from_the_sources(installed: Path, tmp_path: Path) -> None:
    """`lienmach --help` and `lienmach check` in an empty folder, with a data folder of their own."""
    where = run(installed / "python", "-c", "import lienmach; print(lienmach.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent.resolve())
    assert "plan" in run(installed / "lienmach", "--help", cwd=tmp_path)
    run(installed / "lienmach", "check", cwd=tmp_path, LIENMACH_DATA=str(tmp_path / "data"))


def test_the_default_install_stays_small(installed: Path) -> None:
    """A workshop's PC and a slow line: the bar is on the whole environment."""
    size = sum(path.stat().st_size for path in installed.parent.rglob("*") if path.is_file())
    assert size <= LARGEST_INSTALL, f"{size / 1e6:.0f} MB"
