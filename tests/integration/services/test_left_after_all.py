"""What was stopped and had left all the same, because nobody could note that it did, is followed up."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from broker.core.grounds import Ground
from broker.core.outcome import RecordKind
from broker.ports.journal import DeliveryStatus
from broker.services.ask_again import AskAgain
from broker.services.receive_receipts import ReceiptsTaken
from broker.services.release import Released
from contracts.delivery import Delivery
from contracts.events import local_authority
from contracts.words import Cause, EventId, RecipientId
from tests.integration.services.test_reask import MONDAY, SCHOOL, TEAM, Exchange
from tests.integration.services.test_what_stays_told import addresses, corrected, first
from tests.support.agreeing import check_everything_has_its_leaf
from tests.support.builders import (
    EventBuilder,
    a_protection_plan,
    a_pupil_enrolment,
    a_restriction,
    a_withdrawal,
    a_worker_allocation,
    an_emergency_attendance,
    an_event,
)
from tests.support.erasing import an_exchange, erase, recipients_hold, the_child
from tests.support.hub import SilentPolicy
from tests.support.people import THEO
from tests.support.unnoted import another_hears, sent_and_not_noted

RECEIPT, SHARE = "the receipt comes first", "what was decided since leaves first"
EITHER_FIRST = pytest.mark.parametrize("first_comes", [RECEIPT, SHARE])


def of_them(exchange: Exchange, recipient: RecipientId, report: EventBuilder) -> Sequence[DeliveryStatus]:
    found = exchange.runtime.hub.journal.deliveries(event=EventId(report.id))
    theirs = [each for each in found if each.delivery.recipient == recipient]
    return sorted(theirs, key=lambda each: each.delivery.revision)


def last_word(exchange: Exchange, recipient: RecipientId, report: EventBuilder) -> Delivery:
    """What a recipient was told last, of a report that was stopped and had left for it."""
    earlier = of_them(exchange, recipient, report)[0]
    assert earlier.is_superseded
    assert earlier.released_at is not None
    assert earlier.delivered_at is not None
    told = exchange.told(recipient, report)
    assert told is not None
    return told


@EITHER_FIRST
def test_whose_relation_ended_meanwhile_is_told_to_disregard_it(exchange: Exchange, first_comes: str) -> None:
    report = an_emergency_attendance()
    exchange.hears(a_worker_allocation())
    sent_and_not_noted(exchange, report)

    ended = an_event(local_authority.WorkerEnded).saying(ended_on=MONDAY.date()).occurring(MONDAY)
    another_hears(exchange, ended, receipts_first=first_comes == RECEIPT)

    told = last_word(exchange, TEAM, report)
    assert (told.kind, told.cause) == ("retraction", Cause.RELATION_ENDED)


@EITHER_FIRST
def test_a_restriction_meanwhile_recalls_the_address_and_somebody_must_say_that_they_read_it(
    exchange: Exchange, first_comes: str
) -> None:
    report = first()
    exchange.hears(a_pupil_enrolment())
    sent_and_not_noted(exchange, report)

    another_hears(exchange, a_restriction(), receipts_first=first_comes == RECEIPT)

    told = last_word(exchange, SCHOOL, report)
    assert told.cause is Cause.ADDRESS_RECALLED
    assert told.kind == ("share" if first_comes == RECEIPT else "correction")
    assert told.values
    assert not addresses(told)


@EITHER_FIRST
def test_what_is_withdrawn_meanwhile_is_to_be_disregarded(exchange: Exchange, first_comes: str) -> None:
    report = first()
    exchange.hears(a_pupil_enrolment())
    sent_and_not_noted(exchange, report)

    another_hears(exchange, a_withdrawal(report), receipts_first=first_comes == RECEIPT)

    told = last_word(exchange, SCHOOL, report)
    assert (told.kind, told.cause) == ("retraction", Cause.WITHDRAWN)


def test_of_what_is_corrected_meanwhile_what_applies_now_is_told(exchange: Exchange) -> None:
    report = first()
    exchange.hears(a_pupil_enrolment())
    sent_and_not_noted(exchange, report)

    another_hears(exchange, corrected(report))

    told = last_word(exchange, SCHOOL, report)
    assert (told.kind, told.cause) == ("correction", Cause.CORRECTED)
    assert addresses(told)


def test_what_turns_out_meanwhile_to_be_about_another_child_is_to_be_disregarded(exchange: Exchange) -> None:
    report = first()
    exchange.hears(a_pupil_enrolment())
    sent_and_not_noted(exchange, report)

    another_hears(exchange, corrected(report).about(THEO))

    told = last_word(exchange, SCHOOL, report)
    assert (told.kind, told.cause) == ("retraction", Cause.DIFFERENT_CHILD)
    assert told.values == ()


def test_what_is_corrected_and_withdrawn_meanwhile_is_to_be_disregarded(exchange: Exchange) -> None:
    report = first()
    correction = corrected(report)
    exchange.hears(a_pupil_enrolment())
    sent_and_not_noted(exchange, report)

    another_hears(exchange, correction, a_withdrawal(correction))

    told = last_word(exchange, SCHOOL, report)
    assert (told.kind, told.cause) == ("retraction", Cause.WITHDRAWN)


@EITHER_FIRST
def test_nothing_follows_where_what_was_told_since_gives_no_less(exchange: Exchange, first_comes: str) -> None:
    report = first()
    exchange.hears(a_pupil_enrolment(), a_protection_plan(), a_restriction())
    sent_and_not_noted(exchange, report)

    another_hears(exchange, a_worker_allocation(), receipts_first=first_comes == RECEIPT)

    told = last_word(exchange, SCHOOL, report)
    assert (told.kind, told.cause) == ("share", None)
    assert "contact through Asha Bell" in told.model_dump_json()
    assert len(of_them(exchange, SCHOOL, report)) == 2


def test_that_it_had_left_is_told_and_stands_in_the_log(exchange: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    report = first()
    exchange.hears(a_pupil_enrolment())
    sent_and_not_noted(exchange, report)

    another_hears(exchange, a_withdrawal(report))

    earlier = of_them(exchange, SCHOOL, report)[0]
    assert exchange.runtime.reconcile().figures["deliveries_left_after_all"] >= 1
    assert capsys.readouterr().err.count('"what": "left_after_all"') == 1
    records = exchange.runtime.hub.journal.records(event=EventId(report.id))
    about = [each.kind for each, _ in records if each.about == earlier.delivery.delivery_id]
    assert about == [RecordKind.CORRECTION, RecordKind.RELEASE, RecordKind.RECEIPT]


def test_without_a_verdict_the_receipt_waits_and_is_asked_about_when_there_is_one(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = an_emergency_attendance()
    exchange.hears(a_worker_allocation())
    sent_and_not_noted(exchange, report)

    ended = an_event(local_authority.WorkerEnded).saying(ended_on=MONDAY.date()).occurring(MONDAY)
    hub = exchange.runtime.hub
    silent = SilentPolicy(hub.policy)
    silent.is_down = True
    again = AskAgain(hub.journal, hub.keys, silent, hub.clock, hub.ids)
    with monkeypatch.context() as down:
        down.setattr(hub.left_after_all, "_again", again)
        another_hears(exchange, ended)
        [earlier] = of_them(exchange, TEAM, report)
        assert (earlier.is_superseded, earlier.released_at, earlier.delivered_at) == (True, None, None)
    exchange.runtime.tick()

    told = last_word(exchange, TEAM, report)
    assert (told.kind, told.cause) == ("retraction", Cause.RELATION_ENDED)


def test_what_is_erased_meanwhile_is_destroyed_where_it_had_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with an_exchange(tmp_path) as exchange:
        report = first()
        exchange.hears(a_pupil_enrolment())
        sent_and_not_noted(exchange, report)
        child = the_child(exchange.runtime, report)
        assert recipients_hold(exchange.runtime, child)
        with monkeypatch.context() as still:
            still.setattr("broker.runtimes.steps.release", lambda *_args, **_options: Released())
            still.setattr("broker.runtimes.steps.receive_receipts", lambda *_args, **_options: ReceiptsTaken((), 0, ()))
            erase(exchange, report, Ground.LEGAL_OBLIGATION)
        assert recipients_hold(exchange.runtime, child)

        exchange.runtime.tick()

        assert recipients_hold(exchange.runtime, child) == []
        notices = [each for each in of_them(exchange, SCHOOL, report) if each.delivery.is_notice]
        assert [(each.delivery.cause, each.delivered_at is not None) for each in notices] == [(Cause.ERASED, True)]
        check_everything_has_its_leaf(exchange.runtime)
        counts = exchange.runtime.hub.journal.counts()
        exchange.runtime.tick()
        assert exchange.runtime.hub.journal.counts() == counts
