"""Writes to topics: what was written is on every broker that is in step when the call returns."""

from collections.abc import Sequence
from typing import Final

from kafka import KafkaProducer

from broker.drivers.kafka.cluster import Cluster, translated
from contracts.messages import LARGEST_SEALED
from contracts.transport import Message

_SECONDS: Final = 4
_LINGERS_MS: Final = 100
"""What one call writes to one topic goes as one batch, and so is read together: the call's end sends it at once."""


class TopicWriter:
    """One idempotent producer: within its life it writes nothing twice, and keeps each topic's order."""

    def __init__(self, cluster: Cluster) -> None:
        """Connect.

        Raises:
            KafkaUseError: Kafka cannot be reached, or lets this user not in.
        """
        with translated(done="nothing was written", may="write to the topics"):
            self._producer = KafkaProducer(
                **cluster.arguments(),
                acks="all",
                enable_idempotence=True,
                batch_size=LARGEST_SEALED,
                max_request_size=LARGEST_SEALED,
                linger_ms=_LINGERS_MS,
                max_block_ms=_SECONDS * 1000,
                request_timeout_ms=_SECONDS * 500,
                delivery_timeout_ms=_SECONDS * 1000,
                bootstrap_timeout_ms=_SECONDS * 1000,
            )

    def write(self, messages: Sequence[tuple[str, Message]]) -> None:
        """Write each message to its topic, in this order.

        Raises:
            KafkaUseError: not all were written for certain. Some may have been: write all again, readers drop repeats.
        """
        with translated(done="some of it may have been written: it is written again", may="write to the topics"):
            sent = [
                self._producer.send(topic, message.value, key=message.key, headers=list(message.headers))
                for topic, message in messages
            ]
            self._producer.flush(timeout=_SECONDS)
            for each in sent:
                each.get(timeout=_SECONDS)

    def close(self) -> None:
        """Disconnect."""
        self._producer.close(timeout=_SECONDS)
