"""An agency's end of Kafka: publishes what its adapters spool, and takes what the exchange answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from time import monotonic
from typing import Final

from broker.drivers.kafka.cluster import Cluster
from broker.drivers.kafka.inbox import SUBMITTED
from broker.drivers.kafka.outbox import REPLIES
from broker.drivers.kafka.reader import TopicReader
from broker.drivers.kafka.writer import TopicWriter
from broker.ports.feed import AgencyFeed
from broker.runtimes.logs import LogEvent, log
from broker.runtimes.post import FeedInbox
from contracts.envelope import SignedEvent
from contracts.errors import ContractError, EnvelopeError
from contracts.messages import event_message, heartbeat_message, read_reply
from contracts.reply import Reply
from contracts.sealed import ReaderKey, ReadingKeys
from contracts.transport import Message
from contracts.words import ReplyKind

BATCH: Final = 100
PUBLISHED_AGAIN: Final = timedelta(minutes=5)
"""An event without an answer is published again after this time: the exchange drops repeats."""
SHORTEST_REST: Final = 1.0
LONGEST_REST: Final = 300.0
"""Seconds until what the exchange could not open is sent again: twice as long each time that it could not."""
ALIVE_EVERY: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Carried:
    """What one turn did."""

    published: int = 0
    replies: int = 0


class AgencyEnd:
    """Carries for one agency. For one thread.

    An event stays in the sealed spool until the exchange has answered; what Kafka has lost by then is published again.
    """

    def __init__(
        self,
        cluster: Cluster,
        feed: AgencyFeed,
        *,
        keys: Callable[[], ReadingKeys],
        exchange: Callable[[], ReaderKey],
        now: Callable[[], datetime],
    ) -> None:
        """``keys`` open the agency's replies; ``exchange`` gives the key to seal its events to.

        Raises:
            KafkaUseError: Kafka cannot be reached, or lets this user not in.
        """
        self._feed = feed
        self._keys = keys
        self._exchange = exchange
        self._now = now
        self._waiting = FeedInbox({feed.agency: feed})
        self._again_at = self._alive_at = now()
        self._missing_at, self._missing_rest = inf, SHORTEST_REST
        self._not_carried: set[str] = set()
        self._writer = TopicWriter(cluster)
        owner = f"agency.{feed.agency}"
        topic = f"{REPLIES}{feed.agency}"
        self._replies = TopicReader(cluster, {topic}, group=f"{owner}.replies", member=owner)

    def turn(self, *, wait_seconds: float = 0.0) -> Carried:
        """Publish what waits, say that the feed lives, take answers.

        Raises:
            KafkaUseError: Kafka cannot be used; everything waits in the spool.
            SealedError: the exchange has registered no key to seal to.
        """
        published = self._publish()
        return Carried(published, self._take(wait_seconds))

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()
        self._replies.close()

    def _publish(self) -> int:
        now, topic = self._now(), f"{SUBMITTED}{self._feed.agency}"
        reader = self._exchange()
        if now >= self._again_at or monotonic() >= self._missing_at:
            self._waiting.begin()
            self._again_at, self._missing_at = now + PUBLISHED_AGAIN, inf
        if now >= self._alive_at:
            self._writer.write([(topic, heartbeat_message(self._feed.heartbeat(now), reader))])
            self._alive_at = now + ALIVE_EVERY
        waiting = self._waiting.receive(BATCH)
        carried = [message for each in waiting if (message := self._carried(each.event, reader)) is not None]
        if carried:
            self._writer.write([(topic, message) for message in carried])
        if waiting:
            self._waiting.acknowledge([each.position for each in waiting])
        return len(carried)

    def _carried(self, event: SignedEvent, reader: ReaderKey) -> Message | None:
        """The event as it travels; what is too large stays in the spool, is told of once and keeps nothing waiting."""
        try:
            return event_message(event, reader)
        except EnvelopeError as error:
            event_id = event.attributes.get("id", "")
            if event_id not in self._not_carried:
                self._not_carried.add(event_id)
                log().error(
                    LogEvent.ALARM,
                    what="event_not_carried",
                    agency=self._feed.agency,
                    event_id=event_id,
                    code=error.code,
                )
            return None

    def _note_missing(self, missing: Sequence[Reply]) -> None:
        """Send again what the exchange misses: soon, and ever more rarely where that does not help."""
        if not missing:
            return
        for code in sorted({reply.code for reply in missing if reply.code}):
            log().error(LogEvent.ALARM, what="exchange_cannot_open", agency=self._feed.agency, code=code)
        self._missing_at = monotonic() + self._missing_rest
        self._missing_rest = min(self._missing_rest * 2, LONGEST_REST)

    def _take(self, wait_seconds: float) -> int:
        arrived = self._replies.receive(BATCH, wait_seconds=wait_seconds)
        if not arrived:
            return 0
        keys, replies = self._keys(), list[Reply]()
        for each in arrived:
            try:
                replies.append(read_reply(each.value, keys))
            except ContractError as error:
                log().error(LogEvent.ALARM, what="reply_unreadable", agency=self._feed.agency, code=error.code)
        self._feed.hand_back(replies, now=self._now())
        if any(reply.kind is ReplyKind.ACCEPTED for reply in replies):
            self._missing_rest = SHORTEST_REST
        self._note_missing([reply for reply in replies if reply.first_missing])
        self._replies.acknowledge([each.position for each in arrived])
        return len(replies)
