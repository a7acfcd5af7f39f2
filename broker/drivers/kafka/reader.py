"""Reads topics: a message is offered again until it is acknowledged, and its offset is committed only then."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError

from broker.drivers.kafka.checksums import reckon_in_c
from broker.drivers.kafka.cluster import Cluster, translated
from broker.drivers.kafka.joining import keep_joins
from contracts.messages import Headers

_LOST = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
"""Another member of the group has the partition by now, and is offered again what is not committed."""

_SECONDS: Final = 10
_SESSION_SECONDS: Final = 15
_TAKES_ITS_PLACE_SECONDS: Final = 0.5
"""So long at least a poll lasts until this member has its part of the topics: on a busy machine a shorter one ends
before anything that it asked Kafka for has come."""
_FETCH_WAITS_MS: Final = 50
"""So long at most Kafka waits for something to come, where there is nothing. While it waits for one topic no other of
the same broker is asked for, though there be much in it: kafka-python asks a broker for one thing at a time."""
_POLLS_TO_BEGIN: Final = 2
"""Polls after it was given its part in which it finds out where to go on."""
_NOTHING_DONE: Final = "nothing was read or acknowledged"
_MAY_READ: Final = "read the topics, and be in the consumer group of its own name"


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message. ``position`` is what is acknowledged."""

    topic: str
    key: bytes | None
    headers: Headers
    value: bytes
    position: str


@dataclass(slots=True)
class _Offered:
    """What of one partition was read and is not committed: every message by its offset, none where it is answered."""

    waiting: dict[int, Arrived | None] = field(default_factory=dict)

    def committable(self) -> int | None:
        """The offset behind all that is answered from the beginning on; none where the first is not."""
        last = None
        for offset, message in list(self.waiting.items()):
            if message is not None:
                break
            last = offset + 1
            del self.waiting[offset]
        return last


class TopicReader:
    """One member of a consumer group. For one thread.

    What was received and not acknowledged is offered first, in order, so that a store that fails loses nothing; after a
    crash, or where another member takes over, Kafka offers it again.
    """

    def __init__(self, cluster: Cluster, topics: Collection[str], *, group: str, member: str) -> None:
        """Join ``group`` as ``member``: a name that stays the same when this process starts again.

        Raises:
            KafkaUseError: Kafka cannot be reached, or lets this user not in.
        """
        reckon_in_c()
        self._offered: dict[TopicPartition, _Offered] = {}
        self._taken = _Taken(self._offered)
        with translated(done=_NOTHING_DONE, may=_MAY_READ):
            self._consumer = KafkaConsumer(
                **cluster.arguments(),
                group_id=group,
                group_instance_id=member,
                # By ranges, as it is unless one says otherwise, one member would get the only partition of every topic.
                partition_assignment_strategy=[RoundRobinPartitionAssignor],
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                session_timeout_ms=_SESSION_SECONDS * 1000,
                **({"fetch_max_wait_ms": _FETCH_WAITS_MS} if len(topics) > 1 else {}),
                request_timeout_ms=_SECONDS * 1000,
                bootstrap_timeout_ms=_SECONDS * 1000,
            )
            keep_joins(self._consumer)
            self._consumer.subscribe(topics=sorted(topics), listener=self._taken)

    def receive(self, limit: int, *, wait_seconds: float = 0.0) -> Sequence[Arrived]:
        """At most ``limit`` messages that are not acknowledged, oldest first in each topic.

        Raises:
            KafkaUseError: Kafka cannot be reached, or does not let this user read.
        """
        left = [each for part in self._offered.values() for each in part.waiting.values() if each is not None][:limit]
        if left:
            return left
        if self._taken.polls_to_come():
            wait_seconds = max(wait_seconds, _TAKES_ITS_PLACE_SECONDS)
        with translated(done=_NOTHING_DONE, may=_MAY_READ):
            polled = self._consumer.poll(timeout_ms=int(wait_seconds * 1000), max_records=limit)
        found: list[Arrived] = []
        for part, records in polled.items():
            offered = self._offered.setdefault(part, _Offered())
            for record in records:
                position = f"{part.topic}/{part.partition}/{record.offset}"
                arrived = Arrived(part.topic, record.key, tuple(record.headers), record.value or b"", position)
                offered.waiting[record.offset] = arrived
                found.append(arrived)
        return found

    def acknowledge(self, positions: Collection[str]) -> None:
        """Let go of these messages. Of a partition that another member has taken over, nothing is let go.

        Raises:
            KafkaUseError: Kafka cannot be reached; they may be offered again.
        """
        for position in positions:
            topic, partition, offset = position.rsplit("/", 2)
            offered = self._offered.get(TopicPartition(topic, int(partition)))
            if offered is not None and int(offset) in offered.waiting:
                offered.waiting[int(offset)] = None
        commits = {part: offered.committable() for part, offered in self._offered.items()}
        offsets = {part: OffsetAndMetadata(at, "", -1) for part, at in commits.items() if at is not None}
        if not offsets:
            return
        with translated(done="what was acknowledged may be offered again", may=_MAY_READ):
            try:
                self._consumer.commit(offsets, timeout_ms=_SECONDS * 1000)
            except _LOST:
                self._offered.clear()

    def close(self) -> None:
        """Leave. What is not acknowledged is offered to whoever comes next."""
        self._consumer.close(autocommit=False)


class _Taken(ConsumerRebalanceListener):  # type: ignore[misc] # kafka-python says no types
    """Forgets what was offered of partitions that are this member's no longer; knows whether it has its part."""

    def __init__(self, offered: dict[TopicPartition, _Offered]) -> None:
        self._offered = offered
        self._has_part, self._begun = False, 0

    def polls_to_come(self) -> bool:
        """Whether it has yet to be given its part, or to find out where to go on; counts the polls since then."""
        self._begun += self._has_part
        return self._begun <= _POLLS_TO_BEGIN

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._has_part, self._begun = False, 0
        for part in revoked:
            self._offered.pop(part, None)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._has_part = True
        for part in assigned:
            self._offered.pop(part, None)
