"""Heavy packages are loaded by the work that needs them, never by `--help` or by the web process's start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "altair",
    "duckdb",
    "ibis",
    "numba",
    "ortools",
    "pandas",
    "polars",
    "pyarrow",
    "scipy",
    "sqlglot",
    "vl_convert",
}
STARTS = {
    "lienmach --help": "sys.argv = ['lienmach', '--help']; from lienmach.config import cli; cli.main()",
    "web": "from lienmach.config.wsgi import application; import lienmach.config.urls",
    "worker": "from lienmach.config import wsgi, worker; worker.Worker()",
}
REPORT = """import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
"""


@pytest.mark.parametrize("start", STARTS)
def test_nothing_heavy_is_loaded(start: str, tmp_path: Path) -> None:
    """Seconds of waiting before a page or a help text, and hundreds of megabytes in every process."""
    environment = {
        **os.environ,
        "LIENMACH_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "lienmach.config.settings",
    }
    environment.pop("DATABASE_URL", None)
    result = subprocess.run(
        [sys.executable, "-c", REPORT + STARTS[start]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    loaded = {name.partition(".")[0] for name in json.loads(result.stderr.splitlines()[-1])}
    assert loaded & HEAVY == set()


def test_help_needs_no_django_setup(tmp_path: Path) -> None:
    """`lienmach --help` answers at once, on a machine where nothing is set up yet."""
    result = subprocess.run(
        [sys.executable, "-c", REPORT + STARTS["lienmach --help"]],
        env={**os.environ, "LIENMACH_DATA": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = set(json.loads(result.stderr.splitlines()[-1]))
    assert loaded & {"django.db.models", "numpy", "lienmach.config.settings"} == set()
    assert not (tmp_path / "none").exists()
