"""Write the hash locks from pyproject.toml: `python tools/lock.py [--upgrade]` (`make lock`).

Three files, each universal (every platform and Python ≥ 3.11) and free of index addresses:

- `requirements.lock`: what a user gets, with what builds the package;
- `requirements-dev.lock`: that, the extras and the development and browser tools, at the same versions;
- `tools/uv.lock.txt`: the installer itself, the one thing that pip fetches.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Written by `make lock` from pyproject.toml; do not edit.\n"


def compile_lock(uv: str, out: str, arguments: list[str], *, upgrade: bool) -> None:
    """Resolve `arguments` into the lock `out`, keeping the pins already there unless `upgrade`."""
    target = ROOT / out
    command = [uv, "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--quiet", "--output-file", out]
    command += ["--upgrade"] if upgrade else []
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    subprocess.run(command + arguments, cwd=ROOT, check=True, env=environment)
    target.write_text(HEADER + target.read_text("utf-8").removeprefix(HEADER), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--upgrade", action="store_true", help="take newer releases, not only what changed")
    options = parser.parse_args()
    uv = str(Path(sys.executable).with_name("uv"))
    with tempfile.TemporaryDirectory() as folder:
        wish = Path(folder, "uv.in")
        wish.write_text("uv\n", "utf-8")
        compile_lock(uv, "tools/uv.lock.txt", [str(wish)], upgrade=options.upgrade)
    compile_lock(uv, "requirements.lock", ["pyproject.toml", "--group", "build"], upgrade=options.upgrade)
    everything = ["pyproject.toml", "--all-extras", "--group", "build", "--group", "dev", "--group", "e2e"]
    compile_lock(
        uv,
        "requirements-dev.lock",
        [*everything, "--constraint", "requirements.lock"],
        upgrade=options.upgrade,
    )


if __name__ == "__main__":
    main()
