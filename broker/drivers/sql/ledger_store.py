"""The ledger in a SQL database of its own."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from broker.core.tiles import WIDTH, TileAt
from broker.core.tree import HASH_SIZE
from broker.drivers.sql import ledger_statements as sql
from broker.drivers.sql.ledger_tables import REVISION, metadata
from broker.drivers.sql.sqlite import open_sqlite
from broker.drivers.sql.store import SqlStore
from broker.ports.ledger import Growth, Head, Lease, LedgerError, PlacedLeaf, SealedCheckpoint
from contracts.words import RecordId

_FULL = WIDTH * HASH_SIZE


class SqlLedger:
    """Keeps the tree in tables that triggers guard; every write is one durable transaction.

    Statements run on the database driver's own cursor: what SQLAlchemy adds to a dozen of them costs as much as hashing
    and inserting a hundred leaves.
    """

    def __init__(self, store: SqlStore) -> None:
        """Take a store in which the ledger's tables are."""
        self._store = store
        with self._store.cursor(writes=False) as cursor:
            has_begun = cursor.execute(sql.STATE).fetchone() is not None
        if not has_begun:
            with self._store.cursor(writes=True) as cursor:
                cursor.execute(sql.BEGIN_STATE)

    @classmethod
    def in_file(cls, path: Path) -> Self:
        """Open, or make, the ledger in one SQLite file.

        Raises:
            StoreError: the file cannot be opened, or was written by a newer version.
        """
        return cls(open_sqlite(path, metadata, revision=REVISION))

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def head(self) -> Head:
        """Return where the ledger stands."""
        with self._store.cursor(writes=False) as cursor:
            rows = cursor.execute(sql.HEAD).fetchall()
        there, size, note, at, kept, kept_at, *_ = rows[0]
        edge = {(level, index): hashes for *_, level, index, hashes in rows if hashes is not None}
        return Head(
            size=there,
            latest=SealedCheckpoint(size, note, _time(at)) if note else None,
            kept_at=None if kept_at is None else _time(kept_at),
            is_kept=kept == size,
            edge=edge,
        )

    def unsettled(self) -> Mapping[RecordId, int]:
        """Return the leaf index of every record that may not be marked in the journal yet: the last group's."""
        with self._store.cursor(writes=False) as cursor:
            return dict(cursor.execute(sql.UNSETTLED).fetchall())

    def leaves(self, start: int, end: int) -> Sequence[PlacedLeaf]:
        """Return the leaves from ``start`` up to, not including, ``end`` that are there, by index."""
        with self._store.cursor(writes=False) as cursor:
            rows = cursor.execute(sql.LEAVES, (start, end)).fetchall()
        return [PlacedLeaf(index, _bytes(leaf), record_id) for index, leaf, record_id in rows]

    def tile(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile, joined, as many as there are now; of a tile that is not there, nothing."""
        with self._store.cursor(writes=False) as cursor:
            row = cursor.execute(sql.TILE, (level, index, level, index)).fetchone()
        return _bytes(row[0]) if row else b""

    def kept(self, *, above: int = -1, limit: int = 1000) -> Sequence[SealedCheckpoint]:
        """Return kept checkpoints of more than ``above`` leaves, smallest first."""
        with self._store.cursor(writes=False) as cursor:
            return [
                SealedCheckpoint(size, note, _time(at)) for size, note, at in cursor.execute(sql.KEPT, (above, limit))
            ]

    def last_kept(self) -> SealedCheckpoint | None:
        """Return the kept checkpoint of the most leaves; none before the first."""
        with self._store.cursor(writes=False) as cursor:
            row = cursor.execute(sql.LAST_KEPT).fetchone()
        return None if row is None else SealedCheckpoint(row[0], row[1], _time(row[2]))

    def take_lease(self, holder: str, *, now: datetime, seconds: int) -> Lease:
        """Take the lease, or take it over from one that has run out or has the same name; the number always rises.

        Raises:
            LedgerError: another holder's lease has not run out.
        """
        with self._store.cursor(writes=True) as cursor:
            _, held_by, fencing, until = cursor.execute(sql.STATE).fetchone()
            if held_by != holder and until > _seconds(now):
                raise LedgerError.lease_held(held_by)
            cursor.execute(sql.SET_LEASE, (holder, fencing + 1, _seconds(now) + seconds))
        return Lease(holder, fencing + 1, seconds)

    def append(self, growth: Growth, lease: Lease) -> None:
        """Add leaves, tiles and checkpoint in one durable transaction, or raise and add nothing.

        Raises:
            LedgerError: the lease was lost, or the ledger is no longer of size ``before``.
        """
        sealed, at = growth.sealed, _seconds(growth.sealed.at)
        with self._store.cursor(writes=True) as cursor:
            cursor.execute(
                sql.GROW,
                (sealed.size, sealed.note, at, growth.before, at + lease.seconds, lease.fencing, growth.before),
            )
            if not cursor.rowcount:
                _check_lease(cursor, lease)
                raise LedgerError.moved(growth.before)
            cursor.executemany(sql.ADD_LEAF, growth.leaves)
            _set_tiles(cursor, growth.tiles)
            if growth.keep:
                cursor.execute(sql.KEEP, (sealed.size, sealed.note, at, at))

    def keep_latest(self, *, now: datetime, lease: Lease) -> None:
        """Keep the latest checkpoint for ever; nothing happens when it is kept already or there is none.

        Raises:
            LedgerError: the lease was lost.
        """
        with self._store.cursor(writes=True) as cursor:
            _check_lease(cursor, lease)
            cursor.execute(sql.KEEP_LATEST, (_seconds(now),))


def _bytes(column: bytes | str) -> bytes:
    """A column as bytes, even where a hand in the file made text of it: verifying must name that, not stumble."""
    return column.encode() if isinstance(column, str) else column


def _set_tiles(cursor: Any, tiles: Mapping[TileAt, bytes]) -> None:
    full = [(level, index, hashes) for (level, index), hashes in tiles.items() if len(hashes) == _FULL]
    cursor.executemany(sql.ADD_TILE, full)
    edge = [(level, index, hashes) for (level, index), hashes in tiles.items() if len(hashes) < _FULL]
    cursor.executemany(sql.SET_EDGE, edge)


def _check_lease(cursor: Any, lease: Lease) -> None:
    if cursor.execute(sql.STATE).fetchone()[2] != lease.fencing:
        raise LedgerError.lease_lost(lease)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
