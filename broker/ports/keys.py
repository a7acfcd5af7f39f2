"""Keys: one per child, in a store of their own, destroyed only by erasure."""

from collections.abc import Sequence
from typing import Protocol

from broker.ports.writes import writes
from contracts.words import ChildId


class Keys(Protocol):
    """Holds child keys wrapped per epoch under the root key, and the partnership's own secrets.

    A key is durable before the commit that uses it; orphans are swept. Keys are 32 bytes.
    """

    @writes
    def create(self, children: Sequence[ChildId]) -> None:
        """Make a key for each child that has none, durably."""
        ...

    @writes
    def destroy(self, children: Sequence[ChildId]) -> None:
        """Destroy the keys for ever, from file and write-ahead log."""
        ...

    def can_forget(self) -> bool:
        """Whether nobody reads the store now, so that what is destroyed is gone at once; waits a while for them."""
        ...

    def child_key(self, child: ChildId) -> bytes:
        """The child's key.

        Raises:
            KeyDestroyedError: it was destroyed, or never made.
        """
        ...

    def secret(self, purpose: str) -> bytes:
        """The partnership's secret for one purpose, 32 bytes, always the same.

        Purposes: ``partnership``, ``identity``, ``log``, ``delivery:<recipient>``.
        """
        ...
