"""How a Kafka is reached."""

import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kafka.errors import KafkaError

from broker.core.errors import MashError


class KafkaUseError(MashError):
    """Kafka cannot be reached, lets nobody in, or refuses what is asked."""

    codes: ClassVar[Mapping[str, str]] = {
        "kafka.unreachable": "No Kafka broker answers, or it lets this user not in.",
        "kafka.refused": "Kafka refused what was asked.",
    }


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where Kafka is, and as whom: always over TLS and SCRAM-SHA-512."""

    servers: tuple[str, ...]
    user: str
    password: str = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)

    def arguments(self) -> dict[str, Any]:
        """What a client of kafka-python is made with."""
        # It logs every attempt; what came of them is said by the error.
        logging.getLogger("kafka").setLevel(logging.CRITICAL)
        return {
            "bootstrap_servers": list(self.servers),
            "client_id": self.user,
            "reconnect_backoff_max_ms": 2000,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
            "ssl_context": self.tls,
        }


@contextmanager
def translated(*, done: str, may: str) -> Iterator[None]:
    """Give Kafka's errors as our own. ``done``: what may have been done all the same; ``may``: what the user needs.

    Raises:
        KafkaUseError: Kafka cannot be used, or refused.
    """
    try:
        yield
    except KafkaError as error:
        name = type(error).__name__
        if error.retriable or any(word in name for word in ("Authentication", "NoBrokers", "Timeout", "Connection")):
            msg = f"Kafka cannot be used ({name}); {done}"
            remedy = "check MASH_KAFKA_SERVERS, the user, its password and the authority; that the broker runs"
            raise KafkaUseError(msg, code="kafka.unreachable", remedy=remedy) from error
        msg = f"Kafka refused ({name}); {done}"
        raise KafkaUseError(msg, code="kafka.refused", remedy=f"let this user {may}") from error
