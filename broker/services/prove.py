"""Prove that a leaf is in the ledger, in a text that anyone can check offline."""

from typing import ClassVar

from broker.core import tiles, tree
from broker.core.errors import MashError
from broker.core.tlog_proof import TlogProof
from broker.ports.ledger import Ledger, SealedCheckpoint


class NotSealedError(MashError):
    """No such leaf is under a checkpoint of the kind asked for."""

    codes: ClassVar[dict[str, str]] = {
        "ledger.not_sealed": "No log entry of that number is under a checkpoint yet.",
        "ledger.not_provable": "The stored tree does not lead to its checkpoint; no proof was given.",
    }


def prove(ledger: Ledger, index: int, *, is_kept: bool = False) -> TlogProof:
    """Return the proof that leaf ``index`` is under the latest checkpoint.

    With ``is_kept`` under the first one that is kept for ever and covers it, as a proof of share needs: the same leaf
    then has the same proof always. Its ``text()`` is a C2SP tlog-proof. A proof that would not verify is not given.

    Raises:
        NotSealedError: there is no such leaf under such a checkpoint, or the stored tree was damaged.
    """
    return prove_under(ledger, index, covering(ledger, index, is_kept=is_kept))


def prove_under(ledger: Ledger, index: int, sealed: SealedCheckpoint) -> TlogProof:
    """Return the proof that leaf ``index`` is under that checkpoint, which covers it.

    Raises:
        NotSealedError: the stored tree was damaged.
    """
    checkpoint = sealed.read()
    hash_of = tiles.hash_reader(ledger.tile)
    try:
        hashes = tree.inclusion_proof(index, checkpoint.size, hash_of)
        leaf = hash_of(index, index + 1)
        tree.verify_inclusion(index=index, size=checkpoint.size, leaf=leaf, proof=hashes, root=checkpoint.root)
    except MashError as error:
        msg = f"the stored tree does not show log entry {index} under its checkpoint; no proof was given"
        raise NotSealedError(
            msg, code="ledger.not_provable", remedy="run `mash ledger verify`", detail={"cause": error.code}
        ) from error
    return TlogProof(index, hashes, sealed.note)


def covering(ledger: Ledger, index: int, *, is_kept: bool) -> SealedCheckpoint:
    """Return the checkpoint that a proof of leaf ``index`` stands under: the latest, or the first kept one.

    Raises:
        NotSealedError: there is no such leaf under such a checkpoint.
    """
    latest = ledger.head().latest
    if is_kept:
        latest = next(iter(ledger.kept(above=index, limit=1)), None)
    if index < 0 or latest is None or latest.size <= index:
        msg = f"log entry {index} is under no {'kept ' if is_kept else ''}checkpoint; no proof was given"
        raise NotSealedError(msg, code="ledger.not_sealed", remedy="wait for the next checkpoint, or check the number")
    return latest
