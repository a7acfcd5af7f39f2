"""A store in one schema of a PostgreSQL database.

By an advisory lock, one transaction writes alone, or several that name nothing in common write beside one another.
"""

import logging
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any, Self

import pg8000
import pg8000.dbapi
from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import PoolProxiedConnection

from broker.core.errors import MashError
from broker.core.store_errors import StoreError
from broker.drivers.sql import ledger_tables, schema
from broker.drivers.sql.journal import SqlJournal
from broker.drivers.sql.ledger_store import SqlLedger
from broker.drivers.sql.postgres_locks import AdvisoryLocks
from broker.drivers.sql.postgres_statements import Answer, Statements, state_of
from broker.drivers.sql.prepared import Prepared
from broker.drivers.sql.store import (
    ALONE,
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

DRIVER = "postgresql+pg8000"
ANSWER_SECONDS = BUSY_SECONDS * 4
"""So long an answer of the server is waited for, locks included; then it is taken to be gone."""
_NAME = re.compile("[a-z][a-z0-9_]{0,40}")
_WORTH_COPYING = 3
_SEES_WHO_READS = "SELECT pg_has_role('pg_read_all_stats', 'USAGE')"
_READS_FROM_BEFORE = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend' AND backend_xmin IS NOT NULL LIMIT 1"
)
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_OWNER = re.compile("[0-9a-f]{0,64}")
_REACH_IT = "check that PostgreSQL runs and lets this user in, then try again"


@dataclass(frozen=True, slots=True)
class Database:
    """Where PostgreSQL is, and as whom. ``prefix``: what every schema of this exchange begins with.

    ``owner``: marks the schemas as one home's, so that no other one writes into them.
    ``tls``: how the server proves who it is; none: encrypted where it offers that, but nothing is proved. ``pools``:
    the connections that stores hold to it; where one finds it gone, all are let go of.
    """

    url: URL
    prefix: str = "mash"
    owner: str = ""
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    pools: list[Engine] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def at(
        cls, url: str, *, password: str = "", prefix: str = "mash", owner: str = "", tls: ssl.SSLContext | None = None
    ) -> Self:
        """The database at ``postgresql://user@host:port/name``.

        Raises:
            StoreError: that is no such address (code ``store.not_ours``).
        """
        try:
            found = make_url(url)
        except ArgumentError:
            found = None
        if found is None or found.get_backend_name() != "postgresql" or not found.username or not found.database:
            msg = "the database's address cannot be used"
            raise failed(msg, code="store.not_ours", remedy="write it as postgresql://user@host:5432/name")
        if not _OWNER.fullmatch(owner):
            msg = "the home's mark cannot be used"
            raise failed(msg, code="store.not_ours", remedy="restore the file hub/database from a backup of the home")
        found = found.set(drivername=DRIVER)
        return cls(found.set(password=password) if password else found, prefix, owner, tls)

    def schema(self, store: str) -> str:
        """The name of one store's schema."""
        name = f"{self.prefix}_{store}"
        if not _NAME.fullmatch(name):
            msg = "a schema of that name cannot be made"
            raise failed(msg, code="store.not_ours", remedy="use small letters, digits and _ in the prefix")
        return name


class PostgresSession(Session):
    """A session of prepared statements, that inserts many rows with one COPY: row by row, each waits for the server."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection whose transaction somebody else begins and ends."""
        super().__init__(connection)
        self._statements = Statements.of(connection.connection)

    def _one(self, text: str, values: Any) -> Answer:
        return self._statements.run(text, values)

    def _many(self, statement: Prepared, text: str, each: list[Any]) -> int:
        if not statement.copies or len(each) < _WORTH_COPYING:
            return sum(self._one(text, values).rowcount for values in each)
        columns = ", ".join(f'"{name}"' for name in statement.copies)
        content = BytesIO("".join(map(_line, each)).encode())
        self._cursor.execute(f"COPY {statement.table} ({columns}) FROM STDIN", stream=content)  # type: ignore[call-arg]  # pg8000's own
        return len(each)


def _line(row: Sequence[Any]) -> str:
    return "\t".join(map(_field, row)) + "\n"


