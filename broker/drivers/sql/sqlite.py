"""A store in one SQLite file."""

import os
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from broker.core.errors import MashError
from broker.core.store_errors import StoreError
from broker.drivers.sql.store import (
    BUSY_SECONDS,
    WRITES,
    Session,
    SqlStore,
    already_stored,
    failed,
    store_busy,
    store_failed,
    store_full,
    unknown_step,
)

_FULL = ("disk is full", "disk I/O error")
_BUSY = ("database is locked", "database table is locked")


class SqliteStore(SqlStore):
    """One file, with its write-ahead log beside it."""

    errors = (sqlite3.Error,)
    takes_lock = "BEGIN IMMEDIATE"

    def dangling(self, session: Session) -> bool:
        """Whether a row refers to one that is not there."""
        return session.connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing; whether that was done, whole."""
        with self.cursor(writes=False) as cursor:
            done = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return done is not None and tuple(done) == (0, 0, 0)

    def compact(self) -> bool:
        """Write the file anew without what was deleted, and cut its log to nothing; whether that was done, whole."""
        if not self.empty_log():
            return False
        with self._writer, self.cursor(writes=False) as cursor:
            cursor.execute("VACUUM")
        return self.empty_log()

    def refusal(self, error: Exception) -> MashError:
        """What an error of SQLite means: it tells them apart by words."""
        why = str(error)
        if "UNIQUE constraint" in why:
            return already_stored()
        if "FOREIGN KEY constraint" in why:
            return unknown_step()
        if any(words in why for words in _FULL):
            return store_full()
        if any(words in why for words in _BUSY):
            return store_busy()
        if "not a database" in why:
            return failed("the file is not a store", code="store.not_ours", remedy="name the right home")
        return store_failed(why)


def open_sqlite(
    path: Path,
    tables: MetaData,
    *,
    revision: str,
    secure_delete: bool = False,
    busy_seconds: float = BUSY_SECONDS,
    max_pages: int = 0,
) -> SqliteStore:
    """Open, or make, an SQLite file that only its owner can read: WAL, synchronous=FULL, foreign keys checked.

    ``revision`` is that of ``tables``, kept in the table ``schema_revision``. ``secure_delete`` overwrites what is
    deleted. ``max_pages`` bounds the file's size; 0 does not.

    Raises:
        StoreError: the file cannot be opened, is no store of ours, or was written by a newer version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    store = _opened(
        path,
        busy_seconds,
        f"PRAGMA secure_delete = {'ON' if secure_delete else 'OFF'}",
        "PRAGMA foreign_keys = ON",
        *([f"PRAGMA max_page_count = {max_pages}"] if max_pages else []),
    )
    try:
        store.make(tables, revision)
    except StoreError:
        store.close()
        raise
    return store


def sqlite_to_upgrade(path: Path) -> SqliteStore:
    """Open a file to change its tables: what is deleted is overwritten; foreign keys are checked at the end, by hand.

    Raises:
        StoreError: there is no such file.
    """
    if not path.exists():
        what = f"there is no {path.name}"
        raise failed(what, code="store.not_ours", remedy="name the right home, or make it first: mash init")
    return _opened(path, BUSY_SECONDS, "PRAGMA secure_delete = ON", "PRAGMA foreign_keys = OFF")


def _opened(path: Path, busy_seconds: float, *pragmas: str) -> SqliteStore:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)), connect_args={"timeout": busy_seconds}, pool_size=16
    )
    always = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA wal_autocheckpoint = 4000")
    _set_up(engine, [*pragmas[:1], *always, *pragmas[1:]])
    return SqliteStore(engine)


def _set_up(engine: Engine, pragmas: Sequence[str]) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.text_factory = _text
        for pragma in pragmas:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_text: Final = partial(bytes.decode, encoding="utf-8", errors="surrogateescape")
"""Gives a stored text. What somebody put in place of one is read too, so that it can be named, not stumbled over."""
