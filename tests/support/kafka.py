"""A Kafka for the tests: a process of this machine, with TLS, passwords and ACLs on."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from broker.drivers.kafka.cluster import Cluster
from broker.runtimes.settings import KafkaSettings
from infra.local.kafka import ADMIN, LocalKafka, NoKafkaError, a_kafka


@dataclass(frozen=True)
class KafkaAtHand:
    """A broker that runs, and its users' passwords."""

    broker: LocalKafka
    passwords: dict[str, str]

    def as_user(self, user: str) -> Cluster:
        """How to reach it as one of them."""
        tls = ssl.create_default_context(cafile=self.broker.certificate.shown)
        return Cluster((self.broker.address,), user, self.passwords[user], tls)

    def settings(self, folder: Path) -> KafkaSettings:
        """How whoever may do everything reaches it, with the password in a file."""
        file = folder / "password"
        file.write_text(self.passwords[ADMIN], encoding="ascii")
        return KafkaSettings((self.broker.address,), ADMIN, file, self.broker.certificate.shown)


@contextmanager
def a_kafka_to_test_with(*users: str) -> Iterator[KafkaAtHand]:
    """An empty broker with these users. Where there is none the tests that need it are skipped; in CI they fail."""
    passwords = {user: f"the password of {user}".replace(" ", "-") for user in (ADMIN, *users)}
    try:
        with a_kafka(passwords) as broker:
            yield KafkaAtHand(broker, passwords)
    except NoKafkaError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"nothing was checked on Kafka: {error}")
