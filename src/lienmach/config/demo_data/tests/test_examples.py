"""The example scripts run alone, give the same bytes each time, and the file kept with them is theirs."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[5] / "examples"
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="installed without the examples folder")


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts as a person would."""
    return subprocess.run(
        [sys.executable, EXAMPLES / script / "make.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("script", ["bearing_workshop", "minimum_workshop", "province"])
def test_scripts_write_the_same_bytes_again(script: str, tmp_path: Path) -> None:
    """Written, then checked by a second process; another day or seed is noticed."""
    file = tmp_path / "file"
    written = run(script, file)
    assert written.returncode == 0, written.stderr
    checked = run(script, file, "--check")
    assert checked.returncode == 0, checked.stderr
    other = ("--seed", "5") if script == "province" else ("--first-day", "2027-03-01")
    assert run(script, file, "--check", *other).returncode == 1


def test_the_kept_workbook_is_up_to_date() -> None:
    """The tutorial's workbook holds what the generator and today's declaration say; compared cell by cell."""
    from datetime import date

    from lienmach.apps.production.sheets import MINIMUM
    from lienmach.config.demo_data.minimum_workshop import minimum_workshop_rows
    from lienmach.kernel.sheets import Imported, import_workbook, write_template

    kept = import_workbook(EXAMPLES / "minimum_workshop" / "xuong-nho.xlsx", MINIMUM)
    rows = minimum_workshop_rows(first_day=date(2026, 12, 1))
    fresh = import_workbook(write_template(MINIMUM, language="vi", rows=rows), MINIMUM)
    assert isinstance(kept, Imported), kept
    assert isinstance(fresh, Imported)
    again = "run examples/minimum_workshop/make.py"
    assert {name: [dict(row) for row in kept[name]] for name in kept.tables} == {
        name: [dict(row) for row in fresh[name]] for name in fresh.tables
    }, again
