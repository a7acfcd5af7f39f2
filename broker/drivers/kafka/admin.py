"""Reads how a Kafka is laid out, and changes it."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import KafkaError, NoError

from broker.core.topics import Changes, Grant, Layout, Topic
from broker.drivers.kafka.cluster import Cluster, translated

_TYPES = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
_SECONDS = 10


class KafkaAdmin:
    """One connection to a cluster, as a user who may change it."""

    def __init__(self, cluster: Cluster) -> None:
        """Connect.

        Raises:
            KafkaUseError: nobody answers, or the user is not let in.
        """
        self._user = cluster.user
        with _translated():
            limits = {"request_timeout_ms": _SECONDS * 1000, "bootstrap_timeout_ms": _SECONDS * 1000}
            self._client = KafkaAdminClient(**cluster.arguments(), **limits)

    def close(self) -> None:
        """Disconnect."""
        self._client.close()

    def layout(self) -> Layout:
        """The topics that are there, and who may do what with them and with consumer groups.

        What this connection's own user may do is left out: whoever lays Kafka out must not lock themselves out of it.

        Raises:
            KafkaUseError: Kafka does not say.
        """
        with _translated():
            described = self._client.describe_topics()
            names = [each["name"] for each in described if not each["is_internal"]]
            settings = self._settings(names)
            topics = {
                each["name"]: Topic(
                    each["name"],
                    len(each["partitions"]),
                    len(each["partitions"][0]["replica_nodes"]),
                    settings.get(each["name"], {}),
                )
                for each in described
                if each["name"] in names
            }
            return Layout(topics, frozenset(self._grants()))

    def apply(self, changes: Changes) -> None:
        """Make these changes: first who may no longer, then topics, then who may.

        Raises:
            KafkaUseError: Kafka refused one; what was done before it stays, and applying again goes on from there.
        """
        with _translated():
            if changes.revoke:
                _check(self._client.delete_acls([_filter(each) for each in changes.revoke]))
            if changes.create:
                self._client.create_topics(
                    {
                        each.name: {
                            "num_partitions": each.partitions,
                            "replication_factor": each.replicas,
                            "configs": dict(each.settings),
                        }
                        for each in changes.create
                    },
                    wait_for_metadata=True,
                )
            if changes.settings:
                self._client.alter_configs(
                    [
                        ConfigResource(ConfigResourceType.TOPIC, name, configs=dict(settings))
                        for name, settings in changes.settings.items()
                    ],
                    incremental=True,
                )
            if changes.grant:
                done = self._client.create_acls([_acl(each) for each in changes.grant])
                _check(done.get("failed", ()))

    def _settings(self, names: list[str]) -> Mapping[str, Mapping[str, str]]:
        if not names:
            return {}
        found = self._client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
        return {
            name: {key: str(each["value"]) for key, each in settings.items()}
            for name, settings in found["topic"].items()
        }

    def _grants(self) -> Iterator[Grant]:
        for resource, kind in _TYPES.items():
            pattern = ResourcePatternFilter(kind, None, ACLResourcePatternType.ANY)
            acls, error = self._client.describe_acls(
                ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, pattern)
            )
            _check(((None, error),))
            for each in acls:
                user, pattern = each.principal.removeprefix("User:"), each.resource_pattern
                if user != self._user:
                    yield Grant(
                        user,
                        each.operation.name.lower(),
                        resource,
                        pattern.resource_name,
                        each.permission_type.name.lower(),
                        pattern.pattern_type.name.lower(),
                        each.host,
                    )


def _acl(grant: Grant) -> ACL:
    pattern = ResourcePattern(_TYPES[grant.resource], grant.name, ACLResourcePatternType[grant.pattern.upper()])
    return ACL(f"User:{grant.user}", grant.host, *_what(grant), pattern)


def _filter(grant: Grant) -> ACLFilter:
    pattern = ResourcePatternFilter(_TYPES[grant.resource], grant.name, ACLResourcePatternType[grant.pattern.upper()])
    return ACLFilter(f"User:{grant.user}", grant.host, *_what(grant), pattern)


def _what(grant: Grant) -> tuple[ACLOperation, ACLPermissionType]:
    return ACLOperation[grant.operation.upper()], ACLPermissionType[grant.permission.upper()]


def _check(outcomes: Any) -> None:
    """Raise the first error; kafka-python gives an error's class, that of no error included."""
    for outcome in outcomes:
        kind = outcome[-1] if isinstance(outcome[-1], type) else type(outcome[-1])
        if issubclass(kind, KafkaError) and kind is not NoError:
            raise kind


def _translated() -> AbstractContextManager[None]:
    return translated(done="see what was done with mash topics plan", may="alter cluster and topics")
