"""Make leaves of pending records, in groups, each sealed by a signed checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from broker.core import tiles, tree
from broker.core.checkpoint import Checkpoint, ForkError, check_prefix, open_checkpoint, sign_checkpoint
from broker.core.errors import MashError
from broker.core.note import NoteSigner, NoteVerifier
from broker.ports.clock import Clock
from broker.ports.journal import PendingRecord
from broker.ports.ledger import Growth, Head, Lease, Ledger, NewLeaf, SealedCheckpoint
from contracts.words import RecordId

HOLDER = "sequencer"
LEASE_SECONDS = 30


class ForkRefusedError(ForkError):
    """Nothing was added or signed: it would contradict what was published. Alarm, and let a person look."""

    codes: ClassVar[dict[str, str]] = {
        "ledger.fork_refused": "The ledger no longer begins with its last published checkpoint; nothing was signed."
    }


class LogSigner(NoteSigner, Protocol):
    """The log's own signing key; its name is the log's origin."""

    @property
    def verifier(self) -> NoteVerifier:
        """Return the public half."""
        ...


class PendingRecords(Protocol):
    """What sequencing needs of the journal."""

    def pending_records(self, limit: int) -> Sequence[PendingRecord]:
        """Return records without a leaf, found by presence."""
        ...

    def mark_sequenced(self, placed: Sequence[tuple[RecordId, int]]) -> None:
        """Note at which leaf index each record stands. Idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What one turn did: leaves added, records found already placed, and the checkpoint that now seals everything."""

    added: int
    already: int
    latest: SealedCheckpoint | None


def sequence(
    journal: PendingRecords,
    ledger: Ledger,
    signer: LogSigner,
    clock: Clock,
    *,
    limit: int = 500,
    lease: Lease | None = None,
) -> Sequenced:
    """Add up to ``limit`` pending records to the ledger under a newly signed checkpoint, then mark them.

    Each record becomes a leaf exactly once, whatever is interrupted where: one that is in the ledger but was not yet
    marked is only marked. Without a lease one is taken for this turn.

    Raises:
        ForkRefusedError: the last published checkpoint is not a prefix of the tree; nothing was added.
        LedgerError: another sequencer is at work; nothing was added.
    """
    now = clock.now()
    lease = lease or ledger.take_lease(HOLDER, now=now, seconds=LEASE_SECONDS)
    pending = journal.pending_records(limit)
    placed = dict(ledger.placed([each.record_id for each in pending]))
    already = len(placed)
    head = ledger.head()
    group = sorted((each for each in pending if each.record_id not in placed), key=lambda each: each.order_key)
    latest = head.latest
    if group:
        growth = grow(head, group, ledger.tile, signer, now=now)
        ledger.append(growth, lease)
        latest = growth.sealed
        placed.update((leaf.record_id, growth.before + at) for at, leaf in enumerate(growth.leaves))
    elif _is_time_to_keep(head, now):
        ledger.keep_latest(now=now, lease=lease)
    if placed:
        journal.mark_sequenced(sorted(placed.items(), key=lambda each: each[1]))
    return Sequenced(len(group), already, latest)


def grow(
    head: Head, group: Sequence[PendingRecord], read_tile: tiles.ReadTile, signer: LogSigner, *, now: datetime
) -> Growth:
    """Work out what adding a group, in this order, makes of the ledger, and sign it; changes nothing.

    Before signing: (1) the last published checkpoint is this log's own and counts every leaf that is there; (2) the
    tree with the group added begins with it.

    Raises:
        ForkRefusedError: one of the two is not so.
    """
    leaves = tuple(NewLeaf(each.record_id, each.leaf, tree.leaf_hash(each.leaf)) for each in group)
    for leaf in leaves:
        tiles.check_leaf(leaf.leaf)
    size = head.size + len(leaves)
    try:
        published = _published(head, signer)  # (1)
        changed = tiles.extend(head.size, [each.leaf_hash for each in leaves], read_tile)
        hash_of = tiles.hash_reader(tiles.over(changed, read_tile))
        check_prefix(published, size=size, hash_of=hash_of)  # (2)
        root = tree.fold([hash_of(low, high) for low, high in tree.perfect_ranges(0, size)])
    except MashError as error:
        raise _refused(error, head) from error
    note = sign_checkpoint(Checkpoint(signer.name, size, root), [signer])
    return Growth(head.size, leaves, changed, SealedCheckpoint(size, str(note), now), _is_new_minute(head, now))


def _published(head: Head, signer: LogSigner) -> Checkpoint:
    if head.latest is None:
        published = Checkpoint(signer.name, 0, tree.EMPTY_ROOT)
    else:
        published = open_checkpoint(head.latest.note, [signer.verifier], origin=signer.name)
    if published.size != head.size:
        msg = f"the ledger has {head.size} leaves, but its last checkpoint sealed {published.size}"
        raise ForkError(msg)
    return published


def _refused(error: MashError, head: Head) -> ForkRefusedError:
    return ForkRefusedError(
        f"nothing was added to the ledger of {head.size} leaves and nothing signed: {error.message}",
        code="ledger.fork_refused",
        remedy="stop releasing, run `mash ledger verify` and compare with a partner's checkpoint",
        detail={"cause": error.code, "size": head.size},
    )


def _is_time_to_keep(head: Head, now: datetime) -> bool:
    return head.latest is not None and not head.is_kept and _is_new_minute(head, now)


def _is_new_minute(head: Head, now: datetime) -> bool:
    return head.kept_at is None or _minute(now) > _minute(head.kept_at)


def _minute(at: datetime) -> int:
    return int(at.timestamp() // 60)
