"""Verify a ledger: recompute the tree, check every kept checkpoint and every record that can be opened."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from broker.core import findings, tiles, tree
from broker.core.checkpoint import Checkpoint, open_checkpoint
from broker.core.errors import MashError
from broker.core.findings import Bad, Finding, Position, Verification
from broker.core.note import NoteVerifier
from broker.core.opened import OpenedRecord, Openings, UnreadableRecord, opens, rising
from broker.core.rising import RisingTree
from broker.ports.ledger import Ledger, PlacedLeaf, SealedCheckpoint

__all__ = ["OpenedRecord", "UnreadableRecord", "verify"]

Tell = Callable[[int, int], None]
"""Told after each tile how many leaves were read, and of how many."""


def verify(
    ledger: Ledger,
    verifiers: Sequence[NoteVerifier],
    *,
    origin: str,
    opened: Openings = (),
    against: str | None = None,
    start: Position | None = None,
    most: int | None = None,
    tell: Tell = lambda _done, _total: None,
) -> Verification:
    """Read the whole ledger and name the first bad place in it.

    What is proved when none is found: (1) every leaf is there, with the hash that its tile gives; (2) the tiles are the
    tree over these leaves; (3) every kept checkpoint, and the latest, is signed by the log and seals what this tree
    begins with, and nothing stands beyond the latest; (4) every opened record is what its leaf commits to; (5) with
    ``against``, the ledger begins with what that checkpoint sealed. What is not proved stands in ``unseen``.

    Args:
        ledger: is read only.
        verifiers: the log's public keys, old ones too.
        origin: the log's name.
        opened: records by rising leaf index; those that were erased are left out.
        against: a checkpoint kept elsewhere.
        start: go on from where an earlier run came to.
        most: read about this many leaves only; the result's position says how far that was.
        tell: told of the progress.

    Raises:
        NoteError, CheckpointError: ``against`` is no checkpoint signed by this log.
        ValueError: ``opened`` is not in rising order.
    """
    earlier = None if against is None else open_checkpoint(against, verifiers, origin=origin)
    walk = _Walk(ledger, verifiers, origin, rising(opened), earlier)
    try:
        walk.go(start, most, tell)
        finding = None
    except _Found as found:
        finding = found.finding
    unseen = [findings.NOT_SEEN_TIMES]
    if earlier is None:
        unseen.insert(0, findings.NOT_SEEN_WITHOUT_EARLIER)
    if not walk.opened:
        unseen.append(findings.NOT_SEEN_RECORDS)
    if start is not None:
        unseen.append(f"The first {start.size} log entries were taken as sound from an earlier run.")
    position = Position(walk.size, walk.root())
    return Verification(walk.total, walk.leaves, walk.checkpoints, walk.opened, position, finding, tuple(unseen))


class _Found(Exception):  # noqa: N818 - not an error: it carries the first bad place out of the walk
    def __init__(self, bad: Bad, at: int, sentence: str) -> None:
        super().__init__(sentence)
        self.finding = Finding(bad, at, sentence)


@dataclass(slots=True)
class _Walk:
    """One reading from left to right, a tile of leaves at a time."""

    ledger: Ledger
    verifiers: Sequence[NoteVerifier]
    origin: str
    openings: Iterator[OpenedRecord | UnreadableRecord]
    earlier: Checkpoint | None
    rising: RisingTree = field(default_factory=RisingTree)
    partial: Sequence[bytes] = ()
    latest_root: bytes = b""
    total: int = 0
    leaves: int = 0
    checkpoints: int = 0
    opened: int = 0
    opening: OpenedRecord | UnreadableRecord | None = None

    @property
    def size(self) -> int:
        return self.rising.count * tiles.WIDTH + len(self.partial)

    def root(self) -> bytes:
        return self.rising.root(self.partial)

    def go(self, start: Position | None, most: int | None, tell: Tell) -> None:
        head = self.ledger.head()
        sealed = head.latest.size if head.latest else 0
        self.total = max(head.size, sealed)
        with suppress(MashError):
            self.latest_root = head.latest.read().root if head.latest else b""
        if start is not None:
            self._resume(start)
        stop = self.total if most is None else min(self.total, self.size + max(most, tiles.WIDTH))
        self.opening = next(self.openings, None)
        seals = _seals(self.ledger, head.latest, above=self.size)
        seal = next(seals, None)
        while self.size < stop:
            first = self.rising.count * tiles.WIDTH
            found = self._read_tile(first, min(first + tiles.WIDTH, self.total))
            while seal is not None and seal.size <= self.size:
                self._check_seal(seal)
                seal = next(seals, None)
            self._check_earlier(first)
            if found is not None:
                raise found
            self._rise()
            tell(self.size, self.total)
        if self.size == self.total:
            self._check_end(sealed, seal)
            self._check_no_record_beyond()

    def _resume(self, start: Position) -> None:
        """Take the tiles of an earlier run's position, if they still have its root."""
        self.rising.count = count = start.size // tiles.WIDTH
        level = 1
        while count:
            index, width = divmod(count, tiles.WIDTH)
            self.rising.levels.append(tiles.hashes(self.ledger.tile(level, index))[:width])
            count, level = index, level + 1
        last = self.ledger.leaves(self.rising.count * tiles.WIDTH, start.size)
        if self.rising.root(tree.leaf_hashes([each.leaf for each in last])) != start.root:
            raise _Found(Bad.TILE_CHANGED, 0, f"the first {start.size} log entries are not those of the earlier run")

    def _read_tile(self, first: int, end: int) -> _Found | None:
        """Read the leaves of one tile as far as they are sound, and return what is wrong with the next one."""
        rows = self.ledger.leaves(first, end)
        hashes = tree.leaf_hashes([row.leaf for row in rows])
        stored = tiles.hashes(self.ledger.tile(0, first // tiles.WIDTH))
        found = None
        for at in range(first, end):
            found = self._check_leaf(at, rows, hashes, stored)
            if found is not None:
                end = at
                break
        self.leaves += end - max(first, self.size)
        self.partial = hashes[: end - first]
        return found

    def _check_leaf(
        self, at: int, rows: Sequence[PlacedLeaf], hashes: Sequence[bytes], stored: Sequence[bytes]
    ) -> _Found | None:
        here = at % tiles.WIDTH
        if here >= len(rows) or rows[here].index != at:
            return _Found(Bad.LEAF_MISSING, at, f"log entry {at} is missing, its row was deleted")
        if here >= len(stored) or hashes[here] != stored[here]:
            return self._name_change(at, hashes, stored)
        return self._check_record(rows[here])

    def _name_change(self, at: int, hashes: Sequence[bytes], stored: Sequence[bytes]) -> _Found:
        """Say what kind of change makes a leaf differ from the hash in its tile."""
        here = at % tiles.WIDTH
        if self._is_sealed(hashes):
            return _Found(Bad.TILE_CHANGED, at, f"the stored hash of log entry {at} was changed, the entry is sound")
        other = _where(self.ledger, hashes[here], self.total)
        if other is not None and here < len(stored):
            there = self.ledger.leaves(other, other + 1)
            if there and tree.leaf_hash(there[0].leaf) == stored[here]:
                return _Found(Bad.LEAVES_SWAPPED, at, f"log entries {at} and {other} were swapped")
        if other is not None:
            return _Found(Bad.LEAF_CHANGED, at, f"log entry {at} was replaced by what was sealed as entry {other}")
        return _Found(Bad.LEAF_CHANGED, at, f"log entry {at} was changed after it was sealed")

    def _is_sealed(self, hashes: Sequence[bytes]) -> bool:
        """Tell whether leaves of these hashes make the tile that the tree above, or the latest checkpoint, has here."""
        if len(hashes) < tiles.WIDTH:
            return self.rising.root(hashes) == self.latest_root
        index, here = divmod(self.rising.count, tiles.WIDTH)
        return tiles.hashes(self.ledger.tile(1, index))[here : here + 1] == [tree.root_of(hashes)]

    def _check_record(self, row: PlacedLeaf) -> _Found | None:
        while self.opening is not None and self.opening.index < row.index:
            self.opening = next(self.openings, None)
        record = self.opening
        if record is None or record.index != row.index:
            return None
        if isinstance(record, UnreadableRecord):
            return _Found(Bad.RECORD_UNREADABLE, row.index, f"the record of log entry {row.index} cannot be opened")
        if not opens(record, row.record_id, row.leaf):
            return _Found(
                Bad.RECORD_EDITED, row.index, f"the record of log entry {row.index} was edited after it was sealed"
            )
        self.opened += 1
        return None

    def _check_seal(self, seal: SealedCheckpoint) -> None:
        """Check one checkpoint: (1) the log signed it; (2) it is filed under its size; (3) it seals this tree."""
        at = seal.size
        try:
            checkpoint = open_checkpoint(seal.note, self.verifiers, origin=self.origin)  # (1)
        except MashError as error:
            if error.code in {"note.unsigned", "checkpoint.other_log"}:
                sentence = f"the checkpoint over {at} log entries is signed by another key than the ledger's"
                raise _Found(Bad.CHECKPOINT_OTHER_KEY, at, sentence) from error
            sentence = f"the checkpoint over {at} log entries was changed after it was signed"
            raise _Found(Bad.CHECKPOINT_CHANGED, at, sentence) from error
        if checkpoint.size != at:  # (2)
            sentence = f"the checkpoint over {checkpoint.size} log entries is filed as one over {at}"
            raise _Found(Bad.CHECKPOINT_CHANGED, at, sentence)
        if self._root_at(at) != checkpoint.root:  # (3)
            sentence = (
                f"the checkpoint over {at} log entries seals others: one was changed with its tile, or the key misused"
            )
            raise _Found(Bad.CHECKPOINT_OTHER_TREE, at, sentence)
        self.checkpoints += 1

    def _check_earlier(self, first: int) -> None:
        earlier = self.earlier
        if earlier is None or not first < earlier.size <= self.size:
            return
        if self._root_at(earlier.size) != earlier.root:
            sentence = f"the first {earlier.size} log entries are not those that the checkpoint kept elsewhere sealed"
            raise _Found(Bad.REWRITTEN, earlier.size, sentence)

    def _root_at(self, size: int) -> bytes:
        return self.rising.root(self.partial[: size - self.rising.count * tiles.WIDTH])

    def _rise(self) -> None:
        """Go on to the next tile when this one is full, and check the tiles above that this fills."""
        if len(self.partial) < tiles.WIDTH:
            return
        filled = self.rising.add_tile(tree.root_of(self.partial))
        self.partial = ()
        for level, index, hashes in filled:
            self._check_upper(level, index, hashes)

    def _check_upper(self, level: int, index: int, hashes: Sequence[bytes]) -> None:
        stored = tiles.hashes(self.ledger.tile(level, index))
        for at, computed in enumerate(hashes):
            if stored[at : at + 1] != [computed]:
                span = tiles.WIDTH**level
                first = (index * tiles.WIDTH + at) * span
                sentence = f"the stored hash over log entries {first} to {first + span - 1} was changed"
                raise _Found(Bad.TILE_CHANGED, first, sentence)

    def _check_end(self, sealed: int, seal: SealedCheckpoint | None) -> None:
        for level, index, hashes in self.rising.edge():
            self._check_upper(level, index, hashes)
        if seal is not None:
            sentence = f"a checkpoint is filed over {seal.size} log entries, but the ledger ends at {self.total}"
            raise _Found(Bad.CUT_OFF, self.total, sentence)
        if self.total > sealed:
            sentence = f"log entry {sealed} and what follows it is under no checkpoint"
            raise _Found(Bad.LEAF_UNSEALED, sealed, sentence)
        if self.earlier is not None and self.earlier.size > self.total:
            sentence = (
                f"the checkpoint kept elsewhere sealed {self.earlier.size} log entries, the ledger has {self.total}"
            )
            raise _Found(Bad.CUT_OFF, self.total, sentence)

    def _check_no_record_beyond(self) -> None:
        while self.opening is not None and self.opening.index < self.total:
            self.opening = next(self.openings, None)
        if self.opening is not None and self.opening.index >= self.ledger.head().size:
            sentence = f"a record stands as log entry {self.opening.index}, but the ledger ends before it"
            raise _Found(Bad.CUT_OFF, self.total, sentence)


def _where(ledger: Ledger, leaf_hash: bytes, size: int) -> int | None:
    """Return the leaf index at which some hash was sealed, if it was."""
    for tile in range(-(-size // tiles.WIDTH)):
        stored = tiles.hashes(ledger.tile(0, tile))
        if leaf_hash in stored:
            return tile * tiles.WIDTH + stored.index(leaf_hash)
    return None


def _seals(ledger: Ledger, latest: SealedCheckpoint | None, *, above: int) -> Iterator[SealedCheckpoint]:
    """Yield the kept checkpoints by the size they are filed under, and the latest unless it is the last of them."""
    is_latest_due = latest is not None and latest.size > above
    last = None
    while page := ledger.kept(above=above):
        yield from page
        last = page[-1]
        above = last.size
    if latest is not None and is_latest_due and latest != last:
        yield latest
