"""Proofs that can be checked offline (C2SP tlog-proof): a leaf's place, the hashes up to the root, a checkpoint."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from broker.core import tree
from broker.core.checkpoint import Checkpoint, open_checkpoint
from broker.core.errors import MashError
from broker.core.note import NoteVerifier, decode, encode, read_number

HEADER = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63
_LARGEST = 2_000_000


class TlogProofError(MashError):
    """The text is not a proof."""

    codes: ClassVar[dict[str, str]] = {"tlog_proof.malformed": "The text is not a C2SP tlog-proof."}


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Where a leaf stands, and how its hash leads to the root that a checkpoint sealed.

    ``extra`` is for whoever made the proof; nothing vouches for it.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def text(self) -> str:
        """Return the proof as it is kept in a ``.tlog-proof`` file."""
        extra = [] if self.extra is None else [f"extra {encode(self.extra)}"]
        lines = [HEADER, *extra, f"index {self.index}", *(encode(each) for each in self.hashes), "", self.checkpoint]
        return "\n".join(lines)


def parse_proof(text: str) -> TlogProof:
    """Read a proof, proving nothing yet.

    Raises:
        TlogProofError: it is not one.
    """
    head, gap, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > _LARGEST or not gap or lines.pop(0) != HEADER:
        raise _malformed(why="its first line or its blank line is missing")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode(lines.pop(0).removeprefix("extra "))
        if extra is None:
            raise _malformed(why="its extra line is not base64")
    index = _index(lines.pop(0) if lines else "")
    hashes = [decode(line) for line in lines]
    kept = tuple(each for each in hashes if each is not None and len(each) == tree.HASH_SIZE)
    if len(kept) != len(hashes) or len(kept) > _MOST_HASHES:
        raise _malformed(why="its hashes cannot be read")
    return TlogProof(index, kept, checkpoint, extra)


def verify_proof(proof: TlogProof, leaf: bytes, verifiers: Iterable[NoteVerifier], *, origin: str) -> Checkpoint:
    """Check that the log ``origin`` holds exactly this leaf, and return the checkpoint that seals it.

    What is proved: (1) the log's own key signed the checkpoint; (2) the leaf stands at the proof's index in the tree
    that the checkpoint sealed. What is not: that the log showed everybody else the same tree.

    Raises:
        NoteError, CheckpointError: the checkpoint is not this log's, or not signed by a known key.
        ProofError: the leaf is not there, or the proof does not show it.
    """
    checkpoint = open_checkpoint(proof.checkpoint, verifiers, origin=origin)  # (1)
    tree.verify_inclusion(  # (2)
        index=proof.index,
        size=checkpoint.size,
        leaf=tree.leaf_hash(leaf),
        proof=proof.hashes,
        root=checkpoint.root,
    )
    return checkpoint


def _index(line: str) -> int:
    index = read_number(line.removeprefix("index ")) if line.startswith("index ") else None
    if index is None:
        raise _malformed(why="its index line is missing")
    return index


def _malformed(*, why: str) -> TlogProofError:
    return TlogProofError(f"the text is not a proof: {why}", code="tlog_proof.malformed", remedy="take the whole file")
