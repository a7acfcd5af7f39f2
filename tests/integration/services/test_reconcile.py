"""Reconciling agrees with what happened, and names whatever somebody changed behind the exchange's back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.outcome import EventState, LastHeard, Outcome, QuarantinedMessage
from broker.core.reconciling import Differs, Reconciled
from broker.services.reconcile import reconcile
from contracts.words import DeliveryId, RecipientId
from tests.support.outcomes import FRIDAY, MIA, POLICE, RECIPIENTS, SHARED_WITH, SOURCE, THEO, Told, a_question
from tests.support.releasing import Releasing

MASH = RECIPIENTS[0]
EVENTS = 3


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Releasing]:
    """Three reports about two children: two received by their recipients, one not yet released."""
    exchange = Releasing(tmp_path)
    exchange.decide(Told(1), is_new=True)
    exchange.decide(Told(2, child=THEO), is_new=True)
    exchange.sequence()
    exchange.release()
    exchange.take_receipts()
    exchange.decide(Told(3))
    yield exchange
    exchange.close()


def reconciled(exchange: Releasing) -> Reconciled:
    held = {recipient: exchange.recipients.delivered().get(recipient, {}) for recipient in RECIPIENTS}
    return reconcile(exchange.journal, exchange.ledger, exchange.keys, held, now=exchange.clock.now())


def found(exchange: Releasing) -> set[Differs]:
    return {difference.what for difference in reconciled(exchange).differences}


def tamper(exchange: Releasing, *statements: str) -> None:
    """Change the database as somebody with its file could."""
    with exchange.journal._store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("BEGIN")


def test_an_untouched_exchange_agrees_whatever_is_still_under_way(exchange: Releasing) -> None:
    outcome = reconciled(exchange)
    assert outcome.differences == ()
    assert outcome.agrees
    figures = outcome.figures
    assert figures["events_accepted"] == EVENTS
    assert figures["decisions"] == EVENTS * len(RECIPIENTS)
    assert figures["deliveries_released"] == figures["receipts_delivered"] == 2 * SHARED_WITH
    assert figures["deliveries_waiting"] == SHARED_WITH
    assert figures[f"held_by_{MASH}"] == 2
    exchange.sequence()
    exchange.release()
    assert reconciled(exchange).figures["deliveries_waiting"] == 0
    assert reconciled(exchange).agrees


def test_what_is_on_its_way_to_a_recipient_is_no_difference(exchange: Releasing) -> None:
    exchange.sequence()
    exchange.release()
    late = exchange.recipients.sent[-1]
    for parcels in exchange.recipients.kept.values():
        parcels.pop(late, None)
    assert reconciled(exchange).agrees
    assert reconciled(exchange).figures["deliveries_on_the_way"] == 1


def test_a_child_that_was_erased_leaves_everything_in_agreement(exchange: Releasing) -> None:
    exchange.keys.destroy([THEO])
    assert reconciled(exchange).agrees
    assert reconciled(exchange).figures["records_of_erased_children"] == SHARED_WITH


def test_a_ledger_that_grew_before_the_exchange_stopped_is_no_difference(exchange: Releasing) -> None:
    exchange.sequence()
    tamper(exchange, "UPDATE records SET leaf_index = NULL WHERE leaf_index >= 14")
    assert reconciled(exchange).agrees
    assert reconciled(exchange).figures["records_sealed_but_not_marked"] > 0


INSERTED = (
    "INSERT INTO deliveries (delivery_id, revision, kind, event_id, child, recipient, decision_id, record_id, digest, "
    "urgency, gives_location, sealed) SELECT 'by hand', revision, kind, event_id, child, recipient, decision_id, "
    "record_id, digest, urgency, gives_location, sealed FROM deliveries LIMIT 1"
)
A_REFUSAL = (
    "position = (SELECT max(position) FROM records WHERE kind = 'decision' AND leaf_index IS NOT NULL "
    "AND record_id NOT IN (SELECT record_id FROM deliveries))"
)
TAMPERING = {
    "a delivery inserted by hand": ((INSERTED,), {Differs.DELIVERY_TWICE, Differs.DELIVERY_NOT_IN_RECORD}),
    "a delivery inserted for somebody who was refused": (
        (INSERTED, "UPDATE deliveries SET recipient = 'gp-elm-street' WHERE delivery_id = 'by hand'"),
        {Differs.DELIVERY_TWICE, Differs.DELIVERY_NOT_IN_RECORD, Differs.DELIVERY_WITHOUT_DECISION},
    ),
    "a delivery deleted": (("DELETE FROM deliveries WHERE position = 6",), {Differs.SHARE_WITHOUT_DELIVERY}),
    "a delivery's content exchanged": (
        ("UPDATE deliveries SET digest = 'other' WHERE position = 6",),
        {Differs.DELIVERY_NOT_IN_RECORD},
    ),
    "a release without the ledger": (
        ("UPDATE deliveries SET released_at = 1 WHERE position = 6",),
        {Differs.RELEASE_WITHOUT_RECORD, Differs.RELEASE_BEFORE_SEALED},
    ),
    "a delivery stopped in silence": (
        ("UPDATE deliveries SET superseded_by = 'x' WHERE position = 6",),
        {Differs.SUPERSEDED_WITHOUT_RECORD},
    ),
    "a release's record deleted": (
        ("DELETE FROM records WHERE kind = 'release'",),
        {Differs.RELEASE_WITHOUT_RECORD},
    ),
    "a receipt's record deleted": (("DELETE FROM records WHERE kind = 'receipt'",), {Differs.RECEIPT_WITHOUT_RECORD}),
    "a receipt for other content": (
        ("UPDATE receipts SET digest = 'other'",),
        {Differs.RECEIPT_FOR_OTHER_CONTENT},
    ),
    "a refusal's record deleted": (
        (f"DELETE FROM records WHERE {A_REFUSAL}",),  # noqa: S608 - both parts stand above
        {Differs.DECISION_WITHOUT_RECORD, Differs.LEDGER_WITHOUT_RECORD},
    ),
    "a record changed": (
        ("UPDATE records SET leaf = x'00' WHERE leaf_index = 0",),
        {Differs.RECORD_CHANGED},
    ),
    "a record's opening changed": (
        ("UPDATE records SET sealed = x'00' WHERE kind = 'decision'",),
        {Differs.RECORD_UNREADABLE},
    ),
    "a record said to be sealed": (
        ("UPDATE records SET leaf_index = 9999 WHERE position = (SELECT max(position) FROM records)",),
        {Differs.RECORD_NOT_IN_LEDGER},
    ),
    "decisions deleted": (
        ("DELETE FROM decisions WHERE effect = 'withhold' AND position < 5",),
        {Differs.EVENT_UNDECIDED, Differs.RECORD_WITHOUT_DECISION},
    ),
    "a report deleted": (("DELETE FROM events WHERE position = 1",), {Differs.EVENT_UNKNOWN}),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_a_change_behind_the_exchanges_back_is_named(exchange: Releasing, what: str) -> None:
    statements, named = TAMPERING[what]
    tamper(exchange, *statements)
    differences = reconciled(exchange).differences
    assert named <= {difference.what for difference in differences}
    assert all(str(difference).endswith(f"[{difference.code}]") for difference in differences)


def test_what_recipients_hold_is_compared_both_ways(exchange: Releasing) -> None:
    held: dict[RecipientId, dict[DeliveryId, str]] = {each: {} for each in RECIPIENTS}
    held |= exchange.recipients.delivered()
    first, second = held[MASH]
    for change, named in (
        ({first: "other"}, Differs.RECIPIENT_HOLDS_OTHER),
        ({DeliveryId("never released"): "digest"}, Differs.RECIPIENT_HOLDS_MORE),
    ):
        changed = {**held, MASH: {**held[MASH], **change}}
        outcome = reconcile(exchange.journal, exchange.ledger, exchange.keys, changed, now=FRIDAY)
        assert [difference.what for difference in outcome.differences] == [named]
    lost = {**held, MASH: {second: held[MASH][second]}}
    outcome = reconcile(exchange.journal, exchange.ledger, exchange.keys, lost, now=FRIDAY)
    assert [difference.what for difference in outcome.differences] == [Differs.RECIPIENT_LACKS]
    absent = {recipient: holds for recipient, holds in held.items() if recipient != MASH}
    outcome = reconcile(exchange.journal, exchange.ledger, exchange.keys, absent, now=FRIDAY)
    assert [difference.what for difference in outcome.differences] == [Differs.RECIPIENT_UNKNOWN]


def test_a_gap_in_an_agencys_numbers_is_named(exchange: Releasing) -> None:
    exchange.journal.commit(Outcome(heard=LastHeard(POLICE, SOURCE, FRIDAY, 9)))
    differences = reconciled(exchange).differences
    assert [(each.what, dict(each.about)) for each in differences] == [
        (Differs.NUMBERS_MISSING, {"source": SOURCE, "first": 4, "last": 8})
    ]


def test_a_held_report_needs_an_owner_and_a_time(exchange: Releasing) -> None:
    held = Told(4).event(state=EventState.HELD, held_reason="policy.no_verdict", held_until=None, child=None)
    exchange.journal.commit(Outcome(event=held))
    assert found(exchange) == {Differs.HELD_WITHOUT_DEADLINE, Differs.HELD_WITHOUT_OWNER}
    held = Told(4).event(state=EventState.HELD, held_reason="ask.restricted_address", held_until=FRIDAY, child=None)
    exchange.journal.commit(Outcome(event=held, questions=(a_question(1, child=MIA),)))
    assert found(exchange) == set()


def test_an_unreadable_message_and_a_question_need_an_owner_and_a_time(exchange: Releasing) -> None:
    message = QuarantinedMessage(
        "q1",
        POLICE,
        None,
        "event.unreadable",
        b"sealed",
        "data_protection_officer",
        FRIDAY + timedelta(days=30),
        FRIDAY,
    )
    exchange.journal.commit(Outcome(quarantined=(message,), questions=(a_question(1, child=MIA, hours=2),)))
    assert found(exchange) == set()
    tamper(exchange, "UPDATE quarantine SET owner = '', deadline = 0", "UPDATE questions SET owner = '', deadline = 0")
    assert found(exchange) >= {
        Differs.QUARANTINED_WITHOUT_OWNER,
        Differs.QUARANTINED_WITHOUT_DEADLINE,
        Differs.QUESTION_WITHOUT_OWNER,
        Differs.QUESTION_WITHOUT_DEADLINE,
    }


def test_what_waits_past_its_time_must_have_been_passed_on(exchange: Releasing) -> None:
    exchange.sequence()
    exchange.journal.commit(Outcome(questions=(a_question(1, child=MIA, hours=2),)))
    exchange.clock.at = FRIDAY + timedelta(hours=1)
    assert found(exchange) == set()
    exchange.clock.at = FRIDAY + timedelta(days=9)
    waiting = [d.about["waiting"] for d in reconciled(exchange).differences if d.what is Differs.NOT_CHASED]
    assert set(waiting) == {"question", "delivery", "receipt"}
