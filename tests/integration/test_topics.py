"""The partnership's Kafka is laid out from one file: each reads and writes its own, and content does not stay."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from kafka.structs import TopicPartition

from broker.cli.main import main
from broker.core.topics import Changes, Grant, Layout, Topic, changes
from broker.drivers.kafka.admin import KafkaAdmin
from broker.drivers.kafka.cluster import KafkaUseError
from broker.runtimes.settings import KafkaSettings, SettingsError, read_settings
from broker.runtimes.topics import TopicsError, applied, planned, wanted_layout
from infra.local.kafka import ADMIN
from tests.support import homes
from tests.support.kafka import KafkaAtHand, a_kafka_to_test_with
from tests.support.tree import TOP

pytestmark = [
    pytest.mark.slow,
    # kafka-python leaves sockets that could not connect to be closed by whoever collects them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("lost_sockets_collected"),
]
SHIPPED = TOP / "infra" / "kafka" / "topics.yaml"
POLICE, HOSPITAL, SCHOOL = "agency.wrenshire-police", "agency.wren-valley-hospital", "recipient.school-ashdown"
USERS = (POLICE, HOSPITAL, SCHOOL, "hub", "release", "sequencer", "partner", "nobody")


@pytest.fixture(scope="module")
def kafka() -> Iterator[KafkaAtHand]:
    with a_kafka_to_test_with(*USERS) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped file, for one broker instead of three."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    file = tmp_path_factory.mktemp("topics") / "topics.yaml"
    file.write_text(yaml.safe_dump({**content, "replicas": 1, "in_sync": 1}), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def settings(kafka: KafkaAtHand, tmp_path_factory: pytest.TempPathFactory) -> KafkaSettings:
    return kafka.settings(tmp_path_factory.mktemp("admin"))


@pytest.fixture(scope="module")
def laid_out(kafka: KafkaAtHand, file: Path, settings: KafkaSettings) -> KafkaAtHand:
    assert planned(file, settings).create
    applied(file, settings)
    return kafka


def says(kafka: KafkaAtHand, user: str, topic: str) -> bool:
    """Whether this user may write there."""
    producer = KafkaProducer(**kafka.as_user(user).arguments(), acks="all", max_block_ms=8000)
    try:
        producer.send(topic, b"sealed").get(timeout=15)
    except KafkaError as error:
        if "AuthorizationFailed" not in repr(error):  # who may write nowhere gets no producer's number either
            raise
        return False
    finally:
        producer.close(timeout=5)
    return True


def hears(kafka: KafkaAtHand, user: str, topic: str) -> bool:
    """Whether this user may read what is there."""
    consumer = KafkaConsumer(
        **kafka.as_user(user).arguments(), group_id=f"{user}.{topic.partition('.')[0]}", auto_offset_reset="earliest"
    )
    try:
        consumer.assign([TopicPartition(topic, 0)])
        return bool(consumer.poll(timeout_ms=8000))
    except (TopicAuthorizationFailedError, GroupAuthorizationFailedError):
        return False
    finally:
        consumer.close()


@pytest.mark.usefixtures("laid_out")
def test_applied_once_there_is_nothing_left_to_change(file: Path, settings: KafkaSettings) -> None:
    assert planned(file, settings).is_nothing
    assert applied(file, settings) == Changes()


def test_every_agency_and_recipient_has_its_topics_and_content_stays_at_most_a_week(
    laid_out: KafkaAtHand, file: Path
) -> None:
    admin = KafkaAdmin(laid_out.as_user(ADMIN))
    found = admin.layout()
    admin.close()
    assert found == wanted_layout(file, homes.engine())
    assert {"submitted.wrenshire-police", "replies.otherby-hospital", "shares.school-ashdown", "ledger"} <= set(
        found.topics
    )
    for topic in found.topics.values():
        assert topic.settings["unclean.leader.election.enable"] == "false"
        if topic.name != "ledger":
            week = 7 * 24 * 60 * 60 * 1000
            assert int(topic.settings["retention.ms"]) + int(topic.settings["segment.ms"]) <= week


@pytest.mark.parametrize(
    "case",
    [
        (POLICE, "submitted.wrenshire-police", "hub"),
        ("hub", "replies.wrenshire-police", POLICE),
        ("release", "shares.school-ashdown", SCHOOL),
        (SCHOOL, "receipts.school-ashdown", "hub"),
        ("sequencer", "ledger", "partner"),
    ],
    ids=lambda case: case[1],
)
def test_each_writes_and_reads_its_own_and_nobody_else_does(laid_out: KafkaAtHand, case: tuple[str, str, str]) -> None:
    writer, topic, reader = case
    assert says(laid_out, writer, topic)
    assert hears(laid_out, reader, topic)
    for other in {HOSPITAL, "nobody", "partner"} - {writer, reader}:
        assert not says(laid_out, other, topic), other
        assert not hears(laid_out, other, topic), other


def test_whoever_was_allowed_more_by_hand_is_not_any_more(
    laid_out: KafkaAtHand, file: Path, settings: KafkaSettings
) -> None:
    more = Grant("nobody", "read", "topic", "submitted.wrenshire-police")
    admin = KafkaAdmin(laid_out.as_user(ADMIN))
    admin.apply(Changes(grant=[more], settings={"ledger": {"retention.ms": "1000"}}))
    admin.close()
    found = planned(file, settings)
    assert found.words() == [
        "set retention.ms of ledger to -1",
        "no longer allow: nobody may read topic submitted.wrenshire-police",
    ]
    applied(file, settings)
    assert planned(file, settings).is_nothing


@pytest.mark.parametrize(
    "odd",
    [
        Grant("hub", "read", "topic", "submitted.wrenshire-police", permission="deny"),
        Grant(POLICE, "write", "topic", "submitted.wrenshire-police", pattern="prefixed"),
        Grant("partner", "read", "topic", "ledger", host="127.0.0.2"),
        Grant("*", "read", "topic", "*"),
        Grant(POLICE, "read", "group", "agency.", pattern="prefixed"),
    ],
    ids=str,
)
def test_what_only_looks_like_what_is_wanted_is_not_and_goes(
    laid_out: KafkaAtHand, file: Path, settings: KafkaSettings, odd: Grant
) -> None:
    admin = KafkaAdmin(laid_out.as_user(ADMIN))
    admin.apply(Changes(grant=[odd]))
    admin.close()
    assert planned(file, settings).revoke == (odd,)
    applied(file, settings)
    assert planned(file, settings).is_nothing
    assert says(laid_out, POLICE, "submitted.wrenshire-police")
    assert hears(laid_out, "hub", "submitted.wrenshire-police")


def test_whoever_lays_it_out_does_not_lock_themselves_out(
    laid_out: KafkaAtHand, file: Path, settings: KafkaSettings
) -> None:
    admin = KafkaAdmin(laid_out.as_user(ADMIN))
    admin.apply(Changes(grant=[Grant(ADMIN, "alter", "topic", "ledger")]))
    admin.close()
    assert planned(file, settings).is_nothing


def test_a_stranger_is_named_and_left_and_what_would_lose_order_is_not_done(
    laid_out: KafkaAtHand, file: Path, settings: KafkaSettings, tmp_path: Path
) -> None:
    admin = KafkaAdmin(laid_out.as_user(ADMIN))
    admin.apply(Changes(create=[Topic("somebody-elses", 1, 1, {})]))
    admin.close()
    assert planned(file, settings).strangers == ("somebody-elses",)
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["topics"]["ledger"]["partitions"] = 2
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump(content), encoding="utf-8")
    (impossible,) = applied(other, settings).impossible
    assert "ledger has 1 partitions and should have 2" in impossible


def test_who_may_not_change_kafka_is_told_so(laid_out: KafkaAtHand) -> None:
    admin = KafkaAdmin(laid_out.as_user("nobody"))
    with pytest.raises(KafkaUseError) as error:
        admin.apply(Changes(create=[Topic("mine", 1, 1, {})]))
    admin.close()
    assert error.value.code == "kafka.refused"


@pytest.mark.usefixtures("laid_out")
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_the_command_says_what_it_would_do_and_what_it_has_done(
    command: str, file: Path, settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("MASH_KAFKA_SERVERS", ",".join(settings.servers))
    monkeypatch.setenv("MASH_KAFKA_USER", settings.user)
    monkeypatch.setenv("MASH_KAFKA_PASSWORD_FILE", str(settings.password_file))
    monkeypatch.setenv("MASH_KAFKA_CA_FILE", str(settings.ca_file))
    with pytest.raises(SystemExit) as ended:
        main(["topics", command, str(file)])
    assert ended.value.code in {0, None}
    assert "Kafka is as the file says." in capsys.readouterr().out


def test_a_broker_that_does_not_answer_is_said(file: Path, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("x", encoding="ascii")
    with pytest.raises(KafkaUseError) as error:
        planned(file, KafkaSettings(("127.0.0.1:1",), "admin", password))
    assert error.value.code == "kafka.unreachable"
    with pytest.raises(SettingsError) as missing:
        planned(file, None)
    assert missing.value.code == "settings.kafka"


def test_kafkas_settings_come_together_or_not_at_all() -> None:
    whole = {"MASH_KAFKA_SERVERS": "a:1, b:2", "MASH_KAFKA_USER": "hub", "MASH_KAFKA_PASSWORD_FILE": "/secret"}
    assert read_settings(whole).kafka == KafkaSettings(("a:1", "b:2"), "hub", Path("/secret"))
    assert read_settings({}).kafka is None
    for name in whole:
        with pytest.raises(SettingsError, match="not whole"):
            read_settings({key: value for key, value in whole.items() if key != name})


def test_the_shipped_file_asks_for_what_the_agreements_know_and_lets_one_broker_be_away() -> None:
    layout = wanted_layout(SHIPPED, homes.engine())
    assert all((topic.replicas, topic.settings["min.insync.replicas"]) == (3, "2") for topic in layout.topics.values())
    assert Grant("hub", "read", "group", "hub.submitted") in layout.grants
    assert changes(layout, layout) == Changes()
    assert len(changes(layout, Layout({}, frozenset())).create) == len(layout.topics)


@pytest.mark.parametrize(
    "change",
    [
        {"replicas": 0},
        {"in_sync": 3},
        {"topics": {"submitted": {"content": True, "kept_days": 8, "written_by": [], "read_by": []}}},
        {"topics": {"ledger": {"content": True, "kept_days": "forever", "written_by": [], "read_by": []}}},
        {"topics": {"ledger": {"content": False, "kept_days": 7, "written_by": ["owner"], "read_by": []}}},
        {"topics": {"Led.ger": {"content": False, "kept_days": 7, "written_by": [], "read_by": []}}},
        {"more": 1},
    ],
    ids=json.dumps,
)
def test_a_file_that_asks_for_what_cannot_be_is_refused_with_the_place(change: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "topics.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(SHIPPED.read_text(encoding="utf-8")), **change}), encoding="utf-8")
    with pytest.raises(TopicsError, match=r"topics\.yaml: ") as error:
        wanted_layout(file, homes.engine())
    assert error.value.code == "topics.invalid"


def test_a_file_that_is_no_file_of_topics_is_said(tmp_path: Path) -> None:
    for content in (b"{", b"\xff\xfe", None):
        file = tmp_path / "topics.yaml"
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
        with pytest.raises(TopicsError) as error:
            wanted_layout(file, homes.engine())
        assert error.value.code == "topics.unreadable"
