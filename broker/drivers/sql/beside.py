"""What a transaction that runs beside others may touch: what it named, and children that it has to itself."""

from typing import Final, Protocol

from sqlalchemy import Connection

from broker.core.beside import Named, named_in
from broker.core.outcome import Outcome
from broker.core.store_errors import BeyondError
from contracts.words import ChildId

UNNAMED: Final = "what was not named beforehand"
ALONE: Final = "what must be done alone"
TAKEN: Final = "a child that another has at hand"


class Locks(Protocol):
    """How a database keeps what one transaction has at hand from every other; let go of at the transaction's end."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection within a transaction that runs beside others."""
        ...

    def take(self, named: Named) -> dict[ChildId, ChildId]:
        """Wait for what was named, and for the children whom it means: by record, the one that stands for its child."""
        ...

    def try_child(self, record: ChildId) -> ChildId | None:
        """The record that stands for a record's child, which is had from now on; none where no such record is stored.

        Raises:
            BeyondError: another transaction has that child at hand.
        """
        ...


class Scope:
    """What one transaction may touch; without a limit, everything."""

    def __init__(self, named: Named, locks: Locks) -> None:
        """Wait for what is named."""
        self._named = named
        self._locks = locks
        self._standing = locks.take(named)

    def names(self, named: Named) -> None:
        """Refuse what was not named beforehand.

        Raises:
            BeyondError: it was not.
        """
        if not self._named >= named:
            raise beyond(UNNAMED)

    def meets(self, record: ChildId) -> None:
        """Have a child to itself from now on; one that is not stored is nobody else's.

        Raises:
            BeyondError: another transaction has it.
        """
        if record not in self._standing:
            standing = self._locks.try_child(record) or record
            self._standing[record] = standing
            self._standing[standing] = standing

    def admits(self, outcome: Outcome) -> None:
        """Refuse an outcome that changes anything else.

        Raises:
            BeyondError: it does.
        """
        found = named_in(outcome)
        if found is None:
            raise beyond(ALONE)
        named, children = found
        self.names(named)
        for each in children:
            self.meets(each)


def beyond(what: str) -> BeyondError:
    """A transaction beside others came upon what it may not touch."""
    msg = f"a transaction that runs beside others came upon {what}; nothing was stored"
    return BeyondError(msg, remedy="do the same in a transaction that runs alone")