def _field(value: Any) -> str:
    """A value as COPY's text format has it (PostgreSQL manual, COPY, "Text Format")."""
    match value:
        case None:
            return "\\N"
        case bytes():
            return "\\\\x" + value.hex()
        case str():
            return value.translate(_ESCAPED)
        case _:
            return str(int(value))


class PostgresStore(SqlStore):
    """One schema: the tables of one store, and nothing else."""

    errors = (pg8000.dbapi.Error, OSError)
    takes_lock = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 0))"
    locks = AdvisoryLocks

    def __init__(self, engine: Engine, database: Database) -> None:
        """Take an engine whose connections are already set up, and whose database it is."""
        super().__init__(engine)
        self._database = database

    def empty_log(self) -> bool:
        """Nothing to do: the server's log is written over in its own time, and no key ever stands in it."""
        return True

    def compact(self) -> bool:
        """Write every table anew without what was deleted; not where somebody still reads from before that.

        What such a reader can see is copied too, so nothing is done until nobody reads.

        Raises:
            StoreError: this user is not shown who else reads (code ``store.not_allowed``).
        """
        with self._writer, self.translated():
            pooled = self.engine.raw_connection()
            try:
                pooled.rollback()
                pooled.driver_connection.autocommit = True  # type: ignore[union-attr]  # pg8000's own
                cursor = pooled.cursor()
                cursor.execute(_SEES_WHO_READS)
                if cursor.fetchone() != [True]:
                    raise _blind()
                cursor.execute(_READS_FROM_BEFORE)
                if cursor.fetchone() is not None:
                    return False
                cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()")
                for (table,) in cursor.fetchall():
                    cursor.execute(f"VACUUM FULL {table}")
            finally:
                pooled.driver_connection.autocommit = False  # type: ignore[union-attr]  # pg8000's own
                pooled.close()
        return True

    def session(self, connection: Connection) -> Session:
        """A session that copies many rows in at once."""
        return PostgresSession(connection)

    def own_cursor(self, pooled: PoolProxiedConnection) -> Any:
        """A cursor that takes parameters as ``?``."""
        return _Marked(pooled)

    def refusal(self, error: Exception) -> MashError:
        """What an error of PostgreSQL means, by its SQLSTATE (PostgreSQL manual, appendix A).

        Where the server is gone, every connection to it is let go of, so that the next use finds it when it is back.
        """
        state = state_of(error)
        if isinstance(error, ssl.SSLCertVerificationError) or isinstance(error.__cause__, ssl.SSLCertVerificationError):
            return store_failed(
                "PostgreSQL does not prove who it is", "check MASH_DATABASE_CA_FILE and the host's name"
            )
        if not state or (state[:2] in _GONE and state not in _MEANS):
            for pool in self._database.pools:
                pool.dispose()
            return store_failed("PostgreSQL does not answer", _REACH_IT)
        known = _MEANS.get(state) or _MEANS.get(state[:2])
        if known is not None:
            return known()
        return store_failed(f"SQLSTATE {state}", "look into PostgreSQL's log, then try again")


class _Marked:
    """pg8000's cursor, with parameters as ``?`` in place of ``%s``; what is run many times is prepared."""

    def __init__(self, pooled: PoolProxiedConnection) -> None:
        self._cursor: Any = pooled.cursor()
        self._statements = Statements.of(pooled)

    def execute(self, statement: str, params: Sequence[Any] = ()) -> Any:
        return self._cursor.execute(_marked(statement), params)

    def executemany(self, statement: str, params: Sequence[Sequence[Any]]) -> None:
        for each in params:
            self._statements.run(_marked(statement), each)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@cache
def _marked(statement: str) -> str:
    return statement.replace("?", "%s")


def not_allowed() -> StoreError:
    """This user's role has no right to it."""
    return failed(
        "this user may not do that in the database",
        code="store.not_allowed",
        remedy="do it as the database's owner; what processes may do: mash database apply",
    )


def _blind() -> StoreError:
    return failed(
        "this user is not shown who else reads the database, so nothing can be called destroyed",
        code="store.not_allowed",
        remedy="GRANT pg_read_all_stats to it, then try again",
    )


_GONE = ("08", "57")
"""Classes of SQLSTATE: the connection failed, an operator intervened."""
_MEANS = {
    "23505": already_stored,
    "23503": unknown_step,
    "53100": store_full,
    "54": store_full,
    "55P03": store_busy,
    "40": store_busy,
    "57014": store_busy,
    "42501": not_allowed,
}


