"""The port to the ledger: the tree of leaves, its checkpoints, and who may add to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Protocol, Self

from broker.core.checkpoint import Checkpoint, read_checkpoint
from broker.core.errors import MashError
from broker.core.tiles import TileAt
from broker.ports.writes import writes
from contracts.words import RecordId

WITHOUT_RECORD: Final = RecordId("")
"""In place of a record's id: the record was lost, and its leaf was taken from what is published of the log."""


class LedgerError(MashError):
    """The ledger did not add anything."""

    codes: ClassVar[dict[str, str]] = {
        "ledger.lease_held": "Another sequencer is at work, and its lease has not run out.",
        "ledger.lease_lost": "A later sequencer has taken over; what this one wanted to add was not added.",
        "ledger.moved": "The ledger grew in the meantime; nothing was added.",
    }

    @classmethod
    def lease_held(cls, holder: str) -> Self:
        """Return the error for a lease that another holds."""
        msg = f"{holder} is adding to the ledger; nothing was added"
        return cls(msg, code="ledger.lease_held", remedy="leave it to that one, or wait until its lease runs out")

    @classmethod
    def lease_lost(cls, lease: "Lease") -> Self:
        """Return the error for a lease that a later sequencer has taken over."""
        msg = f"{lease.holder} lost its lease {lease.fencing} on the ledger; nothing was added"
        return cls(msg, code="ledger.lease_lost", remedy="stop this sequencer; the records wait for the other one")

    @classmethod
    def moved(cls, before: int) -> Self:
        """Return the error for a ledger that is not of the size that a group was worked out for."""
        msg = f"the ledger no longer has {before} leaves; nothing was added"
        return cls(msg, code="ledger.moved", remedy="try again: the records are still waiting")


@dataclass(frozen=True, slots=True)
class PlacedLeaf:
    """A leaf where it stands. ``record_id`` is private: only the leaf is ever shown to others.

    It is ``WITHOUT_RECORD`` where the record was lost.
    """

    index: int
    leaf: bytes
    record_id: RecordId


@dataclass(frozen=True, slots=True)
class SealedCheckpoint:
    """A signed checkpoint as it was published: the note, the size it is filed under, and when it was signed.

    Only the note is signed; ``size`` repeats what it says, ``at`` nobody vouches for.
    """

    size: int
    note: str
    at: datetime

    def read(self) -> Checkpoint:
        """Return what the note says, without regard to who signed it.

        Raises:
            NoteError, CheckpointError: the note is not a checkpoint.
        """
        return read_checkpoint(self.note)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands, read at one moment.

    ``size`` counts by the last leaf that is there, not by a checkpoint. ``latest`` is the last checkpoint published,
    ``kept_at`` when the last one that is kept for ever was kept, ``is_kept`` whether that is the latest itself.
    ``edge`` holds the last, partial tile of each level, which adding leaves begins with, and perhaps outdated ones.
    """

    size: int
    latest: SealedCheckpoint | None = None
    kept_at: datetime | None = None
    is_kept: bool = False
    edge: Mapping[TileAt, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to add to the ledger for some seconds, and as many again after each group added.

    A higher fencing number makes every lower one worthless.
    """

    holder: str
    fencing: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Growth:
    """One group added: its leaves in order, the tiles it changes, whole, and the checkpoint over all of it.

    ``leaves`` has the parts of a ``PlacedLeaf`` each, as plain tuples: an object each costs as much as hashing.

    ``before`` is the size it was worked out for; whoever adds it vouches that all leaves before it are marked in the
    journal. ``keep`` says whether the checkpoint is kept for ever.
    """

    before: int
    leaves: Sequence[tuple[int, bytes, RecordId]]
    tiles: Mapping[TileAt, bytes]
    sealed: SealedCheckpoint
    keep: bool


class Ledger(Protocol):
    """Holds the tree. Leaves and kept checkpoints are only ever added."""

    def head(self) -> Head:
        """Return where the ledger stands."""
        ...

    def leaves(self, start: int, end: int) -> Sequence[PlacedLeaf]:
        """Return the leaves from ``start`` up to, not including, ``end`` that are there, by index."""
        ...

    def tile(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile, joined, as many as there are now; of a tile that is not there, nothing."""
        ...

    def kept(self, *, above: int = -1, limit: int = 1000) -> Sequence[SealedCheckpoint]:
        """Return kept checkpoints of more than ``above`` leaves, smallest first."""
        ...

    def last_kept(self) -> SealedCheckpoint | None:
        """Return the kept checkpoint of the most leaves; none before the first."""
        ...

    def unsettled(self) -> Mapping[RecordId, int]:
        """Return the leaf index of every record that may not be marked in the journal yet: the last group's."""
        ...

    @writes
    def take_lease(self, holder: str, *, now: datetime, seconds: int) -> Lease:
        """Take the lease, or take it over from one that has run out or has the same name; the number always rises.

        Raises:
            LedgerError: another holder's lease has not run out.
        """
        ...

    @writes
    def append(self, growth: Growth, lease: Lease) -> None:
        """Add leaves, tiles and checkpoint in one durable transaction, or raise and add nothing.

        Raises:
            LedgerError: the lease was lost, or the ledger is no longer of size ``before``.
        """
        ...

    @writes
    def keep_latest(self, *, now: datetime, lease: Lease) -> None:
        """Keep the latest checkpoint for ever; nothing happens when it is kept already or there is none.

        Raises:
            LedgerError: the lease was lost.
        """
        ...
