"""A database with full durability, whichever it is, and one writer at a time or several that name nothing in common."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, ClassVar, Final, Protocol

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text, exc, insert, inspect, select
from sqlalchemy.pool import PoolProxiedConnection

from broker.core.beside import Named
from broker.core.errors import MashError
from broker.core.store_errors import AlreadyStoredError, StoreError, UnknownStepError
from broker.drivers.sql.beside import UNNAMED, Locks, Scope, beyond
from broker.drivers.sql.prepared import AnyRow, Params, Prepared
from contracts.words import ChildId

BUSY_SECONDS: Final = 30
WRITES: Final = "mash_writes"
"""The execution option of a connection that is about to write, so that it takes the write lock first."""
ALONE: Final = "alone"
BESIDE: Final = "beside"
"""Its values: while the one who writes alone does, nobody else does; those who write beside others do so together."""

revisions = Table("schema_revision", MetaData(), Column("version_num", Text, primary_key=True))
"""Of which revision a store's tables are: one row, which Alembic keeps."""
unnumbered = Table("schema_version", MetaData(), Column("version", Integer, nullable=False))
"""The same in stores that were made before there were revisions."""
_REVISION = Prepared(select(revisions.c.version_num))
_NEW_REVISION = Prepared(insert(revisions))
_UNNUMBERED = Prepared(select(unnumbered.c.version))


class Answered(Protocol):
    """What of a cursor is read once a statement was run."""

    @property
    def rowcount(self) -> int:
        """How many rows were found or changed."""
        ...

    @property
    def description(self) -> Any:
        """The name of each column comes first in its part of this."""
        ...

    def fetchall(self) -> Sequence[Any]:
        """Every row."""
        ...

    def fetchmany(self, size: int, /) -> Sequence[Any]:
        """The first rows."""
        ...


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
        self._behind: set[str] = set()
        self.spoiled: BaseException | None = None
        self.scope: Scope | None = None
        """What it may touch, where it runs beside others."""

    def names(self, named: Named) -> None:
        """Refuse, where it runs beside others, what was not named beforehand (BeyondError)."""
        if self.scope is not None:
            self.scope.names(named)

    def meets(self, child: ChildId) -> None:
        """Where it runs beside others, have a child to itself from now on (BeyondError where another has it)."""
        if self.scope is not None:
            self.scope.meets(child)

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
        self._catch_up_for(statement)
        return self._many(statement, text, list(map(arranged, each)))

    def add_later(self, statement: Prepared, each: Iterable[Params]) -> None:
        """Insert these rows before anything reads or changes their table, and at the latest before the end.

        So many small inserts of one transaction become one. What rows refer to is inserted before them.
        """
        _, arranged = statement.text_and(self._dialect)
        waiting = self._later.setdefault(statement, [])
        waiting.extend(map(arranged, each))
        if waiting:
            self._behind.add(statement.table)

    def catch_up(self) -> None:
        """Insert what was to be inserted later."""
        later, self._later = self._later, {}
        self._behind.clear()
        for statement in sorted(later, key=attrgetter("depth")):
            self._many(statement, statement.text_and(self._dialect)[0], later[statement])

    def _many(self, _statement: Prepared, text: str, each: list[Any]) -> int:
        """Run once for each; how many rows were changed."""
        self._cursor.executemany(text, each)
        return self._cursor.rowcount

    def _run(self, statement: Prepared, params: Params) -> Answered:
        text, arranged = statement.text_and(self._dialect)
        self._catch_up_for(statement)
        return self._one(text, arranged(params))

    def _one(self, text: str, values: Any) -> Answered:
        """Run once; what came of it."""
        self._cursor.execute(text, values)
        return self._cursor

    def _catch_up_for(self, statement: Prepared) -> None:
        """Before what may see or refer to what was to be inserted later."""
        if not self._behind.isdisjoint(statement.names):
            self.catch_up()

    @property
    def connection(self) -> Connection:
        """The connection, for what is done with its tables."""
        return self._connection

    def has(self, table: Table) -> bool:
        """Whether there is a table of that name."""
        return inspect(self._connection).has_table(table.name)

    def make(self, tables: MetaData) -> None:
        """Make the tables that are not there."""
        tables.create_all(self._connection)


