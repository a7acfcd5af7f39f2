"""A stream gives every message to whoever keeps it, in order, until it is kept; whatever fails, none is passed over."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic, sleep

import pytest

from broker.core.errors import MashError
from broker.drivers.kafka.cluster import KafkaUseError
from broker.drivers.kafka.projector import FaustProjector
from broker.drivers.kafka.reader import Arrived
from broker.drivers.kafka.writer import TopicWriter
from broker.runtimes.post import recipient_failed
from broker.runtimes.projecting import Stream
from contracts.errors import ContractError
from contracts.transport import Message
from tests.support.kafka import KafkaAtHand
from tests.support.streaming import a_laid_out_kafka

pytestmark = [
    pytest.mark.slow,
    # kafka-python leaves sockets that could not connect to be closed by whoever collects them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("lost_sockets_collected"),
]
TOPIC, USER = "shares.school-ashdown", "recipient.school-ashdown"


@pytest.fixture(scope="module")
def kafka() -> Iterator[KafkaAtHand]:
    with a_laid_out_kafka() as kafka:
        yield kafka


@dataclass
class Keeper:
    """Keeps messages, or fails as it is told: each of ``fails`` is raised once, before anything is kept."""

    fails: list[Exception] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    lives: int = 0

    def begin(self) -> None:
        self.lives += 1

    def keep(self, arrived: Sequence[Arrived]) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.kept.extend(each.value for each in arrived)

    def between(self) -> None:
        pass

    def end(self) -> None:
        self.lives -= 1

    def failed(self, error: MashError | ContractError) -> None:
        self.told.append(error.code)


def written(kafka: KafkaAtHand, numbers: Sequence[int]) -> list[bytes]:
    writer = TopicWriter(kafka.as_user("release"))
    values = [b"%d" % number for number in numbers]
    writer.write([(TOPIC, Message(value, (), value)) for value in values])
    writer.close()
    return values


def streaming(kafka: KafkaAtHand, keeper: Keeper) -> Stream:
    stream = Stream(FaustProjector(kafka.as_user(USER), TOPIC, keeper, group=f"{USER}.shares", most=10))
    stream.start()
    return stream


def until(holds: Callable[[], bool]) -> None:
    last = monotonic() + 40
    while not holds():
        assert monotonic() < last
        sleep(0.1)


def test_what_cannot_be_kept_is_tried_again_and_nothing_later_is_kept_before(kafka: KafkaAtHand) -> None:
    values = written(kafka, range(35))
    keeper = Keeper(fails=[recipient_failed("school-ashdown"), recipient_failed("school-ashdown")])
    stream = streaming(kafka, keeper)
    until(lambda: len(keeper.kept) >= len(values))
    stream.stop()
    assert keeper.kept == values
    assert keeper.told == ["post.recipient_failed"] * 2
    assert keeper.lives == 0

    more = written(kafka, range(100, 112))
    broken = Keeper(fails=[ZeroDivisionError()])
    stream = streaming(kafka, broken)
    until(lambda: broken.lives == 0)
    with pytest.raises(KafkaUseError, match="ZeroDivisionError"):
        stream.check()
    stream.stop()
    assert broken.kept == []

    again = Keeper()
    stream = streaming(kafka, again)
    until(lambda: len(again.kept) >= len(more))
    stream.stop()
    assert again.kept[-len(more) :] == more
    assert again.kept[: -len(more)] == values[len(values) - (len(again.kept) - len(more)) :], "only repeats, in order"
