"""What every driver of the Journal port promises of its one write."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from broker.core.identity_acts import IdentityChange
from broker.core.incomplete import IncompleteOutcomeError
from broker.core.outcome import EventState, LastHeard, Outcome, RecordKind, ReleasedDelivery
from broker.core.store_errors import AlreadyStoredError, StaleFactsError, StoreError, UnknownStepError
from broker.ports.journal import Journal
from contracts.words import DeliveryId, Grade, RecordId
from tests.support.outcomes import (
    FRIDAY,
    MIA,
    POLICE,
    RECIPIENTS,
    SOURCE,
    THEO,
    Told,
    a_fact,
    a_new_child,
    a_record,
    some_id,
)

NOTHING = {"events_accepted": 0, "children": 0, "decisions": 0, "records": 0, "deliveries": 0, "replies_pending": 0}


def figures(journal: Journal) -> dict[str, int]:
    counts = journal.counts()
    return {name: counts.get(name, 0) for name in NOTHING}


class WritingCases:
    """Subclassed once for each driver, with a ``journal`` fixture."""

    def test_what_was_committed_is_read_back_whole(self, journal: Journal) -> None:
        told = Told()
        outcome = told.outcome(is_new=True, facts=(a_fact(),))
        journal.commit(outcome)
        assert journal.event(told.event_id) == outcome.event
        assert tuple(journal.decisions(told.event_id)) == outcome.decisions
        assert tuple(record for record, _ in journal.records(event=told.event_id)) == outcome.records
        assert tuple(record for record, _ in journal.records(child=MIA)) == outcome.records
        assert tuple(status.delivery for status in journal.deliveries()) == outcome.deliveries
        assert [reply for _, reply in journal.pending_replies(9)] == list(outcome.replies)
        assert journal.feeds() == [outcome.heard]
        for decision in outcome.decisions:
            assert journal.asked(decision.decision_id) == b"sealed question"
        child = journal.known_child(MIA)
        assert child is not None
        assert (child.version, child.has_safeguarding_event, child.is_provisional) == (1, True, False)
        assert outcome.event is not None
        assert journal.last_report(MIA) == outcome.event.received_at
        assert journal.last_report(THEO) is None
        assert child.facts == (replace(a_fact(), version=1),)
        assert child.demographics == b"sealed demographics"

    def test_an_outcome_without_one_of_its_records_is_refused_and_leaves_no_trace(self, journal: Journal) -> None:
        outcome = Told().outcome(is_new=True)
        with pytest.raises(IncompleteOutcomeError):
            journal.commit(replace(outcome, records=outcome.records[1:]))
        assert figures(journal) == NOTHING

    def test_a_delivery_without_its_decision_to_share_is_refused(self, journal: Journal) -> None:
        told = Told()
        refused = RECIPIENTS[-1]
        with pytest.raises(IncompleteOutcomeError):
            journal.commit(told.outcome(is_new=True, deliveries=(told.delivery(refused),)))
        assert figures(journal) == NOTHING

    def test_a_candidate_without_a_decision_is_refused(self, journal: Journal) -> None:
        told = Told()
        event = told.event(considered=(*RECIPIENTS, "police-mash"))
        with pytest.raises(IncompleteOutcomeError):
            journal.commit(told.outcome(is_new=True, event=event))
        assert figures(journal) == NOTHING

    def test_a_release_without_its_record_is_refused(self, journal: Journal) -> None:
        journal.commit(Told().outcome(is_new=True))
        delivery = journal.deliveries()[0].delivery
        released = ReleasedDelivery(delivery.delivery_id, delivery.record_id, 4, FRIDAY)
        with pytest.raises(IncompleteOutcomeError):
            journal.commit(Outcome(released=(released,)))

    def test_a_decision_made_from_older_facts_is_refused_and_leaves_no_trace(self, journal: Journal) -> None:
        journal.commit(Told(1).outcome(is_new=True, facts=(a_fact(),)))
        before = journal.counts()
        with pytest.raises(StaleFactsError):
            journal.commit(Told(2, version=0).outcome())
        assert journal.counts() == before
        journal.commit(Told(2, version=1).outcome())

    def test_an_event_stored_once_is_not_stored_again(self, journal: Journal) -> None:
        journal.commit(Told().outcome(is_new=True))
        before = journal.counts()
        with pytest.raises(AlreadyStoredError):
            journal.commit(Told().outcome())
        assert journal.counts() == before

    def test_a_held_event_is_stored_once_more_when_it_is_accepted(self, journal: Journal) -> None:
        told = Told()
        held = told.event(state=EventState.HELD, held_reason="engine.down", held_until=FRIDAY, child=None)
        journal.commit(Outcome(event=held))
        assert journal.event(told.event_id) == held
        journal.commit(told.outcome(is_new=True))
        assert journal.events(state=EventState.HELD) == []
        assert [event.event_id for event in journal.events(child=MIA)] == [told.event_id]

    def test_a_fact_is_replaced_by_a_later_one_and_never_by_an_earlier_one(self, journal: Journal) -> None:
        journal.commit(Outcome(identity=a_new_child(), facts=(a_fact(value="now", hours=2),)))
        journal.commit(Outcome(facts=(a_fact(value="before", hours=1),)))
        child = journal.known_child(MIA)
        assert child is not None
        assert [(fact.value, fact.version) for fact in child.facts] == [("now", 1)]
        journal.commit(Outcome(facts=(a_fact(value="later", hours=3),)))
        child = journal.known_child(MIA)
        assert child is not None
        assert [(fact.value, fact.version) for fact in child.facts] == [("later", 2)]
        assert child.version == 2

    def test_a_fact_about_an_unknown_child_is_refused(self, journal: Journal) -> None:
        with pytest.raises(UnknownStepError):
            journal.commit(Outcome(facts=(a_fact(),)))

    def test_commits_of_one_transaction_become_durable_together(self, journal: Journal) -> None:
        with journal.transaction():
            journal.commit(Told(1).outcome(is_new=True, facts=(a_fact(),)))
            child = journal.known_child(MIA)
            assert child is not None
            assert child.version == 1
            journal.commit(Told(2, version=child.version).outcome())
        assert journal.counts()["events_accepted"] == 2

    def test_an_error_in_a_transaction_leaves_no_trace_of_any_commit(self, journal: Journal) -> None:
        with suppress(ValueError), journal.transaction():
            journal.commit(Told(1).outcome(is_new=True))
            msg = "something else failed"
            raise ValueError(msg)
        assert figures(journal) == NOTHING

    def test_a_failed_write_spoils_its_transaction_even_if_the_error_is_caught(self, journal: Journal) -> None:
        journal.commit(Told(1).outcome(is_new=True))
        with pytest.raises(AlreadyStoredError):
            commit_and_catch(journal, Told(2), Told(1))
        assert journal.counts()["events_accepted"] == 1

    def test_a_stale_outcome_may_be_asked_again_within_its_transaction(self, journal: Journal) -> None:
        with journal.transaction():
            journal.commit(Told(1).outcome(is_new=True, facts=(a_fact(),)))
            with pytest.raises(StaleFactsError):
                journal.commit(Told(2, version=0).outcome())
            journal.commit(Told(2, version=1).outcome())
        assert journal.counts()["events_accepted"] == 2

    def test_a_transaction_within_a_transaction_is_refused(self, journal: Journal) -> None:
        with journal.transaction(), pytest.raises(StoreError), journal.transaction():
            pass  # pragma: no cover

    def test_two_children_never_share_an_identity(self, journal: Journal) -> None:
        journal.commit(Outcome(identity=a_new_child()))
        stolen = replace(a_new_child(THEO), links=a_new_child().links)
        with pytest.raises(UnknownStepError) as refused:
            journal.commit(Outcome(identity=stolen))
        assert refused.value.code == "store.identity_taken"
        assert journal.known_child(THEO) is None

    def test_more_ways_to_recognise_a_child_leave_what_is_known_in_place(self, journal: Journal) -> None:
        journal.commit(Outcome(identity=a_new_child()))
        more = IdentityChange(MIA, is_new=False, is_provisional=False, links=(("upn", "a"), ("upn", "a")))
        journal.commit(Outcome(identity=more))
        assert journal.linked_children([("upn", "a"), ("upn", "b")]) == {("upn", "a"): MIA}
        surname, forename = a_new_child().name_hashes
        for found in (
            journal.namesakes(surname, "another"),
            journal.namesakes("another", forename),
            journal.namesakes("another", "another", among=[MIA, THEO]),
        ):
            assert list(found) == [(MIA, b"sealed demographics")]
        assert not journal.namesakes("another", "another")

    def test_the_numbers_of_a_source_show_their_gaps(self, journal: Journal) -> None:
        for number in (2, 3, 7, 5, 5, 8):
            journal.commit(Outcome(heard=LastHeard(POLICE, SOURCE, FRIDAY, number)))
        assert list(journal.sequence_gaps()) == [(SOURCE, 1, 1), (SOURCE, 4, 4), (SOURCE, 6, 6)]
        for number in (4, 1, 6):
            journal.commit(Outcome(heard=LastHeard(POLICE, SOURCE, FRIDAY - timedelta(hours=number), number)))
        assert list(journal.sequence_gaps()) == []
        assert journal.feeds() == [LastHeard(POLICE, SOURCE, FRIDAY, 8)]

    def test_a_heartbeat_has_no_number_and_makes_no_gap(self, journal: Journal) -> None:
        journal.commit(Outcome(heard=LastHeard(POLICE, SOURCE, FRIDAY)))
        journal.commit(Outcome(heard=LastHeard(POLICE, SOURCE, FRIDAY + timedelta(hours=1))))
        assert list(journal.sequence_gaps()) == []
        assert journal.feeds() == [LastHeard(POLICE, SOURCE, FRIDAY + timedelta(hours=1))]

    def test_a_release_is_noted_once_and_a_superseded_delivery_is_never_released(self, journal: Journal) -> None:
        journal.commit(Told().outcome(is_new=True))
        first, second = (status.delivery.delivery_id for status in journal.deliveries())
        journal.commit(a_release(first))
        record = a_record(RecordKind.SUPERSEDED, second)
        journal.commit(Outcome(records=(record,), superseded=(second,)))
        for delivery in (first, second):
            with pytest.raises(UnknownStepError):
                journal.commit(a_release(delivery, again="again"))
        found = [(s.released_at, s.is_superseded, s.release_record is not None) for s in journal.deliveries()]
        assert found == [(FRIDAY, False, True), (None, True, False)]

    def test_held_events_come_reds_first_and_not_before_they_may_be_tried(self, journal: Journal) -> None:
        for number, grade, hours in ((1, Grade.GREEN, 0), (2, Grade.RED, 0), (3, Grade.RED, 5)):
            due = FRIDAY + timedelta(hours=hours)
            event = Told(number, grade=grade).event(
                state=EventState.HELD, held_reason="engine.down", held_until=due, child=None
            )
            journal.commit(Outcome(event=event))
        assert [event.sequence for event in journal.held_due(FRIDAY, 9)] == [2, 1]
        assert [event.sequence for event in journal.held_due(FRIDAY + timedelta(hours=6), 9)] == [2, 3, 1]


def commit_and_catch(journal: Journal, good: Told, bad: Told) -> None:
    with journal.transaction():
        journal.commit(good.outcome())
        with suppress(AlreadyStoredError):
            journal.commit(bad.outcome())


def a_release(delivery: DeliveryId, *, again: str = "") -> Outcome:
    record = replace(a_record(RecordKind.RELEASE, delivery), record_id=RecordId(some_id("release", delivery, again)))
    return Outcome(records=(record,), released=(ReleasedDelivery(delivery, record.record_id, 4, FRIDAY),))
