"""What a partnership's Kafka should look like, what it does look like, and what must change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. ``settings``: those of Kafka's own that are not left to the broker."""

    name: str
    partitions: int
    replicas: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """That a user may do one thing with one topic or one consumer group.

    The last three are as here in all that is wanted: somebody may have refused instead of allowed, for all names that
    begin so, or from one host alone. That is never the same, and goes.
    """

    user: str
    operation: str
    resource: str
    name: str
    permission: str = "allow"
    pattern: str = "literal"
    host: str = "*"

    def __str__(self) -> str:
        """As people say it."""
        said = f"{self.user} may {self.operation} {self.resource} {self.name}"
        if (self.permission, self.pattern, self.host) == ("allow", "literal", "*"):
            return said
        return f"{said} ({self.permission}, {self.pattern}, from {self.host})"


@dataclass(frozen=True, slots=True)
class Layout:
    """All topics, and all that anybody may do with them."""

    topics: Mapping[str, Topic]
    grants: frozenset[Grant]


@dataclass(frozen=True, slots=True)
class Changes:
    """What makes one layout of another.

    ``settings``: by topic, those that differ, with what they should be. ``strangers``: topics that nobody asked for;
    they are named and left. ``impossible``: what cannot be changed without losing order or content.
    """

    create: Sequence[Topic] = ()
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    grant: Sequence[Grant] = ()
    revoke: Sequence[Grant] = ()
    strangers: Sequence[str] = ()
    impossible: Sequence[str] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether all is as it should be."""
        return not (self.create or self.settings or self.grant or self.revoke or self.impossible)

    def words(self) -> Sequence[str]:
        """One line for each change, and for what is only named."""
        return [
            *(f"make topic {each.name}" for each in self.create),
            *(f"set {key} of {name} to {value}" for name, some in self.settings.items() for key, value in some.items()),
            *(f"allow: {each}" for each in self.grant),
            *(f"no longer allow: {each}" for each in self.revoke),
            *(f"left as it is, nobody asked for it: topic {name}" for name in self.strangers),
            *(f"CANNOT BE DONE: {each}" for each in self.impossible),
        ]


def changes(wanted: Layout, found: Layout) -> Changes:
    """What must change so that ``found`` becomes ``wanted``. Whoever may do more than is wanted, may no longer."""
    both = [(topic, found.topics[name]) for name, topic in sorted(wanted.topics.items()) if name in found.topics]
    differing = {topic.name: _differing(topic, there) for topic, there in both}
    return Changes(
        create=tuple(topic for name, topic in sorted(wanted.topics.items()) if name not in found.topics),
        settings={name: some for name, some in differing.items() if some},
        grant=tuple(sorted(wanted.grants - found.grants)),
        revoke=tuple(sorted(found.grants - wanted.grants)),
        strangers=tuple(sorted(name for name in found.topics if name not in wanted.topics)),
        impossible=tuple(_impossible(both)),
    )


def _differing(topic: Topic, there: Topic) -> dict[str, str]:
    return {key: value for key, value in sorted(topic.settings.items()) if there.settings.get(key) != value}


def _impossible(both: Iterable[tuple[Topic, Topic]]) -> Iterable[str]:
    for topic, there in both:
        if topic.partitions != there.partitions:
            yield (
                f"topic {topic.name} has {there.partitions} partitions and should have {topic.partitions}: messages"
                " would lose their order; drain it and make it anew"
            )
        if topic.replicas != there.replicas:
            yield (
                f"topic {topic.name} has {there.replicas} replicas and should have {topic.replicas}: move them with"
                " kafka-reassign-partitions"
            )
