"""Whether a home agrees with itself: its log with its checkpoints, its deliveries with its log."""

from broker.core import tree
from broker.core.checkpoint import open_checkpoint
from broker.runtimes.embedded import Embedded


def check_checkpoints(runtime: Embedded, notes: list[str]) -> int:
    """Every note is signed by the ledger's key and seals what the final tree begins with. Gives how many there were."""
    ledger = runtime.hub.ledger
    size = ledger.head().size
    hashes = tree.leaf_hashes([each.leaf for each in ledger.leaves(0, size)])
    seen = set()
    for note in {*notes, *(each.note for each in ledger.kept())}:
        checkpoint = open_checkpoint(note, [runtime.hub.signer], origin=runtime.hub.signer.name)
        assert checkpoint.size <= size
        assert tree.root_of(hashes[: checkpoint.size]) == checkpoint.root
        seen.add(checkpoint.size)
    return len(seen)


def check_everything_has_its_leaf(runtime: Embedded) -> None:
    """No delivery was released whose decision is not a leaf under the checkpoint that it was released with."""
    for status in runtime.hub.journal.deliveries():
        assert status.leaf_index is not None
        assert (status.released_at is None) == status.is_superseded
