"""A writer goes on by itself after whatever kept it from writing."""

from collections.abc import Iterator

import pytest

from broker.core.topics import Changes, Grant, Topic
from broker.drivers.kafka.admin import KafkaAdmin
from broker.drivers.kafka.cluster import KafkaUseError
from broker.drivers.kafka.reader import TopicReader
from broker.drivers.kafka.writer import _MOST_AT_ONCE, TopicWriter, _parts
from contracts.transport import Message
from infra.local.kafka import ADMIN
from tests.support.kafka import KafkaAtHand, a_kafka_to_test_with

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("lost_sockets_collected"),
]
TOPIC, USER = "events", "writer"


@pytest.fixture
def kafka() -> Iterator[KafkaAtHand]:
    """A broker with one topic, which the user may describe and not write to."""
    with a_kafka_to_test_with(USER) as kafka:
        change(kafka, create=(Topic(TOPIC, 1, 1, {}),), grant=(Grant(USER, "describe", "topic", TOPIC),))
        yield kafka


def change(kafka: KafkaAtHand, *, create: tuple[Topic, ...] = (), grant: tuple[Grant, ...] = ()) -> None:
    admin = KafkaAdmin(kafka.as_user(ADMIN))
    try:
        admin.apply(Changes(create=create, settings={}, grant=grant, revoke=()))
    finally:
        admin.close()


def a_message(number: int) -> tuple[str, Message]:
    return TOPIC, Message(b"key", (), str(number).encode())


def written_in_the_end(writer: TopicWriter, number: int) -> None:
    """Write one message as a process does: again where it failed."""
    for _ in range(10):
        try:
            writer.write([a_message(number)])
        except KafkaUseError:
            continue
        return
    msg = f"message {number} is never written"
    raise AssertionError(msg)


def test_given_a_right_that_was_missing_when_it_is_given_then_the_same_writer_writes(kafka: KafkaAtHand) -> None:
    writer = TopicWriter(kafka.as_user(USER))
    try:
        with pytest.raises(KafkaUseError) as refused:
            writer.write([a_message(0)])
        assert refused.value.code == "kafka.refused"
        change(kafka, grant=(Grant(USER, "write", "topic", TOPIC),))
        written_in_the_end(writer, 0)
    finally:
        writer.close()


def test_given_a_broker_that_stalled_with_a_batch_on_its_way_then_the_same_writer_writes(kafka: KafkaAtHand) -> None:
    change(kafka, grant=(Grant(USER, "write", "topic", TOPIC),))
    writer = TopicWriter(kafka.as_user(USER))
    reader = TopicReader(kafka.as_user(ADMIN), {TOPIC}, group="readers", member="reader")
    try:
        written_in_the_end(writer, 0)
        with kafka.broker.stalled(), pytest.raises(KafkaUseError) as unreachable:
            writer.write([a_message(1)])
        assert unreachable.value.code == "kafka.unreachable"
        for number in (1, 2, 3):
            written_in_the_end(writer, number)
        came: list[bytes] = []
        for _ in range(50):
            arrived = reader.receive(10, wait_seconds=0.2)
            reader.acknowledge([each.position for each in arrived])
            came += [each.value for each in arrived]
            if came[-1:] == [b"3"]:
                break
        assert list(dict.fromkeys(came)) == [b"0", b"1", b"2", b"3"]
    finally:
        writer.close()
        reader.close()


@pytest.mark.parametrize("sizes", [[], [1], [3_000_000] * 7, [9_000_000, 1], [1, 9_000_000], [100] * 500])
def test_what_is_written_before_it_is_waited_for_goes_through_a_slow_line(sizes: list[int]) -> None:
    messages = [(f"topic {number}", Message(b"key", (), bytes(size))) for number, size in enumerate(sizes)]
    parts = list(_parts(messages))
    assert [each for part in parts for each in part] == messages
    assert all(len(part) == 1 or sum(len(each.value) for _, each in part) <= _MOST_AT_ONCE for part in parts)
    assert len(parts) <= 1 + sum(sizes) * 2 // _MOST_AT_ONCE
