"""Make a virtual environment with exactly what the locks say, and Lien Mach in it, editable.

Usage: python3.11 tools/install.py VENV [--dev]

Standard library only: it is the first thing that runs on a fresh machine. pip fetches uv (pinned by hash), uv
installs the lock; where uv cannot be had or run, pip installs the same lock, slower. Nothing is done when the
environment is already as the locks say.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDS = "Lien Mach needs Python 3.11 or later with venv (Debian: apt install python3-venv)"
# What decides an environment's contents: a change in one of these and the next `make` installs again.
INPUTS = ("pyproject.toml", "hatch_build.py", "tools/install.py")


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def fingerprint(lock: Path) -> str:
    """Hash over everything the environment is made from, the interpreter included."""
    digest = hashlib.sha256(f"{sys.version}|{ROOT}".encode())
    for path in [lock, *(ROOT / name for name in INPUTS)]:
        digest.update(path.read_bytes())
    return f"{lock.name} {digest.hexdigest()}\n"


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(command: list[str | Path], *, quiet: bool = False) -> bool:
    """Run and tell whether it worked; nothing is fetched that is not in the lock."""
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONPATH", None)
    output = subprocess.DEVNULL if quiet else sys.stderr
    try:
        return subprocess.run(command, env=environment, cwd=ROOT, stdout=output, check=False).returncode == 0
    except OSError as error:
        say(f"{command[0]}: {error}")
        return False


def create(folder: Path) -> Path:
    """The environment's interpreter; the environment is made, or made anew for another Python version."""
    python = python_of(folder)
    probe = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    usable = python.exists() and run([python, "-c", probe], quiet=True)
    if not usable:
        say(f"Making {folder} with Python {sys.version.split()[0]}")
        try:
            venv.create(folder, with_pip=True, clear=folder.exists())
        except (subprocess.CalledProcessError, ImportError) as error:
            raise SystemExit(f"{NEEDS}\n({error})") from error
    return python


def install(python: Path, lock: Path) -> None:
    """Bring the environment to the lock, by uv or by pip, and put the project itself in."""
    uv = python.with_name("uv.exe" if os.name == "nt" else "uv")
    pip: list[str | Path] = [python, "-m", "pip", "--quiet"]
    bootstrap = [*pip, "install", "--require-hashes", "-r", ROOT / "tools/uv.lock.txt"]
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    if run(bootstrap) and run([uv, "--version"], quiet=True):
        into = ["--python", str(python), "--quiet"]
        hashed = ["--require-hashes", "--compile-bytecode", "-r", str(lock)]
        if run([uv, "pip", "install", *into, *hashed]) and run([uv, "pip", "install", *into, *project]):
            return
    say("uv could not do it on this machine: installing with pip, which takes longer")
    if not run([*pip, "install", "--require-hashes", "-r", lock]) or not run([*pip, "install", *project]):
        raise SystemExit(
            f"The packages in {lock.name} could not be installed (see above).\n"
            "Is the machine connected, or a package mirror set up for pip? Then run the same command again."
        )


def main() -> None:
    if sys.version_info < (3, 11):
        raise SystemExit(NEEDS)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("venv", type=Path)
    parser.add_argument("--dev", action="store_true", help="with the development and test tools")
    options = parser.parse_args()
    stamp: Path = options.venv.absolute() / "lienmach-installed"
    have = stamp.read_text("utf-8") if stamp.exists() else ""
    # An environment with the development tools serves a user too.
    locks = [ROOT / "requirements-dev.lock"]
    if not options.dev and not have.startswith("requirements-dev.lock"):
        locks = [ROOT / "requirements.lock"]
    if have == fingerprint(locks[0]) and python_of(options.venv).exists():
        return
    started = time.monotonic()
    python = create(options.venv.absolute())
    stamp.unlink(missing_ok=True)
    say(f"Installing {locks[0].name}")
    install(python, locks[0])
    say("Compiling the planner's search")
    # Where that fails, the first plan compiles it, or runs it as plain Python.
    run([python, "-m", "lienmach.engines.scheduling.search.warm"], quiet=True)
    stamp.write_text(fingerprint(locks[0]), "utf-8")
    say(f"Installed in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
