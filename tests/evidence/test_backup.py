"""A backup is one file; what comes back signs nothing until it agrees with what others have seen."""

import io
import json
import os
import shutil
import sqlite3
import tarfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lienmach.kernel.evidence.backup_cipher import MAGIC, BackupKey, Opening, Sealing, key_read
from lienmach.kernel.evidence.backup_postgres import NoTools, address_of, tools_for

from .installation import SERVER, Installation, Site, installations, server

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Where this module's installations are."""
    with installations() as made:
        yield made


@pytest.fixture(scope="module")
def old(site: Site, tmp_path_factory: Any) -> Installation:
    """An installation with something in it, and `monday.backup`."""
    made = site.empty(tmp_path_factory.mktemp("old"))
    made.run("migrate")
    made.add_organisation(1)
    made.run("evidence", "export-log", str(made.data / "out"))
    made.run("backup", str(made.data / "monday.backup"))
    return made


def audited(installation: Installation, code: int = 0) -> dict[str, Any]:
    """What the audit says."""
    said: dict[str, Any] = json.loads(installation.run("evidence", "audit", "--json", code=code).stdout)
    return said


def test_a_restored_log_is_held_until_an_operator_decides(
    old: Installation, site: Site, tmp_path: Path
) -> None:
    """Without a witness nobody can say that the backup is the latest: the decision is logged."""
    new = site.empty(tmp_path)
    new.run("restore", str(old.data / "monday.backup"))
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    held = audited(new)
    assert held["good"] and len(held["held"]) == 2  # the workshop's log and the platform's own
    published = {path: path.read_bytes() for path in (tmp_path / "logs").glob("*/checkpoint")}
    new.record()
    new.run("evidence", "export-log", str(tmp_path / "early"))
    assert published == {path: path.read_bytes() for path in (tmp_path / "logs").glob("*/checkpoint")}
    assert len(published) == len(audited(new)["held"]) == 2  # recorded, but nothing signed
    assert "--reason" in new.run("evidence", "resume", code=1).stderr
    new.run("evidence", "resume", "--reason", "disk died; no witness yet")
    after = audited(new)
    assert after["good"] and not after["held"] and after["leaves"] > held["leaves"]
    assert "disk died; no witness yet" in new.run("evidence", "export").stdout
    new.run("evidence", "export-log", str(tmp_path / "out"))
    new.run("evidence", "verify", str(tmp_path / "out"))


def test_yesterdays_database_beside_todays_log_catches_up_first(
    old: Installation, site: Site, tmp_path: Path
) -> None:
    """Published files have more than the backup: their leaves come back, the log goes on behind them."""
    today = site.copied(old, tmp_path / "today")
    today.record()
    today.run("evidence", "export-log", str(tmp_path / "newer"))
    yesterday = site.empty(tmp_path / "yesterday")
    yesterday.run("restore", str(old.data / "monday.backup"))
    done = yesterday.run(
        "evidence", "resume", "--org", "xuong-1", "--from", str(tmp_path / "newer"),
        "--reason", "the old server's files",
    )  # fmt: skip
    assert "2 leaves fetched back" in done.stderr
    yesterday.run("evidence", "export-log", str(tmp_path / "newer"))  # continues what was handed out
    yesterday.run("evidence", "verify", str(tmp_path / "newer"))
    lost = audited(yesterday, code=1)
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


def test_a_damaged_backup_and_a_full_folder_are_refused(
    old: Installation, site: Site, tmp_path: Path
) -> None:
    """Any byte changed, a piece left out, the end cut off, another key: nothing is put in place."""
    backup = old.data / "monday.backup"
    whole = backup.read_bytes()
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
        "plain": (opened(backup), "not a backup"),
    }
    target = site.empty(tmp_path / "target")
    for name, (data, reason) in cases.items():
        file = tmp_path / f"{name}.backup"
        file.write_bytes(data)
        shutil.copy(f"{backup}.key", f"{file}.key")
        assert reason in target.run("restore", str(file), code=2).stderr, name
    BackupKey.make().save(tmp_path / "other.key")
    refused = target.run("restore", str(backup), "--key", str(tmp_path / "other.key"), code=2)
    assert "the key is of" in refused.stderr
    assert "not the key" in target.run("restore", str(backup), "--key", "none", code=2).stderr
    assert "holds an installation" in old.run("restore", str(backup), code=2).stderr
    assert "is there already" in old.run("backup", str(backup), code=2).stderr
    assert not {path.name for path in target.data.iterdir()} - {"secret.key"}
    target.run("restore", str(backup))  # nothing of all that is in the way


def edited(statement: str) -> Callable[[Path], None]:
    """Change the database inside a backup as somebody could who has its key."""

    def change(folder: Path) -> None:
        script = folder / "lienmach.sql"
        if script.exists():
            with script.open("a") as file:
                file.write("RESET search_path;\nSET session_replication_role = replica;\n")
                file.write(statement.replace("x'7b7d'", "'\\x7b7d'") + ";\n")
            return
        with closing(sqlite3.connect(folder / "lienmach.sqlite3")) as database:
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                database.execute(f"DROP TRIGGER {name}")
            database.execute(statement)
            database.commit()

    return change


def test_a_backup_rewritten_by_who_holds_its_key_is_found_by_the_audit(
    old: Installation, site: Site, tmp_path: Path
) -> None:
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
        forged, new = tmp_path / f"{number}.backup", site.empty(tmp_path / str(number))
        repacked(old.data / "monday.backup", forged, change, tmp_path / "inside")
        new.run("restore", str(forged))
        found = {one["kind"] for one in audited(new, code=1)["findings"]}
        if kind not in found:
            missed.append((name, found))
    assert not missed


