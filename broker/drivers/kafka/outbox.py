"""What leaves the exchange, and the receipts that come back."""

from collections.abc import Callable, Collection, Sequence
from time import monotonic
from typing import Final

from broker.drivers.kafka.cluster import Cluster, KafkaUseError
from broker.drivers.kafka.reader import TopicReader
from broker.drivers.kafka.writer import TopicWriter
from contracts.delivery import Parcel
from contracts.errors import ContractError
from contracts.messages import delivery_message, read_receipt, reply_message
from contracts.receipt import Receipt
from contracts.reply import Reply
from contracts.sealed import ReaderKey, ReadingKeys
from contracts.transport import Message

SHARES: Final = "shares."
REPLIES: Final = "replies."
RECEIPTS: Final = "receipts."
_LEFT_ALONE: Final = 10.0
"""Seconds for which nothing is tried after Kafka took nothing: who sends holds the journal's lock meanwhile."""
GROUP: Final = "hub.receipts"


class KafkaOutbox:
    """The recipients' and the agencies' own topics. For one thread.

    A process uses what its user may: the hub replies and takes receipts, the release process sends. What is not used is
    not connected.
    """

    def __init__(
        self,
        cluster: Cluster,
        recipients: Collection[str],
        keys: Callable[[], ReadingKeys],
        *,
        member: str,
        reader: Callable[[str], ReaderKey],
        unread: Callable[[str, str], None],
    ) -> None:
        """``reader`` gives the current key of ``agency.ID`` or ``recipient.ID``; ``unread`` is told topic and code.

        ``reader`` raises SealedError where there is no key.
        """
        self._cluster = cluster
        self._topics = {f"{RECEIPTS}{each}" for each in recipients}
        self._keys = keys
        self._member = member
        self._reader_key = reader
        self._unread = unread
        self._writer = TopicWriter(cluster)
        self._failed: KafkaUseError | None = None
        self._tries_at = 0.0
        self._receipts: TopicReader | None = None
        self.wait_seconds = 0.0
        """How long `receipts` waits where there are none. With none at all a group is never joined."""

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Write deliveries to their recipients' topics, each sealed to its recipient.

        Raises:
            KafkaUseError: not all were written for certain.
            SealedError: a recipient has no key to seal to.
        """
        self._write(
            [
                (f"{SHARES}{each.recipient}", delivery_message(each, self._reader_key(f"recipient.{each.recipient}")))
                for each in parcels
            ]
        )

    def reply(self, replies: Sequence[Reply]) -> None:
        """Write replies to their agencies' topics, each sealed to its agency.

        Raises:
            KafkaUseError: not all were written for certain.
            SealedError: an agency has no key to seal to.
        """
        self._write(
            [
                (f"{REPLIES}{each.agency}", reply_message(each, self._reader_key(f"agency.{each.agency}")))
                for each in replies
            ]
        )

    def receipts(self, limit: int) -> Sequence[tuple[str, Receipt]]:
        """Receipts that are not acknowledged. What is none, or is another recipient's, is told of and let go.

        Raises:
            KafkaUseError: Kafka cannot be reached, or does not let this user read.
        """
        if self._receipts is None:
            self._receipts = TopicReader(self._cluster, self._topics, group=GROUP, member=self._member)
        keys, found, useless = self._keys(), [], []
        for arrived in self._receipts.receive(limit, wait_seconds=self.wait_seconds):
            try:
                receipt = read_receipt(arrived.value, keys)
            except ContractError as error:
                self._unread(arrived.topic, error.code)
                useless.append(arrived.position)
                continue
            if arrived.topic != f"{RECEIPTS}{receipt.recipient}":
                self._unread(arrived.topic, "receipt.other_recipient")
                useless.append(arrived.position)
                continue
            found.append((arrived.position, receipt))
        if useless:
            self._receipts.acknowledge(useless)
        return found

    def acknowledge_receipts(self, positions: Sequence[str]) -> None:
        """Let go of receipts that are recorded or refused.

        Raises:
            KafkaUseError: Kafka cannot be reached; they may be offered again.
        """
        if self._receipts is not None:
            self._receipts.acknowledge(positions)

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()
        if self._receipts is not None:
            self._receipts.close()

    def _write(self, messages: Sequence[tuple[str, Message]]) -> None:
        if not messages:
            return
        if self._failed is not None and monotonic() < self._tries_at:
            raise self._failed
        try:
            self._writer.write(messages)
        except KafkaUseError as error:
            self._failed, self._tries_at = error, monotonic() + _LEFT_ALONE
            raise
        self._failed = None