def open_postgres(
    database: Database, store: str, tables: MetaData, *, revision: str, busy_seconds: float = BUSY_SECONDS
) -> PostgresStore:
    """Open, or make, one store's schema: UTF-8, every commit awaited until it is on the server's disk.

    Raises:
        StoreError: the server does not answer or lets nobody in, or a newer version wrote the schema.
    """
    found = postgres_to_upgrade(database, store, busy_seconds=busy_seconds)
    try:
        with found.translated(), found.engine.begin() as connection:
            take_schema(connection, database.schema(store), database.owner)
        found.make(tables, revision)
    except StoreError:
        found.close()
        raise
    return found


def postgres_to_upgrade(database: Database, store: str, *, busy_seconds: float = BUSY_SECONDS) -> PostgresStore:
    """One store's schema as it is, of whatever revision; nothing is made."""
    engine = database_engine(database, store, busy_seconds=busy_seconds)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if writes := connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql(PostgresStore.takes_lock if writes == ALONE else AdvisoryLocks.beside)

    return PostgresStore(engine, database)


def database_engine(database: Database, store: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """What connects to one store's schema, and to nothing yet."""
    name = database.schema(store)
    arguments: dict[str, Any] = {
        "application_name": f"mash {store}",
        "startup_params": {
            "search_path": name,
            "synchronous_commit": "on",
            # What is read once a lock was waited for must be what is true then.
            "default_transaction_isolation": "read committed",
            # What is looked up has an index; a server that has not counted the rows yet would read all of them.
            "enable_seqscan": "off",
            "lock_timeout": str(int(busy_seconds * 1000)),
        },
        "timeout": ANSWER_SECONDS,
    }
    if database.tls is not None:
        arguments["ssl_context"] = database.tls
    # It logs connections that were lost, at length; the store's own error says so.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    engine = create_engine(database.url, connect_args=arguments, pool_size=16, pool_pre_ping=False)
    event.listen(engine, "do_connect", _connect_without_delay)
    database.pools.append(engine)
    return engine


def _connect_without_delay(_dialect: Any, _record: Any, _args: Any, params: dict[str, Any]) -> pg8000.Connection:
    """Let what is written leave at once: pg8000 leaves the kernel to gather it, and each COPY then waits 40 ms."""
    where = params.get("host", "localhost"), params.get("port", 5432)
    found = socket.create_connection(where, params["timeout"])
    try:
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return pg8000.Connection(**params, sock=found)
    except BaseException:
        found.close()
        raise


@contextmanager
def connected(database: Database) -> Iterator[Connection]:
    """A transaction about all of the exchange's schemas at once.

    Raises:
        StoreError: the server does not answer, or this user may not do what is done in it; nothing was changed.
    """
    engine = database_engine(database, "journal")
    try:
        with PostgresStore(engine, database).translated(), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def take_schema(connection: Connection, name: str, owner: str) -> None:
    """Make the schema, or find that it is the same owner's."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock(hashtextextended('{name}', 1))")
    if connection.exec_driver_sql(f"SELECT to_regnamespace('{name}')").scalar() is None:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    said = connection.exec_driver_sql(f"SELECT obj_description('{name}'::regnamespace)").scalar()
    if said is None:
        connection.exec_driver_sql(f"COMMENT ON SCHEMA {name} IS 'mash {owner}'")
    elif said != f"mash {owner}":
        what = "that database keeps another home's journal"
        raise failed(what, code="store.not_ours", remedy="name a database of this home's own")


def postgres_journal(database: Database, *, busy_seconds: float = BUSY_SECONDS) -> SqlJournal:
    """Open, or make, the journal in a schema of its own.

    Raises:
        StoreError: the server does not answer, or a newer version wrote the schema.
    """
    return SqlJournal(
        open_postgres(database, "journal", schema.metadata, revision=schema.REVISION, busy_seconds=busy_seconds)
    )


def postgres_ledger(database: Database) -> SqlLedger:
    """Open, or make, the ledger in a schema of its own.

    Raises:
        StoreError: the server does not answer, or a newer version wrote the schema.
    """
    return SqlLedger(open_postgres(database, "ledger", ledger_tables.metadata, revision=ledger_tables.REVISION))
