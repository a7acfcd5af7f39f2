"""Writes to topics: what was written is on every broker that is in step when the call returns."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from broker.drivers.kafka.checksums import reckon_in_c
from broker.drivers.kafka.cluster import Cluster, translated
from contracts.sealed import LARGEST_SEALED
from contracts.transport import Message

_SECONDS: Final = 4
_LINGERS_MS: Final = 100
"""What one call writes to one topic goes as one batch, and so is read together: the call's end sends it at once."""


_MOST_AT_ONCE: Final = 8_000_000
"""Bytes that are written before they are waited for: so many go through a slow line in that time."""


def _parts(messages: Sequence[tuple[str, Message]]) -> Iterator[Sequence[tuple[str, Message]]]:
    part: list[tuple[str, Message]] = []
    size = 0
    for topic, message in messages:
        if part and size + len(message.value) > _MOST_AT_ONCE:
            yield part
            part, size = [], 0
        part.append((topic, message))
        size += len(message.value)
    if part:
        yield part


class TopicWriter:
    """One idempotent producer: within its life it writes nothing twice, and keeps each topic's order. For one thread.

    Where a call fails, the next one begins with a new producer. After a batch that was given up on its way, or a right
    that was missing for a moment, kafka-python's own never writes anything again.
    """

    def __init__(self, cluster: Cluster) -> None:
        """It connects when there is something to write."""
        reckon_in_c()
        self._cluster = cluster
        self._producer: KafkaProducer | None = None

    def write(self, messages: Sequence[tuple[str, Message]]) -> None:
        """Write each message to its topic, in this order.

        Raises:
            KafkaUseError: not all were written for certain. Some may have been: write all again, readers drop repeats.
        """
        with translated(done="some of it may have been written: it is written again", may="write to the topics"):
            producer = self._producer = self._producer or self._connected()
            try:
                for part in _parts(messages):
                    sent = [
                        producer.send(topic, message.value, key=message.key, headers=list(message.headers))
                        for topic, message in part
                    ]
                    producer.flush(timeout=_SECONDS)
                    for each in sent:
                        each.get(timeout=_SECONDS)
            except KafkaError:
                self.close()
                raise

    def close(self) -> None:
        """Disconnect; what is on its way is given up. Nothing is, unless a call failed: that is written again."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        # Its own `close` first waits until all is written: where that cannot be, it ends nothing and raises.
        producer._sender.force_close()  # noqa: SLF001 - there is no other way to end it
        producer._sender.join(_SECONDS)  # noqa: SLF001 - as above
        with suppress(KafkaTimeoutError):
            producer.close(timeout=0)

    def _connected(self) -> KafkaProducer:
        return KafkaProducer(
            **self._cluster.arguments(),
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