def test_the_backup_after_an_erasure_destroys_the_keys_before_it(site: Site, tmp_path: Path) -> None:
    """Then no copy of an older backup, wherever it lies, opens again; the new one holds nothing of it."""
    here = site.empty(tmp_path / "data")
    here.run("migrate")
    here.add_organisation(1)
    organisation = json.loads(here.run("evidence", "export").stdout.splitlines()[0])["organisation"]
    person = "Đặng Văn Đã Xoá"
    line = {
        "event_id": str(uuid.uuid4()), "type": "maturity.answer_declared", "version": 1,
        "time": "2026-11-02T03:00:00Z", "recorded_at": "2026-11-02T03:00:00Z", "organisation": organisation,
        "subject": "criterion:x", "actor": "a1", "origin": "self-reported",
        "body": {"instrument": person, "instrument_version": 1, "criterion": "1"},
    }  # fmt: skip
    (tmp_path / "in.jsonl").write_text(json.dumps(line, ensure_ascii=False))
    here.run("evidence", "import", str(tmp_path / "in.jsonl"))
    here.run("evidence", "seal")
    needle = person.encode()
    for name in ("one", "two"):
        here.run("backup", str(tmp_path / f"{name}.backup"), "--key", str(tmp_path / f"{name}.key"))
    with (tmp_path / "two.backup").open("rb") as file:
        assert needle in unpacked(Opening(file, key_read(tmp_path / "two.key")).read())
    (tmp_path / "two.key").rename(tmp_path / "elsewhere.key")
    erased = here.run(
        "evidence", "erase", line["event_id"], "--org", organisation, "--ground", "a request",
        "--requester", "person",
    )  # fmt: skip
    assert "until a new backup is made" in erased.stderr
    made = here.run("backup", str(tmp_path / "three.backup"))
    assert "its key is destroyed" in made.stderr and str(tmp_path / "two.key") in made.stderr
    assert not (tmp_path / "one.key").exists()
    refused = site.empty(tmp_path / "old").run(
        "restore", str(tmp_path / "one.backup"), "--key", str(tmp_path / "one.key"), code=2
    )
    assert "not the key" in refused.stderr
    restored = site.empty(tmp_path / "restored")
    restored.run("restore", str(tmp_path / "three.backup"))
    for folder in (here.data, restored.data):
        assert [path for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()] == []
    assert needle not in unpacked(opened(tmp_path / "three.backup"))
    assert audited(here)["good"]


def unpacked(data: bytes) -> bytes:
    """What the files in a tar hold, one behind the other."""
    with tarfile.open(fileobj=io.BytesIO(data)) as whole:
        return b"".join(file.read() for entry in whole if (file := whole.extractfile(entry)))


@pytest.mark.skipif(not SERVER, reason="Asks a PostgreSQL (make postgres).")
def test_only_an_empty_database_takes_a_backup_and_all_of_it(
    old: Installation, site: Site, tmp_path: Path
) -> None:
    """One table of anybody's is too much; a script that fails in its middle leaves no tables and no files."""
    backup, new = old.data / "monday.backup", site.empty(tmp_path / "new")
    with server(new.database) as cursor:
        cursor.execute("CREATE TABLE somebodys (id int)")
    assert "is not empty" in new.run("restore", str(backup), code=2).stderr
    with server(new.database) as cursor:
        cursor.execute("DROP TABLE somebodys")
    broken = tmp_path / "broken.backup"
    repacked(backup, broken, edited("SELECT no_such_function()"), tmp_path / "inside")
    refused = new.run("restore", str(broken), code=2).stderr
    assert "Nothing was restored" in refused and "no_such_function" in refused
    assert not {path.name for path in new.data.iterdir()} - {"secret.key"}
    with server(new.database) as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchone() == (0,)
    new.run("restore", str(backup))
    assert (
        "is not empty"
        in Installation(tmp_path / "third", new.database).run("restore", str(backup), code=2).stderr
    )


@pytest.mark.skipif(not SERVER, reason="Asks a PostgreSQL (make postgres).")
def test_a_backup_belongs_to_its_kind_of_database(old: Installation, tmp_path: Path) -> None:
    """What PostgreSQL wrote does not go into a SQLite file, and the message names both."""
    lite = Installation(tmp_path / "lite", "")
    refused = lite.run("restore", str(old.data / "monday.backup"), code=2).stderr
    assert "is of PostgreSQL" in refused and "set to SQLite" in refused and "DATABASE_URL" in refused


def test_tools_older_than_the_server_are_refused() -> None:
    """The message says which version is needed, which are here, and what to install."""
    with pytest.raises(NoTools, match=r"PostgreSQL 99 or newer.*found: .*postgresql-client-99"):
        tools_for(99, os.environ)


def test_a_password_goes_through_the_environment_or_nowhere() -> None:
    """What has no name there and is no secret goes on the command line; a secret that has none is refused."""
    pq = pytest.importorskip("psycopg").pq
    given = b"host=db.example user=u password='p w' dbname=d sslmode=require keepalives_idle=7"
    environment, rest = address_of(pq.Conninfo.parse(given))
    assert environment["PGPASSWORD"] == "p w" and environment["PGHOST"] == "db.example"
    assert (environment["PGSSLMODE"], environment["PGDATABASE"]) == ("require", "d")
    assert rest == ["--dbname=keepalives_idle='7'"]
    with pytest.raises(NoTools, match="sslpassword"):
        address_of(pq.Conninfo.parse(b"host=db.example sslpassword=secret"))
