"""Whether a home agrees with itself: its log with its checkpoints, its deliveries with its log."""

from collections.abc import Iterator

from broker.core import tree
from broker.core.checkpoint import open_checkpoint
from broker.core.rising import RisingTree
from broker.core.tiles import WIDTH
from broker.ports.ledger import Ledger
from broker.runtimes.embedded import Embedded


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
    """No delivery was released whose decision is not a leaf under the checkpoint that it was released with."""
    for status in runtime.hub.journal.deliveries():
        assert status.leaf_index is not None
        assert (status.released_at is None) == status.is_superseded
