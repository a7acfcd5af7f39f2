"""The whole line over a real Kafka, each process as its own user: the same comes of it as of the embedded runtime."""

from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

import pytest

from broker.core.reconciling import Differs
from broker.runtimes.came_to import came_to
from tests.support import homes
from tests.support.agreeing import check_everything_has_its_leaf
from tests.support.builders import EventBuilder, a_domestic_incident
from tests.support.busy_week import busy_week
from tests.support.event_parts import POLICE
from tests.support.kafka import KafkaAtHand
from tests.support.people import a_numbered_child
from tests.support.streaming import Partnership, a_laid_out_kafka

pytestmark = [
    pytest.mark.slow,
    # kafka-python leaves sockets that could not connect to be closed by whoever collects them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("lost_sockets_collected"),
]


@pytest.fixture
def kafka() -> Iterator[KafkaAtHand]:
    with a_laid_out_kafka() as kafka:
        yield kafka


def a_large_report(factors: int) -> EventBuilder:
    """Of two thousand risk factors it is as large as an event may be; what the front door is told of it is larger."""
    said = tuple(f"{number} {'x' * 460}" for number in range(factors))
    return a_domestic_incident().about(a_numbered_child(99)).as_record(f"of {factors}").saying(risk_factors=said)


def test_the_same_comes_of_a_week_over_kafka_as_in_one_process(tmp_path: Path, kafka: KafkaAtHand) -> None:
    """The same events in the same order: only agencies' reports that come at one time have none between them.

    One is larger than Kafka carries: it lies in the spool as if an adapter had not set it aside.
    """
    events = [*busy_week(children=4), a_large_report(2_000)]
    parts = [list(each) for _, each in groupby(events, key=lambda event: event.agency)]
    too_large = a_large_report(2_300)
    embedded = homes.a_home(tmp_path / "embedded")
    streaming = homes.copy_home(embedded, tmp_path / "streaming")
    with homes.opened(embedded) as runtime:
        for part in parts:
            homes.spool(embedded, part)
            runtime.tick()
        expected = came_to(runtime)
    with Partnership(streaming, kafka) as partnership:
        for part in parts[:-1]:
            homes.spool(streaming, part)
            partnership.until_quiet()
        homes.spool(streaming, [too_large, *parts[-1]])
        partnership.until_quiet()
    with closing(homes.a_spool(streaming, POLICE)) as spool:
        (waits,) = spool.pending(9)
    assert waits.attributes["id"] == too_large.id, "and it kept nothing waiting"
    number = int(waits.attributes["sequence"])
    with homes.opened(streaming) as runtime:
        came = came_to(runtime)
        missing = [(each.what, each.about["first"], each.about["last"]) for each in runtime.reconcile().differences]
        assert missing == [(Differs.NUMBERS_MISSING, number, number)], "what was not carried is named, and nothing else"
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
        check_everything_has_its_leaf(runtime)
    assert came == expected
