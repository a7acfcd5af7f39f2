"""What may befall messages on Kafka, and Kafka itself: nothing is lost or doubled, and all goes on by itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError

from broker.core.outcome import Outcome
from broker.drivers.clock.scripted import ScriptedClock
from broker.drivers.kafka.cluster import KafkaUseError
from broker.drivers.kafka.writer import TopicWriter
from broker.runtimes.home import Home
from broker.runtimes.readers import Readers, renew
from broker.runtimes.settings import Settings
from broker.runtimes.streaming import AgencyProcess
from contracts.messages import EXCHANGE
from contracts.reply import Reply
from contracts.sealed import ReadingKeys
from contracts.transport import Message
from contracts.words import Grade, ReplyKind
from tests.support import homes
from tests.support.agreeing import check_everything_has_its_leaf
from tests.support.builders import EventBuilder, a_concern, a_domestic_incident
from tests.support.busy_week import busy_week
from tests.support.event_parts import POLICE
from tests.support.kafka import KafkaAtHand
from tests.support.streaming import Partnership, a_laid_out_kafka

pytestmark = [
    pytest.mark.slow,
    # kafka-python leaves sockets that could not connect to be closed by whoever collects them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("lost_sockets_collected"),
]
POLICES = "submitted.wrenshire-police"


@pytest.fixture
def kafka() -> Iterator[KafkaAtHand]:
    with a_laid_out_kafka() as kafka:
        yield kafka


def counted(settings: Settings) -> Mapping[str, int]:
    with homes.opened(settings) as runtime:
        return runtime.hub.journal.counts()


def spooled(settings: Settings, events: Sequence[EventBuilder]) -> int:
    """Put events into the agencies' spools; how many of them were new."""
    return sum(each.sequence > 0 for each in homes.spool(settings, events))


def check_whole(settings: Settings, events: int) -> None:
    """Everything was accepted once, and everybody who was to be told has it once."""
    with homes.opened(settings) as runtime:
        journal = runtime.hub.journal
        assert {each.state.value for each in journal.events()} == {"accepted"}
        assert len(journal.events()) == events
        statuses = [each for each in journal.deliveries() if each.released_at is not None]
        assert statuses
        assert [each.delivery for each in statuses if each.delivered_at is None and not each.is_superseded] == []
        assert runtime.reconcile().differences == ()
        check_everything_has_its_leaf(runtime)
        for feed in runtime.feeds.values():
            assert not feed.pending(9)


def a_reply() -> Reply:
    return Reply(agency="wrenshire-police", kind=ReplyKind.ACCEPTED, event_id="a" * 40, at=homes.MONDAY)


def until(partnership: Partnership, holds: Callable[[], bool]) -> None:
    """Turn everybody until this holds."""
    last = monotonic() + 40
    while not holds():
        assert monotonic() < last
        partnership.turn()


def moved(kafka: KafkaAtHand, group: str, topic: str, *, to: str) -> None:
    """Move a consumer group that nobody is in to the beginning or the end of a topic.

    A member that keeps its name stays in the group until its session ends, so that it may come again unnoticed.
    """
    user = group.rpartition(".")[0]
    consumer = KafkaConsumer(**kafka.as_user(user).arguments(), group_id=group, enable_auto_commit=False)
    part = TopicPartition(topic, 0)
    consumer.assign([part])
    found = consumer.beginning_offsets([part]) if to == "beginning" else consumer.end_offsets([part])
    last = monotonic() + 40
    while True:
        try:
            consumer.commit({part: OffsetAndMetadata(found[part], "", -1)})
            break
        except CommitFailedError:
            if monotonic() > last:
                raise
            sleep(1)
    consumer.close(autocommit=False)


def test_what_cannot_be_opened_is_asked_for_again_and_rubbish_stops_nobody(
    tmp_path: Path, kafka: KafkaAtHand, capsys: pytest.CaptureFixture[str]
) -> None:
    """The agency seals to a key that the exchange does not have, until that is put right; and nobody's bytes."""
    settings = homes.a_home(tmp_path)
    home = Home(settings.home)
    true = Readers(home.readers).current(EXCHANGE)
    Readers(home.readers).register(ReadingKeys.fresh(EXCHANGE, now=homes.MONDAY).current)
    homes.spool(settings, [a_domestic_incident()])
    writer = TopicWriter(kafka.as_user("agency.wrenshire-police"))
    writer.write([(POLICES, Message(b"k", (), b"\xff\x00 rubbish"))])
    writer.close()
    with Partnership(settings, kafka) as partnership:
        agency = partnership.processes["agency.wrenshire-police"]
        assert isinstance(agency, AgencyProcess)
        said = ""

        def is_told() -> bool:
            nonlocal said
            said += capsys.readouterr().err
            return '"what": "exchange_cannot_open"' in said

        until(partnership, is_told)
        with homes.opened(settings) as runtime:
            assert list(runtime.hub.journal.events()) == []
            assert len(runtime.feeds[POLICE].pending(9)) == 1, "it stays with the agency"
        assert said.count('"what": "message_unreadable"') >= 2
        Readers(home.readers).register(true)
        until(partnership, lambda: not agency.feed.pending(1))
        partnership.until_settled()
    check_whole(settings, 1)


