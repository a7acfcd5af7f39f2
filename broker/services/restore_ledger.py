"""Brings a log that was restored from a backup up to what was published of it, so that there stays one log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

from broker.core import tree
from broker.core.checkpoint import ForkError
from broker.ports.accounts import Accounts
from broker.ports.clock import Clock
from broker.ports.journal import PendingRecord
from broker.ports.ledger import WITHOUT_RECORD, Ledger
from broker.services.sequence import HOLDER, LEASE_SECONDS, LogSigner, PendingRecords, grow

_GROUP: Final = 1000
_ALL: Final = 2**62


class OtherLogError(ForkError):
    """What is published and what was restored are two logs; nothing was added."""

    codes: ClassVar[dict[str, str]] = {
        "ledger.restored_other": "The log that was restored does not begin as the published one does.",
    }


class Journal(Accounts, PendingRecords, Protocol):
    """What restoring needs of the journal: which records are leaves, which are not yet, and to say so."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How many entries were added, of how many of them the record is here, and the size now."""

    added: int
    known: int
    size: int


def restore_ledger(
    journal: Journal, ledger: Ledger, signer: LogSigner, clock: Clock, published: Sequence[bytes]
) -> Restored:
    """Add to the ledger every published leaf that it has not, in its place.

    ``published``: all leaves of the published log from its first, which somebody has compared with its checkpoints.
    A leaf's record is found by its bytes among those that wait, and by its place among those that are leaves already;
    where it is neither, it is lost. Each group is durable when it is added, so this may be stopped and begun again.

    Raises:
        OtherLogError: the ledger and what is published do not begin with the same leaves; nothing was added.
        LedgerError: somebody else adds to the ledger. A sequencer that still runs loses its lease.
    """
    head = ledger.head()
    common = min(head.size, len(published))
    if tree.root_of(tree.leaf_hashes(published[:common])) != _root(ledger, common):
        msg = f"the first {common} log entries that were restored are not the first {common} that are published"
        remedy = "put in the backup of this exchange's own ledger; a new log must be agreed with the partners"
        raise OtherLogError(msg, code="ledger.restored_other", remedy=remedy)
    here = {each.leaf: each.record_id for each in journal.pending_records(_ALL)}
    here |= {leaf: record_id for _, record_id, leaf in journal.placed_records(head.size, _ALL)}
    lease = ledger.take_lease(HOLDER, now=clock.now(), seconds=LEASE_SECONDS)
    added = known = 0
    for start in range(head.size, len(published), _GROUP):
        group = [
            PendingRecord(here.get(leaf, WITHOUT_RECORD), leaf, number.to_bytes(8))
            for number, leaf in enumerate(published[start : start + _GROUP])
        ]
        growth = grow(ledger.head(), group, signer, now=clock.now())
        ledger.append(growth, lease)
        placed = [(record_id, index) for index, _, record_id in growth.leaves if record_id != WITHOUT_RECORD]
        journal.mark_sequenced(placed)
        added, known = added + len(group), known + len(placed)
    return Restored(added, known, head.size + added)


def _root(ledger: Ledger, size: int) -> bytes:
    leaves = [each.leaf for each in ledger.leaves(0, size)]
    return tree.root_of(tree.leaf_hashes(leaves))
