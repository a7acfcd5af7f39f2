"""The sealed spool: numbered once, kept until acknowledged, opened only with the agency's own key."""

import json
import os
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.kit.errors import SpoolError
from adapters.kit.heartbeat import heartbeat
from adapters.kit.replies import apply_reply
from adapters.kit.spool import EventStatus, Spool
from contracts.errors import SignatureError
from contracts.reading import read_event
from contracts.reply import Reply
from contracts.signing import verify_event
from contracts.words import AgencyKind, Grade, ReplyKind
from tests.support.agencies import NOW, Feed, a_concern, a_feed, as_file


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    return a_feed(tmp_path)


def red(number: int = 1) -> dict[str, object]:
    return a_concern(native_key=f"call-{number}", payload={"grade": {"value": "red"}})


def a_police_concern(native_key: str, factors: Sequence[str] = ()) -> dict[str, object]:
    concern = a_concern(native_key=native_key, type="uk.mash.police.concern.raised.v1")
    about = {name: concern["payload"][name] for name in ("child", "times")}
    return {**concern, "payload": {**about, "reference": "1", "risk_factors": list(factors)}}


def test_events_are_numbered_from_one_signed_and_readable_by_the_contract(feed: Feed) -> None:
    feed.ingest(as_file(a_concern(native_key="a"), a_concern(native_key="b")))
    events = feed.spool.pending()
    for number, event in enumerate(events, start=1):
        verify_event(event, feed.agency.public_key)
        envelope, _ = read_event(event)
        assert envelope.sequence == number
        assert envelope.source == f"{feed.agency.id}/contract_json/{feed.spool.incarnation}"
    assert len(events) == 2


def test_ingesting_a_file_again_takes_no_number_and_says_that_it_was_a_repeat(feed: Feed) -> None:
    first = feed.ingest(as_file(a_concern()))
    again = feed.ingest(as_file(a_concern()), now=NOW + timedelta(days=1))
    assert (first.spooled, first.repeats) == (again.repeats, again.spooled)
    assert feed.spool.summary(now=NOW).sequences == {"contract_json": 1}


def test_the_same_version_with_other_content_is_quarantined_and_the_first_stands(feed: Feed) -> None:
    feed.ingest(as_file(a_concern()))
    changed = feed.ingest(as_file(a_concern(payload={"concern": "other"})))
    assert changed.summary.quarantined == {"content.same_version_changed": 1}
    assert changed.summary.flags == {"content.same_version_changed": 1}
    assert len(feed.spool.pending()) == 1
    assert feed.spool.journal.quarantined()[0].reason == "content.same_version_changed"


def test_two_contents_under_one_version_in_one_file_are_told_apart_too(feed: Feed) -> None:
    done = feed.ingest(as_file(a_concern(), a_concern(payload={"concern": "other"})))
    assert (done.summary.gave, done.summary.quarantined) == (1, {"content.same_version_changed": 1})


@pytest.mark.parametrize(
    "factors, code",
    [
        pytest.param([f"{n} {'x' * 480}" for n in range(2_100)], "envelope.too_large", id="a megabyte of content"),
        pytest.param([f"{n}" for n in range(5_001)], "payload.too_many_values", id="five thousand values"),
    ],
)
def test_what_the_exchange_would_not_read_is_set_aside_and_takes_no_number(
    tmp_path: Path, factors: list[str], code: str
) -> None:
    feed = a_feed(tmp_path, AgencyKind.POLICE)
    large = a_police_concern("large", factors)
    done = feed.ingest(as_file(a_police_concern("a"), large, a_police_concern("b")))
    assert (done.summary.gave, done.summary.quarantined) == (2, {code: 1})
    assert [entry.reason for entry in feed.spool.journal.quarantined()] == [code]
    assert [read_event(event)[0].sequence for event in feed.spool.pending()] == [1, 2]
    feed.ingest(as_file(large), name="again.json")
    assert feed.spool.summary(now=NOW).sequences == {"contract_json": 2}