def test_messages_dropped_before_the_recipient_are_all_sent_again_and_the_chase_is_recorded(
    tmp_path: Path, kafka: KafkaAtHand
) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, busy_week(children=2))
    with Partnership(settings, kafka) as partnership:
        partnership.stop(*(each for each in partnership.processes if each.startswith("recipient.")))
        partnership.until_quiet()
        released = counted(settings)["deliveries_released"]
        assert released
        for recipient in partnership.home.recipients():
            moved(kafka, f"recipient.{recipient}.shares", f"shares.{recipient}", to="end")
        partnership.start_recipients(partnership.home.recipients())
        partnership.until_quiet()
        assert counted(settings)["receipts"] == 0
        clock = ScriptedClock(Home(settings.home).scripted_clock)
        clock.advance(timedelta(hours=5))
        partnership.until_quiet()
    with homes.opened(settings) as runtime:
        chased = {each.about for each in runtime.hub.journal.escalations() if each.kind.value == "delivery"}
        delivered = [each for each in runtime.hub.journal.deliveries() if each.delivered_at is not None]
        assert {each.delivery.delivery_id for each in delivered} <= chased
        assert len(delivered) >= released - sum(each.is_superseded for each in runtime.hub.journal.deliveries())
        assert runtime.reconcile().differences == ()


def test_everything_replayed_changes_nothing(tmp_path: Path, kafka: KafkaAtHand) -> None:
    settings = homes.a_home(tmp_path)
    events = spooled(settings, busy_week(children=2))
    with Partnership(settings, kafka) as partnership:
        partnership.until_settled()
        partnership.stop(*partnership.processes)
        before = counted(settings)
        for agency in partnership.home.agencies():
            moved(kafka, "hub.submitted", f"submitted.{agency}", to="beginning")
            moved(kafka, f"agency.{agency}.replies", f"replies.{agency}", to="beginning")
        for recipient in partnership.home.recipients():
            moved(kafka, "hub.receipts", f"receipts.{recipient}", to="beginning")
            moved(kafka, f"recipient.{recipient}.shares", f"shares.{recipient}", to="beginning")
    with Partnership(settings, kafka) as partnership:
        partnership.until_settled()
    after = counted(settings)
    assert {**after, "replies_pending": 0} == {**before, "replies_pending": 0}
    check_whole(settings, events)


def test_two_hubs_share_the_work_and_one_that_goes_leaves_its_part_to_the_other(
    tmp_path: Path, kafka: KafkaAtHand
) -> None:
    settings = homes.a_home(tmp_path)
    with Partnership(settings, kafka, hubs=2) as partnership:
        for _ in range(10):
            partnership.turn()
        events = spooled(settings, busy_week(children=6))
        partnership.turn([f"agency.{each}" for each in partnership.home.agencies()])
        hub = partnership.processes["hub-1"]
        in_hand: list[object] = []

        def has_some() -> bool:
            in_hand.extend(hub._inbox.receive(7))  # type: ignore[attr-defined] # read, and never acknowledged
            return bool(in_hand)

        last = monotonic() + 40
        while not has_some():
            assert monotonic() < last
            partnership.turn(["hub-0"])
        partnership.stop("hub-1")
        partnership.until_quiet(patience=1)
    check_whole(settings, events)


