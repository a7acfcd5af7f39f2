"""The post of one machine: hands parcels to recipients and replies to agencies, durably, in process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.ports.feed import AgencyFeed
from broker.ports.transport import Submitted
from broker.recipient.keys import RecipientKeys
from broker.recipient.receive import receive
from broker.recipient.store import RecipientStore
from contracts.delivery import Parcel
from contracts.receipt import Receipt
from contracts.reply import Reply


@dataclass(frozen=True, slots=True)
class RecipientSide:
    """One recipient as the embedded runtime runs it."""

    recipient: str
    store: RecipientStore
    keys: RecipientKeys


class FeedInbox:
    """What agencies have spooled, in order per agency. Acknowledging is the reply's work, at the agency's side."""

    def __init__(self, feeds: Mapping[str, AgencyFeed]) -> None:
        """Read from these feeds."""
        self._feeds = feeds

    def receive(self, limit: int) -> Sequence[Submitted]:
        """The oldest messages of each agency that have no answer yet, at most ``limit`` in all."""
        found: list[Submitted] = []
        for agency, feed in self._feeds.items():
            waiting = feed.pending(limit - len(found))
            found.extend(Submitted(feed.agency, e, f"{agency}/{e.attributes.get('id', '')}") for e in waiting)
            if len(found) >= limit:
                break
        return found

    def acknowledge(self, positions: Sequence[str]) -> None:
        """Nothing to do: an event leaves its spool when the agency takes the reply."""


class LocalPost:
    """Hands over in process. What ``send`` was given is durable at the recipient when it returns."""

    def __init__(
        self, recipients: Mapping[str, RecipientSide], feeds: Mapping[str, AgencyFeed], now: Callable[[], datetime]
    ) -> None:
        """Deliver between these."""
        self._recipients = recipients
        self._feeds = feeds
        self._now = now

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Hand deliveries to their recipients, each recipient's together."""
        by_recipient: dict[str, list[Parcel]] = {}
        for parcel in parcels:
            by_recipient.setdefault(parcel.recipient, []).append(parcel)
        for recipient, theirs in by_recipient.items():
            side = self._recipients[recipient]
            receive(side.store, side.keys, recipient, theirs, now=self._now())

    def reply(self, reply: Reply) -> None:
        """Hand one reply to its agency."""
        feed = self._feeds.get(reply.agency)
        if feed is not None:
            feed.hand_back(reply, now=self._now())

    def receipts(self, limit: int) -> Sequence[tuple[str, Receipt]]:
        """Receipts that wait at the recipients."""
        found: list[tuple[str, Receipt]] = []
        for recipient, side in self._recipients.items():
            waiting = side.store.waiting(limit - len(found))
            found.extend((f"{recipient}/{position}", receipt) for position, receipt in waiting)
            if len(found) >= limit:
                break
        return found

    def acknowledge_receipts(self, positions: Sequence[str]) -> None:
        """Let go of receipts that are recorded or refused."""
        by_recipient: dict[str, list[int]] = {}
        for position in positions:
            recipient, _, number = position.rpartition("/")
            by_recipient.setdefault(recipient, []).append(int(number))
        for recipient, numbers in by_recipient.items():
            store = self._recipients[recipient].store
            with store.transaction():
                store.note_sent(numbers)
