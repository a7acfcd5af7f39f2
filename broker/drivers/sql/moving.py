"""Moves journal and ledger from their files into PostgreSQL, whole: every row is compared before the files go."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text, tuple_

from broker.core.store_errors import StoreError
from broker.drivers.sql import ledger_tables, schema
from broker.drivers.sql.postgres import Database, PostgresSession, connected, take_schema
from broker.drivers.sql.prepared import Prepared
from broker.drivers.sql.store import failed, make_tables, of_another_revision, revisions

STORES: Final[Mapping[str, tuple[MetaData, str]]] = {
    "journal": (schema.metadata, schema.REVISION),
    "ledger": (ledger_tables.metadata, ledger_tables.REVISION),
}
_AT_A_TIME: Final = 2000
_WAITS_SECONDS: Final = 2.0
_SQLITES_OWN: Final = ("-wal", "-shm", "-journal", "")
"""What SQLite keeps beside a file, and last the file itself: as long as that is there, the move is not over."""


@contextmanager
def moved(
    files: Mapping[str, Path], database: Database, *, tell: Callable[[str, int], None]
) -> Iterator[Mapping[str, int]]:
    """Move these stores, by name, into the database, in one transaction; how many rows each has.

    Inside, everything is durable in the database, and nobody can read or write the files, which `remove` removes.
    Whatever interrupts it, everything stands whole in one of the two places, or, equal, in both; then it may be called
    again. ``tell`` is told of each store how many rows were moved so far.

    Raises:
        StoreError: a file is in use, of another version or no store; the database does not answer, does not allow it,
            or keeps something else already. Nothing was moved.
    """
    counted: dict[str, int] = {}
    with ExitStack() as held:
        sources = {store: held.enter_context(_kept_to_itself(path)) for store, path in files.items()}
        with connected(database) as connection:
            for store, source in sources.items():
                take_schema(connection, database.schema(store), database.owner)
                connection.exec_driver_sql(f"SET LOCAL search_path TO {database.schema(store)}")
                counted[store] = _moved(source, connection, store, tell)
        yield counted


def remove(files: Iterable[Path]) -> None:
    """Remove files of stores, each with what SQLite keeps beside it."""
    for path in files:
        for suffix in _SQLITES_OWN:
            path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _kept_to_itself(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, which nobody else has open or can write to meanwhile."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=_WAITS_SECONDS)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]  # only where nobody else is
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            raise _unusable(path, error) from None
        if mode != "delete":
            raise _unusable(path, sqlite3.OperationalError())
        yield connection


def _unusable(path: Path, error: sqlite3.DatabaseError) -> StoreError:
    if isinstance(error, sqlite3.OperationalError):
        return failed(f"{path.name} is in use", code="store.busy", remedy="stop every process of the home, then again")
    return failed(f"{path.name} is not a store", code="store.not_ours", remedy="name the right home")


def _moved(source: sqlite3.Connection, connection: Connection, store: str, tell: Callable[[str, int], None]) -> int:
    tables, revision = STORES[store]
    try:
        found = source.execute(f"SELECT version_num FROM {revisions.name}").fetchone()  # noqa: S608 - our own words
    except sqlite3.OperationalError:
        found = None
    if found != (revision,):
        raise of_another_revision(str(found[0]) if found else "", revision)
    session = PostgresSession(connection)
    make_tables(session, tables, revision)
    is_empty = all(connection.scalar(select(func.count()).select_from(each)) == 0 for each in tables.sorted_tables)
    moved = counted = 0
    for table in tables.sorted_tables:
        if is_empty:
            adding = Prepared(insert(table), columns=[column.name for column in table.columns])
            waiting = _rows_of(source, table)
            while rows := list(islice(waiting, _AT_A_TIME)):
                session.run_all(adding, [dict(zip(table.columns.keys(), row, strict=True)) for row in rows])
                moved += len(rows)
                tell(store, moved)
            _count_on(connection, table)
        here = _sum(_rows_of(source, table))
        if here != _sum(_rows_there(connection, table)):
            msg = f"the database's table {table.name} is not what the file has"
            raise failed(msg, code="store.not_empty", remedy="name a database in which this exchange has kept nothing")
        counted += here[0]
    return counted


def _rows_of(source: sqlite3.Connection, table: Table) -> Iterator[Sequence[Any]]:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    return iter(source.execute(f'SELECT {columns} FROM "{table.name}"'))  # noqa: S608 - our own words


def _rows_there(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    key = list(table.primary_key.columns)
    first = select(table).order_by(*key).limit(_AT_A_TIME)
    rows = connection.execute(first).all()
    while rows:
        yield from map(tuple, rows)
        last = tuple(getattr(rows[-1], column.name) for column in key)
        rows = connection.execute(first.where(tuple_(*key) > tuple_(*last))).all()


def _sum(rows: Iterator[Sequence[Any]]) -> tuple[int, int]:
    """How many rows there are, and a sum over what is in them, in whatever order they come."""
    count = total = 0
    for row in rows:
        count += 1
        total += int.from_bytes(sha256(repr(tuple(row)).encode("utf-8", "surrogateescape")).digest())
    return count, total


def _count_on(connection: Connection, table: Table) -> None:
    """Let new rows be numbered after those that are there."""
    column = table.autoincrement_column
    if column is not None:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"  # noqa: S608 - our own words
                f" coalesce(max({column.name}), 1), max({column.name}) IS NOT NULL) FROM {table.name}"
            )
        )
