"""The post of one machine: hands parcels to recipients and replies to agencies, durably, in process."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from broker.core.errors import MashError
from broker.ports.feed import AgencyFeed
from broker.ports.transport import Submitted
from broker.recipient.keys import RecipientKeyError, RecipientKeys, load_keys
from broker.recipient.receive import receipts_waiting, receive
from broker.recipient.store import RecipientStore
from broker.runtimes.files import NOT_THERE, stamp_of
from broker.runtimes.logs import LogEvent, log
from contracts.canonical import digest
from contracts.delivery import Parcel
from contracts.envelope import SignedEvent
from contracts.receipt import Receipt
from contracts.reply import Reply


class RecipientSide:
    """One recipient's own side: its store and its keys. For the thread that opened it."""

    def __init__(self, recipient: str, folder: Path) -> None:
        """Open the store in ``folder``.

        Raises:
            RecipientKeyError: the keys that lie there cannot be read.
        """
        self.recipient = recipient
        self._file = folder / "key"
        self._stamp, self._keys = stamp_of(self._file), load_keys(self._file)
        self.store = RecipientStore(folder / "view.db", self._keys)

    @property
    def keys(self) -> RecipientKeys:
        """Its keys as they lie in its folder: what it signs with may be renewed while this process runs.

        Raises:
            RecipientKeyError: what lies there now cannot be read.
        """
        try:
            stamp = stamp_of(self._file)
        except OSError:
            stamp = NOT_THERE
        if stamp != self._stamp:
            self._keys, self._stamp = load_keys(self._file), stamp
        return self._keys

    @property
    def keys_at_hand(self) -> RecipientKeys:
        """The same, or those before where it cannot be read: for what is kept. Before it is sent, it is signed anew."""
        with suppress(RecipientKeyError):
            return self.keys
        return self._keys


class FeedInbox:
    """What agencies have spooled, in order per agency, each agency a fair share of every batch.

    An event leaves its spool when the agency takes the reply. One that the reply does not name, so that it stays, is
    not offered again until `begin`.
    """

    def __init__(self, feeds: Mapping[str, AgencyFeed]) -> None:
        """Read from these feeds."""
        self._feeds = feeds
        self._answered: dict[str, set[str]] = {agency: set() for agency in feeds}
        self._left: dict[str, int] = dict.fromkeys(feeds, 0)

    def begin(self) -> None:
        """Offer everything again that is still spooled."""
        for agency, answered in self._answered.items():
            answered.clear()
            self._left[agency] = 0

    def receive(self, limit: int) -> Sequence[Submitted]:
        """The oldest messages of each agency that have no answer yet, at most ``limit`` in all."""
        share = limit // max(1, len(self._feeds)) + 1
        waiting = {agency: self._waiting(agency, share) for agency in self._feeds}
        if sum(map(len, waiting.values())) < limit:
            waiting |= {agency: self._waiting(agency, limit) for agency, some in waiting.items() if len(some) == share}
        return [
            Submitted(self._feeds[agency].agency, event, f"{agency}/{_name(event)}")
            for agency, share in _fair_shares(waiting, limit).items()
            for event in waiting[agency][:share]
        ]

    def acknowledge(self, positions: Sequence[str]) -> None:
        """Do not offer these again for the time being."""
        for position in positions:
            agency, _, name = position.partition("/")
            self._answered[agency].add(name)

    def _waiting(self, agency: str, limit: int) -> Sequence[SignedEvent]:
        """The agency's next messages, behind those that stayed although they were answered."""
        while True:
            offered = self._feeds[agency].pending(limit + self._left[agency])
            fresh = [event for event in offered if _name(event) not in self._answered[agency]]
            left = len(offered) - len(fresh)
            if left <= self._left[agency]:
                return fresh[:limit]
            self._left[agency] = left


def _name(event: SignedEvent) -> str:
    return digest(event.signature.encode() + event.data)


def _fair_shares(waiting: Mapping[str, Sequence[SignedEvent]], limit: int) -> dict[str, int]:
    """How many of each agency's messages make a batch: as equal as can be, so that no backlog stands in the way."""
    shares = dict.fromkeys(waiting, 0)
    left = limit
    while left and (more := [agency for agency, share in shares.items() if len(waiting[agency]) > share]):
        each = max(1, left // len(more))
        for agency in more[:left]:
            taken = min(each, len(waiting[agency]) - shares[agency])
            shares[agency] += taken
            left -= taken
    return shares


class PostError(MashError):
    """A recipient took nothing; what was for it stays here and is sent again."""

    codes: ClassVar[Mapping[str, str]] = {
        "post.no_recipient": "The home has no recipient of that name.",
        "post.recipient_failed": "The recipient's own store failed, so it took nothing.",
    }


def recipient_failed(recipient: str) -> PostError:
    """That a recipient's own store failed."""
    msg = f"the store of recipient {recipient} failed; nothing was handed over"
    return PostError(msg, code="post.recipient_failed", remedy="see to its disk; it is sent again")


class LocalPost:
    """Hands over in process. What ``send`` was given is durable at the recipient when it returns."""

    def __init__(
        self, recipients: Mapping[str, RecipientSide], feeds: Mapping[str, AgencyFeed], now: Callable[[], datetime]
    ) -> None:
        """Deliver between these."""
        self._recipients = recipients
        self._feeds = feeds
        self._now = now
        self._told: set[str] = set()

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Hand deliveries to their recipients, each recipient's together."""
        by_recipient: dict[str, list[Parcel]] = {}
        for parcel in parcels:
            by_recipient.setdefault(parcel.recipient, []).append(parcel)
        for recipient, theirs in by_recipient.items():
            self._hand_over(recipient, theirs)

    def _hand_over(self, recipient: str, parcels: Sequence[Parcel]) -> None:
        side = self._recipients.get(recipient)
        if side is None:
            msg = f"the home has no recipient {recipient}; nothing was handed over"
            raise PostError(
                msg, code="post.no_recipient", remedy="add it to the agreement's directory, then open again"
            )
        try:
            receive(side.store, side.keys_at_hand, recipient, parcels, now=self._now())
        except sqlite3.Error as error:
            raise recipient_failed(recipient) from error

    def reply(self, replies: Sequence[Reply]) -> None:
        """Hand replies to their agencies, each agency's together."""
        for agency, feed in self._feeds.items():
            theirs = [reply for reply in replies if reply.agency == agency]
            if theirs:
                feed.hand_back(theirs, now=self._now())

    def receipts(self, limit: int) -> Sequence[tuple[str, Receipt]]:
        """Receipts that wait at the recipients; where one has no key to sign with, its own go on waiting."""
        found: list[tuple[str, Receipt]] = []
        for recipient, side in self._recipients.items():
            try:
                keys = side.keys
            except RecipientKeyError as error:
                self._tell(recipient, error)
                continue
            self._told.discard(recipient)
            waiting = receipts_waiting(side.store, keys, limit - len(found), now=self._now())
            found.extend((f"{recipient}/{position}", receipt) for position, receipt in waiting)
            if len(found) >= limit:
                break
        return found

    def _tell(self, recipient: str, error: RecipientKeyError) -> None:
        if recipient not in self._told:
            self._told.add(recipient)
            log().error(LogEvent.ALARM, what="receipts_not_signed", recipient=recipient, code=error.code)

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
