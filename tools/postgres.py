"""A PostgreSQL of one's own for as long as a command runs: `python tools/postgres.py -- pytest …`.

Started from the installed binaries (on the PATH or where Debian puts them), on loopback, on a free port, in
a temporary folder, as a user who is not root, with a password that nobody else knows; always stopped and
removed. The command finds it in `DATABASE_URL`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START_SECONDS = 60
INITDB_OPTIONS = ("-U", "lienmach", "-E", "UTF8", "-A", "scram-sha-256", "--no-sync")


def find_binaries() -> Path | None:
    """The folder that holds `initdb` and `postgres`, the newest version first; None when there is none."""
    on_path = shutil.which("initdb")
    if on_path and Path(on_path).resolve().with_name("postgres").exists():
        return Path(on_path).resolve().parent
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    return max(debian, key=lambda path: int(path.parent.name.split(".")[0]), default=None)


def _servant() -> dict[str, Any]:
    """Arguments for subprocess that step down from root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise SystemExit(
        "PostgreSQL does not run as root and there is no user 'postgres' or 'nobody' to run it as."
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit(f"PostgreSQL did not start on port {port}:\n{log.read_text('utf-8', 'replace')}")


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """Yield the address (`postgresql://…`) of a fresh server; stop it and remove its data afterwards.

    `durable`: commits wait for the disk, as they do in production and need not in tests.
    """
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("No PostgreSQL found (Debian: apt install postgresql).")
    servant = _servant()
    folder = Path(tempfile.mkdtemp(prefix="lienmach-postgres-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        password = secrets.token_hex(16)
        (folder / "password").write_text(password, "utf-8")
        if servant:
            for path in (folder, folder / "password"):
                os.chown(path, servant["user"], servant["group"])
        data, log, port = folder / "data", folder / "log", _free_port()
        clean = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": str(folder)}
        common: dict[str, Any] = {"cwd": folder, "env": clean, "stdin": subprocess.DEVNULL, **servant}
        made = subprocess.run(
            [binaries / "initdb", "-D", data, f"--pwfile={folder / 'password'}", *INITDB_OPTIONS],
            capture_output=True,
            text=True,
            check=False,
            **common,
        )
        if made.returncode:
            raise SystemExit(f"initdb failed:\n{made.stdout}{made.stderr}")
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            "max_connections": "60",
        }
        if not durable:
            # a crash may lose this database: it lives for one test run
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with log.open("wb") as output:
            # Its own session: Ctrl-C reaches us first, and we stop it after the tests let go of it.
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-p", str(port), *options],
                stdout=output, stderr=output, start_new_session=True, **common,
            )  # fmt: skip
        _wait_until_ready(server, port, log)
        yield f"postgresql://lienmach:{password}@127.0.0.1:{port}/postgres"
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait(timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    command = sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]
    if not command:
        raise SystemExit(__doc__)
    # Without this a `kill` would leave the server behind; as SystemExit it passes through `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with running() as address:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": address}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