def test_a_spool_opens_only_with_its_own_key(feed: Feed, tmp_path: Path) -> None:
    feed.spool.close()
    with pytest.raises(SpoolError) as error:
        Spool.open(feed.agency.spool_path, os.urandom(32))
    assert error.value.code == "spool.wrong_key"
    (tmp_path / "other.db").write_bytes(b"not a database at all, but long enough to look at" * 50)
    with pytest.raises(SpoolError) as error:
        Spool.open(tmp_path / "other.db", os.urandom(32))
    assert error.value.code == "spool.not_a_spool"


def test_nothing_in_the_spool_can_be_read_without_the_key(feed: Feed) -> None:
    feed.ingest(as_file(a_concern()), name="Mia_Marsh.json")
    for place, content in feed.files().items():
        for canary in (b"Mia", b"Marsh", b"2016-05-14", b"caller-7", b"call-1", b"counsellor"):
            assert canary not in content, place.name


def test_a_red_event_that_waits_ten_minutes_is_not_sent(feed: Feed) -> None:
    (event_id,) = feed.ingest(as_file(red())).spooled
    later = NOW + timedelta(minutes=10)
    assert feed.spool.status(event_id, now=later - timedelta(seconds=1)) is EventStatus.QUEUED
    assert feed.spool.status(event_id, now=later) is EventStatus.NOT_SENT
    assert feed.spool.not_sent(now=later) == (event_id,)
    assert feed.spool.summary(now=later).not_sent == 1
    feed.spool.acknowledge([event_id], now=later)
    assert feed.spool.status(event_id, now=later) is EventStatus.ACKNOWLEDGED
    assert feed.spool.pending() == ()
    assert feed.spool.status("unknown", now=later) is None


def test_an_event_that_is_red_by_the_catalogue_waits_no_longer_than_one_its_sender_made_red(feed: Feed) -> None:
    feed.policy.usual = Grade.RED
    (event_id,) = feed.ingest(as_file(a_concern())).spooled
    assert feed.spool.not_sent(now=NOW + timedelta(minutes=10)) == (event_id,)


def test_replies_settle_events_and_a_gap_is_sent_again(feed: Feed) -> None:
    ids = feed.ingest(as_file(*(a_concern(native_key=str(n)) for n in range(3)))).spooled
    source = feed.spool.pending()[0].attributes["source"]

    def reply(kind: ReplyKind, **more: object) -> Reply:
        return Reply.model_validate({"agency": feed.agency.id, "kind": kind, "at": NOW, **more})

    def take(answer: Reply) -> object:
        return apply_reply(answer, agency=feed.agency, spool=feed.spool, now=NOW)

    take(reply(ReplyKind.ACCEPTED, event_id=ids[0]))
    take(reply(ReplyKind.HELD, event_id=ids[1], code="hold.engine_down"))
    take(reply(ReplyKind.REFUSED, event_id=ids[2], code="payload.invalid"))
    assert feed.spool.pending() == ()
    assert feed.spool.summary(now=NOW).replies == {"accepted": 1, "held": 1, "refused": 1}
    take(reply(ReplyKind.MISSING, source=source, first_missing=2, last_missing=3))
    assert [event.attributes["id"] for event in feed.spool.pending()] == list(ids[1:])
    take(
        reply(
            ReplyKind.MISSING, source=source.replace(feed.spool.incarnation, "0" * 16), first_missing=1, last_missing=1
        )
    )
    assert len(feed.spool.pending()) == 2


