"""A reader is in its group whatever else its process does between two polls."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from time import sleep

import pytest

from broker.core.topics import Changes, Topic
from broker.drivers.kafka.admin import KafkaAdmin
from broker.drivers.kafka.reader import Arrived, TopicReader
from broker.drivers.kafka.writer import TopicWriter
from contracts.transport import Message
from infra.local.kafka import ADMIN
from tests.support.kafka import KafkaAtHand, a_kafka_to_test_with

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("lost_sockets_collected"),
]
TOPICS = ("one", "two")
GROUP = "readers"
POLL_SECONDS = 0.005
WORK_SECONDS = 0.3
"""Longer than Kafka takes to let somebody into a group, and far longer than the poll."""
TURNS = 60


@pytest.fixture
def kafka() -> Iterator[KafkaAtHand]:
    with a_kafka_to_test_with() as kafka:
        with closing(KafkaAdmin(kafka.as_user(ADMIN))) as admin:
            made = tuple(Topic(each, 1, 1, {}) for each in TOPICS)
            admin.apply(Changes(create=made, settings={}, grant=(), revoke=()))
        yield kafka


def a_reader(kafka: KafkaAtHand, member: str) -> TopicReader:
    return TopicReader(kafka.as_user(ADMIN), TOPICS, group=GROUP, member=member)


def written(kafka: KafkaAtHand, content: bytes) -> None:
    with closing(TopicWriter(kafka.as_user(ADMIN))) as writer:
        writer.write([(topic, Message(b"key", (), content)) for topic in TOPICS])


def turned(readers: Sequence[TopicReader]) -> list[tuple[TopicReader, Arrived]]:
    """One turn of each: a short poll, then work."""
    found = []
    for reader in readers:
        arrived = reader.receive(9, wait_seconds=POLL_SECONDS)
        reader.acknowledge([each.position for each in arrived])
        found += [(reader, each) for each in arrived]
        sleep(WORK_SECONDS)
    return found


def until_both_are_read(readers: Sequence[TopicReader], content: bytes) -> set[TopicReader]:
    """Turn until each topic's message was read by somebody; who read."""
    read, by = set(), set()
    for _ in range(TURNS):
        for reader, arrived in turned(readers):
            if arrived.value == content:
                read.add(arrived.topic)
                by.add(reader)
        if read == set(TOPICS):
            return by
    msg = f"after {TURNS} turns only {sorted(read)} were read"
    raise AssertionError(msg)


def test_when_another_member_comes_the_two_share_the_topics_and_no_message_is_left(
    kafka: KafkaAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However short their polls are."""
    monkeypatch.setattr("broker.drivers.kafka.reader._TAKES_ITS_PLACE_SECONDS", 0.0)
    with closing(a_reader(kafka, "a")) as one:
        written(kafka, b"first")
        until_both_are_read([one], b"first")
        with closing(a_reader(kafka, "b")) as two:
            for _ in range(TURNS // 3):
                turned([one, two])
            written(kafka, b"second")
            assert until_both_are_read([one, two], b"second") == {one, two}


def test_a_reader_that_never_waits_takes_its_place_all_the_same(kafka: KafkaAtHand) -> None:
    """On a busy machine nothing comes from Kafka within one poll."""
    written(kafka, b"first")
    with closing(a_reader(kafka, "a")) as reader:
        assert any(reader.receive(9, wait_seconds=0.0) for _ in range(20))


def test_a_topic_in_which_much_waits_is_not_held_up_by_one_in_which_nothing_does(kafka: KafkaAtHand) -> None:
    """A megabyte is fetched at once, some two hundred of these; the next fetch is not long in coming."""
    number, empty = 1200, 0
    with closing(TopicWriter(kafka.as_user(ADMIN))) as writer:
        for _ in range(number // 100):
            writer.write([(TOPICS[0], Message(b"key", (), b"x" * 5000))] * 100)
    with closing(a_reader(kafka, "one")) as reader:
        left = number
        for _ in range(20 * TURNS):
            arrived = reader.receive(100, wait_seconds=0.15)
            reader.acknowledge([each.position for each in arrived])
            left -= len(arrived)
            empty += not arrived and left < number
            if not left:
                break
    assert left == 0
    assert empty <= 6, "half a second of waiting at each of six fetches is three times as often"
