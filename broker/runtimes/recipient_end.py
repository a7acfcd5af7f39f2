"""A recipient's end of Kafka: keeps what is delivered, and sends the receipts that its system has signed."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from broker.drivers.kafka.cluster import Cluster
from broker.drivers.kafka.outbox import RECEIPTS
from broker.drivers.kafka.reader import Arrived
from broker.drivers.kafka.writer import TopicWriter
from broker.recipient.receive import DeliveryRefusedError, receipts_waiting, receive
from broker.runtimes.logs import LogEvent, log
from broker.runtimes.post import RecipientSide, recipient_failed
from contracts.delivery import Parcel
from contracts.errors import ContractError
from contracts.messages import read_delivery, receipt_message
from contracts.sealed import ReaderKey, ReadingKeys

BATCH: Final = 100


class RecipientEnd:
    """Keeps for one recipient. For one thread.

    A receipt is let go of once Kafka has it. What cannot be read gets no receipt, so the exchange sends it again and,
    in the end, rings.
    """

    def __init__(
        self,
        cluster: Cluster,
        side: RecipientSide,
        *,
        keys: Callable[[], ReadingKeys],
        exchange: Callable[[], ReaderKey],
        now: Callable[[], datetime],
    ) -> None:
        """``keys`` open what is delivered; ``exchange`` gives the key to seal receipts to."""
        self._side = side
        self._keys = keys
        self._exchange = exchange
        self._now = now
        self._writer = TopicWriter(cluster)

    def keep(self, arrived: Sequence[Arrived]) -> None:
        """Keep what came, durably, each once.

        Raises:
            NotErasedError: somebody reads the store, so that an erasure is not done; it is to be tried again.
            PostError: the recipient's own store failed; the same.
            SealedError: the recipient's keys cannot be read; the same.
        """
        keys = self._keys()
        opened = [self._opened(each, keys) for each in arrived]
        try:
            self._keep([each for each in opened if each is not None])
        except sqlite3.Error as error:
            raise recipient_failed(self._side.recipient) from error

    def send_receipts(self) -> int:
        """Send what receipts wait, those of deliveries opened meanwhile too; how many that was.

        Raises:
            KafkaUseError: Kafka cannot be used; receipts wait here.
            RecipientKeyError: the key to sign them with cannot be read; the same.
            SealedError: the exchange has registered no key to seal to.
        """
        sent = 0
        while waiting := receipts_waiting(self._side.store, self._side.keys, BATCH, now=self._now()):
            topic, reader = f"{RECEIPTS}{self._side.recipient}", self._exchange()
            self._writer.write([(topic, receipt_message(receipt, reader)) for _, receipt in waiting])
            with self._side.store.transaction():
                self._side.store.note_sent([position for position, _ in waiting])
            sent += len(waiting)
        return sent

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()

    def _opened(self, arrived: Arrived, keys: ReadingKeys) -> Parcel | None:
        try:
            return read_delivery(self._side.recipient, arrived.headers, arrived.value, keys)
        except ContractError as error:
            self._alarm(error)
            return None

    def _keep(self, parcels: Sequence[Parcel]) -> None:
        """All together; where one is refused, each by itself, so that it alone is left out."""
        side = self._side
        try:
            receive(side.store, side.keys_at_hand, side.recipient, parcels, now=self._now())
        except DeliveryRefusedError as error:
            if len(parcels) == 1:
                self._alarm(error)
                return
            for parcel in parcels:
                self._keep([parcel])

    def _alarm(self, error: ContractError) -> None:
        log().error(LogEvent.ALARM, what="delivery_unreadable", recipient=self._side.recipient, code=error.code)
