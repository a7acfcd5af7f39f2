"""Make leaves of pending records, in groups, each sealed by a signed checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import ClassVar, Protocol

from broker.core import tiles, tree
from broker.core.checkpoint import Checkpoint, ForkError, check_prefix, open_checkpoint, sign_checkpoint
from broker.core.errors import MashError
from broker.core.note import NoteSigner, NoteVerifier
from broker.ports.clock import Clock
from broker.ports.journal import PendingRecord
from broker.ports.ledger import Growth, Head, Lease, Ledger, SealedCheckpoint
from contracts.words import RecordId

HOLDER = "sequencer"
LEASE_SECONDS = 30


class ForkRefusedError(ForkError):
    """Nothing was added or signed: it would contradict what was published. Alarm, and let a person look."""

    codes: ClassVar[dict[str, str]] = {
        "ledger.fork_refused": "The ledger no longer begins with its last published checkpoint; nothing was signed."
    }


class LogSigner(NoteSigner, NoteVerifier, Protocol):
    """The log's own signing key, which also knows its own signatures; its name is the log's origin."""


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
    """What one turn did: leaves added, records found already placed, and the checkpoint that now seals everything.

    Given to the next turn, it passes on the lease and what need not be checked again.
    """

    added: int
    already: int
    latest: SealedCheckpoint | None
    lease: Lease | None = None


def sequence(
    journal: PendingRecords,
    ledger: Ledger,
    signer: LogSigner,
    clock: Clock,
    *,
    limit: int = 500,
    lease: Lease | None = None,
    after: Sequenced | None = None,
) -> Sequenced:
    """Add up to ``limit`` pending records to the ledger under a newly signed checkpoint, then mark them.

    Each record becomes a leaf exactly once, whatever is interrupted where. Why: (1) the head is read before the pending
    records, and a group is added only to that head; (2) a group is added only once every record of the one before is
    marked; so (3) a pending record that is a leaf can only be one of the last group's, which the ledger names.

    ``after`` is what this process's last turn returned: it passes on the lease. Without it the last group is marked
    again, and without ``lease`` one is taken when there is something to add, also from a sequencer of an earlier life.

    Raises:
        ForkRefusedError: the last published checkpoint is not a prefix of the tree; nothing was added.
        LedgerError: another sequencer is at work; nothing was added. Go on without ``after``.
    """
    now = clock.now()
    lease = after.lease if after else lease
    head = ledger.head()  # (1)
    is_ours = after is not None and after.latest == head.latest
    unsettled = {} if is_ours else ledger.unsettled()
    pending = journal.pending_records(limit)
    group = [each for each in pending if each.record_id not in unsettled]  # (3)
    already = len(pending) - len(group)
    if unsettled:
        journal.mark_sequenced(list(unsettled.items()))  # (2)
    if not group and not _is_time_to_keep(head, now):
        return Sequenced(0, already, head.latest, lease)
    lease = lease or ledger.take_lease(HOLDER, now=now, seconds=LEASE_SECONDS)
    if not group:
        ledger.keep_latest(now=now, lease=lease)
        return Sequenced(0, already, head.latest, lease)
    growth = grow(head, group, signer, now=now, is_ours=is_ours)
    ledger.append(growth, lease)
    journal.mark_sequenced([(record_id, index) for index, _, record_id in growth.leaves])
    return Sequenced(len(group), already, growth.sealed, lease)


def grow(
    head: Head, group: Sequence[PendingRecord], signer: LogSigner, *, now: datetime, is_ours: bool = False
) -> Growth:
    """Work out what adding a group makes of the ledger, and sign it; changes nothing.

    Within the group leaves stand in the order of their order keys, so that neighbours say nothing.

    Before signing: (1) the last published checkpoint is signed by this key, which ``is_ours`` vouches for when this
    process has just done so; (2) it counts every leaf that is there, and the tree with the group added begins with it.

    Raises:
        ForkRefusedError: one of the two is not so.
    """
    ordered = sorted(group, key=attrgetter("order_key"))
    leaves = [each.leaf for each in ordered]
    leaf_hashes = tree.leaf_hashes(leaves)
    tiles.check_leaf(max(leaves, key=len))
    size = head.size + len(group)
    try:
        published = _published(head, signer, is_ours=is_ours)  # (1)
        changed = tiles.extend(head.size, leaf_hashes, tiles.among(head.edge))
        hash_of = tiles.hash_reader(tiles.among({**head.edge, **changed}))
        check_prefix(published, size=size, hash_of=hash_of)  # (2)
        root = tree.fold([hash_of(low, high) for low, high in tree.perfect_ranges(0, size)])
    except MashError as error:
        raise _refused(error, head) from error
    note = sign_checkpoint(Checkpoint(signer.name, size, root), [signer])
    rows = list(zip(range(head.size, size), leaves, [each.record_id for each in ordered], strict=True))
    return Growth(head.size, rows, changed, SealedCheckpoint(size, str(note), now), _is_new_minute(head, now))


def _published(head: Head, signer: LogSigner, *, is_ours: bool) -> Checkpoint:
    if head.latest is None:
        published = Checkpoint(signer.name, 0, tree.EMPTY_ROOT)
    elif is_ours:
        published = head.latest.read()
    else:
        published = open_checkpoint(head.latest.note, [signer], origin=signer.name)
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
