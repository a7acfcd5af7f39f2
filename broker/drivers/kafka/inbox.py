"""What agencies publish, for the exchange."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from broker.drivers.kafka.cluster import Cluster
from broker.drivers.kafka.reader import Arrived, TopicReader
from broker.ports.transport import Submitted
from contracts.envelope import SignedEvent
from contracts.errors import ContractError
from contracts.heartbeat import Heartbeat
from contracts.messages import HEARTBEAT_TYPE, read_event_message, read_heartbeat, type_of
from contracts.sealed import ReadingKeys
from contracts.words import AgencyId

SUBMITTED: Final = "submitted."
GROUP: Final = "hub.submitted"


class KafkaInbox:
    """The agencies' own topics, in order for each agency. For one thread.

    ``hear`` is told of every sign of life that can be read and is the topic's own agency's; ``unread`` of the topic and
    code of everything else that cannot be read.
    """

    def __init__(
        self,
        cluster: Cluster,
        agencies: Collection[str],
        keys: Callable[[], ReadingKeys],
        *,
        member: str,
        hear: Callable[[Heartbeat], None],
        unread: Callable[[str, str], None],
    ) -> None:
        """Read these agencies' topics as ``member`` of the hub's group; ``keys`` gives what opens their messages now.

        Raises:
            KafkaUseError: Kafka cannot be reached, or lets this user not in.
        """
        self._reader = TopicReader(cluster, {f"{SUBMITTED}{each}" for each in agencies}, group=GROUP, member=member)
        self._keys = keys
        self._hear = hear
        self._unread = unread
        self.wait_seconds = 0.0

    def begin(self) -> None:
        """Nothing: what is answered is gone."""

    def receive(self, limit: int) -> Sequence[Submitted]:
        """The oldest events that are not acknowledged.

        Raises:
            KafkaUseError: Kafka cannot be reached, or does not let this user read.
        """
        keys = self._keys()
        found, alive = [], []
        for arrived in self._reader.receive(limit, wait_seconds=self.wait_seconds):
            if type_of(arrived.headers) == HEARTBEAT_TYPE:
                self._note(arrived, keys)
                alive.append(arrived.position)
            else:
                found.append(self._submitted(arrived, keys))
        if alive:
            self._reader.acknowledge(alive)
        return found

    def acknowledge(self, positions: Sequence[str]) -> None:
        """Let go of messages that are accepted, held, quarantined or refused.

        Raises:
            KafkaUseError: Kafka cannot be reached; they may be offered again.
        """
        self._reader.acknowledge(positions)

    def close(self) -> None:
        """Leave."""
        self._reader.close()

    def _note(self, arrived: Arrived, keys: ReadingKeys) -> None:
        try:
            heartbeat = read_heartbeat(arrived.value, keys)
        except ContractError as error:
            self._unread(arrived.topic, error.code)
            return
        if heartbeat.agency != _agency(arrived):
            self._unread(arrived.topic, "envelope.source_mismatch")
            return
        self._hear(heartbeat)

    def _submitted(self, arrived: Arrived, keys: ReadingKeys) -> Submitted:
        """The event; where it cannot be opened or read, what its headers say, and why."""
        agency = _agency(arrived)
        try:
            event = read_event_message(arrived.key, arrived.headers, arrived.value, keys)
        except ContractError as error:
            self._unread(arrived.topic, error.code)
            said = {
                name.removeprefix("ce_"): (content or b"").decode("utf-8", errors="replace")
                for name, content in arrived.headers
                if name.startswith("ce_")
            }
            return Submitted(agency, SignedEvent(said, "", arrived.value), arrived.position, problem=error)
        return Submitted(agency, event, arrived.position)


def _agency(arrived: Arrived) -> AgencyId:
    return AgencyId(arrived.topic.removeprefix(SUBMITTED))
