"""Recomputing a log from what is published of it: every leaf in order, every checkpoint at its size."""

from collections.abc import Sequence
from typing import ClassVar

from broker.core import tree
from broker.core.checkpoint import Checkpoint, open_checkpoint
from broker.core.errors import MashError
from broker.core.note import NoteVerifier


class FollowError(MashError):
    """What is published of a log cannot be true."""

    codes: ClassVar[dict[str, str]] = {
        "ledger.leaf_missing": "A leaf is published whose number is not the next: one is missing, or out of order.",
        "ledger.leaf_changed": "A leaf is published again with other content.",
        "ledger.ahead": "A checkpoint seals more leaves than were published before it.",
        "ledger.root_differs": "A checkpoint's root is not that of the leaves published before it.",
        "ledger.unreadable": "A message of the published log cannot be read.",
    }


class Follower:
    """Holds what was published so far. Nothing but the log's public key is trusted."""

    def __init__(self, verifiers: Sequence[NoteVerifier], *, origin: str) -> None:
        """Follow the log of this origin, signed by one of these keys."""
        self._verifiers = verifiers
        self._origin = origin
        self._hashes: list[bytes] = []
        self._perfect: list[tuple[int, bytes]] = []
        self.agreed: Checkpoint | None = None
        """The last checkpoint that agreed."""

    @property
    def size(self) -> int:
        """How many leaves were published."""
        return len(self._hashes)

    def leaf(self, index: int, leaf: bytes) -> None:
        """Take the next leaf. The same one again changes nothing.

        Raises:
            FollowError: it is not the next, or one that was published before has changed.
        """
        hashed = tree.leaf_hash(leaf)
        if index < self.size:
            if self._hashes[index] != hashed:
                what = f"log entry {index} was published again with other content"
                raise _wrong(what, "ledger.leaf_changed")
            return
        if index > self.size:
            what = f"log entry {index} was published, and {self.size} was not"
            raise _wrong(what, "ledger.leaf_missing")
        self._hashes.append(hashed)
        width, whole = 1, hashed
        while self._perfect and self._perfect[-1][0] == width:
            _, left = self._perfect.pop()
            width, whole = 2 * width, tree.node_hash(left, whole)
        self._perfect.append((width, whole))

    def checkpoint(self, note: bytes) -> Checkpoint:
        """Compare a checkpoint with the leaves; the same or an earlier one again is compared too.

        Raises:
            NoteError, CheckpointError: it is no checkpoint, another log's, or not signed by its key.
            FollowError: it is not of these leaves.
        """
        found = open_checkpoint(note, self._verifiers, origin=self._origin)
        if found.size > self.size:
            what = f"a checkpoint seals {found.size} log entries, and {self.size} were published"
            raise _wrong(what, "ledger.ahead")
        if found.root != self._root(found.size):
            what = f"the checkpoint over {found.size} log entries is not theirs"
            raise _wrong(what, "ledger.root_differs")
        if self.agreed is None or found.size >= self.agreed.size:
            self.agreed = found
        return found

    def _root(self, size: int) -> bytes:
        if size == self.size:
            return tree.fold([whole for _, whole in self._perfect])
        return tree.root_of(self._hashes[:size])


def _wrong(what: str, code: str) -> FollowError:
    remedy = "keep what was received, and ask the exchange's data protection officer and the other partners at once"
    return FollowError(f"{what}; the published log is not one log", code=code, remedy=remedy)