class SqlStore(ABC):
    """A database that several threads and processes may open; each thread has at most one transaction."""

    errors: ClassVar[tuple[type[Exception], ...]]
    """What the database's driver raises."""
    takes_lock: ClassVar[str]
    """The statement that begins a transaction which alone may write."""
    locks: ClassVar[type[Locks] | None] = None
    """What keeps transactions apart that run beside one another; none: one runs at a time."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine whose connections are already set up."""
        self.engine = engine
        self._here = threading.local()
        self._writer = threading.Lock()

    @property
    def in_transaction(self) -> bool:
        """Whether this thread may write."""
        return self._current() is not None

    @contextmanager
    def transaction(self, named: Named | None = None) -> Iterator[Session]:
        """Hold the write lock, alone or with others; everything done inside is durable at the end, or leaves no trace.

        ``named``: all that is to be touched inside; others that name nothing in common run beside it, where the store
        lets them.

        Raises:
            StoreError: the disk is full, the store busy, or a transaction is already open in this thread.
        """
        if self._current() is not None:
            msg = "a transaction was started inside another; nothing was done"
            raise StoreError(msg, code="store.nested", remedy="report this as a defect")
        with self._writer, self.translated(), self.engine.connect() as plain:
            locks = self.locks if named is not None else None
            connection = plain.execution_options(**{WRITES: ALONE if locks is None else BESIDE})
            with connection.begin():
                session = self.session(connection)
                if named is not None and locks is not None:
                    session.scope = Scope(named, locks(connection))
                self._here.session = session
                try:
                    yield session
                    if session.spoiled is None:
                        session.catch_up()
                finally:
                    self._here.session = None
                if session.spoiled is not None:
                    raise session.spoiled

    @contextmanager
    def joining(self, *, scoped: bool = False) -> Iterator[Session]:
        """The transaction that is open in this thread, or one of its own.

        An error inside spoils the open transaction: it cannot end well any more, even if somebody catches the error.
        Nothing more is done in it; the same error is raised again.

        ``scoped``: what is done was compared with what the transaction may touch, where it runs beside others.

        Raises:
            BeyondError: it runs beside others, and that was not compared.
        """
        session = self._unspoiled(scoped=scoped)
        if session is None:
            with self.transaction() as session:
                yield session
            return
        try:
            with self.translated():
                yield session
        except BaseException as error:
            session.spoiled = error
            raise

    @contextmanager
    def reading(self, *, scoped: bool = False) -> Iterator[Session]:
        """The transaction that is open in this thread, or a snapshot of what was last made durable.

        ``scoped``: whoever reads compares it with what the transaction may touch, where it runs beside others.

        Raises:
            BeyondError: it runs beside others, and nobody compares.
        """
        session = self._unspoiled(scoped=scoped)
        if session is not None:
            yield session
            return
        with self.translated(), self.engine.connect() as connection:
            yield self.session(connection)

    def dangling(self, session: Session) -> bool:  # noqa: ARG002 - a database that checks at once needs no look
        """Whether a row refers to one that is not there, in a store opened without that being checked."""
        return False

    @abstractmethod
    def empty_log(self) -> bool:
        """Leave nothing in the database's log that is not in its tables; whether that was done, whole."""

    @abstractmethod
    def compact(self) -> bool:
        """Leave nothing of what was deleted in the tables' files nor in the log; whether that was done, whole."""

    @abstractmethod
    def refusal(self, error: Exception) -> MashError:
        """What an error of the database's own means to whoever uses the store."""

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Give errors of the database as the store's own."""
        try:
            yield
        except exc.DBAPIError as error:
            raise self.refusal(error.orig if isinstance(error.orig, Exception) else error) from None
        except self.errors as error:
            raise self.refusal(error) from None

    @contextmanager
    def cursor(self, *, writes: bool) -> Iterator[Any]:
        """The driver's own cursor: what SQLAlchemy adds to a statement is saved. Parameters stand as ``?``.

        To write, the write lock is taken first, and all is durable at the end. To read, each statement is a snapshot of
        its own.
        """
        pooled = self.engine.raw_connection()
        try:
            with self.translated():
                cursor = self.own_cursor(pooled)
                if writes:
                    cursor.execute(self.takes_lock)
                yield cursor
                if writes:
                    pooled.commit()
        finally:
            pooled.close()  # rolls back what was not committed

    def session(self, connection: Connection) -> Session:
        """A session over a connection."""
        return Session(connection)

    def own_cursor(self, pooled: PoolProxiedConnection) -> Any:
        """The driver's cursor, which takes parameters as ``?``."""
        return pooled.cursor()

    def make(self, tables: MetaData, revision: str) -> None:
        """Make the tables of a new store, and refuse one whose tables are of another revision.

        Raises:
            StoreError: another version wrote the store; nothing was changed.
        """
        with self.transaction() as session:
            make_tables(session, tables, revision)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def _unspoiled(self, *, scoped: bool) -> Session | None:
        session = self._current()
        if session is not None and session.spoiled is not None:
            raise session.spoiled
        if session is not None and session.scope is not None and not scoped:
            raise beyond(UNNAMED)
        return session

    def _current(self) -> Session | None:
        session: Session | None = getattr(self._here, "session", None)
        return session