def test_a_heartbeat_tells_up_to_which_number_everything_is_answered(feed: Feed) -> None:
    ids = feed.ingest(as_file(*(a_concern(native_key=str(n)) for n in range(4)))).spooled

    def answered() -> int:
        return heartbeat(feed.agency, feed.spool, now=NOW).answered["contract_json"]

    assert answered() == 0
    feed.spool.acknowledge([ids[0], ids[1], ids[3]], now=NOW)
    assert answered() == 2
    feed.spool.acknowledge([ids[2]], now=NOW)
    assert answered() == 4
    feed.spool.send_again("contract_json", 2, 2, now=NOW)
    assert answered() == 1


def test_a_red_event_that_is_asked_for_again_waits_from_then_if_it_had_been_answered(feed: Feed) -> None:
    feed.policy.usual = Grade.RED
    ids = feed.ingest(as_file(*(a_concern(native_key=str(n)) for n in range(2)))).spooled
    feed.spool.acknowledge([ids[0]], now=NOW)
    later = NOW + timedelta(hours=2)
    assert feed.spool.send_again("contract_json", 1, 2, now=later) == 2
    assert feed.spool.not_sent(now=later) == (ids[1],)
    assert set(feed.spool.not_sent(now=later + timedelta(minutes=10))) == set(ids)


def test_a_reply_to_another_agency_changes_nothing(feed: Feed) -> None:
    (event_id,) = feed.ingest(as_file(a_concern())).spooled
    answer = Reply(agency="somebody-else", kind=ReplyKind.ACCEPTED, event_id=event_id, at=NOW)
    assert not apply_reply(answer, agency=feed.agency, spool=feed.spool, now=NOW).is_ours
    assert len(feed.spool.pending()) == 1


def test_acknowledged_content_is_destroyed_after_a_week_and_its_id_still_stops_repeats(feed: Feed) -> None:
    (event_id,) = feed.ingest(as_file(a_concern())).spooled
    feed.spool.acknowledge([event_id], now=NOW)
    assert feed.spool.prune(now=NOW + timedelta(days=7)) == 0
    assert feed.spool.prune(now=NOW + timedelta(days=8)) == 1
    assert feed.spool.send_again("contract_json", 1, 1, now=NOW) == 0
    assert feed.ingest(as_file(a_concern())).repeats == (event_id,)


def test_a_crash_inside_the_transaction_leaves_no_trace(feed: Feed) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    feed.spool.journal.write = crash  # type: ignore[assignment]
    with pytest.raises(Crash):
        feed.ingest(as_file(a_concern()))
    assert feed.spool.pending() == ()
    assert feed.spool.summary(now=NOW).sequences == {}
    assert (feed.agency.inbox / "extract").exists()


def test_every_write_waits_for_the_disk(feed: Feed) -> None:
    db = sqlite3.connect(feed.agency.spool_path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()
    assert feed.spool._store.reading.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_heartbeat_is_signed_and_tells_no_more_than_counts(feed: Feed) -> None:
    feed.policy.effect = lambda _: "keep"
    feed.ingest(as_file(red(1), red(2)))
    beat = heartbeat(feed.agency, feed.spool, now=NOW)
    beat.check(feed.agency.public_key)
    assert (beat.kept_back, beat.queued) == (2, 0)
    assert "edge.keep" not in json.dumps(beat.model_dump(mode="json"))
    with pytest.raises(SignatureError):
        beat.model_copy(update={"queued": 1}).check(feed.agency.public_key)


def test_fingerprints_are_found_by_prefix_and_forgotten_on_request(feed: Feed) -> None:
    snapshot = feed.spool.snapshot("local_authority.cin")
    with feed.spool._store.writing() as db:
        snapshot.write(db, {"child-1/plan": "a", "child-1/referral": "b", "child-2/plan": "c"})
        snapshot.write(db, {"child-1/referral": None})
    assert list(snapshot.keys("child-")) == ["child-1/plan", "child-2/plan"]
    assert list(snapshot.keys("child-1/")) == ["child-1/plan"]
    assert snapshot.last("child-2/plan") == "c"
    assert snapshot.last("child-1/referral") is None
    assert list(feed.spool.snapshot("other").keys("")) == []
