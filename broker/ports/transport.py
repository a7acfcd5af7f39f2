"""What comes in from agencies and recipients, and what goes out to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.delivery import Parcel
from contracts.envelope import SignedEvent
from contracts.errors import ContractError
from contracts.receipt import Receipt
from contracts.reply import Reply
from contracts.words import AgencyId


@dataclass(frozen=True, slots=True)
class Submitted:
    """One message on an agency's own channel. ``position`` is what ``acknowledge`` takes back.

    ``problem``: why the message could not be read at all, where it could not; then of the event only what could be.
    """

    channel: AgencyId
    event: SignedEvent
    position: str
    problem: ContractError | None = None


class Inbox(Protocol):
    """Messages from agencies, kept until acknowledged, in order per agency."""

    def begin(self) -> None:
        """Offer everything again that is answered and is still there, if anything can be."""
        ...

    def receive(self, limit: int) -> Sequence[Submitted]:
        """The oldest messages that are not acknowledged."""
        ...

    def acknowledge(self, positions: Sequence[str]) -> None:
        """Let go of messages that are accepted, held, quarantined or refused."""
        ...


class Outbox(Protocol):
    """What leaves the exchange. Sending twice is harmless: receivers drop repeats by id."""

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Hand deliveries to their recipients' own channels; durably there (or on the way) when this returns.

        Raises:
            MashError, ContractError, OSError, LookupError: a recipient cannot take them now, or is not known here.
        """
        ...

    def reply(self, replies: Sequence[Reply]) -> None:
        """Hand replies to their agencies' own channels; durably there (or on the way) when this returns."""
        ...

    def receipts(self, limit: int) -> Sequence[tuple[str, Receipt]]:
        """Receipts that recipients have signed, each with its position."""
        ...

    def acknowledge_receipts(self, positions: Sequence[str]) -> None:
        """Let go of receipts that are recorded or refused."""
        ...