def make_tables(session: Session, tables: MetaData, revision: str) -> None:
    """Make the tables of a new store, and refuse those of another revision.

    Raises:
        StoreError: another version wrote the store.
    """
    found = revision_of(session)
    if found is None:
        session.make(revisions.metadata)
        session.make(tables)
        session.run(_NEW_REVISION, version_num=revision)
    elif found != revision or not session.has(revisions):
        raise of_another_revision(found, revision)


def revision_of(session: Session) -> str | None:
    """Of which revision the store is; none where it is empty."""
    if session.has(revisions):
        row = session.row(_REVISION)
        return None if row is None else str(row.version_num)
    row = session.row(_UNNUMBERED) if session.has(unnumbered) else None
    return None if row is None else f"{row.version:04}"


def of_another_revision(found: str, wanted: str) -> StoreError:
    """A store that another version of the exchange wrote."""
    what = f"the store has revision {found}, this exchange works with {wanted}"
    if found > wanted:
        return failed(what, code="store.newer", remedy="put in the exchange's newer version")
    if found == wanted:
        what = "the store was made before tables had revisions"
    return failed(what, code="store.older", remedy="back up, then: mash upgrade")


def already_stored() -> MashError:
    """Something of that id is there."""
    msg = "something of that id is stored already; nothing was stored"
    return AlreadyStoredError(msg, remedy="read what is stored and compare")


def unknown_step() -> MashError:
    """What a row names is not there."""
    msg = "something that the change names is not stored; nothing was stored"
    return UnknownStepError(msg, remedy="store what it names first")


def store_full() -> StoreError:
    """There is no room."""
    return failed("the store is full", code="store.full", remedy="make room; nothing was lost")


def store_busy() -> StoreError:
    """Somebody else holds the write lock, and did not let go of it in time."""
    return failed("the store is held by another process", code="store.busy", remedy="try again")


def store_failed(why: str, remedy: str = "check the disk, then try again") -> StoreError:
    """Anything else."""
    return failed(f"the store failed ({why})", code="store.failed", remedy=remedy)


def failed(what: str, *, code: str, remedy: str) -> StoreError:
    """An error after which nothing was changed."""
    return StoreError(f"{what}; nothing was changed", code=code, remedy=remedy)
