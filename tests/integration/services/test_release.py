"""A delivery leaves once it is sealed and only while it is lawful; a receipt counts once it is checked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.erasing import Forgotten
from broker.core.outcome import Outcome, RecordKind
from broker.services import receive_receipts as receipts
from broker.services.release import NOT_THERE
from contracts.words import ReceiptKind
from tests.support.outcomes import FRIDAY, RECIPIENTS, SHARED_WITH, Told, a_fact, a_record
from tests.support.releasing import Releasing, StoppedError, a_receipt_for
from tests.support.signing_keys import key_of, keyid_of

MASH, TEAM = RECIPIENTS[:SHARED_WITH]


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Releasing]:
    exchange = Releasing(tmp_path)
    yield exchange
    exchange.close()


def test_nothing_leaves_before_its_record_is_under_a_signed_checkpoint(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    assert exchange.release().released == ()
    exchange.sequence()
    exchange.decide(Told(2))
    assert len(exchange.release().released) == SHARED_WITH
    assert len(exchange.recipients.sent) == SHARED_WITH
    assert exchange.release().released == ()


def test_what_leaves_is_the_body_that_the_record_names_in_a_wrapper_with_the_checkpoint(exchange: Releasing) -> None:
    outcome = exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    exchange.release()
    latest = exchange.ledger.head().latest
    assert latest is not None
    for delivery in outcome.deliveries:
        parcel = exchange.recipients.kept[delivery.recipient][delivery.delivery_id]
        assert exchange.recipients.delivered()[delivery.recipient] == {delivery.delivery_id: delivery.digest}
        assert parcel.checkpoint == latest.note


def test_the_wrapper_bears_the_latest_checkpoint_that_is_kept_for_ever(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    kept = exchange.ledger.last_kept()
    assert kept is not None
    later = exchange.decide(Told(2))
    exchange.sequence()
    latest = exchange.ledger.head().latest
    assert latest is not None
    assert latest.size > kept.size
    exchange.release()
    assert exchange.ledger.last_kept() == kept
    for delivery in later.deliveries:
        assert exchange.recipients.kept[delivery.recipient][delivery.delivery_id].checkpoint == kept.note


def test_every_release_is_a_record(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    released = exchange.release().released
    found = [record.about for record, _ in exchange.journal.records() if record.kind is RecordKind.RELEASE]
    assert found == list(released)
    assert all(status.released_at == exchange.clock.at for status in exchange.journal.deliveries())


def test_what_no_longer_stands_is_asked_again_and_not_sent(exchange: Releasing) -> None:
    first = exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    exchange.journal.commit(Outcome(facts=(a_fact(),)))
    outcome = exchange.release()
    assert outcome.released == ()
    assert set(outcome.asked_again) == {each.delivery_id for each in first.deliveries}
    assert exchange.asked_again == list(outcome.asked_again)
    assert exchange.recipients.sent == []


def test_a_changed_law_or_agreement_is_asked_again(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    exchange.policy.digest = "another digest"
    outcome = exchange.release()
    assert (outcome.released, len(outcome.asked_again)) == ((), SHARED_WITH)


def test_the_facts_that_an_event_brings_itself_do_not_make_its_decision_stale(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True, facts=(a_fact(),))
    exchange.sequence()
    assert len(exchange.release().released) == SHARED_WITH


def test_one_recipient_that_is_away_keeps_nobody_else_waiting(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    exchange.recipients.away.add(MASH)
    outcome = exchange.release()
    assert len(outcome.released) == 1
    assert outcome.unreachable == {MASH: "test.unreachable"}
    assert exchange.release(without=frozenset({MASH})).unreachable == {}
    exchange.recipients.away.clear()
    assert len(exchange.release().released) == 1


@pytest.mark.parametrize("which", range(5))
def test_what_cannot_be_carried_keeps_nothing_else_waiting(exchange: Releasing, which: int) -> None:
    for number in range(5):
        exchange.decide(Told(number), is_new=not number)
    exchange.sequence()
    theirs = [each.delivery.delivery_id for each in exchange.journal.deliveries(recipient=MASH)]
    exchange.recipients.not_carried.add(theirs[which])
    outcome = exchange.release()
    assert len(outcome.released) == 5 * SHARED_WITH - 1
    assert outcome.unreachable == {MASH: "envelope.too_large"}
    assert [each.delivery.delivery_id for each in exchange.journal.deliveries() if each.released_at is None] == [
        theirs[which]
    ]
    exchange.recipients.not_carried.clear()
    assert exchange.release().released == (theirs[which],)


def test_a_recipient_without_a_place_to_send_to_keeps_nobody_else_waiting(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    exchange.recipients.unknown.add(MASH)
    outcome = exchange.release()
    assert (len(outcome.released), outcome.unreachable) == (1, {MASH: NOT_THERE})
    assert len(exchange.take_receipts().recorded) == 1


def test_a_body_that_is_not_what_its_record_names_is_never_sent(exchange: Releasing) -> None:
    told = Told(1)
    exchange.keys.create([told.child])
    exchange.journal.commit(told.outcome(is_new=True))
    exchange.sequence()
    outcome = exchange.release()
    assert (outcome.released, len(outcome.broken)) == ((), SHARED_WITH)
    assert exchange.recipients.sent == []


def test_nothing_of_an_erased_child_leaves(exchange: Releasing) -> None:
    told = Told(1)
    exchange.decide(told, is_new=True)
    exchange.sequence()
    exchange.keys.destroy([told.child])
    assert len(exchange.release().broken) == SHARED_WITH
    assert exchange.recipients.sent == []


def test_a_stop_between_sending_and_noting_repeats_and_leaves_no_gap(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    exchange.recipients.stops_after_sending = True
    with pytest.raises(StoppedError):
        exchange.release()
    assert all(status.released_at is None for status in exchange.journal.deliveries())
    exchange.recipients.stops_after_sending = False
    assert len(exchange.release().released) == SHARED_WITH
    assert set(exchange.recipients.kept) == {MASH, TEAM}


def test_a_receipt_that_holds_becomes_a_record_once(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    exchange.release()
    exchange.recipients.waiting *= 2
    taken = exchange.take_receipts()
    assert (len(taken.recorded), taken.repeated, taken.refused) == (SHARED_WITH, SHARED_WITH, ())
    assert exchange.recipients.waiting == []
    assert all(status.delivered_at == exchange.clock.at for status in exchange.journal.deliveries())
    kinds = [record.kind for record, _ in exchange.journal.records()]
    assert kinds.count(RecordKind.RECEIPT) == SHARED_WITH


def test_opening_is_a_receipt_of_its_own(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    exchange.release()
    exchange.take_receipts()
    parcel = next(iter(exchange.recipients.kept[MASH].values()))
    exchange.recipients.waiting = [a_receipt_for(parcel, ReceiptKind.OPENED)]
    assert len(exchange.take_receipts().recorded) == 1


def test_a_receipt_for_what_was_sent_but_not_noted_proves_the_release(exchange: Releasing) -> None:
    told = Told(1)
    outcome = exchange.decide(told, is_new=True)
    exchange.sequence()
    exchange.recipients.stops_after_sending = True
    with pytest.raises(StoppedError):
        exchange.release()
    first = outcome.deliveries[0].delivery_id
    record = a_record(RecordKind.SUPERSEDED, first)
    exchange.journal.commit(Outcome(records=(record,), superseded=(first,)))
    taken = exchange.take_receipts()
    assert len(taken.recorded) == len(exchange.recipients.sent)
    assert (taken.left_after_all, exchange.left_after_all) == ((first,), [first])
    assert exchange.recipients.waiting == []
    for status in exchange.journal.deliveries():
        was_sent = status.delivery.delivery_id in exchange.recipients.sent
        assert (status.released_at is not None, status.delivered_at is not None) == (was_sent, was_sent)


def test_a_receipt_for_what_was_sent_not_noted_and_erased_is_believed_only_of_its_recipient(
    exchange: Releasing,
) -> None:
    told = Told(1)
    outcome = exchange.decide(told, is_new=True)
    exchange.sequence()
    exchange.recipients.stops_after_sending = True
    with pytest.raises(StoppedError):
        exchange.release()
    first = next(each for each in outcome.deliveries if each.recipient == MASH).delivery_id
    record = a_record(RecordKind.SUPERSEDED, first)
    forgotten = Forgotten(children=(told.child,))
    exchange.journal.commit(Outcome(records=(record,), superseded=(first,), forgotten=forgotten))
    good = next(each for each in exchange.recipients.waiting if each.delivery_id == first)
    forged = good.model_copy(update={"recipient": TEAM, "keyid": keyid_of(TEAM)}).signed_by(key_of(TEAM))
    unsigned = good.model_copy(update={"signature": "00"})

    exchange.recipients.waiting = [forged, unsigned]
    refused = exchange.take_receipts().refused

    assert [each.code for each in refused] == [receipts.OTHER_RECIPIENT, receipts.BAD_SIGNATURE]
    assert exchange.left_after_all == []
    exchange.recipients.waiting = [good, good]
    taken = exchange.take_receipts()
    assert (taken.recorded, taken.repeated, exchange.left_after_all) == ((first,), 1, [first])
    [kept] = exchange.journal.receipts(first)
    assert (kept.digest, kept.role, kept.signature) == ("", "", "")


def test_a_receipt_that_proves_nothing_is_refused_and_leaves_no_record(exchange: Releasing) -> None:
    exchange.decide(Told(1), is_new=True)
    exchange.sequence()
    exchange.release()
    good = next(each for each in exchange.recipients.waiting if each.recipient == MASH)
    key = key_of(MASH)
    late = FRIDAY - timedelta(days=90)
    wrong = {
        receipts.UNKNOWN_DELIVERY: good.model_copy(update={"delivery_id": "nothing"}).signed_by(key),
        receipts.OTHER_RECIPIENT: good.model_copy(update={"recipient": TEAM}).signed_by(key_of(TEAM)),
        receipts.OTHER_DIGEST: good.model_copy(update={"digest": "0" * 64}).signed_by(key),
        receipts.UNKNOWN_KEY: good.model_copy(update={"keyid": "nobody"}).signed_by(key),
        receipts.BAD_SIGNATURE: good.signed_by(key_of(TEAM)),
    }
    others = {
        receipts.UNKNOWN_KEY: good.model_copy(update={"at": late}).signed_by(key),
        receipts.BAD_SIGNATURE: good.model_copy(update={"signature": ""}),
    }
    for batch in (wrong, others):
        exchange.recipients.waiting = list(batch.values())
        taken = exchange.take_receipts()
        assert [each.code for each in taken.refused] == list(batch)
        assert taken.recorded == ()
        assert exchange.recipients.waiting == []
    stolen = good.model_copy(update={"keyid": keyid_of(TEAM)}).signed_by(key_of(TEAM))
    exchange.recipients.waiting = [stolen]
    assert [each.code for each in exchange.take_receipts().refused] == [receipts.UNKNOWN_KEY]
    assert exchange.journal.counts()["receipts"] == 0


def test_an_urgent_delivery_leaves_first_and_one_with_a_time_waits_for_it(exchange: Releasing) -> None:
    told = Told(1)
    due = exchange.clock.at + timedelta(hours=2)
    deliveries = tuple(replace(told.delivery(recipient), not_before=due) for recipient in RECIPIENTS[:SHARED_WITH])
    exchange.decide(told, is_new=True, deliveries=deliveries)
    exchange.sequence()
    assert exchange.release().released == ()
    exchange.clock.at = due
    assert len(exchange.release().released) == SHARED_WITH
