"""Whether a home agrees with itself: its log with its checkpoints, its deliveries with its log."""

from collections.abc import Iterator

from broker.core import tree
from broker.core.checkpoint import open_checkpoint
from broker.core.rising import RisingTree
from broker.core.tiles import WIDTH
from broker.ports.ledger import Ledger
from broker.runtimes.embedded import Embedded
from broker.services.receive_receipts import FOUND_BY_RECEIPT


def check_checkpoints(runtime: Embedded, notes: list[str]) -> int:
    """Every note is signed by the ledger's key and seals what the final tree begins with. Gives how many there were."""
    ledger = runtime.hub.ledger
    roots: dict[int, bytes] = {}
    for note in {*notes, *_kept(ledger)}:
        checkpoint = open_checkpoint(note, [runtime.hub.signer], origin=runtime.hub.signer.name)
        assert roots.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
    assert max(roots, default=0) <= ledger.head().size
    rising = RisingTree()
    for size in sorted(roots):
        while rising.count < size // WIDTH:
            at = rising.count * WIDTH
            list(rising.add_tile(tree.root_of(_hashes(ledger, at, at + WIDTH))))
        assert rising.root(_hashes(ledger, rising.count * WIDTH, size)) == roots[size]
    return len(roots)


def _kept(ledger: Ledger) -> Iterator[str]:
    above = -1
    while page := ledger.kept(above=above):
        yield from (each.note for each in page)
        above = page[-1].size


def _hashes(ledger: Ledger, start: int, end: int) -> list[bytes]:
    return tree.leaf_hashes([each.leaf for each in ledger.leaves(start, end)])


def check_everything_has_its_leaf(runtime: Embedded) -> None:
    """No delivery was released whose decision is not a leaf under the checkpoint that it was released with.

    What was stopped has not left; or only its receipt has shown that it had, and then nothing more must follow.
    """
    hub = runtime.hub
    for status in hub.journal.deliveries():
        assert status.leaf_index is not None, f"{status.delivery.delivery_id} is not sealed"
    for account in hub.journal.event_accounts():
        for each in account.deliveries:
            has_left, was_stopped = each.released_at is not None, each.superseded_by is not None
            assert has_left or was_stopped, f"{each.delivery_id} still waits"
            if has_left and was_stopped:
                assert each.checkpoint_size == FOUND_BY_RECEIPT, f"{each.delivery_id} was stopped and sent"
                with hub.journal.transaction():
                    follows = hub.left_after_all(each.delivery_id, now=hub.clock.now())
                assert follows is None, f"{each.delivery_id} was stopped and had left, and its recipient is not told"
