"""Checkpoints (C2SP tlog-checkpoint): a log's size and root hash in a signed note."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from broker.core import tree
from broker.core.errors import MashError
from broker.core.note import (
    Note,
    NoteSigner,
    NoteVerifier,
    decode,
    encode,
    open_note,
    parse_note,
    read_number,
    sign_note,
)

_LINES = 3


class CheckpointError(MashError):
    """A checkpoint cannot be read, or is another log's."""

    codes: ClassVar[dict[str, str]] = {
        "checkpoint.malformed": "The note is not a checkpoint.",
        "checkpoint.other_log": "The checkpoint is another log's, or signed by another key than that log's.",
    }


class ForkError(MashError):
    """Two states of one log cannot both be true: one is not a prefix of the other."""

    codes: ClassVar[dict[str, str]] = {
        "ledger.fork": "The ledger does not begin with what an earlier checkpoint sealed.",
        "ledger.shorter": "The ledger has fewer leaves than an earlier checkpoint sealed.",
    }


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many leaves a log had, and the root hash over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note text: origin, size and root, a line each."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[NoteSigner]) -> Note:
    """Return the checkpoint as a signed note; that it is consistent with every earlier one is the caller's to check.

    Raises:
        NoteError: the origin cannot stand in a note.
    """
    return sign_note(checkpoint.text(), signers)


def read_checkpoint(content: str | bytes) -> Checkpoint:
    """Read a checkpoint without regard to who signed it.

    Raises:
        NoteError: it is no signed note.
        CheckpointError: it is no checkpoint.
    """
    return _parse(parse_note(content).text)


def open_checkpoint(content: str | bytes, verifiers: Iterable[NoteVerifier], *, origin: str) -> Checkpoint:
    """Read a checkpoint of the log ``origin``, signed by a key that bears that log's name.

    What is proved: (1) a known key signed it; (2) it is a checkpoint of this log; (3) the log itself signed it, not
    only somebody else who is known.

    Raises:
        NoteError: it is no signed note, or no known key signed it.
        CheckpointError: it is no checkpoint, or another log's.
    """
    note, signed = open_note(content, verifiers)  # (1)
    checkpoint = _parse(note.text)
    if checkpoint.origin != origin or all(each.name != origin for each in signed):  # (2) (3)
        msg = f"the checkpoint is not signed by the log {origin}"
        raise CheckpointError(msg, code="checkpoint.other_log", remedy="check the log's name and its verifier key")
    return checkpoint


def check_prefix(earlier: Checkpoint, *, size: int, hash_of: tree.HashOf) -> None:
    """Check that the tree of ``size`` leaves whose ranges ``hash_of`` gives begins with what ``earlier`` sealed.

    Raises:
        ForkError: it does not, or is shorter.
    """
    if earlier.size > size:
        msg = f"the ledger has {size} leaves, but a checkpoint sealed {earlier.size}"
        raise ForkError(msg, code="ledger.shorter", remedy="restore the newest copy; sign nothing until it is found")
    root = tree.fold([hash_of(low, high) for low, high in tree.perfect_ranges(0, earlier.size)])
    if root != earlier.root:
        msg = f"the ledger's first {earlier.size} leaves are not those that a checkpoint sealed"
        raise ForkError(msg, code="ledger.fork", remedy="sign nothing; verify the ledger and compare with partners")


def _parse(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) <= _LINES or not lines[0] or not all(lines[:-1]):
        raise _malformed(why="it needs three lines, none of them empty")
    origin, digits, encoded = lines[:_LINES]
    size = read_number(digits)
    if size is None:
        raise _malformed(why="its second line is not a size")
    root = decode(encoded)
    if root is None or len(root) != tree.HASH_SIZE or (size == 0 and root != tree.EMPTY_ROOT):
        raise _malformed(why="its third line is not the root hash of a tree of that size")
    return Checkpoint(origin, size, root)


def _malformed(*, why: str) -> CheckpointError:
    return CheckpointError(
        f"the note is not a checkpoint: {why}", code="checkpoint.malformed", remedy="take the whole file"
    )
