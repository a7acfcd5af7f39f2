"""Follows the published log as a partner does: with the topic and the public keys, and nothing else."""

from collections.abc import Sequence

from broker.core.following import Follower, FollowError
from broker.core.note import NoteVerifier
from broker.core.public_keys import parse_public_keys
from broker.drivers.kafka.cluster import Cluster
from broker.drivers.kafka.ledger import LedgerReader
from broker.drivers.kafka.reader import Arrived
from broker.runtimes.kafka import named_cluster
from broker.runtimes.settings import KafkaSettings
from contracts.messages import CHECKPOINT_TYPE, LEAF_TYPE, number_of, type_of


class Following:
    """Everything that was published so far, recomputed. For one thread."""

    def __init__(self, public_keys: str, kafka: KafkaSettings | None) -> None:
        """Follow the log of these public keys, on this Kafka.

        Raises:
            PublicKeysError: the keys cannot be read.
            SettingsError: Kafka's settings are missing or cannot be used.
        """
        log_keys = parse_public_keys(public_keys).logs
        self._cluster = named_cluster(kafka)
        self._follower = Follower(log_keys, origin=log_keys[0].name)
        self._agreed = 0

    def turn(self) -> int:
        """Read what is published, from the beginning, and compare all of it; how many checkpoints agreed.

        Raises:
            FollowError: something cannot be true.
            NoteError, CheckpointError: a checkpoint is none, or not signed by the log.
            KafkaUseError: Kafka cannot be reached, or does not let this user read.
        """
        before = self._follower.size
        agreed = 0
        for message in LedgerReader(self._cluster).to_the_end():
            agreed += _take(self._follower, message)
        self._agreed = agreed
        return self._follower.size - before

    def told(self) -> str:
        """What was found, in a line."""
        last = self._follower.agreed
        if last is None:
            return "Nothing is published yet."
        return (
            f"{self._follower.size} log entries of {last.origin}, {self._agreed} checkpoints: all agree."
            f" The last seals {last.size}, root {last.root.hex()}."
        )


def published_leaves(cluster: Cluster, verifiers: Sequence[NoteVerifier], *, origin: str) -> list[bytes]:
    """Every published leaf from the first, compared with every published checkpoint.

    Those after the last checkpoint are sealed by none that is published; the partners have them all the same.

    Raises:
        FollowError, NoteError, CheckpointError: what is published is not one log of this origin.
        KafkaUseError: Kafka cannot be reached, or does not let this user read.
    """
    follower, leaves = Follower(verifiers, origin=origin), list[bytes]()
    for message in LedgerReader(cluster).to_the_end():
        _take(follower, message)
        if follower.size > len(leaves):
            leaves.append(message.value)
    return leaves


def _take(follower: Follower, message: Arrived) -> int:
    """Give one message to the follower; how many checkpoints agreed."""
    sort, number = type_of(message.headers), number_of(message.headers)
    if sort == LEAF_TYPE and number is not None:
        follower.leaf(number, message.value)
        return 0
    if sort == CHECKPOINT_TYPE:
        follower.checkpoint(message.value)
        return 1
    msg = f"message {message.position} of the published log cannot be read"
    raise FollowError(msg, code="ledger.unreadable", remedy="ask the exchange's operator who wrote it")
