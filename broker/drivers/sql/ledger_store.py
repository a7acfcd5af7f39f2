"""The ledger in a SQL database of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, Row, Table, create_engine, delete, event, func, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from broker.drivers.sql.ledger_tables import checkpoints, latest, leaves, metadata, sequencer_lease, tiles
from broker.ports.ledger import Growth, Head, Lease, LedgerError, PlacedLeaf, SealedCheckpoint
from contracts.words import RecordId

_MOST_VARIABLES = 500
_ONLY_ROW = 1
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 10000",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
)


class SqlLedger:
    """Keeps the tree in tables that triggers guard; every write is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine from ``open_engine``; the tables are made when they are not there."""
        self._engine = engine
        with self._writing() as connection:
            metadata.create_all(connection)
        dialect = engine.dialect
        self._add_leaves = str(insert(leaves).compile(dialect=dialect))
        tile = sqlite.insert(tiles)
        tile = tile.on_conflict_do_update(index_elements=["level", "tile_index"], set_={"hashes": tile.excluded.hashes})
        self._set_tiles = str(tile.compile(dialect=dialect))

    @classmethod
    def open(cls, place: Path) -> Self:
        """Open the ledger in a SQLite file, made when it is not there."""
        return cls(open_engine(place))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def head(self) -> Head:
        """Return where the ledger stands."""
        with self._reading() as connection:
            last = connection.execute(select(func.max(leaves.c.leaf_index))).scalar()
            row = connection.execute(select(latest)).first()
            kept = connection.execute(
                select(checkpoints.c.size, checkpoints.c.kept_at).order_by(checkpoints.c.size.desc()).limit(1)
            ).first()
        return Head(
            size=0 if last is None else last + 1,
            latest=None if row is None else _sealed(row),
            kept_at=None if kept is None else _time(kept.kept_at),
            is_kept=row is not None and kept is not None and kept.size == row.size,
        )

    def placed(self, record_ids: Sequence[RecordId]) -> Mapping[RecordId, int]:
        """Return the leaf index of those among the records that are leaves."""
        found: dict[RecordId, int] = {}
        with self._reading() as connection:
            for at in range(0, len(record_ids), _MOST_VARIABLES):
                wanted = leaves.c.record_id.in_(record_ids[at : at + _MOST_VARIABLES])
                rows = connection.execute(select(leaves.c.record_id, leaves.c.leaf_index).where(wanted))
                found.update((RecordId(row.record_id), row.leaf_index) for row in rows)
        return found

    def leaves(self, start: int, end: int) -> Sequence[PlacedLeaf]:
        """Return the leaves from ``start`` up to, not including, ``end`` that are there, by index."""
        query = (
            select(leaves.c.leaf_index, leaves.c.record_id, leaves.c.leaf, leaves.c.leaf_hash)
            .where(leaves.c.leaf_index >= start, leaves.c.leaf_index < end)
            .order_by(leaves.c.leaf_index)
        )
        with self._reading() as connection:
            return [PlacedLeaf(*row) for row in connection.execute(query)]

    def tile(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile, joined, as many as there are now; of a tile that is not there, nothing."""
        query = select(tiles.c.hashes).where(tiles.c.level == level, tiles.c.tile_index == index)
        with self._reading() as connection:
            return connection.execute(query).scalar() or b""

    def kept(self, *, above: int = -1, limit: int = 1000) -> Sequence[SealedCheckpoint]:
        """Return kept checkpoints of more than ``above`` leaves, smallest first."""
        query = select(checkpoints).where(checkpoints.c.size > above).order_by(checkpoints.c.size).limit(limit)
        with self._reading() as connection:
            return [_sealed(row) for row in connection.execute(query)]

    def take_lease(self, holder: str, *, now: datetime, seconds: int) -> Lease:
        """Take the lease, or take it over from one that has run out or has the same name; the number always rises.

        Raises:
            LedgerError: another holder's lease has not run out.
        """
        with self._writing() as connection:
            row = connection.execute(select(sequencer_lease)).first()
            if row is not None and row.holder != holder and row.until > _seconds(now):
                raise LedgerError.lease_held(row.holder)
            fencing = 1 if row is None else row.fencing + 1
            values = {"holder": holder, "fencing": fencing, "until": _seconds(now) + seconds}
            _set_only_row(connection, sequencer_lease, values)
        return Lease(holder, fencing)

    def append(self, growth: Growth, lease: Lease) -> None:
        """Add leaves, tiles and checkpoint in one durable transaction, or raise and add nothing.

        Raises:
            LedgerError: the lease was lost, the ledger is no longer of size ``before``, or a record is there already.
        """
        rows = [
            (growth.before + at, each.leaf, each.leaf_hash, each.record_id) for at, each in enumerate(growth.leaves)
        ]
        try:
            with self._writing() as connection:
                _check_lease(connection, lease)
                size = connection.execute(select(func.max(leaves.c.leaf_index))).scalar()
                if growth.before != (0 if size is None else size + 1):
                    raise LedgerError.moved(growth.before)
                connection.exec_driver_sql(self._add_leaves, rows)
                changed = [(level, index, hashes) for (level, index), hashes in growth.tiles.items()]
                connection.exec_driver_sql(self._set_tiles, changed)
                values = {"size": growth.sealed.size, "note": growth.sealed.note, "at": _seconds(growth.sealed.at)}
                _set_only_row(connection, latest, values)
                if growth.keep:
                    connection.execute(insert(checkpoints), [{**values, "kept_at": values["at"]}])
        except IntegrityError:
            raise LedgerError.repeated(growth.before) from None

    def keep_latest(self, *, now: datetime, lease: Lease) -> None:
        """Keep the latest checkpoint for ever; nothing happens when it is kept already or there is none.

        Raises:
            LedgerError: the lease was lost.
        """
        with self._writing() as connection:
            _check_lease(connection, lease)
            row = connection.execute(select(latest)).first()
            if (
                row is None
                or connection.execute(select(checkpoints.c.size).where(checkpoints.c.size == row.size)).first()
            ):
                return
            values = {"size": row.size, "note": row.note, "at": row.at, "kept_at": _seconds(now)}
            connection.execute(insert(checkpoints), [values])

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(is_writing=True) as connection, connection.begin():
            yield connection


def open_engine(place: Path) -> Engine:
    """Return an engine on a SQLite file in which every commit is on the disk before it returns.

    A write transaction takes the write lock when it begins, so two writers wait for instead of failing each other.
    """
    engine = create_engine(f"sqlite:///{place}")
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    kind = "IMMEDIATE" if connection.get_execution_options().get("is_writing") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")


def _check_lease(connection: Connection, lease: Lease) -> None:
    fencing = connection.execute(select(sequencer_lease.c.fencing)).scalar()
    if fencing != lease.fencing:
        raise LedgerError.lease_lost(lease)


def _set_only_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    connection.execute(delete(table))
    connection.execute(insert(table), [{"id": _ONLY_ROW, **values}])


def _sealed(row: Row[Any]) -> SealedCheckpoint:
    return SealedCheckpoint(row.size, row.note, _time(row.at))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
