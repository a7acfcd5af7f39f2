"""The topics of a partnership, from one file and the agreements in use; what Kafka has, made so."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from broker.core.errors import MashError
from broker.core.topics import Changes, Grant, Layout, Topic, changes
from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.runtimes.agreements import load_engine
from broker.runtimes.home import Home
from broker.runtimes.kafka import named_cluster
from broker.runtimes.scenario_files import where
from broker.runtimes.settings import KafkaSettings
from contracts.base import Model
from contracts.sealed import LARGEST_SEALED
from policies.engine import Engine

if TYPE_CHECKING:
    from broker.drivers.kafka.admin import KafkaAdmin

LONGEST_WITH_CONTENT = 7
"""Days for which a topic may keep what is about people."""

_SECONDS, _LOOKS_EVERY = 10, 0.2
_DAY = 24 * 60 * 60 * 1000
_WRITES, _READS = ("write", "describe"), ("read", "describe")


class TopicsError(MashError):
    """The file of topics cannot be used."""

    codes: ClassVar[Mapping[str, str]] = {
        "topics.unreadable": "The file of topics is missing, or is no YAML.",
        "topics.not_in_force": "Kafka took the changes and does not heed them.",
        "topics.invalid": "The file of topics asks for what cannot be; the message names the place.",
    }


class _Kind(Model):
    """One kind of topic, as the file has it."""

    one_for_each: Literal["agency", "recipient"] | None = None
    partitions: Annotated[int, Field(ge=1, le=1000)] = 1
    content: bool
    kept_days: Annotated[int, Field(ge=2, le=3650)] | Literal["forever"]
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]

    @model_validator(mode="after")
    def _is_lawful(self) -> "_Kind":
        if self.content and (self.kept_days == "forever" or self.kept_days > LONGEST_WITH_CONTENT):
            msg = f"what holds content is kept for at most {LONGEST_WITH_CONTENT} days"
            raise ValueError(msg)
        if self.one_for_each is None and "owner" in (*self.written_by, *self.read_by):
            msg = "only a topic of one agency or recipient has an owner"
            raise ValueError(msg)
        return self


class _File(Model):
    """The whole file."""

    replicas: Annotated[int, Field(ge=1, le=9)]
    in_sync: Annotated[int, Field(ge=1, le=9)]
    topics: dict[Annotated[str, Field(pattern="^[a-z][a-z_]*$")], _Kind]

    @model_validator(mode="after")
    def _can_be_in_sync(self) -> "_File":
        if self.in_sync > self.replicas or (self.replicas > 1 and self.in_sync == self.replicas):
            msg = "in_sync is less than replicas, so that one broker may be away; with one replica it is 1"
            raise ValueError(msg)
        return self


def wanted_layout(file: Path, engine: Engine) -> Layout:
    """What the file asks for, with a topic for each agency and recipient of the agreements in use.

    Raises:
        TopicsError: the file cannot be read, or asks for what cannot be.
    """
    directory = EmbeddedPolicy(engine).directory()
    owners: Mapping[str, Sequence[str]] = {
        "agency": sorted(directory.agencies),
        "recipient": sorted(directory.recipients),
    }
    read = _read(file)
    topics: dict[str, Topic] = {}
    grants: set[Grant] = set()
    for kind, asked in read.topics.items():
        for name, owner in _names(kind, asked, owners):
            topics[name] = Topic(name, asked.partitions, read.replicas, _settings(asked, read))
            grants.update(_grants(kind, name, owner, asked))
    return Layout(topics, frozenset(grants))


def planned(file: Path, kafka: KafkaSettings | None, home: Home | None = None) -> Changes:
    """What must change in Kafka; nothing is changed.

    Raises:
        TopicsError, SettingsError, KafkaUseError: the file or the settings cannot be used, or Kafka cannot.
    """
    return _done(file, kafka, home, change=False)


def applied(file: Path, kafka: KafkaSettings | None, home: Home | None = None) -> Changes:
    """Change what must be changed in Kafka; what that was.

    Raises:
        TopicsError, SettingsError, KafkaUseError: as `planned`; or Kafka refused a change.
    """
    return _done(file, kafka, home, change=True)


def _done(file: Path, kafka: KafkaSettings | None, home: Home | None, *, change: bool) -> Changes:
    engine = load_engine(home)
    try:
        wanted = wanted_layout(file, engine)
    finally:
        engine.close()
    cluster = named_cluster(kafka)
    from broker.drivers.kafka.admin import KafkaAdmin  # noqa: PLC0415 - its client is an extra's

    admin = KafkaAdmin(cluster)
    try:
        found = changes(wanted, admin.layout())
        if change:
            admin.apply(found)
            _wait_until_in_force(admin, wanted)
        return found
    finally:
        admin.close()


def _wait_until_in_force(admin: "KafkaAdmin", wanted: Layout) -> None:
    """Wait until the broker heeds what it was told: it says that a right is given a moment before that."""
    last = monotonic() + _SECONDS
    while monotonic() < last:
        left = changes(wanted, admin.layout())
        if not (left.create or left.settings or left.grant or left.revoke):
            return
        sleep(_LOOKS_EVERY)
    msg = "Kafka took every change, and does not heed them all yet"
    raise TopicsError(msg, code="topics.not_in_force", remedy="look again with: mash topics plan")


def _read(file: Path) -> _File:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"{file.name} cannot be read as YAML"
        raise TopicsError(msg, code="topics.unreadable", remedy="compare with infra/kafka/topics.yaml") from error
    try:
        return _File.model_validate(content)
    except ValidationError as error:
        msg = f"{file.name}: {where(error)}"
        raise TopicsError(msg, code="topics.invalid", remedy="compare with infra/kafka/topics.yaml") from error


def _names(kind: str, asked: _Kind, owners: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    if asked.one_for_each is None:
        yield kind, ""
        return
    for owner in owners[asked.one_for_each]:
        yield f"{kind}.{owner}", f"{asked.one_for_each}.{owner}"


def _settings(asked: _Kind, file: _File) -> Mapping[str, str]:
    """Kafka drops whole segments only: the last day's is kept a day longer, so that much sooner the others must go.

    The time that counts is the broker's, or whoever writes could have something kept for longer.
    """
    kept = "-1" if asked.kept_days == "forever" else str((asked.kept_days - 1) * _DAY)
    return {
        "cleanup.policy": "delete",
        "max.message.bytes": str(LARGEST_SEALED),
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(file.in_sync),
        "retention.ms": kept,
        "segment.ms": str(_DAY),
        "unclean.leader.election.enable": "false",
    }


def _grants(kind: str, name: str, owner: str, asked: _Kind) -> Iterator[Grant]:
    """Who writes and who reads, in a consumer group of one's own for each kind of topic: ``hub.submitted``."""
    for users, operations in ((asked.written_by, _WRITES), (asked.read_by, _READS)):
        for user in (owner if each == "owner" else each for each in users):
            yield from (Grant(user, operation, "topic", name) for operation in operations)
    for user in (owner if each == "owner" else each for each in asked.read_by):
        yield Grant(user, "read", "group", f"{user}.{kind}")
