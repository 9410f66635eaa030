"""A backup is one file; what comes back signs nothing until it agrees with what others have seen."""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lienmach.kernel.evidence.backup_cipher import MAGIC, BackupKey, Opening, Sealing, key_read

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
    lienmach(data, "backup", str(data / "monday.backup"))
    return data


def test_a_restored_log_is_held_until_an_operator_decides(old: Path, tmp_path: Path) -> None:
    """Without a witness nobody can say that the backup is the latest: the decision is logged."""
    lienmach(tmp_path, "restore", str(old / "monday.backup"))
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    held = json.loads(lienmach(tmp_path, "evidence", "audit", "--json").stdout)
    assert held["good"] and len(held["held"]) == 2  # the workshop's log and the platform's own
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
        "from lienmach.kernel.evidence.platform_log import PLATFORM\n"
        "from lienmach.kernel.scope import SystemScope\n"
        "now = datetime.now(UTC)\n"
        "with transaction.atomic():\n"
        "    record(SystemScope(), LogResumed(size=0, standing='', reason='probe'), subject='log:own',\n"
        "           time=now, at=now,\n"
        "           organisation=Log.objects.exclude(organisation=PLATFORM).get().organisation)\n"
    )
    environment = {**os.environ, "LIENMACH_DATA": str(today), "PYTHONPATH": str(ROOT / "src"),
                   "DJANGO_SETTINGS_MODULE": "lienmach.config.settings", "DATABASE_URL": ""}  # fmt: skip
    subprocess.run([sys.executable, str(script)], env=environment, check=True)
    lienmach(today, "evidence", "export-log", str(tmp_path / "newer"))
    yesterday = tmp_path / "yesterday"
    lienmach(yesterday, "restore", str(old / "monday.backup"))
    done = lienmach(
        yesterday, "evidence", "resume", "--org", "xuong-1", "--from", str(tmp_path / "newer"),
        "--reason", "the old server's files",
    )  # fmt: skip
    assert "2 leaves fetched back" in done.stderr
    lienmach(yesterday, "evidence", "export-log", str(tmp_path / "newer"))  # continues what was handed out
    lienmach(yesterday, "evidence", "verify", str(tmp_path / "newer"))
    lost = json.loads(lienmach(yesterday, "evidence", "audit", "--json", code=1).stdout)
    assert {one["kind"] for one in lost["findings"]} <= {"event missing", "body missing"}


def opened(backup: Path) -> bytes:
    """The tar inside a backup."""
    with backup.open("rb") as file:
        return Opening(file, key_read(Path(f"{backup}.key"))).read()


