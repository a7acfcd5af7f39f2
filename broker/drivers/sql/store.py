"""A database with one writer at a time and full durability."""

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
    exc,
    insert,
    select,
)
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from broker.core.errors import MashError
from broker.core.store_errors import AlreadyStoredError, StoreError, UnknownStepError
from broker.drivers.sql.prepared import AnyRow, Params, Prepared

BUSY_SECONDS: Final = 30
_WRITES: Final = "mash_writes"
_FULL = ("disk is full", "disk I/O error")
_BUSY = ("database is locked", "database table is locked")

_versions = Table("schema_version", MetaData(), Column("version", Integer, nullable=False))
_VERSION = Prepared(select(_versions.c.version))
_NEW_VERSION = Prepared(insert(_versions))


class Session:
    """One connection within one transaction.

    Statements go straight to the database's own cursor: nothing of a row needs converting, and it costs a third.
    """

    def __init__(self, connection: Connection) -> None:
        """Take a connection whose transaction somebody else begins and ends."""
        self._connection = connection
        self._dialect = connection.dialect
        self._cursor = connection.connection.cursor()
        self._later: dict[Prepared, list[Any]] = {}
        self.spoiled: BaseException | None = None

    def rows(self, statement: Prepared, **params: Any) -> Sequence[AnyRow]:
        """Every row."""
        cursor = self._run(statement, params)
        return list(map(statement.row_of(cursor.description), cursor.fetchall()))

    def row(self, statement: Prepared, **params: Any) -> AnyRow | None:
        """The first row, or none."""
        cursor = self._run(statement, params)
        found = cursor.fetchmany(1)
        return statement.row_of(cursor.description)(found[0]) if found else None

    def run(self, statement: Prepared, **params: Any) -> int:
        """Change something; how many rows were changed."""
        return self._run(statement, params).rowcount

    def run_all(self, statement: Prepared, each: Sequence[Params]) -> int:
        """Run once for each set of parameters; how many rows were changed altogether."""
        if not each:
            return 0
        text, arranged = statement.text_and(self._dialect)
        self._catch_up_for(statement, text)
        self._cursor.executemany(text, list(map(arranged, each)))
        return self._cursor.rowcount

    def add_later(self, statement: Prepared, each: Iterable[Params]) -> None:
        """Insert these rows before anything reads or changes their table, and at the latest before the end.

        So many small inserts of one transaction become one. What rows refer to is inserted before them.
        """
        _, arranged = statement.text_and(self._dialect)
        self._later.setdefault(statement, []).extend(map(arranged, each))

    def catch_up(self) -> None:
        """Insert what was to be inserted later."""
        later, self._later = self._later, {}
        for statement in sorted(later, key=attrgetter("depth")):
            self._cursor.executemany(statement.text_and(self._dialect)[0], later[statement])

    def _run(self, statement: Prepared, params: Params) -> DBAPICursor:
        text, arranged = statement.text_and(self._dialect)
        self._catch_up_for(statement, text)
        self._cursor.execute(text, arranged(params))
        return self._cursor

    def _catch_up_for(self, statement: Prepared, text: str) -> None:
        """Before what may see or refer to what was to be inserted later; a name that only looks alike does no harm."""
        if any(each.table in text or each.table in statement.needs for each in self._later):
            self.catch_up()

    def make(self, tables: MetaData) -> None:
        """Make the tables that are not there."""
        tables.create_all(self._connection)


