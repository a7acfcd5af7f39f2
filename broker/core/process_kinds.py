"""The kinds of process that open the exchange's stores when the line is carried by processes of its own."""

from enum import StrEnum


class ProcessKind(StrEnum):
    """What a process of the exchange does; it signs in to Kafka and to the database as that."""

    HUB = "hub"
    SEQUENCER = "sequencer"
    RELEASE = "release"