def repacked(backup: Path, target: Path, change: Callable[[Path], None], folder: Path) -> None:
    """What somebody who holds the key too can make of a backup: other content, a manifest that fits."""
    shutil.rmtree(folder, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(opened(backup))) as whole:
        whole.extractall(folder, filter="data")
    change(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    manifest["files"] = {
        name: sha256((folder / name).read_bytes()).hexdigest() for name in names if name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    key = BackupKey.make()
    with target.open("wb") as file:
        sealing = Sealing(file, key)
        with tarfile.open(fileobj=sealing, mode="w|gz") as tar:
            for name in [name for name in names if name != "manifest.json"] + ["manifest.json"]:
                tar.add(folder / name, name)
        sealing.finish()
    key.save(Path(f"{target}.key"))


def test_a_damaged_backup_and_a_full_folder_are_refused(old: Path, tmp_path: Path) -> None:
    """Any byte changed, a piece left out, the end cut off, another key: nothing is put in place."""
    whole = (old / "monday.backup").read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    named = bytearray(whole)
    named[len(MAGIC)] ^= 1
    cases = {
        "flipped": (bytes(flipped), "damaged"),
        "cut": (whole[:-2000], "damaged"),
        "shorter": (whole[:30], "not a backup"),
        "named": (bytes(named), "the key is of"),
        "doubled": (whole + whole[-500:], "damaged"),
        "plain": (opened(old / "monday.backup"), "not a backup"),
    }
    target = tmp_path / "target"
    for name, (data, reason) in cases.items():
        file = tmp_path / f"{name}.backup"
        file.write_bytes(data)
        shutil.copy(old / "monday.backup.key", tmp_path / f"{name}.backup.key")
        assert reason in lienmach(target, "restore", str(file), code=2).stderr, name
    BackupKey.make().save(tmp_path / "other.key")
    refused = lienmach(
        target, "restore", str(old / "monday.backup"), "--key", str(tmp_path / "other.key"), code=2
    )
    assert "the key is of" in refused.stderr
    assert (
        "not the key"
        in lienmach(target, "restore", str(old / "monday.backup"), "--key", "none", code=2).stderr
    )
    assert "holds an installation" in lienmach(old, "restore", str(old / "monday.backup"), code=2).stderr
    assert "is there already" in lienmach(old, "backup", str(old / "monday.backup"), code=2).stderr
    assert not (target / "lienmach.sqlite3").exists()


def edited(statement: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "lienmach.sqlite3")) as database:
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                database.execute(f"DROP TRIGGER {name}")
            database.execute(statement)
            database.commit()

    return change


def test_a_backup_rewritten_by_who_holds_its_key_is_found_by_the_audit(old: Path, tmp_path: Path) -> None:
    """It restores, and then every table and file is compared with what was committed to and signed."""
    first = "(SELECT min(place) FROM evidence_leaf)"
    cases: dict[str, tuple[Callable[[Path], None], str]] = {
        "an event": (edited("UPDATE evidence_eventrecord SET origin = 'instrument'"), "event changed"),
        "a body": (edited("DELETE FROM evidence_opening WHERE \"group\" = 'private'"), "body missing"),
        "a leaf": (edited(f"UPDATE evidence_leaf SET data = x'7b7d' WHERE place = {first}"), "leaf changed"),
        "the end": (
            edited("DELETE FROM evidence_leaf WHERE place = (SELECT max(place) FROM evidence_leaf)"),
            "rolled back",
        ),
        "the files": (lambda folder: shutil.rmtree(folder / "logs"), "file damaged"),
    }
    missed = []
    for number, (name, (change, kind)) in enumerate(cases.items()):
        forged, data = tmp_path / f"{number}.backup", tmp_path / str(number)
        repacked(old / "monday.backup", forged, change, tmp_path / "inside")
        lienmach(data, "restore", str(forged))
        found = {
            one["kind"]
            for one in json.loads(lienmach(data, "evidence", "audit", "--json", code=1).stdout)["findings"]
        }
        if kind not in found:
            missed.append((name, found))
    assert not missed


def test_the_backup_after_an_erasure_destroys_the_keys_before_it(tmp_path: Path) -> None:
    """Then no copy of an older backup, wherever it lies, opens again; the new one holds nothing of it."""
    data = tmp_path / "data"
    lienmach(data, "migrate")
    add_person(data, 1)
    organisation = json.loads(lienmach(data, "evidence", "export").stdout.splitlines()[0])["organisation"]
    person = "Đặng Văn Đã Xoá"
    line = {
        "event_id": str(uuid.uuid4()), "type": "maturity.answer_declared", "version": 1,
        "time": "2026-11-02T03:00:00Z", "recorded_at": "2026-11-02T03:00:00Z", "organisation": organisation,
        "subject": "criterion:x", "actor": "a1", "origin": "self-reported",
        "body": {"instrument": person, "instrument_version": 1, "criterion": "1"},
    }  # fmt: skip
    (tmp_path / "in.jsonl").write_text(json.dumps(line, ensure_ascii=False))
    lienmach(data, "evidence", "import", str(tmp_path / "in.jsonl"))
    lienmach(data, "evidence", "seal")
    for name in ("one", "two"):
        lienmach(data, "backup", str(tmp_path / f"{name}.backup"), "--key", str(tmp_path / f"{name}.key"))
    (tmp_path / "two.key").rename(tmp_path / "elsewhere.key")
    erased = lienmach(
        data, "evidence", "erase", line["event_id"], "--org", organisation, "--ground", "a request",
        "--requester", "person",
    )  # fmt: skip
    assert "until a new backup is made" in erased.stderr
    made = lienmach(data, "backup", str(tmp_path / "three.backup"))
    assert "its key is destroyed" in made.stderr and str(tmp_path / "two.key") in made.stderr
    assert not (tmp_path / "one.key").exists()
    refused = lienmach(
        tmp_path / "old", "restore", str(tmp_path / "one.backup"), "--key", str(tmp_path / "one.key"), code=2
    )
    assert "not the key" in refused.stderr
    restored = tmp_path / "restored"
    lienmach(restored, "restore", str(tmp_path / "three.backup"))
    needle = person.encode()
    for folder in (data, restored):
        assert [path for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()] == []
    assert needle not in (tmp_path / "three.backup").read_bytes()
    assert json.loads(lienmach(data, "evidence", "audit", "--json").stdout)["good"]
