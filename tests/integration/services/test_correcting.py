"""An agency corrects what it reported: everybody who was told is told so, once, within what they were given."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core.ladder import OverdueKind
from broker.core.reconciling import Differs
from broker.runtimes.desk import Desk
from broker.runtimes.notices import NoticeError
from broker.runtimes.people import SignedIn, choose
from contracts.words import Cause, EventId, RecipientId
from tests.integration.services.test_reask import Exchange
from tests.support.builders import EventBuilder, a_domestic_incident, a_section_47, an_emergency_attendance
from tests.support.event_parts import an_allegation
from tests.support.homes import a_home, opened
from tests.support.people import THEO

RECIPIENTS = tuple(RecipientId(r) for r in ("mash-core", "police-mash", "csc-north-team", "school-ashdown"))
CORE, POLICE = RECIPIENTS[:2]


def first() -> EventBuilder:
    return a_domestic_incident().as_record("notice-1", "1").saying(both_parties_16_or_over=True)


def second(*, corrects: EventBuilder) -> EventBuilder:
    return (
        a_domestic_incident().as_record("notice-1", "2").saying(both_parties_16_or_over=False).correcting(corrects.id)
    )


def test_whoever_is_told_the_correction_reads_that_the_earlier_report_no_longer_applies(exchange: Exchange) -> None:
    wrong = first()
    right = second(corrects=wrong)
    exchange.hears(wrong)
    exchange.hears(right)

    for recipient in (CORE, POLICE):
        old, new = exchange.told(recipient, wrong), exchange.told(recipient, right)
        assert old is not None
        assert new is not None
        assert (old.kind, old.cause, old.values) == ("retraction", Cause.CORRECTED, ())
        assert new.kind == "share"


def test_whoever_was_told_is_told_whatever_is_decided_today_and_nothing_that_they_had_not(exchange: Exchange) -> None:
    wrong = first()
    right = second(corrects=wrong).at_level(1).with_entries(an_allegation("Craig broke the door", code="damage"))
    exchange.hears(wrong)
    before = {recipient: exchange.told(recipient, wrong) for recipient in (CORE, POLICE)}
    exchange.hears(right)

    for recipient, given_before in before.items():
        assert given_before is not None
        assert exchange.told(recipient, right) is None
        notice = exchange.told(recipient, wrong)
        assert notice is not None
        assert (notice.kind, notice.cause) == ("correction", Cause.CORRECTED)
        cells = {(v.category, v.about) for v in given_before.values}
        assert notice.values
        assert {(v.category, v.about) for v in notice.values} <= cells
        assert "Craig broke the door" not in notice.model_dump_json()


def test_a_correction_about_another_child_makes_the_first_a_report_about_a_different_child(exchange: Exchange) -> None:
    wrong = first()
    exchange.hears(wrong)
    exchange.hears(second(corrects=wrong).about(THEO))

    told = exchange.told(CORE, wrong)
    assert told is not None
    assert (told.kind, told.cause) == ("retraction", Cause.DIFFERENT_CHILD)


def test_a_report_that_comes_after_its_correction_is_told_to_nobody(exchange: Exchange) -> None:
    wrong = first()
    right = second(corrects=wrong)
    exchange.hears(right)
    exchange.hears(wrong)

    assert exchange.told(CORE, wrong) is None
    assert exchange.told(CORE, right) is not None
    event = exchange.runtime.hub.journal.event(EventId(wrong.id))
    assert event is not None
    assert event.corrected_by == right.id


def test_what_was_corrected_is_not_asked_again_and_no_longer_counts(exchange: Exchange) -> None:
    wrong = an_emergency_attendance().as_record("ed-1", "1")
    exchange.hears(wrong)
    exchange.hears(an_emergency_attendance().as_record("ed-1", "2").correcting(wrong.id))

    exchange.hears(a_section_47())

    assert exchange.told(POLICE, wrong) is None
    event = exchange.runtime.hub.journal.event(EventId(wrong.id))
    assert event is not None
    assert event.child is not None
    counts = exchange.runtime.hub.journal.history(event.child, event.occurred_at)
    assert sum(each.count for each in counts if ".emergency_attendance." in each.kind) == 1


def test_nobody_corrects_another_agencys_report(exchange: Exchange) -> None:
    wrong = first()
    exchange.hears(wrong)

    exchange.hears(an_emergency_attendance().correcting(wrong.id))

    told = exchange.told(CORE, wrong)
    assert told is not None
    assert told.kind == "share"
    assert exchange.runtime.hub.journal.event(EventId(wrong.id)).corrected_by is None  # type: ignore[union-attr]


def desk_of(exchange: Exchange, role: str) -> tuple[Desk, SignedIn]:
    runtime = exchange.runtime
    runtime.add_person(f"Somebody {role}", (role,))
    return runtime.desk, choose(runtime.people(), role.partition("@")[0], None)


def test_who_acknowledges_a_correction_is_recorded_and_who_does_not_is_chased_once(exchange: Exchange) -> None:
    wrong = first()
    exchange.hears(wrong)
    exchange.hears(second(corrects=wrong))
    desk, who = desk_of(exchange, "mash_practitioner@mash-core")
    [waiting] = desk.corrections(who)

    desk.acknowledge(waiting.notice[:8], who)
    desk.acknowledge(waiting.notice, who)
    exchange.later(timedelta(days=3))
    exchange.runtime.tick()
    exchange.runtime.tick()

    [done] = desk.corrections(who)
    assert done.acknowledged.startswith("mash_practitioner ")
    journal = exchange.runtime.hub.journal
    notices = {s.delivery.recipient: s for s in journal.deliveries(event=EventId(wrong.id)) if s.delivery.is_notice}
    assert notices[CORE].acknowledged_at is not None
    assert notices[POLICE].acknowledged_at is None
    chased = [each.about for each in journal.escalations() if each.kind is OverdueKind.ACKNOWLEDGEMENT]
    assert sorted(chased) == sorted(s.delivery.delivery_id for r, s in notices.items() if r != CORE)


def test_a_correction_that_was_never_sent_cannot_be_acknowledged(exchange: Exchange) -> None:
    desk, who = desk_of(exchange, "mash_practitioner@mash-core")

    assert desk.corrections(who) == []
    with pytest.raises(NoticeError) as refused:
        desk.acknowledge("abcdef01", who)
    assert refused.value.code == "notice.unknown"


@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_correction_reaches_each_past_recipient_once_for_each_revision(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever comes twice, and where the exchange stops between; corrections of corrections too."""
    one = first()
    two = second(corrects=one)
    three = a_domestic_incident().as_record("notice-1", "3").correcting(two.id)
    again = data.draw(st.lists(st.sampled_from([one, two, three]), max_size=3))
    settings_ = a_home(tmp_path_factory.mktemp("home"))
    for event in (one, two, three, *again):
        with opened(settings_) as runtime:
            Exchange(settings_, runtime).hears(event)
    with opened(settings_) as runtime:
        exchange = Exchange(settings_, runtime)
        for event in (one, two):
            for recipient in (CORE, POLICE):
                statuses = runtime.hub.journal.deliveries(event=EventId(event.id), recipient=recipient)
                assert [status.delivery.is_notice for status in statuses] == [False, True]
        last = exchange.told(CORE, three)
        assert last is not None
        assert last.kind == "share"
        assert runtime.reconcile().differences == ()


def test_a_notice_that_nobody_acknowledged_nor_chased_is_a_difference(exchange: Exchange) -> None:
    report = a_domestic_incident()
    exchange.hears(report)
    exchange.hears(a_domestic_incident().correcting(report.id))
    exchange.later(timedelta(days=9))

    found = exchange.runtime.reconcile().differences
    assert "acknowledgement" in {each.about["waiting"] for each in found if each.what is Differs.NOT_CHASED}

    for _ in range(4):
        exchange.runtime.tick()
        exchange.later(timedelta(days=1))
    exchange.runtime.tick()
    assert exchange.runtime.reconcile().differences == ()
