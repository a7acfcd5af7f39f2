"""The spool's database: its tables, its connection and its one transaction at a time."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.kit.errors import SpoolError
from adapters.kit.sealing import DamagedSealError, seal, unseal

VERSION = 1
OWNER_ONLY = 0o600
_CHECK = "this spool is sealed under the agency's own key"
_TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT",
    "CREATE TABLE sources (adapter TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT",
    """CREATE TABLE events (
        position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, adapter TEXT NOT NULL, sequence INTEGER NOT NULL,
        rawhash TEXT NOT NULL, grade TEXT NOT NULL, status TEXT NOT NULL, reply TEXT NOT NULL DEFAULT '',
        code TEXT NOT NULL DEFAULT '', spooled_at INTEGER NOT NULL, settled_at INTEGER, sealed BLOB,
        UNIQUE (adapter, sequence)) STRICT""",
    "CREATE INDEX events_queued ON events (status, position)",
    """CREATE TABLE fingerprints (
        adapter TEXT NOT NULL, key TEXT NOT NULL, bucket TEXT NOT NULL, sealed BLOB NOT NULL,
        PRIMARY KEY (adapter, key)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX fingerprints_bucket ON fingerprints (adapter, bucket)",
    "CREATE TABLE files (position INTEGER PRIMARY KEY, read_at INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE refusals (code TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT",
    """CREATE TABLE quarantine (
        id TEXT PRIMARY KEY, reason TEXT NOT NULL, owner TEXT NOT NULL, received_at INTEGER NOT NULL,
        deadline INTEGER NOT NULL, destroy_at INTEGER NOT NULL, wrapped_key BLOB, sealed BLOB NOT NULL) STRICT""",
)


class SpoolStore:
    """One agency's spool.db: SQLite in WAL mode with synchronous=FULL. For one thread at a time."""

    def __init__(self, path: Path, key: bytes, *, incarnation: str) -> None:
        """Open or create the database; a new one starts the given incarnation.

        Raises:
            SpoolError: the file is no spool, or was sealed under another key.
        """
        self._key = key
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._create(incarnation)
            version, check = self._meta("version"), self._meta("check")
        except sqlite3.DatabaseError:
            raise _not_a_spool() from None
        if int(version) != VERSION:
            self._db.close()
            raise _not_a_spool()
        try:
            unseal(key, check, _CHECK)
        except DamagedSealError:
            self._db.close()
            msg = "the spool was sealed under another key"
            raise SpoolError(msg, code="spool.wrong_key", remedy="put back the agency's own secret") from None

    @property
    def incarnation(self) -> str:
        """One life of this spool; its numbers start anew in each."""
        return self._meta("incarnation").decode()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: everything in it is durable, or nothing is. Inside another, a part of that one."""
        if self._db.in_transaction:
            yield self._db
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @property
    def reading(self) -> sqlite3.Connection:
        """The connection, to read."""
        return self._db

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def _create(self, incarnation: str) -> None:
        with self.writing() as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                return
            if db.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise _not_a_spool()
            for table in _TABLES:
                db.execute(table)
            rows = {
                "version": str(VERSION).encode(),
                "incarnation": incarnation.encode(),
                "check": seal(self._key, b"", _CHECK),
            }
            db.executemany("INSERT INTO meta VALUES (?, ?)", rows.items())

    def _meta(self, name: str) -> bytes:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise _not_a_spool()
        return bytes(row[0])


def _not_a_spool() -> SpoolError:
    msg = "the file is not a spool that this program knows"
    return SpoolError(msg, code="spool.not_a_spool", remedy="move it away; a new spool starts a new incarnation")
