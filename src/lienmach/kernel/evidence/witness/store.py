"""What a witness keeps: the logs it knows, the largest checkpoint cosigned of each, what looked wrong."""

import os
import secrets
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from lienmach.engines.ledger.errors import Malformed
from lienmach.engines.ledger.keys import SEED_SIZE, KeyType, SigningKey, Unsupported, secret_parse, vkey_parse
from lienmach.engines.ledger.merkle import EMPTY_ROOT
from lienmach.engines.ledger.witness import Update, WitnessedLog, origin_hash

SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
    origin TEXT PRIMARY KEY, origin_hash TEXT UNIQUE NOT NULL, vkeys TEXT NOT NULL,
    size INTEGER NOT NULL DEFAULT 0, root BLOB NOT NULL, note BLOB
);
CREATE TABLE IF NOT EXISTS suspicious (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, request BLOB NOT NULL);
"""
KEPT_SUSPICIOUS = 1000
KEY_FILES = {KeyType.COSIGNATURE_ED25519: "witness.key", KeyType.COSIGNATURE_MLDSA44: "witness-mldsa.key"}


@dataclass(frozen=True)
class Known:
    """A log as the witness lists it."""

    origin: str
    size: int


class Store:
    """The witness's database. One connection per thread; every write is on the disk when it returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / "witness.sqlite3"
        self._local = threading.local()
        self._connection.executescript(SCHEMA)

    @property
    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is None:
            known = sqlite3.connect(self._path, timeout=20, isolation_level=None)
            known.execute("PRAGMA journal_mode=WAL")
            known.execute("PRAGMA synchronous=FULL")
            known.execute("PRAGMA cache_size=-1000")
            self._local.connection = known
        return known

    def close(self) -> None:
        """Close this thread's connection."""
        if getattr(self._local, "connection", None) is not None:
            self._local.connection.close()
            self._local.connection = None

    def add(self, vkey: str) -> str:
        """Witness the log with this key from now on; a second key of one origin is added."""
        key = vkey_parse(vkey)
        if key.type is KeyType.COSIGNATURE_ED25519:
            raise Malformed(f"{key.name}: a key of type 0x04 is a witness's, not a log's.")
        row = self._connection.execute("SELECT vkeys FROM log WHERE origin = ?", (key.name,)).fetchone()
        known = row[0].split("\n") if row else []
        vkeys = "\n".join(dict.fromkeys([*known, key.text]))
        self._connection.execute(
            "INSERT INTO log (origin, origin_hash, vkeys, root) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (origin) DO UPDATE SET vkeys = excluded.vkeys",
            (key.name, origin_hash(key.name), vkeys, EMPTY_ROOT),
        )
        return key.name

    def known(self) -> list[Known]:
        """Return the witnessed logs, by origin."""
        return [
            Known(*row) for row in self._connection.execute("SELECT origin, size FROM log ORDER BY origin")
        ]

    def log(self, origin: str) -> WitnessedLog | None:
        """Return what is known of a log, None when it is not witnessed."""
        row = self._connection.execute(
            "SELECT vkeys, size, root FROM log WHERE origin = ?", (origin,)
        ).fetchone()
        if row is None:
            return None
        return WitnessedLog(tuple(vkey_parse(text) for text in row[0].split("\n")), row[1], row[2])

    def keep(self, update: Update) -> int | None:
        """Store what was cosigned if nobody was faster; otherwise return the size that stands there now.

        Check and change are one statement: of two requests from the same size, one is stored.
        """
        changed = self._connection.execute(
            "UPDATE log SET size = ?, root = ?, note = ? WHERE origin = ? AND size = ?",
            (update.size, update.root, update.note, update.origin, update.old),
        ).rowcount
        if changed == 1:
            return None
        (size,) = self._connection.execute(
            "SELECT size FROM log WHERE origin = ?", (update.origin,)
        ).fetchone()
        return int(size)

    def note(self, named: str) -> bytes | None:
        """Return the latest cosigned note of the log with this origin hash."""
        row = self._connection.execute("SELECT note FROM log WHERE origin_hash = ?", (named,)).fetchone()
        return None if row is None else row[0]

    def suspect(self, request: bytes, time: int) -> None:
        """Keep a request that is signed by its log and inconsistent: it may prove misbehaviour."""
        self._connection.execute("INSERT INTO suspicious (time, request) VALUES (?, ?)", (time, request))
        self._connection.execute(
            "DELETE FROM suspicious WHERE id <= (SELECT max(id) FROM suspicious) - ?", (KEPT_SUSPICIOUS,)
        )

    def suspicions(self) -> int:
        """Return how many such requests are kept."""
        return int(self._connection.execute("SELECT count(*) FROM suspicious").fetchone()[0])


def witness_keys(folder: Path, name: str = "") -> list[SigningKey]:
    """Return the witness's keys, made under `name` when there are none yet: Ed25519, and ML-DSA-44 if it can.

    Raises
    ------
    Malformed
        When there is no key yet and no name for it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys: list[SigningKey] = []
    for kind, file in KEY_FILES.items():
        path = folder / file
        if not path.is_file():
            if not name and kind is KeyType.COSIGNATURE_ED25519:
                raise Malformed(
                    "Name the witness: --name example.org/witness (an address that is yours, no scheme)."
                )
            key = SigningKey(name or keys[0].name, kind, secrets.token_bytes(SEED_SIZE))
            try:
                text = key.secret_text
            except Unsupported:
                continue
            with open(
                path, "x", opener=lambda where, flags: os.open(where, flags, 0o600), encoding="ascii"
            ) as made:
                made.write(text + "\n")
        keys.append(secret_parse(path.read_text("ascii").strip()))
    return keys
