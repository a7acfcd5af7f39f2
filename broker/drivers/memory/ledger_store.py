"""The ledger in memory: for tests, and for trying things out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock

from broker.core.tiles import WIDTH, TileAt
from broker.core.tree import HASH_SIZE
from broker.ports.ledger import Growth, Head, Lease, LedgerError, PlacedLeaf, SealedCheckpoint
from contracts.words import RecordId


class MemoryLedger:
    """Keeps the tree in lists and mappings; nothing outlives the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._leaves: list[PlacedLeaf] = []
        self._settled = 0
        self._tiles: dict[TileAt, bytes] = {}
        self._kept: list[SealedCheckpoint] = []
        self._kept_at: datetime | None = None
        self._latest: SealedCheckpoint | None = None
        self._lease = Lease("", 0, 0)
        self._until: float = 0

    def head(self) -> Head:
        """Return where the ledger stands."""
        with self._lock:
            is_kept = self._latest is not None and self._kept[-1:] == [self._latest]
            edge = {at: tile for at, tile in self._tiles.items() if len(tile) < WIDTH * HASH_SIZE}
            return Head(len(self._leaves), self._latest, self._kept_at, is_kept, edge)

    def leaves(self, start: int, end: int) -> Sequence[PlacedLeaf]:
        """Return the leaves from ``start`` up to, not including, ``end`` that are there, by index."""
        return self._leaves[start:end]

    def tile(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile, joined, as many as there are now; of a tile that is not there, nothing."""
        return self._tiles.get((level, index), b"")

    def kept(self, *, above: int = -1, limit: int = 1000) -> Sequence[SealedCheckpoint]:
        """Return kept checkpoints of more than ``above`` leaves, smallest first."""
        return [each for each in self._kept if each.size > above][:limit]

    def last_kept(self) -> SealedCheckpoint | None:
        """Return the kept checkpoint of the most leaves; none before the first."""
        return self._kept[-1] if self._kept else None

    def unsettled(self) -> Mapping[RecordId, int]:
        """Return the leaf index of every record that may not be marked in the journal yet: the last group's."""
        return {leaf.record_id: leaf.index for leaf in self._leaves[self._settled :]}

    def take_lease(self, holder: str, *, now: datetime, seconds: int) -> Lease:
        """Take the lease, or take it over from one that has run out or has the same name; the number always rises.

        Raises:
            LedgerError: another holder's lease has not run out.
        """
        with self._lock:
            if self._lease.fencing and self._lease.holder != holder and self._until > now.timestamp():
                raise LedgerError.lease_held(self._lease.holder)
            self._lease = Lease(holder, self._lease.fencing + 1, seconds)
            self._until = now.timestamp() + seconds
            return self._lease

    def append(self, growth: Growth, lease: Lease) -> None:
        """Add leaves, tiles and checkpoint together, or raise and add nothing.

        Raises:
            LedgerError: the lease was lost, or the ledger is no longer of size ``before``.
        """
        with self._lock:
            self._check_lease(lease)
            if growth.before != len(self._leaves):
                raise LedgerError.moved(growth.before)
            self._leaves += [PlacedLeaf(*row) for row in growth.leaves]
            self._settled = growth.before
            self._tiles |= growth.tiles
            self._latest = growth.sealed
            self._until = growth.sealed.at.timestamp() + lease.seconds
            if growth.keep:
                self._keep(growth.sealed, growth.sealed.at)

    def keep_latest(self, *, now: datetime, lease: Lease) -> None:
        """Keep the latest checkpoint for ever; nothing happens when it is kept already or there is none.

        Raises:
            LedgerError: the lease was lost.
        """
        with self._lock:
            self._check_lease(lease)
            if self._latest is not None and self._kept[-1:] != [self._latest]:
                self._keep(self._latest, now)

    def _keep(self, sealed: SealedCheckpoint, at: datetime) -> None:
        self._kept.append(sealed)
        self._kept_at = at

    def _check_lease(self, lease: Lease) -> None:
        if lease.fencing != self._lease.fencing:
            raise LedgerError.lease_lost(lease)
