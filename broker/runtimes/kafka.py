"""Reaches the Kafka that the settings name."""

import ssl
from importlib.util import find_spec
from typing import TYPE_CHECKING

from broker.runtimes.settings import KafkaSettings, SettingsError

if TYPE_CHECKING:
    from broker.drivers.kafka.cluster import Cluster


def check_client() -> None:
    """Check that the client for Kafka is installed.

    Raises:
        SettingsError: it is not.
    """
    if find_spec("kafka") is None:
        msg = "the client for Kafka is not installed"
        raise SettingsError(msg, code="settings.kafka", remedy='pip install "mash-broker[streaming]"')


def named_cluster(kafka: KafkaSettings | None) -> "Cluster":
    """Where Kafka is, and as whom.

    Raises:
        SettingsError: no Kafka is named, its client is not installed, or a file that the settings name is not there.
    """
    check_client()
    from broker.drivers.kafka.cluster import Cluster  # noqa: PLC0415 - its client is an extra's

    if kafka is None:
        msg = "no Kafka is named"
        raise SettingsError(msg, code="settings.kafka", remedy="set MASH_KAFKA_SERVERS and what goes with it")
    try:
        password = kafka.password_file.read_text(encoding="utf-8").strip()
        tls = ssl.create_default_context(cafile=kafka.ca_file)
    except OSError as error:
        msg = "a file that Kafka's settings name cannot be read"
        remedy = "check MASH_KAFKA_PASSWORD_FILE and MASH_KAFKA_CA_FILE"
        raise SettingsError(msg, code="settings.kafka", remedy=remedy) from error
    return Cluster(kafka.servers, kafka.user, password, tls)