class SqlStore:
    """A database that several threads and processes may open; each thread has at most one transaction."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine whose connections are already set up; `open_sqlite` makes one."""
        self.engine = engine
        self._here = threading.local()
        self._writer = threading.Lock()

    @property
    def in_transaction(self) -> bool:
        """Whether this thread holds the write lock."""
        return self._current() is not None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Hold the write lock; everything done inside is durable at the end, or leaves no trace.

        Raises:
            StoreError: the disk is full, the store busy, or a transaction is already open in this thread.
        """
        if self._current() is not None:
            msg = "a transaction was started inside another; nothing was done"
            raise StoreError(msg, code="store.nested", remedy="report this as a defect")
        with self._writer, _translated(), self.engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            with connection.begin():
                session = Session(connection)
                self._here.session = session
                try:
                    yield session
                    session.catch_up()
                finally:
                    self._here.session = None
                if session.spoiled is not None:
                    raise session.spoiled

    @contextmanager
    def joining(self) -> Iterator[Session]:
        """The transaction that is open in this thread, or one of its own.

        An error inside spoils the open transaction: it cannot end well any more, even if somebody catches the error.
        """
        session = self._current()
        if session is None:
            with self.transaction() as session:
                yield session
            return
        try:
            with _translated():
                yield session
        except BaseException as error:
            session.spoiled = error
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The transaction that is open in this thread, or a snapshot of what was last made durable."""
        session = self._current()
        if session is not None:
            yield session
            return
        with _translated(), self.engine.connect() as connection:
            yield Session(connection)

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing; whether that was done, whole."""
        with _translated():
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                done = cursor.fetchone()
                cursor.close()
            finally:
                connection.close()
        return done is not None and tuple(done) == (0, 0, 0)

    def compact(self) -> bool:
        """Write the file anew without what was deleted, and cut its log to nothing; whether that was done, whole."""
        if not self.empty_log():
            return False
        with self._writer, _translated():
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("VACUUM").close()
            finally:
                connection.close()
        return self.empty_log()

    def make(self, tables: MetaData, version: int) -> None:
        """Make the tables that are not there yet, and refuse a store whose tables are of another version.

        Raises:
            StoreError: another version wrote the store; nothing was changed.
        """
        with self.transaction() as session:
            session.make(_versions.metadata)
            found = session.row(_VERSION)
            if found is not None and found.version > version:
                msg = f"the store has version {found.version}, this exchange knows {version}; nothing was changed"
                raise StoreError(msg, code="store.newer", remedy="upgrade the exchange")
            if found is not None and found.version < version:
                msg = f"the store has version {found.version}, this exchange needs {version}; nothing was changed"
                raise StoreError(msg, code="store.older", remedy="make a new home; that version was never released")
            session.make(tables)
            if found is None:
                session.run(_NEW_VERSION, version=version)

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()

    def _current(self) -> Session | None:
        session: Session | None = getattr(self._here, "session", None)
        return session


def open_sqlite(
    path: Path,
    tables: MetaData,
    *,
    version: int,
    secure_delete: bool = False,
    busy_seconds: float = BUSY_SECONDS,
    max_pages: int = 0,
) -> SqlStore:
    """Open, or make, an SQLite file that only its owner can read: WAL, synchronous=FULL, foreign keys checked.

    ``version`` is that of ``tables``, kept in the table ``schema_version``. ``secure_delete`` overwrites what is
    deleted. ``max_pages`` bounds the file's size; 0 does not.

    Raises:
        StoreError: the file cannot be opened, is no store of ours, or was written by a newer version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)), connect_args={"timeout": busy_seconds}, pool_size=16
    )
    pragmas = [
        f"PRAGMA secure_delete = {'ON' if secure_delete else 'OFF'}",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA wal_autocheckpoint = 4000",
        *([f"PRAGMA max_page_count = {max_pages}"] if max_pages else []),
    ]
    _set_up(engine, pragmas)
    store = SqlStore(engine)
    try:
        store.make(tables, version)
    except StoreError:
        store.close()
        raise
    return store


def _set_up(engine: Engine, pragmas: Sequence[str]) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.text_factory = _text
        for pragma in pragmas:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_text: Final = partial(bytes.decode, encoding="utf-8", errors="surrogateescape")
"""Gives a stored text. What somebody put in place of one is read too, so that it can be named, not stumbled over."""


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except exc.DBAPIError as error:
        raise _refusal(str(error.orig)) from None
    except sqlite3.Error as error:
        raise _refusal(str(error)) from None


def _refusal(why: str) -> MashError:
    if "UNIQUE constraint" in why:
        msg = "something of that id is stored already; nothing was stored"
        return AlreadyStoredError(msg, remedy="read what is stored and compare")
    if "FOREIGN KEY constraint" in why:
        msg = "something that the change names is not stored; nothing was stored"
        return UnknownStepError(msg, remedy="store what it names first")
    return _as_store_error(why)


def _as_store_error(why: str) -> StoreError:
    if any(words in why for words in _FULL):
        return _failed("the store is full", code="store.full", remedy="make room; nothing was lost")
    if any(words in why for words in _BUSY):
        return _failed("the store is held by another process", code="store.busy", remedy="try again")
    if "not a database" in why:
        return _failed("the file is not a store", code="store.not_ours", remedy="name the right home")
    return _failed(f"the store failed ({why})", code="store.failed", remedy="check the disk, then try again")


def _failed(what: str, *, code: str, remedy: str = "check the disk, then try again") -> StoreError:
    return StoreError(f"{what}; nothing was changed", code=code, remedy=remedy)
