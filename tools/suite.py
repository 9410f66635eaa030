"""Run the project's checks, all or those named: `python tools/suite.py [PART …] [-- PYTEST ARGUMENTS]`.

Parts run one after the other and every part runs, whatever an earlier one said. A part whose means are
missing on this machine (PostgreSQL, Chromium, Python 3.13) is skipped with its reason; with CI=true that is
a failure, except for a Python that is nowhere to be had. The last line counts everything; the exit code is
0 when nothing failed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import postgres

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
WORKERS = os.environ.get("LIENMACH_TEST_WORKERS", "2")
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True)
class Outcome:
    """What one part said. `missing` names what the machine lacks; `excused` means that CI may lack it too."""

    part: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    missing: str = ""
    excused: bool = False

    def line(self) -> str:
        if self.missing:
            return f"  {self.part:<10} not run: {self.missing}"
        words = f"{self.passed} passed, {self.failed} failed"
        return f"  {self.part:<10} {words}, {self.skipped} skipped in {self.seconds:.0f} s"


def environment(**more: str) -> dict[str, str]:
    """This process's environment without a developer's own database, `more` added."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "UV_PYTHON_DOWNLOADS": "never", **more}


def commands(part: str, *calls: list[str]) -> Outcome:
    """A part that is one or more commands, each passing or failing as a whole."""
    codes = [subprocess.run(call, cwd=ROOT, env=environment(), check=False).returncode for call in calls]
    return Outcome(part, passed=codes.count(0), failed=len(codes) - codes.count(0))


def pytest(part: str, arguments: list[str], *, python: Path | None = None, **more: str) -> Outcome:
    """A part that is a run of pytest; its counts come from the JUnit report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [str(python or sys.executable), "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
        code = subprocess.run(command, cwd=ROOT, env=environment(**more), check=False).returncode
        outcome = Outcome(part)
        if report.exists():
            suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
            count = {
                name: sum(int(suite.get(name, 0)) for suite in suites)
                for name in ("tests", "failures", "errors", "skipped")
            }
            failed = count["failures"] + count["errors"]
            passed = count["tests"] - failed - count["skipped"]
            outcome = Outcome(part, passed=passed, failed=failed, skipped=count["skipped"])
    if code and not outcome.failed:
        reason = "no test was collected" if code == NO_TESTS_COLLECTED else f"pytest ended with code {code}"
        print(f"{part}: {reason}", file=sys.stderr)
        outcome = replace(outcome, failed=1)
    return outcome


def lint(_: list[str]) -> Outcome:
    return commands("lint", [f"{BIN}/ruff", "check", "."], [f"{BIN}/ruff", "format", "--check", "."])


def types(_: list[str]) -> Outcome:
    return commands("types", [f"{BIN}/mypy"])


def contracts(_: list[str]) -> Outcome:
    return commands("contracts", [f"{BIN}/lint-imports"])


def docs(_: list[str]) -> Outcome:
    return commands(
        "docs",
        [sys.executable, "tools/reference.py", "--check"],
        [sys.executable, "tools/messages.py", "--check"],
    )


def unit(arguments: list[str]) -> Outcome:
    return pytest("unit", ["-n", WORKERS, "--durations=8", *arguments])


def on_postgres(arguments: list[str]) -> Outcome:
    if postgres.find_binaries() is None:
        return Outcome("postgres", missing="no PostgreSQL on this machine (Debian: apt install postgresql)")
    with postgres.running() as address:
        # What looks at the sources alone says the same on every database.
        sources = ["--ignore=tests/architecture"] if not arguments else []
        return pytest("postgres", ["-n", WORKERS, *sources, *arguments], DATABASE_URL=address)


def candidates_313() -> Iterator[str]:
    """Where a Python 3.13 may stand: on the PATH, with pyenv, with uv, with Debian."""
    yield "python3.13"
    for root in dict.fromkeys([os.environ.get("PYENV_ROOT", ""), str(Path.home() / ".pyenv")]):
        yield from (
            sorted(map(str, Path(root).glob("versions/3.13*/bin/python")), reverse=True) if root else ()
        )
    with contextlib.suppress(OSError):
        found = subprocess.run(
            [BIN / "uv", "python", "find", "--no-project", "3.13"],
            env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        yield found.stdout.strip()
    yield "/usr/bin/python3.13"


def find_313() -> str | None:
    """The first candidate that works when it is run; a name on the PATH may be a shim that does not."""
    probe = "import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 13))"
    for candidate in filter(None, candidates_313()):
        with contextlib.suppress(OSError):
            if subprocess.run([candidate, "-c", probe], capture_output=True, check=False).returncode == 0:
                return candidate
    return None


def on_python313(arguments: list[str]) -> Outcome:
    part = "python313"
    if sys.version_info[:2] == (3, 13):
        return Outcome(part, missing="the main run is on Python 3.13 already", excused=True)
    python = find_313()
    if python is None:
        return Outcome(part, missing="no working Python 3.13 on this machine", excused=True)
    folder = Path(f"{sys.prefix}-3.13")
    made = subprocess.run([python, "tools/install.py", str(folder), "--dev"], cwd=ROOT, check=False)
    if made.returncode:
        return Outcome(part, failed=1)
    return pytest(part, ["-n", WORKERS, *arguments], python=folder / "bin/python")


def wheel(_: list[str]) -> Outcome:
    return pytest("wheel", ["-m", "wheel", "tests/wheel"])


def find_chromium() -> str | None:
    """The system's browser; `LIENMACH_CHROMIUM` names another."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("LIENMACH_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def e2e(arguments: list[str]) -> Outcome:
    browser = find_chromium()
    if browser is None:
        return Outcome("e2e", missing="no Chromium on this machine (Debian: apt install chromium)")
    return pytest("e2e", ["-m", "e2e", *(arguments or ["tests/e2e"])], LIENMACH_CHROMIUM=browser)


PARTS: dict[str, Callable[[list[str]], Outcome]] = {
    "lint": lint,
    "types": types,
    "contracts": contracts,
    "docs": docs,
    "unit": unit,
    "postgres": on_postgres,
    "python313": on_python313,
    "wheel": wheel,
    "e2e": e2e,
}


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Part names before `--`, arguments for pytest after it."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def main() -> int:
    own, rest = split(sys.argv[1:])
    unknown = [name for name in own if name not in PARTS]
    if unknown:
        raise SystemExit(f"No such part: {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    outcomes: list[Outcome] = []
    started = time.monotonic()
    for name in own or PARTS:
        print(f"\n== {name}", file=sys.stderr, flush=True)
        begun = time.monotonic()
        outcome = replace(PARTS[name](rest), seconds=time.monotonic() - begun)
        if outcome.missing and IN_CI and not outcome.excused:
            print(f"{name}: {outcome.missing}; CI does not skip", file=sys.stderr)
            outcome = replace(outcome, missing="", failed=1)
        outcomes.append(outcome)
    print("\nSummary")
    print("\n".join(outcome.line() for outcome in outcomes))
    failed = sum(outcome.failed for outcome in outcomes)
    missing = sum(bool(outcome.missing) for outcome in outcomes)
    passed = sum(outcome.passed for outcome in outcomes)
    skipped = sum(outcome.skipped for outcome in outcomes) + missing
    print(f"{passed} passed, {failed} failed, {skipped} skipped in {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    # As SystemExit a `kill` passes through every `finally`: the PostgreSQL started here stops too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    raise SystemExit(main())
