"""Brings the ledger of a restored home up to what partners hold of it."""

from broker.runtimes.exchange import Exchange
from broker.runtimes.following import published_leaves
from broker.runtimes.kafka import named_cluster
from broker.runtimes.settings import KafkaSettings
from broker.services.restore_ledger import Restored, restore_ledger


def restore_from_topic(exchange: Exchange, kafka: KafkaSettings | None) -> Restored:
    """Add every log entry that is published and was lost, and hold shares back until agencies can have sent again.

    Nothing else of the exchange may run.

    Raises:
        SettingsError: Kafka's settings are missing or cannot be used.
        KafkaUseError: Kafka cannot be reached, or does not let this user read.
        FollowError, NoteError, CheckpointError: what is published is not one log.
        OtherLogError: it is not the log that was restored.
        LedgerError: a sequencer is at work.
    """
    hub = exchange.hub
    leaves = published_leaves(named_cluster(kafka), [hub.signer], origin=hub.signer.name)
    if len(leaves) > hub.ledger.head().size:
        hub.missing.begin()  # before anything is added: begun again after a failure, there may be nothing left to add
    return restore_ledger(hub.journal, hub.ledger, hub.signer, hub.clock, leaves)