def test_a_hub_that_joins_while_another_has_a_batch_in_hand_loses_and_doubles_nothing(
    tmp_path: Path, kafka: KafkaAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its partitions are dealt anew between what it has decided and its saying so: whoever gets them has it again."""
    settings = homes.a_home(tmp_path)
    events = spooled(settings, busy_week(children=6))
    with Partnership(settings, kafka) as partnership:
        hub = partnership.processes["hub-0"]
        accept = hub.exchange.hub.accept  # type: ignore[attr-defined] # a hub has one
        own, in_hand, is_beside = accept.run, list[int](), list[bool]()

        def joined_meanwhile(batch: Sequence[object], **how: bool) -> object:
            report = own(batch, **how)
            is_beside.append(how.get("beside", False))
            if not in_hand:
                in_hand.append(len(batch))
                partnership.start("hub-1")
                for _ in range(20):
                    partnership.turn(["hub-1"])
            return report

        monkeypatch.setattr(accept, "run", joined_meanwhile)
        partnership.until_quiet(patience=2)
        assert in_hand
        assert all(is_beside), "hubs take reports in beside one another"
        assert "hub-1" in partnership.processes
    check_whole(settings, events)


def test_while_kafka_stands_still_everything_waits_and_goes_on_afterwards(tmp_path: Path, kafka: KafkaAtHand) -> None:
    """Every connection stays open, and nothing is answered."""
    settings = homes.a_home(tmp_path)
    week = busy_week(children=3)
    events = spooled(settings, week[: len(week) // 2])
    with Partnership(settings, kafka) as partnership:
        for _ in range(4):
            partnership.turn()
        events += spooled(settings, [*week[len(week) // 2 :], a_domestic_incident()])
        with kafka.broker.stalled(), pytest.raises(KafkaUseError) as unreachable:
            partnership.turn(["agency.wrenshire-police"])
        assert unreachable.value.code == "kafka.unreachable"
        partnership.until_quiet(patience=20)
    check_whole(settings, events)


def test_while_kafka_is_away_everything_waits_where_it_is_and_goes_on_when_it_is_back(
    tmp_path: Path, kafka: KafkaAtHand
) -> None:
    settings = homes.a_home(tmp_path)
    week = busy_week(children=3)
    events = spooled(settings, week[: len(week) // 2])
    with Partnership(settings, kafka) as partnership:
        for _ in range(4):
            partnership.turn()
        kafka.broker.stop()
        events += spooled(settings, week[len(week) // 2 :])
        failed = set()
        for name, process in partnership.processes.items():
            if name.startswith(("agency.wrenshire-police", "release")):
                try:
                    process.turn()
                except KafkaUseError as error:
                    failed.add((name, error.code))
        assert ("agency.wrenshire-police", "kafka.unreachable") in failed
        began = monotonic()
        partnership.processes["release"].turn()
        assert monotonic() - began < 2, "it holds the journal's lock meanwhile"
        kafka.broker.start()
        partnership.until_quiet(patience=20)
    check_whole(settings, events)


def test_deadlines_are_swept_while_kafka_takes_nothing(tmp_path: Path, kafka: KafkaAtHand) -> None:
    settings = homes.a_home(tmp_path)
    homes.spool(settings, busy_week(children=2))
    with Partnership(settings, kafka) as partnership:
        partnership.until_settled()
        homes.spool(settings, [a_domestic_incident()])
        hub = partnership.processes["hub-0"]
        until(partnership, lambda: not hub.exchange.hub.journal.pending_replies(9))  # type: ignore[attr-defined]
        partnership.turn(["agency.wrenshire-police"])
        kafka.broker.stop()
        hub.exchange.hub.journal.commit(Outcome(replies=(a_reply(),)))  # type: ignore[attr-defined]
        before = len(hub.exchange.hub.journal.escalations())  # type: ignore[attr-defined]
        ScriptedClock(Home(settings.home).scripted_clock).advance(timedelta(hours=5))
        with pytest.raises(KafkaUseError):
            hub.turn()
        assert len(hub.exchange.hub.journal.escalations()) > before  # type: ignore[attr-defined]
        kafka.broker.start()
        partnership.until_quiet(patience=20)


def test_a_red_report_that_waits_ten_minutes_for_kafka_is_told_as_not_sent(
    tmp_path: Path, kafka: KafkaAtHand, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = homes.a_home(tmp_path)
    with Partnership(settings, kafka) as partnership:
        partnership.until_quiet()
        kafka.broker.stop()
        homes.spool(settings, [a_concern().from_police().graded(Grade.RED)])
        ScriptedClock(Home(settings.home).scripted_clock).advance(timedelta(minutes=10))
        capsys.readouterr()
        for _ in range(2):
            with pytest.raises(KafkaUseError):
                partnership.processes["agency.wrenshire-police"].turn()
        said = [line for line in capsys.readouterr().err.splitlines() if '"what": "not_sent"' in line]
        assert len(said) == 1
        kafka.broker.start()
        partnership.until_quiet(patience=20)
    check_whole(settings, 1)


def test_a_key_that_is_renewed_while_messages_are_on_their_way_loses_none(tmp_path: Path, kafka: KafkaAtHand) -> None:
    settings = homes.a_home(tmp_path)
    events = spooled(settings, busy_week(children=2))
    with Partnership(settings, kafka) as partnership:
        partnership.turn([f"agency.{each}" for each in partnership.home.agencies()])
        home = Home(settings.home)
        renew(home.reading_keys, EXCHANGE, Readers(home.readers), now=homes.MONDAY)
        partnership.until_settled()
    check_whole(settings, events)
