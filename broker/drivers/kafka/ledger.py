"""The published log on its topic: leaves in order, and after each group the checkpoint that seals it."""

from collections.abc import Iterator, Sequence
from typing import Final

from kafka import KafkaConsumer, TopicPartition

from broker.core.following import FollowError
from broker.drivers.kafka.cluster import Cluster, translated
from broker.drivers.kafka.reader import Arrived
from broker.drivers.kafka.writer import TopicWriter
from contracts.messages import CHECKPOINT_TYPE, LEAF_TYPE, checkpoint_message, leaf_message, number_of, type_of

TOPIC: Final = "ledger"
_SECONDS: Final = 10
_NOTHING_DONE: Final = "nothing was read or published"
_MAY_READ: Final = "read the topic ledger"


class LedgerTopic:
    """Publishes for the sequencer. For one thread."""

    def __init__(self, cluster: Cluster) -> None:
        """It connects when it is used."""
        self._cluster = cluster
        self._writer = TopicWriter(cluster)

    def published(self) -> int:
        """How many leaves are published, by the last message that is there.

        Raises:
            KafkaUseError: Kafka cannot be reached, or does not let this user read.
            FollowError: the last message is no part of a log.
        """
        for last in LedgerReader(self._cluster).to_the_end(last=1):
            number, sort = number_of(last.headers), type_of(last.headers)
            if number is None or sort not in {LEAF_TYPE, CHECKPOINT_TYPE}:
                msg = "the last message of the published log cannot be read; nothing was published"
                raise FollowError(msg, code="ledger.unreadable", remedy="find out who wrote it, and verify the log")
            return number + 1 if sort == LEAF_TYPE else number
        return 0

    def publish(self, start: int, leaves: Sequence[bytes], *, checkpoint: tuple[int, str] | None = None) -> None:
        """Publish leaves from ``start`` on, then, where it is given, the checkpoint that seals so many: size and note.

        Raises:
            KafkaUseError: not all were published for certain; publish all again, readers compare repeats.
        """
        messages = [(TOPIC, leaf_message(start + number, leaf)) for number, leaf in enumerate(leaves)]
        if checkpoint is not None:
            size, note = checkpoint
            messages.append((TOPIC, checkpoint_message(note, size)))
        self._writer.write(messages)

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()


class LedgerReader:
    """Reads the published log from its beginning, in no group, so that everybody reads all of it."""

    def __init__(self, cluster: Cluster) -> None:
        """Connect.

        Raises:
            KafkaUseError: Kafka cannot be reached, or lets this user not in.
        """
        self._part = TopicPartition(TOPIC, 0)
        with translated(done=_NOTHING_DONE, may=_MAY_READ):
            self._consumer = KafkaConsumer(
                **cluster.arguments(),
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                request_timeout_ms=_SECONDS * 1000,
                bootstrap_timeout_ms=_SECONDS * 1000,
            )
            self._consumer.assign([self._part])

    def to_the_end(self, *, last: int = 0) -> Iterator[Arrived]:
        """Every message that is there, or only the ``last`` so many; then the connection is closed.

        Raises:
            KafkaUseError: Kafka cannot be reached, or does not let this user read.
        """
        with translated(done=_NOTHING_DONE, may=_MAY_READ):
            end = self._consumer.end_offsets([self._part])[self._part]
            first = self._consumer.beginning_offsets([self._part])[self._part]
            self._consumer.seek(self._part, max(first, end - last) if last else first)
        try:
            while self._position() < end:
                yield from self._polled(end)
        finally:
            self._consumer.close(autocommit=False)

    def _polled(self, end: int) -> Iterator[Arrived]:
        with translated(done=_NOTHING_DONE, may=_MAY_READ):
            polled = self._consumer.poll(timeout_ms=1000)
        for record in polled.get(self._part, ()):
            if record.offset < end:
                yield Arrived(TOPIC, record.key, tuple(record.headers), record.value or b"", f"{record.offset}")

    def _position(self) -> int:
        with translated(done=_NOTHING_DONE, may=_MAY_READ):
            return int(self._consumer.position(self._part))
