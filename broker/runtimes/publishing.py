"""Publishes the log on its topic, and lets nothing be sealed that would contradict what is published."""

from typing import ClassVar, Final

from broker.core import tiles
from broker.core.checkpoint import check_prefix, open_checkpoint
from broker.core.errors import MashError
from broker.drivers.kafka.cluster import Cluster
from broker.drivers.kafka.ledger import LedgerReader, LedgerTopic
from broker.runtimes.wiring import Hub
from contracts.messages import CHECKPOINT_TYPE, type_of

_CHUNK: Final = 1000
_LOOKED_BACK: Final = 3 * _CHUNK
"""Messages: a checkpoint follows each chunk of leaves, so one is among so many of the last."""


class BehindError(MashError):
    """The exchange's log is older than what it has published: it was restored from a backup."""

    codes: ClassVar[dict[str, str]] = {
        "ledger.behind_published": "The log has fewer leaves than were published: sealing more would make two logs.",
    }


class Publishing:
    """For one thread; `check` comes before anything is sealed."""

    def __init__(self, hub: Hub, cluster: Cluster) -> None:
        """Kafka is reached when it is first needed."""
        self._hub = hub
        self._cluster = cluster
        self._topic = LedgerTopic(cluster)
        self._published = 0
        self._is_checked = False

    def check(self) -> None:
        """Compare the log with what is published, once in this process's life.

        Raises:
            BehindError: the log has fewer leaves.
            ForkError: it does not begin with what a published checkpoint sealed.
            KafkaUseError: Kafka cannot be asked; nothing may be sealed meanwhile.
        """
        if self._is_checked:
            return
        published, size = self._topic.published(), self._hub.ledger.head().size
        if published > size:
            msg = f"{published} log entries are published and {size} are here; nothing was sealed"
            remedy = "stop the exchange, then mash ledger restore; see the runbook on restoring"
            raise BehindError(msg, code="ledger.behind_published", remedy=remedy)
        notes = [
            each.value
            for each in LedgerReader(self._cluster).to_the_end(last=_LOOKED_BACK)
            if type_of(each.headers) == CHECKPOINT_TYPE
        ]
        if notes:
            signer = self._hub.signer
            earlier = open_checkpoint(notes[-1], [signer], origin=signer.name)
            check_prefix(earlier, size=size, hash_of=tiles.hash_reader(self._hub.ledger.tile))
        self._published, self._is_checked = published, True

    def turn(self) -> int:
        """Publish every leaf that is sealed and not yet published, and the checkpoint over them; how many leaves.

        Raises:
            KafkaUseError: Kafka cannot be reached; what is sealed is published later.
        """
        latest = self._hub.ledger.head().latest
        if latest is None or latest.size <= self._published or not self._is_checked:
            return 0
        before = self._published
        while self._published < latest.size:
            end = min(latest.size, self._published + _CHUNK)
            leaves = [each.leaf for each in self._hub.ledger.leaves(self._published, end)]
            checkpoint = (latest.size, latest.note) if end == latest.size else None
            self._topic.publish(self._published, leaves, checkpoint=checkpoint)
            self._published = end
        return self._published - before

    def close(self) -> None:
        """Disconnect."""
        self._topic.close()
