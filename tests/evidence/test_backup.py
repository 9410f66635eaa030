"""A backup is one file; what comes back signs nothing until it agrees with what others have seen."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow]


def lienmach(data: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command on a data folder."""
    done = subprocess.run(
        [sys.executable, "-m", "lienmach", *arguments], capture_output=True, text=True, check=False,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("LIENMACH_")},
            "LIENMACH_DATA": str(data), "DATABASE_URL": "", "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "lienmach.config.settings",
        },
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done


def add_person(data: Path, number: int) -> None:
    """Make something happen: another organisation and its owner."""
    lienmach(
        data,
        "add-organisation",
        f"Xưởng {number}",
        "--owner",
        f"chu-{number}",
        "--password",
        "mat-khau-dai-9",
    )


@pytest.fixture(scope="module")
def old(tmp_path_factory: Any) -> Path:
    """An installation with something in it."""
    data: Path = tmp_path_factory.mktemp("old")
    lienmach(data, "migrate")
    add_person(data, 1)
    lienmach(data, "evidence", "export-log", str(data / "out"))
    lienmach(data, "backup", str(data / "monday.tar.gz"))
    return data


def test_a_restored_log_is_held_until_an_operator_decides(old: Path, tmp_path: Path) -> None:
    """Without a witness nobody can say that the backup is the latest: the decision is logged."""
    lienmach(tmp_path, "restore", str(old / "monday.tar.gz"))
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    held = json.loads(lienmach(tmp_path, "evidence", "audit", "--json").stdout)
    assert held["good"] and len(held["held"]) == 1
    assert "--reason" in lienmach(tmp_path, "evidence", "resume", code=1).stderr
    lienmach(tmp_path, "evidence", "resume", "--reason", "disk died; no witness yet")
    after = json.loads(lienmach(tmp_path, "evidence", "audit", "--json").stdout)
    assert after["good"] and not after["held"] and after["leaves"] > held["leaves"]
    events = lienmach(tmp_path, "evidence", "export").stdout
    assert "disk died; no witness yet" in events
    lienmach(tmp_path, "evidence", "export-log", str(tmp_path / "out"))
    lienmach(tmp_path, "evidence", "verify", str(tmp_path / "out"))


def test_yesterdays_database_beside_todays_log_catches_up_first(old: Path, tmp_path: Path) -> None:
    """Published files have more than the backup: their leaves come back, the log goes on behind them."""
    today = tmp_path / "today"
    shutil.copytree(old, today)
    script = tmp_path / "record.py"
    script.write_text(
        "import django; django.setup()\n"
        "from datetime import UTC, datetime\n"
        "from django.db import transaction\n"
        "from lienmach.kernel.evidence import record\n"
        "from lienmach.kernel.evidence.events import LogResumed\n"
        "from lienmach.kernel.evidence.models import Log\n"
        "from lienmach.kernel.scope import SystemScope\n"
        "now = datetime.now(UTC)\n"
        "with transaction.atomic():\n"
        "    record(SystemScope(), LogResumed(size=0, standing='', reason='probe'), subject='log:own',\n"
        "           time=now, at=now, organisation=Log.objects.get().organisation)\n"
    )
    environment = {**os.environ, "LIENMACH_DATA": str(today), "PYTHONPATH": str(ROOT / "src"),
                   "DJANGO_SETTINGS_MODULE": "lienmach.config.settings", "DATABASE_URL": ""}  # fmt: skip
    subprocess.run([sys.executable, str(script)], env=environment, check=True)
    lienmach(today, "evidence", "export-log", str(tmp_path / "newer"))
    yesterday = tmp_path / "yesterday"
    lienmach(yesterday, "restore", str(old / "monday.tar.gz"))
    done = lienmach(
        yesterday, "evidence", "resume", "--org", "xuong-1", "--from", str(tmp_path / "newer"),
        "--reason", "the old server's files",
    )  # fmt: skip
    assert "2 leaves fetched back" in done.stderr
    lienmach(yesterday, "evidence", "export-log", str(tmp_path / "newer"))  # continues what was handed out
    lienmach(yesterday, "evidence", "verify", str(tmp_path / "newer"))
    lost = json.loads(lienmach(yesterday, "evidence", "audit", "--json", code=1).stdout)
    assert {one["kind"] for one in lost["findings"]} <= {"event missing", "body missing"}


def test_a_damaged_backup_and_a_full_folder_are_refused(old: Path, tmp_path: Path) -> None:
    with tarfile.open(old / "monday.tar.gz") as whole:
        whole.extractall(tmp_path / "inside", filter="data")
    key = next((tmp_path / "inside" / "keys").iterdir())
    key.write_text(key.read_text() + " ")
    damaged = tmp_path / "damaged.tar.gz"
    with tarfile.open(damaged, "w:gz") as tar:
        for path in sorted((tmp_path / "inside").rglob("*")):
            if path.is_file():
                tar.add(path, path.relative_to(tmp_path / "inside").as_posix())
    target = tmp_path / "target"
    assert "damaged" in lienmach(target, "restore", str(damaged), code=2).stderr
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes((old / "monday.tar.gz").read_bytes()[:-2000])
    assert "not a whole backup" in lienmach(target, "restore", str(cut), code=2).stderr
    assert "holds an installation" in lienmach(old, "restore", str(old / "monday.tar.gz"), code=2).stderr
    assert "is there already" in lienmach(old, "backup", str(old / "monday.tar.gz"), code=2).stderr
    assert not (target / "lienmach.sqlite3").exists()
